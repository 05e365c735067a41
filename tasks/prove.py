"""Proofs of what Azure says: after a wave, and of the whole network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from azure_api.client import Azure
from azure_api.effects import effective_ids
from azure_api.interfaces import ask_for_routes
from azure_api.waiting import pause
from rollout.verify_part import LOOK_AGAIN, not_foreseen
from tasks.read_actual import read_actual
from topology.naming import HUB
from topology.network import Hub, Network, Spoke
from topology.pictures.cells import Matrix
from topology.pictures.svg import Picture
from topology.pictures.way import way
from topology.planning.actual import Actual
from topology.planning.plan import Step
from topology.verification.disagreement import settled
from topology.verification.effective import Heard, after_hearing, disagreements
from topology.verification.finding import Finding
from topology.verification.question import Question, Told, put, told
from topology.verification.told_routes import differing_routes, interfaces
from topology.verification.verdict import Verdict, model_of, proof_of, prove


@task(name="prove-outcome", task_run_name="prove what came of {what}", cache_policy=NO_CACHE)
async def prove_outcome(
    azure: Azure,
    network: Network,
    before: Actual,
    steps: Collection[Step],
    what: str,  # noqa: ARG001  it names the run
) -> list[Finding]:
    """Return what is not as it must be in what Azure says now, and was not foreseen of steps.

    Where machines tell other routes than the proof stands on, the log says so: that stops
    nothing.
    """

    async def read() -> Actual:
        return await read_actual.fn(azure, network)

    found, actual = await not_foreseen(network, before, steps, read, azure.settings)
    if not found:
        regions = {step.resource.region for step in steps}
        for item in (await listen_to_machines(azure, network, actual, regions)).differing:
            get_run_logger().warning("%s", item)
    return found


@dataclass(frozen=True)
class Proved:
    """The verdict on what Azure holds, all pairs of spokes, and Azure's own word."""

    verdict: Verdict
    pairs: Matrix
    heard: Heard


@task(name="prove-network", task_run_name="prove what Azure holds", cache_policy=NO_CACHE)
async def prove_network(azure: Azure, network: Network, actual: Actual) -> Proved:
    """Prove what Azure holds, and hold its own word on what is effective against the model."""
    proof = await asyncio.to_thread(proof_of, network, model_of(network, actual, as_read=True))
    verdict = await asyncio.to_thread(prove, proof)
    pairs = await asyncio.to_thread(Matrix.of, proof)
    heard = await listen(azure, network, actual)
    return Proved(after_hearing(verdict, heard), pairs, heard)


async def listen(azure: Azure, network: Network, actual: Actual) -> Heard:
    """Hold what Azure says is effective against the model of what was read.

    Of the networks that are there its lists are asked, and an interface of each subnet.
    """

    async def look(now: Actual) -> Heard:
        model = model_of(network, now, as_read=True)
        own = [name for name in _networks(network) if now.get(name) is not None]
        listed = await effective_ids(azure, own)
        told = await ask_for_routes(azure, interfaces(now, own))
        return Heard(
            len(own), (*disagreements(model, listed), *differing_routes(model, told)), told
        )

    return await _settled(azure, network, actual, look)


async def listen_to_machines(
    azure: Azure, network: Network, actual: Actual, regions: Collection[str | None]
) -> Heard:
    """Do so with the routes in these regions alone: where no machine stands nobody is asked."""

    async def look(now: Actual) -> Heard:
        standing = interfaces(now, _networks(network, regions))
        if not standing:
            return Heard(0, (), ())
        model = await asyncio.to_thread(partial(model_of, network, now, as_read=True))
        told = await ask_for_routes(azure, standing)
        return Heard(0, tuple(differing_routes(model, told)), told)

    return await _settled(azure, network, actual, look)


async def _settled(
    azure: Azure, network: Network, actual: Actual, look: Callable[[Actual], Awaitable[Heard]]
) -> Heard:
    """Look again at what differs, after half a minute and at what is there by then."""
    heard = await look(actual)
    if heard.differing:
        await pause(LOOK_AGAIN, azure.settings)
        again = await look(await read_actual.fn(azure, network))
        heard = replace(again, differing=settled(heard.differing, again.differing))
    return heard


@dataclass(frozen=True)
class Answered:
    """The answer to a question, and its way drawn."""

    told: Told
    way: Picture


@task(
    name="answer", task_run_name="answer a question about what Azure holds", cache_policy=NO_CACHE
)
async def answer(network: Network, actual: Actual, question: Question) -> Answered:
    """Answer a question from what Azure holds.

    Raises NobodyError where nobody is where it points to.
    """
    model = model_of(network, actual, as_read=True)
    asked = put(network, model, question.source, question.target, question.traffic)
    return Answered(told(model, asked), way(model, asked))


def _networks(network: Network, regions: Collection[str | None] | None = None) -> list[str]:
    """Return the ids of all networks of a topology, or of those in regions."""
    names = network.names
    hubs = [names.vnet_id(hub.region, HUB) for hub in network.hubs if _is_in(hub, regions)]
    spokes = (spoke for spoke in network.spokes if _is_in(spoke, regions))
    return [*hubs, *(names.vnet_id(spoke.region, spoke.name) for spoke in spokes)]


def _is_in(item: Hub | Spoke, regions: Collection[str | None] | None) -> bool:
    return regions is None or item.region in regions
