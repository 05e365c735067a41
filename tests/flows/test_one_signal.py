"""Tasks that a signal of Prefect's meets."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Coroutine
from typing import Any

import pytest
from prefect.exceptions import TerminationSignal

from flows.one_signal import one_signal


async def _meets_the_signal() -> None:
    await asyncio.sleep(0)
    raise TerminationSignal(signal.SIGTERM)


async def _together(task: Coroutine[Any, Any, None], other: Awaitable[Any] | None = None) -> None:
    with one_signal():
        async with asyncio.TaskGroup() as group:
            group.create_task(task)
            if other is not None:
                await other


async def _wrapped() -> None:
    async with asyncio.TaskGroup() as inner:
        inner.create_task(_meets_the_signal())


async def test_a_signal_in_a_task_is_raised_alone() -> None:
    """Prefect knows it so, and not in a group; others side by side are cancelled."""
    other = asyncio.create_task(asyncio.Event().wait())
    with pytest.raises(TerminationSignal):
        await _together(_meets_the_signal(), other)
    assert other.cancelled()


async def test_a_signal_in_groups_within_groups_is_raised_alone() -> None:
    """Regions are such groups within the run's."""
    with pytest.raises(TerminationSignal):
        await _together(_wrapped())


async def test_other_errors_stay_in_their_group() -> None:
    """As a task group has them."""

    async def fails() -> None:
        raise ValueError("no signal")

    with pytest.raises(ExceptionGroup):
        await _together(fails())
