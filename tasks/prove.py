"""Proofs of what Azure says: after a wave, and of the whole network."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from azure_api.client import Azure
from azure_api.effects import effective_ids
from azure_api.waiting import pause
from tasks.read_actual import read_actual
from topology.naming import HUB
from topology.network import Network
from topology.pictures.cells import Matrix
from topology.pictures.svg import Picture
from topology.pictures.way import way
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.verification.afterwards import Disagreement, disagreements, unforeseen
from topology.verification.intent import Finding, Proof
from topology.verification.question import Question, Told, put, told
from topology.verification.verdict import Verdict, model_of, prove

# AVNM's tables come with eventual consistency (facts.md section 4): what is not as foreseen is
# looked at again before it is believed. In Azure's seconds.
_LOOK_AGAIN = 30.0
_LOOKS = 10


@task(name="prove-outcome", task_run_name="prove what came of {what}", cache_policy=NO_CACHE)
async def prove_outcome(  # noqa: PLR0913  what was there, what was done, and by whom
    azure: Azure,
    network: Network,
    before: Actual,
    part: Plan,
    failed: Collection[str],
    what: str,  # noqa: ARG001  it names the run
) -> list[Finding]:
    """Return what is not as it must be in what Azure says now, and was not foreseen of a plan.

    Regions that failed were taken back, and nothing is expected of their steps.
    """
    steps = [step for step in part.steps if step.resource.region not in failed]
    found: list[Finding] = []
    for look in range(_LOOKS):
        if look:
            await pause(_LOOK_AGAIN, azure.settings)
        actual = await read_actual.fn(azure, network)
        found = await asyncio.to_thread(unforeseen, network, before, steps, actual)
        if not found:
            break
    return found


@dataclass(frozen=True)
class Proved:
    """The verdict on what Azure holds, all pairs of spokes, and where Azure's word is another."""

    verdict: Verdict
    pairs: Matrix
    differing: tuple[Disagreement, ...]


@task(name="prove-network", task_run_name="prove what Azure holds", cache_policy=NO_CACHE)
async def prove_network(azure: Azure, network: Network, actual: Actual) -> Proved:
    """Prove what Azure holds, and hold its own word on what is effective against the model."""
    model = model_of(network, actual, as_read=True)
    verdict = await asyncio.to_thread(prove, network, model)
    pairs = await asyncio.to_thread(Matrix.of, Proof(network, model))
    own = [name for name in _networks(network) if actual.get(name) is not None]
    differing = disagreements(model, await effective_ids(azure, own))
    return Proved(verdict, pairs, tuple(differing))


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


def _networks(network: Network) -> list[str]:
    names = network.names
    hubs = [names.vnet_id(hub.region, HUB) for hub in network.hubs]
    return [*hubs, *(names.vnet_id(spoke.region, spoke.name) for spoke in network.spokes)]
