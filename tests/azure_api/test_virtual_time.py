"""The loop on which the tests run."""

from __future__ import annotations

import asyncio
import time

from tests.virtual_time import run


async def test_hours_pass_at_once() -> None:
    """Nobody waits for them."""
    began = time.monotonic()
    await asyncio.sleep(3600)
    assert asyncio.get_running_loop().time() >= 3600
    assert time.monotonic() - began < 1


async def test_timers_come_in_their_order() -> None:
    """Time is virtual, not absent."""
    order: list[int] = []

    async def later(seconds: int) -> None:
        await asyncio.sleep(seconds)
        order.append(seconds)

    await asyncio.gather(later(300), later(100), later(200))
    assert order == [100, 200, 300]


async def test_time_stands_still_while_a_thread_works() -> None:
    """A timeout must not expire before work that takes a moment."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(0.001):
        await asyncio.to_thread(time.sleep, 0.05)
    assert asyncio.get_running_loop().time() == began


def test_run_gives_the_result_of_a_coroutine() -> None:
    """For code outside of pytest-asyncio."""
    assert run(asyncio.sleep(1000, "done")) == "done"
