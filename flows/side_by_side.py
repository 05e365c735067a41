"""Tasks side by side, in flows that Prefect may end by a signal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect.exceptions import TerminationSignal


@asynccontextmanager
async def side_by_side() -> AsyncIterator[asyncio.TaskGroup]:
    """Give a task group; if Prefect's signal meets one of its tasks, that signal is raised.

    A worker that cancels a run sends its process SIGTERM, and Prefect raises it wherever the
    process is. Wrapped into the group's own error Prefect knows it no longer: the run reads
    Crashed while it is being cancelled (seen with 3.9).
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        signals, _ = errors.split(TerminationSignal)
        if signals is None:
            raise
        raise _first(signals) from errors


def _first(group: BaseExceptionGroup[TerminationSignal]) -> TerminationSignal:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
