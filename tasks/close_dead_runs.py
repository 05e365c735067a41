"""Runs whose process died: Prefect leaves them Running for ever (seen with 3.9)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
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
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runtime import flow_run
from prefect.states import Crashed

from tasks.signs_of_life import SILENCE, Life, Watch, forget

NOT_ENDED = (StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING)
_LOOK_AGAIN = 2.0  # seconds
_RECENT = 50  # runs that ended last, below which something may be left

# A run that has not yet shown its life: after so long its worker died before it began.
# Longer than a silence, for here two clocks are compared. If it lives all the same, it
# goes on as any other: it holds nothing.
_BEGINS_WITHIN = timedelta(seconds=2 * SILENCE)


async def mark_as_holder(topology: str, *, holds: bool) -> None:
    """Let others find this run as one that holds a topology, or no longer."""
    mine, mark = _mine(), {mark_of(topology)}
    async with get_client() as client:
        tags = {*(await client.read_flow_run(mine)).tags}
        await client.update_flow_run(mine, tags=sorted(tags | mark if holds else tags - mark))


async def close_dead_runs(topology: str) -> FlowRun | None:
    """Close what dead processes have left of runs of this topology; return who else holds it.

    A run is watched until it is known whether its process lives: it beats every few seconds,
    or is dead after a silence; on this machine that is known at once. Those below a dead
    run are closed with it, and so are runs whose process died before it held anything.
    """
    watch = Watch()
    async with get_client() as client:
        await _close_beside(client, topology)
        await _close_below_ended(client, topology)
        while True:
            holders = await _others(client, FlowRunFilterTags(all_=[mark_of(topology)]))
            told = {run.id: watch.look(run) for run in holders}
            for run in holders:
                if told[run.id] is Life.ALIVE:
                    return run
                if told[run.id] is Life.DEAD:
                    await _close(client, run)
            if Life.UNKNOWN not in told.values():
                return None
            await asyncio.sleep(_LOOK_AGAIN)


async def _close_beside(client: PrefectClient, topology: str) -> None:
    """Close runs of the same topology file that hold nothing, and whose process is gone."""
    file = (await client.read_flow_run(_mine())).parameters.get("topology")
    for run in await _others(client) if file is not None else ():
        of_it = run.parameters.get("topology") == file and mark_of(topology) not in run.tags
        if of_it and _is_gone(run):
            await _close(client, run)


async def _close_below_ended(client: PrefectClient, topology: str) -> None:
    """Close what still reads as running below runs that have ended.

    A worker closes a run of its own whose process died, and leaves those below it (seen).
    """
    states = [StateType.CRASHED, StateType.CANCELLED, StateType.FAILED]
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[mark_of(topology)]),
        state=_in(states),
    )
    ended = await client.read_flow_runs(
        flow_run_filter=wanted, sort=FlowRunSort.START_TIME_DESC, limit=_RECENT
    )
    for run in await runs_below(client, [run.id for run in ended]):
        await _close(client, run)


def _is_gone(run: FlowRun) -> bool:
    if Watch().look(run) is Life.DEAD:
        return True
    return run.updated is not None and datetime.now(UTC) - run.updated > _BEGINS_WITHIN


async def _close(client: PrefectClient, dead: FlowRun) -> None:
    """Close a run and all below it."""
    for run in [dead, *await runs_below(client, [dead.id])]:
        message = f"its process died; found by run {_mine()}"
        await client.set_flow_run_state(run.id, Crashed(message=message), force=True)
        get_run_logger().warning("%s was left %s by a process that died", run.name, run.state_name)
    forget(dead.id)


async def _others(client: PrefectClient, tags: FlowRunFilterTags | None = None) -> list[FlowRun]:
    """Return the runs that have not ended, less this one."""
    found = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(tags=tags, state=_in(NOT_ENDED))
    )
    return [run for run in found if run.id != _mine()]


async def runs_below(
    client: PrefectClient, parents: Iterable[UUID], states: Collection[StateType] = NOT_ENDED
) -> list[FlowRun]:
    """Return the subflow runs below that are in a state of these types, down to the last."""
    ids = list(parents)
    if not ids:
        return []
    below = FlowRunFilter(
        parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=ids), state=_in(states)
    )
    found = await client.read_flow_runs(flow_run_filter=below)
    return [*found, *await runs_below(client, [run.id for run in found], states)]


def _in(states: Collection[StateType]) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))


def mark_of(topology: str) -> str:
    """Return the tag of the runs that hold a topology, or have held it."""
    return f"holds:{topology}"


def _mine() -> UUID:
    return UUID(flow_run.get_id())
