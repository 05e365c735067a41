"""After a cancel: what Azure has begun is awaited, then the run says what was done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.flows import FlowStateHook
from prefect.logging.loggers import flow_run_logger
from prefect.states import Cancelled

from azure_api.client import Azure, connect
from azure_api.settings import AzureSettings
from tasks.cancelling import cancelling, is_cancelling
from tasks.make_again import make_again
from tasks.publish import publish_result_of
from tasks.read_actual import read_actual, read_when_settled
from tasks.read_topology import load
from tasks.signs_of_life import signs_of_life
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.cut import rows_of_cut, summary_of_cut, to_make_again
from topology.planning.plan import Plan


@dataclass(frozen=True)
class Left:
    """A plan that a run has saved, and what is to be done of it `now`."""

    saved: Plan
    now: Plan


# What is left of a run's plans; it has none where nothing was written.
WhatIsLeft = Callable[[FlowRun, Network, Actual], Awaitable[list[Left]]]


def when_cancelled(what_is_left: WhatIsLeft) -> FlowStateHook[..., Any]:
    """Return the hook `on_cancellation` of a flow that writes.

    A worker runs it in a process of its own, once the run's process has ended; until the
    hook ends the run reads Cancelling.
    """

    async def say_what_was_done(flow: Flow[..., Any], flow_run: FlowRun, state: State) -> None:  # noqa: ARG001  Prefect calls it by these names
        network, _ = load(Path(flow_run.parameters["topology"]))
        settings = AzureSettings.from_environment()
        # Others see by its signs of life that the run still holds its topology; had it been
        # silent for too long they would have closed it.
        async with connect(settings, network.subscriptions) as azure, signs_of_life(flow_run.id):
            told = await _end(flow_run, azure, network, what_is_left)
        flow_run_logger(flow_run).warning("cancelled: %s", told)

    return say_what_was_done


async def cancelled_here(azure: Azure, network: Network, what_is_left: WhatIsLeft) -> State:
    """Do the same within the run, which was started by hand: no worker does it."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        raise RuntimeError("only a flow run is cancelled")
    told = await _end(context.flow_run, azure, network, what_is_left)
    return Cancelled(message=told)


async def _end(run: FlowRun, azure: Azure, network: Network, what_is_left: WhatIsLeft) -> str:
    """Await what Azure has begun for a run, show what was done, and say so in a sentence.

    What the run has taken away to make anew is made, as long as no other run may write.
    """

    async def left() -> list[Left]:
        return await what_is_left(run, network, await read_when_settled.fn(azure, network))

    if not await what_is_left(run, network, await read_actual.fn(azure, network)):
        return _NOTHING  # it may have waited for another run, whose operations these are
    errors: list[str] = []
    async with cancelling(run.id, "nothing new starts; waiting for what Azure has begun"):
        pairs = await left()
        again = [(pair.now, to_make_again(pair.saved, pair.now)) for pair in pairs]
        for plan, steps in again:
            errors += await make_again(azure, plan, steps, partial(is_cancelling, run.id))
        if any(steps for _, steps in again):
            pairs = await left()
        rows = [row for pair in pairs for row in rows_of_cut(pair.saved, pair.now)]
        if rows:
            await publish_result_of(run.id, network, (pair.saved for pair in pairs), rows)
    return "; ".join([summary_of_cut(rows) or _NOTHING, *errors])


_NOTHING = "nothing was written"
