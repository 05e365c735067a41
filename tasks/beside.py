"""Something that goes on beside a block, as long as that takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do work beside the block, and end it with the block; raise at its end what it met."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await end(task)
        if not task.cancelled():
            task.result()


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks, and wait until they have ended, however they do.

    Awaited themselves, they would hide that whoever waits here is cancelled meanwhile.
    """
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
