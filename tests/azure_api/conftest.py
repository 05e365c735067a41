"""All tests here run in virtual time, most against a simulator of their own."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable

import pytest_asyncio

from azure_api.client import Azure
from simulator.arm.world import World
from tests.azure_api.in_process import AsgiTransport, simulated_azure
from tests.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], AbstractEventLoop]]:
    """Let time be virtual."""
    return {"virtual-time": VirtualTimeLoop}


@pytest_asyncio.fixture
async def simulated() -> AsyncIterator[tuple[Azure, World]]:
    """Give a connection to a new simulator, and the simulator's world."""
    async with simulated_azure() as both:
        yield both


@pytest_asyncio.fixture
async def azure(simulated: tuple[Azure, World]) -> Azure:
    """Give the connection."""
    return simulated[0]


@pytest_asyncio.fixture
async def world(simulated: tuple[Azure, World]) -> World:
    """Give the world that the connection leads to."""
    return simulated[1]


@pytest_asyncio.fixture
async def transport(azure: Azure) -> AsgiTransport:
    """Give the transport, which saw all requests."""
    assert isinstance(azure.transport, AsgiTransport)
    return azure.transport
