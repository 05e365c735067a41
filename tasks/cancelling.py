"""A run that somebody cancels: how it is heard of, and what the run then says.

Measured with Prefect 3.9: a worker ends the process of a run that reads Cancelling, with
SIGTERM at once and SIGKILL after 30 s, runs the flow's hook `on_cancellation` in a process of
its own, and sets Cancelled when that ends. No one ends a run that was started by hand: it
has to look for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.runtime import flow_run
from prefect.states import Cancelled, Cancelling

from tasks.beside import beside, end
from tasks.close_dead_runs import NOT_ENDED, runs_below
from tasks.in_passing import AWAY, in_passing

T = TypeVar("T")

_LOOK_EVERY = 3.0  # seconds between looks at one's own state
# The server ends what reads Cancelling for 300 s (3.9, cancelling_timeout_seconds), unless
# it is told again.
_TELL_EVERY = 60.0


async def until_cancelled(work: Coroutine[Any, Any, T]) -> T | None:
    """Return what the work returns, or None, with the work cut, when this run is cancelled."""
    working = asyncio.create_task(work)
    heard = asyncio.create_task(_is_cancelled())
    try:
        await asyncio.wait({working, heard}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return await working
        return None
    finally:
        await end(heard, working)


async def _is_cancelled() -> None:
    """Return when this run reads Cancelling; outside a run, never."""
    run = flow_run.get_id()
    while run is not None:
        await asyncio.sleep(_LOOK_EVERY)
        with suppress(Exception):  # a server that is away for a while cancels nothing
            if await is_cancelling(UUID(run)):
                return
    await asyncio.Event().wait()


async def is_cancelling(run: UUID) -> bool:
    """Say whether a run still reads Cancelling: nobody has closed it and taken its place.

    Of a run that Prefect does not tell about nobody knows: False.
    """
    with suppress(*AWAY):
        async with get_client() as client:
            return await _reads_cancelling(client, run)
    return False


async def _reads_cancelling(client: PrefectClient, run: UUID) -> bool:
    state = (await client.read_flow_run(run)).state
    return state is not None and state.is_cancelling()


@asynccontextmanager
async def cancelling(run: UUID, message: str) -> AsyncIterator[None]:
    """Have a run go on to read Cancelling, with a message, for as long as this takes.

    What runs below it is closed first: whoever did it is gone, and Prefect calls what was cut
    within its process Crashed. A run that somebody has closed meanwhile stays closed.
    """
    async with in_passing("closing what ran below it"), get_client() as client:
        for child in await runs_below(client, [run], _TO_CLOSE):
            await client.set_flow_run_state(child.id, _closed(child), force=True)
    async with beside(_keep_telling(run, message)):
        yield


_TO_CLOSE = (*NOT_ENDED, StateType.SCHEDULED, StateType.CRASHED)


def _closed(child: FlowRun) -> State:
    """Return the state that closes a run below one that is cancelled.

    A hook between waves is a run of a deployment: where it has a process, a worker ends that,
    as soon as the run reads Cancelling.
    """
    has_a_process = child.deployment_id is not None and child.state_type in NOT_ENDED
    state = Cancelling if has_a_process else Cancelled
    return state(message="cancelled with its parent")


async def _keep_telling(run: UUID, message: str) -> None:
    """Tell Prefect again and again, sooner where it did not hear, until the run is closed."""
    while True:
        wait = _LOOK_EVERY
        with suppress(*AWAY):
            async with get_client() as client:
                if not await _reads_cancelling(client, run):
                    return
                await client.set_flow_run_state(run, Cancelling(message=message), force=True)
            wait = _TELL_EVERY
        await asyncio.sleep(wait)
