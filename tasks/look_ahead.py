"""What a plan will do to traffic, and whether it may be carried out."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.verification import outlook


@task(name="look-ahead", task_run_name="prove what would come of the plan", cache_policy=NO_CACHE)
async def look_ahead(network: Network, plan: Plan, actual: Actual) -> outlook.Outlook:
    """Return the consequences of a plan; meanwhile the run goes on telling that it lives."""
    return await asyncio.to_thread(outlook.look_ahead, network, plan, actual)
