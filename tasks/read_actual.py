"""What Azure holds, read by lists."""

from __future__ import annotations

from collections.abc import Iterable

from prefect import task
from prefect.cache_policies import NO_CACHE

from azure_api import read
from azure_api.client import Azure
from azure_api.in_flight import read_settled
from topology.kind import Resource
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import as_found
from topology.resources import READ, wanted


@task(name="read-actual", task_run_name="read what Azure holds", cache_policy=NO_CACHE)
async def read_actual(azure: Azure, network: Network) -> Actual:
    """Return what Azure holds of this network, and what stands beside it."""
    return await read.read_actual(
        azure,
        READ,
        network.topology.topology,
        [resource.id for resource in wanted(network)],
    )


@task(
    name="read-to-adopt",
    task_run_name="read what could be taken over",
    cache_policy=NO_CACHE,
)
async def read_to_adopt(azure: Azure, network: Network) -> Actual:
    """Return the same of a network that may not be ours yet.

    Which generations of configurations it has is seen at the first look, what stands
    under them at the second.
    """
    actual = await read_when_settled.fn(azure, network)
    chosen = as_found(network, actual)
    return actual if chosen == network else await read_when_settled.fn(azure, chosen)


@task(
    name="read-settled",
    task_run_name="wait for what is under way, and read what Azure holds",
    cache_policy=NO_CACHE,
)
async def read_when_settled(
    azure: Azure, network: Network, stays: Iterable[Resource] | None = None
) -> Actual:
    """Return the same when nothing of this network is changing any more: a run begins so.

    A run that was cut leaves operations in flight, and no other run is under way: each
    holds its topology. `stays` is what is wanted when the run is over, by default all: of
    groups that do not stay, everything in them is listed.
    """
    return await read_settled(
        azure,
        READ,
        network.topology.topology,
        [resource.id for resource in (wanted(network) if stays is None else stays)],
    )
