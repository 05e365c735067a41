"""The simulator in process, and a resource group to work in."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.faults import Faults
from simulator.identity import bearer_token
from simulator.settings import Settings
from tests.simulator.azure import GROUP, Azure


@pytest.fixture
def clock() -> ManualClock:
    """Return time that a test moves."""
    return ManualClock()


@pytest.fixture
def faults() -> Faults:
    """Return the faults of this test's simulator."""
    return Faults()


@pytest.fixture
def app(clock: ManualClock, faults: Faults) -> Starlette:
    """Return a simulator of its own for every test."""
    return create_app(clock, faults=faults)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that is signed in and sends an api-version."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
        params={"api-version": "2026-03-01"},
    ) as found:
        yield found


@pytest.fixture
async def azure(client: httpx.AsyncClient, clock: ManualClock) -> Azure:
    """Return the same with words for what tests do, and the resource group `rg`."""
    found = Azure(client, clock)
    response = await found.put(GROUP, {"location": "westeurope"})
    assert response.status_code == 201
    return found
