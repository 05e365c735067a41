"""A plan or a proof made here and now, without Prefect's engine."""

from __future__ import annotations

import sys
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from azure_api.client import Azure, connect
from azure_api.settings import AzureSettings
from tasks.read_actual import read_actual, read_to_adopt
from tasks.read_topology import load
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.adoption import Adoption, plan_adoption
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.verification.model import Model
from topology.verification.verdict import as_wanted, model_of


@dataclass(frozen=True)
class Planned:
    """A plan, the network of its topology file, and what Azure holds."""

    network: Network
    plan: Plan
    actual: Actual


async def plan_of(path: Path, tell: TextIO = sys.stdout) -> Planned:
    """Return the plan for a topology file against Azure as it is; first say which Azure."""
    network, _ = load(path)
    async with _azure_of(network, tell) as azure:
        actual = await read_actual.fn(azure, network)
    return Planned(network, replace(make_plan(network, actual), source=str(path)), actual)


async def state_of(
    path: Path, *, azure: bool = False, tell: TextIO = sys.stdout
) -> tuple[Network, Model]:
    """Return the network of a topology file, and the model of the state that it asks for.

    Nobody is asked for that. With `azure` it is the state that Azure holds.
    """
    network, _ = load(path)
    if not azure:
        return network, model_of(network, as_wanted(network))
    async with _azure_of(network, tell) as there:
        actual = await read_actual.fn(there, network)
    return network, model_of(network, actual, as_read=True)


async def adoption_of(path: Path) -> Adoption:
    """Return what takes a topology's network over; first say which Azure."""
    network, _ = load(path)
    async with _azure_of(network, sys.stdout) as azure:
        return plan_adoption(network, await read_to_adopt.fn(azure, network))


def _azure_of(network: Network, tell: TextIO) -> AbstractAsyncContextManager[Azure]:
    settings = AzureSettings.from_environment()
    tell.write(settings.describe(network.subscriptions) + "\n")
    tell.flush()
    return connect(settings, network.subscriptions)
