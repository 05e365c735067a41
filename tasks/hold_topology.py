"""One writer a topology: a global concurrency limit of Prefect's, named after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import httpx
from prefect import get_client, get_run_logger
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.objects import FlowRun
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError, concurrency
from prefect.runtime import deployment, flow_run

from tasks.close_dead_runs import close_dead_runs, mark_as_holder
from tasks.in_passing import in_passing
from tasks.signs_of_life import signs_of_life


class RolloutInProgressError(RuntimeError):
    """Another run holds the topology; its message says which, and what to do."""


@asynccontextmanager
async def hold_topology(topology: str) -> AsyncIterator[None]:
    """Hold a topology for this run alone, whatever started it; let it go at the end.

    While a living run holds it, a run of a deployment waits, and what a person started by
    hand ends with a RolloutInProgressError. What a dead run held needs nobody to break it:
    that run is closed in Prefect, and its slot taken. A run that Prefect cannot hear is
    cancelled, before others think that it is dead.
    """
    async with signs_of_life(UUID(flow_run.get_id())), AsyncExitStack() as held:
        await _acquire(held, topology)
        try:
            yield
            async with in_passing("closing dead runs"):
                await close_dead_runs(topology)
        finally:
            async with in_passing("giving the slot back"):  # its lease ends by itself
                await held.aclose()


async def _acquire(held: AsyncExitStack, topology: str) -> None:
    """Enter the limit, as soon as no other run that lives holds the topology.

    The mark is what decides: it is set before the marks of others are read, so of two runs
    that came to a slot at once at least one sees the other. The slot only keeps most of
    them from coming so far.
    """
    async with get_client() as client:
        await client.upsert_global_concurrency_limit_by_name(_limit(topology), limit=1)
    waits_for, looks = None, 0
    while True:
        has_slot = await _has_slot(held, topology)
        if has_slot:
            await mark_as_holder(topology, holds=True)
        holder = await close_dead_runs(topology)
        if has_slot and holder is None:
            return
        if has_slot:
            await mark_as_holder(topology, holds=False)
            await held.aclose()
        if holder is not None:
            waits_for, looks = _wait_for(holder, topology, waits_for), 0
        elif (looks := looks + 1) >= _SURE:
            await _free(topology)
        await asyncio.sleep(_LOOK_AGAIN)


async def _has_slot(held: AsyncExitStack, topology: str) -> bool:
    """Take the slot, if it is free; Prefect logs an error when one is asked for in vain."""
    async with get_client() as client:
        limit = await client.read_global_concurrency_limit_by_name(_limit(topology))
    if limit.active_slots:
        return False
    # Whether we may go on, our own beats decide: after a restart of its server Prefect may
    # know no lease any more.
    slot = concurrency(
        _limit(topology), strict=True, max_retries=0, raise_on_lease_renewal_failure=False
    )
    try:
        await held.enter_async_context(slot)
    except ConcurrencySlotAcquisitionError as error:
        if _status(error) == httpx.codes.LOCKED:
            return False
        raise
    return True


def _wait_for(holder: FlowRun, topology: str, waits_for: UUID | None) -> UUID:
    """Say once for whom this run waits, or that it will not."""
    told = f"another run holds {topology}: {holder.name} ({holder.id})"
    if deployment.get_id() is None:
        raise RolloutInProgressError(f"{told}; run again when it has ended")
    if waits_for != holder.id:
        get_run_logger().info("%s; this one waits until it has ended", told)
    return holder.id


async def _free(topology: str) -> None:
    """Give back a slot that no run holds."""
    async with get_client() as client:
        await client.update_global_concurrency_limit(
            _limit(topology), GlobalConcurrencyLimitUpdate(active_slots=0)
        )


def _status(error: ConcurrencySlotAcquisitionError) -> int | None:
    cause = error.__cause__
    return cause.response.status_code if isinstance(cause, httpx.HTTPStatusError) else None


def _limit(topology: str) -> str:
    return f"orrery-{topology}"


_LOOK_AGAIN = 2.0  # seconds
# So many looks at a slot that is taken and has no holder: one may just have come to it.
_SURE = 2
