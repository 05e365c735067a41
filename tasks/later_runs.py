"""What is known of the runs that came after one: the plans that they saved."""

from __future__ import annotations

from uuid import UUID

from prefect import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterStartTime,
    FlowRunFilterTags,
)
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from tasks.close_dead_runs import mark_of
from tasks.save_plan import load_if_kept, load_plans
from topology.planning.plan import Plan
from topology.planning.roll_back.later_runs import Later, done_by_then


async def load_run(run: str, topology: str) -> tuple[list[Plan], Later]:
    """Return what an earlier run has done, in its order, and the plans of later runs.

    Raises ValueError for a run of another topology, and what `load_plans` raises.
    """
    plans = await load_plans(run)
    if other := {plan.topology for plan in plans} - {topology}:
        raise ValueError(f"run {run} was of {other.pop()}, not of {topology}: nothing was done")
    later = await _load_later(run, topology)
    return done_by_then(plans, later), later


async def _load_later(run: str, topology: str) -> Later:
    """Return the plans of the rollouts of a topology that began after a run, in their order.

    A run that Prefect has forgotten has none, for nobody knows when it was. Raises what
    `load_if_kept` raises.
    """
    async with get_client() as client:
        try:
            began = (await client.read_flow_run(UUID(run))).start_time
        except (ObjectNotFound, ValueError):
            return {}
        if began is None:
            return {}
        later = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                tags=FlowRunFilterTags(all_=[mark_of(topology)]),
                start_time=FlowRunFilterStartTime(after_=began),
            ),
            sort=FlowRunSort.START_TIME_ASC,
        )
    ids = [str(item.id) for item in later if str(item.id) != run]
    return {name: plan for name in ids for plan in await load_if_kept(name)}
