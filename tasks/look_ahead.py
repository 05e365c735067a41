"""What a plan will do to traffic, and whether it may be carried out."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from topology.network import Network
from topology.pictures.cells import Matrix
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.verification import outlook
from topology.verification.foreseen import foresee
from topology.verification.proof import Proof
from topology.verification.verdict import model_of


@task(name="look-ahead", task_run_name="prove what would come of the plan", cache_policy=NO_CACHE)
async def look_ahead(network: Network, plan: Plan, actual: Actual) -> outlook.Outlook:
    """Return the consequences of a plan; meanwhile the run goes on telling that it lives."""
    return await asyncio.to_thread(outlook.look_ahead, network, plan, actual)


async def pairs_after(
    network: Network, plan: Plan, actual: Actual, seen: outlook.Outlook
) -> Matrix:
    """Return the pairs of spokes after a plan, with what it gains and loses."""
    return await asyncio.to_thread(_pairs_after, network, plan, actual, seen)


def _pairs_after(network: Network, plan: Plan, actual: Actual, seen: outlook.Outlook) -> Matrix:
    model = model_of(network, foresee(actual, plan.steps, plan.topology))
    return Matrix.of(Proof(network, model), seen.differences)
