"""One writer a topology: a global concurrency limit of Prefect's, named after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect import get_client
from prefect.concurrency.asyncio import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
    concurrency,
)
from prefect.exceptions import ObjectNotFound

from tasks.close_dead_runs import close_dead_runs


class RolloutInProgressError(RuntimeError):
    """Another run holds the topology; its message says what to do."""


@asynccontextmanager
async def hold_topology(topology: str) -> AsyncIterator[None]:
    """Hold a topology for this run alone, whatever started it; let it go at the end.

    The limit is taken with a lease of five minutes that is renewed while the run
    lives, so what a dead run held comes back by itself, and whoever holds it next closes
    that run in Prefect. Raises RolloutInProgressError
    at once if another run holds it.
    """
    name = _limit(topology)
    async with get_client() as client:
        await client.upsert_global_concurrency_limit_by_name(name, limit=1)
    try:
        async with concurrency(
            name, strict=True, timeout_seconds=_PATIENCE, max_retries=0, lease_duration=300
        ):
            await close_dead_runs(topology)
            yield
    except (AcquireConcurrencySlotTimeoutError, ConcurrencySlotAcquisitionError) as error:
        raise RolloutInProgressError(
            f"another run holds {topology}, or Prefect did not answer: {error}; "
            f"wait until the run has ended (concurrency limit {name})"
        ) from None


async def is_held(topology: str) -> bool:
    """Say whether a run holds a topology now; it is not held by asking."""
    async with get_client() as client:
        try:
            limit = await client.read_global_concurrency_limit_by_name(_limit(topology))
        except ObjectNotFound:
            return False
    return limit.active_slots > 0


def _limit(topology: str) -> str:
    return f"orrery-{topology}"


_PATIENCE = 30.0  # seconds for Prefect to answer: with no retries it says at once who holds it
