"""What goes on beside a block ends with it, and hides nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tasks.beside import beside


async def test_it_ends_with_the_block() -> None:
    """It is cancelled, and waited for."""
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            seen.append("ended")

    async with beside(work()):
        await asyncio.sleep(0)

    assert seen == ["ended"]


async def test_a_cancel_of_the_run_is_heard_while_it_ends() -> None:
    """A run that is cancelled at that moment would go on to write."""
    ending = asyncio.Event()

    async def work() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        ending.set()
        await asyncio.Event().wait()

    async def run() -> None:
        async with beside(work()):
            await asyncio.sleep(0)

    running = asyncio.create_task(run())
    await ending.wait()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_defect_of_it_is_raised() -> None:
    """At the end of the block, which it does not cut."""

    async def work() -> None:
        raise KeyError("a defect")

    with pytest.raises(KeyError):
        async with beside(work()):
            await asyncio.sleep(0)
