"""A reader of its own: plain HTTP, nothing of the product, no fault in its way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from azure_api.client import Azure
from simulator.arm.world import World
from simulator.faults import Faults
from tests.simulator.azure import signed_in


@asynccontextmanager
async def outsider(azure: Azure, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client whose requests neither meet faults nor use them up."""
    kept, world.faults = world.faults, Faults()
    try:
        with world.throttling.lifted():
            async with signed_in(azure.transport.app) as client:
                yield client
    finally:
        world.faults = kept
