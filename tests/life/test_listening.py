"""What is held against every life would be heard, whoever lives it."""

from __future__ import annotations

import asyncio

from azure_api.client import Azure
from simulator.app import create_app
from simulator.clock import LoopClock
from tests.azure_api.bodies import GROUP, GROUP_ID, VNET, put, vnet_body, vnet_id
from tests.azure_api.in_process import AsgiTransport, connected_by
from tests.life.listening import Listening, in_the_way


async def test_a_write_that_another_is_in_the_way_of_is_heard(heard: list[Listening]) -> None:
    """Two machines, each of which waits for its own writes alone."""
    app = create_app(LoopClock())
    transport = AsgiTransport(app)
    async with connected_by(transport) as one, connected_by(transport) as other:
        await put(one, GROUP, GROUP_ID, {"location": "westeurope"})
        await put(one, VNET, vnet_id(), vnet_body())
        await _side_by_side(one, other)

    [line] = [line for listening in heard for line in listening.broken]
    heard.clear()
    assert "is in the way of another" in line
    assert len(in_the_way(app.state.requests.since(0))) == 1


async def _side_by_side(one: Azure, other: Azure) -> None:
    """Write a network twice from two machines, the second while the first is under way."""
    async with asyncio.TaskGroup() as together:
        together.create_task(put(one, VNET, vnet_id(), vnet_body("10.9.0.0/16")))
        await asyncio.sleep(1)
        together.create_task(put(other, VNET, vnet_id(), vnet_body("10.8.0.0/16")))
