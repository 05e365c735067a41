"""What must be true before the first write."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from azure_api import preflight
from azure_api.client import Azure
from topology.planning.plan import Plan
from topology.resources import KINDS


@task(task_run_name="check providers, regions, rights and quota", cache_policy=NO_CACHE)
async def check_before_writing(azure: Azure, plan: Plan) -> None:
    """Raise one error that lists all that is missing; return if nothing is."""
    await preflight.check(azure, plan, KINDS)


@task(task_run_name="check rights", cache_policy=NO_CACHE)
async def check_before_deleting(azure: Azure, plan: Plan) -> None:
    """Raise one error that lists all rights that are missing; return if none is."""
    await preflight.check_rights(azure, plan, KINDS)
