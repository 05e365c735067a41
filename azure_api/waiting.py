"""The ways in which the product waits: for time to pass, and for several things at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from azure_api.settings import AzureSettings

T = TypeVar("T")

# The longest that any type may take, in Azure's seconds: azurerm's limit for a firewall
# (facts.md section 11).
LONGEST = 5400.0


def azure_now(settings: AzureSettings) -> float:
    """Return the running loop's time in Azure's seconds."""
    return asyncio.get_running_loop().time() / settings.time_scale


async def pause(seconds: float, settings: AzureSettings) -> None:
    """Wait for so many of Azure's seconds: on a simulator they may pass faster."""
    await asyncio.sleep(seconds * settings.time_scale)


async def pause_as_told(seconds: float) -> None:
    """Wait for a Retry-After as it was sent; a fast simulator has shortened it itself."""
    await asyncio.sleep(seconds)


async def together(waiting: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return all results in order; the first error cancels the rest."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(item) for item in waiting]
    except ExceptionGroup as group_of_errors:
        raise group_of_errors.exceptions[0] from None
    return [task.result() for task in tasks]
