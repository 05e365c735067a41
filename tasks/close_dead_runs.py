"""Runs whose process died: Prefect leaves them Running for ever (seen with 3.9)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from prefect import get_client, get_run_logger
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.runtime import flow_run
from prefect.states import Crashed

_ALIVE = FlowRunFilterState(
    type=FlowRunFilterStateType(
        any_=[StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING]
    )
)


async def close_dead_runs(topology: str) -> None:
    """Close what still reads as running of earlier runs that held a topology.

    Called by the run that holds it now: no other can be alive. The run marks itself, so
    that a later one finds it if it dies.
    """
    mine, mark = flow_run.get_id(), f"holds:{topology}"
    if mine is None:
        return
    async with get_client() as client:
        wanted = FlowRunFilter(tags=FlowRunFilterTags(all_=[mark]), state=_ALIVE)
        dead = [
            run
            for run in await client.read_flow_runs(flow_run_filter=wanted)
            if str(run.id) != mine
        ]
        for run in [*dead, *await _children(client, [run.id for run in dead])]:
            message = f"its process died; found by run {mine}"
            await client.set_flow_run_state(run.id, Crashed(message=message), force=True)
            get_run_logger().warning(
                "%s was left %s by a process that died", run.name, run.state_name
            )
        me = await client.read_flow_run(UUID(mine))
        await client.update_flow_run(me.id, tags=[*{*me.tags, mark}])


async def _children(client: PrefectClient, parents: Iterable[UUID]) -> list[FlowRun]:
    """Return the subflow runs below, down to the last."""
    ids = list(parents)
    if not ids:
        return []
    below = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=ids), state=_ALIVE)
    found = await client.read_flow_runs(flow_run_filter=below)
    return [*found, *await _children(client, [run.id for run in found])]
