"""The single way in which the product waits."""

from __future__ import annotations

import asyncio

from azure_api.settings import AzureSettings


async def pause(seconds: float, settings: AzureSettings) -> None:
    """Wait for so many of Azure's seconds: on a simulator they may pass faster."""
    await asyncio.sleep(seconds * settings.time_scale)


async def pause_as_told(seconds: float) -> None:
    """Wait for a Retry-After as it was sent; a fast simulator has shortened it itself."""
    await asyncio.sleep(seconds)
