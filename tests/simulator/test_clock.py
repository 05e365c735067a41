"""Clocks, and waits in the headers."""

import httpx
import pytest

from simulator.app import create_app
from simulator.clock import LoopClock, RealClock
from simulator.identity import bearer_token
from simulator.settings import Settings
from tests.simulator.azure import GROUP, Azure, a_network


async def test_a_real_clock_runs_as_fast_as_it_is_told() -> None:
    """A wait shrinks by the same factor."""
    clock = RealClock(speed=1000)
    before = clock.now()
    while clock.now() < before + 1:
        pass
    assert clock.retry_after(10) == "0.01"
    assert clock.wall().timestamp() > 0


async def test_a_loop_clock_is_the_loops_time() -> None:
    """It starts at nought, and waits are whole."""
    clock = LoopClock()
    assert clock.now() == pytest.approx(0, abs=0.1)
    assert clock.retry_after(10) == "10"


async def test_an_accepted_write_never_has_a_fractional_retry_after() -> None:
    """The real clients read that header as an integer, and fail on a fraction."""
    transport = httpx.ASGITransport(create_app(RealClock(speed=600)))
    async with httpx.AsyncClient(
        transport=transport,
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
        params={"api-version": "2026-03-01"},
    ) as client:
        await client.put(GROUP, json={"location": "westeurope"})
        path = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"
        response = await client.put(path, json=a_network())
    assert "retry-after" not in response.headers
    assert response.headers["retry-after-ms"] == "5"


async def test_dates_move_with_the_clock(azure: Azure) -> None:
    """A stamp is simulated time."""
    before = azure.clock.wall()
    azure.clock.advance(90)
    assert (azure.clock.wall() - before).total_seconds() == 90
