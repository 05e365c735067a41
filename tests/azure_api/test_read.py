"""Reads: lists and never a request for each resource; foreign things are seen too."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from azure_api.client import Azure
from azure_api.errors import Final, Passing
from azure_api.read import read_actual, read_one
from simulator.arm.world import World
from simulator.settings import Settings
from tests.azure_api.bodies import (
    GROUP,
    GROUP_ID,
    PEERING,
    VNET,
    a_group,
    a_vnet,
    put,
    vnet_body,
    vnet_id,
)
from tests.azure_api.in_process import SUBSCRIPTION, AsgiTransport, simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.resources import KINDS

FOREIGN_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-other"


async def _read(azure: Azure, *wanted_ids: str) -> Actual:
    return await read_actual(azure, [GROUP, VNET, PEERING], "globo", wanted_ids)


async def test_an_empty_subscription_is_empty(azure: Azure) -> None:
    """Nothing is there, and that is no error."""
    assert (await _read(azure)).resources == {}


async def test_ours_is_found_with_its_children(azure: Azure) -> None:
    """Children that stand in the parent's body become resources of their own kind."""
    await a_group(azure)
    await a_vnet(azure, "vnet-a")
    await a_vnet(azure, "vnet-b", prefix="10.1.0.0/16")
    peering = f"{vnet_id('vnet-a')}/virtualNetworkPeerings/peer-hub-to-b"
    remote = {"remoteVirtualNetwork": {"id": vnet_id("vnet-b")}}
    await put(azure, PEERING, peering, {"properties": remote})
    found = (await _read(azure)).get(peering)
    assert found is not None
    assert found.kind == "peering"


async def test_more_resources_need_no_more_requests(azure: Azure, transport: AsgiTransport) -> None:
    """Reading a hundred networks costs what reading one costs."""
    await a_group(azure)
    for number in range(20):
        await a_vnet(azure, f"vnet-{number}", prefix=f"10.{number}.0.0/16")
    before = len(transport.sent)
    actual = await _read(azure)
    assert len(actual.resources) == 21
    # Two lists, and one of all that would go with the group, which nobody wants.
    assert len(transport.sent) - before == 3


async def test_lists_in_pages_are_read_whole() -> None:
    """After an apply nothing is to be done, however short the pages are."""
    network = a_network("eastus", "westus")
    async with simulated_azure(settings=Settings(page_size=2)) as (azure, _):
        await apply_network(azure, network)
        assert make_plan(network, await read_network(azure, network)).is_empty


async def test_what_stands_in_a_group_of_ours_is_seen_though_foreign(azure: Azure) -> None:
    """A group is deleted with all it holds: a planner must know."""
    await a_group(azure)
    body = {**vnet_body(), "tags": {}}
    await put(azure, VNET, vnet_id("vnet-foreign"), body)
    assert (await _read(azure)).get(vnet_id("vnet-foreign")) is not None


async def test_what_stands_in_a_foreign_group_is_not_read(azure: Azure) -> None:
    """Other teams' networks are none of our business."""
    await a_group(azure, FOREIGN_GROUP, owner="others")
    other = vnet_id("vnet-foreign", FOREIGN_GROUP)
    await put(azure, VNET, other, {**vnet_body(), "tags": {}})
    assert (await _read(azure)).resources == {}


async def test_foreign_resource_is_read_when_it_is_asked_for(azure: Azure) -> None:
    """An id that we want may be taken: the planner must see by what, whatever its case."""
    await a_group(azure, FOREIGN_GROUP, owner="others")
    other = vnet_id("vnet-foreign", FOREIGN_GROUP)
    await put(azure, VNET, other, {**vnet_body(), "tags": {}})
    assert (await _read(azure, other.upper())).get(other) is not None


async def test_resource_of_another_topology_is_not_ours(azure: Azure) -> None:
    """Two topologies share a subscription without seeing each other."""
    tags = {"managed-by": "orrery", "topology": "other"}
    await a_group(azure, FOREIGN_GROUP, **tags)
    assert (await _read(azure)).resources == {}


async def test_read_that_is_throttled_is_tried_again(azure: Azure, world: World) -> None:
    """A plan does not fail for a busy minute."""
    await a_group(azure)
    world.faults.add(method="GET", status=429, code="TooManyRequests", retry_after=5, times=2)
    assert (await _read(azure)).get(GROUP_ID) is not None


async def test_read_that_is_not_allowed_is_one_error(azure: Azure, world: World) -> None:
    """The first refusal is told, not a group of them."""
    world.faults.add(method="GET", status=403, code="AuthorizationFailed", times=None)
    with pytest.raises(Final, match="Network Contributor"):
        await _read(azure)


async def test_wrong_subscription_is_no_empty_one(azure: Azure) -> None:
    """Taking it for empty would plan everything anew."""
    wrong = replace(azure, subscriptions=(SUBSCRIPTION, SUBSCRIPTION[:-1] + "9"))
    with pytest.raises(Final, match="SubscriptionNotFound"):
        await read_actual(wrong, [GROUP], "globo")


async def test_absent_resource_is_none(azure: Azure) -> None:
    """Reading one before a write tells whether it is there."""
    assert await read_one(azure, VNET, vnet_id()) is None


async def test_unknown_fields_of_azure_are_kept(azure: Azure) -> None:
    """A body is what Azure sent and no model of it: a PUT must not drop what is new."""
    await a_group(azure)
    await a_vnet(azure)
    found = await read_one(azure, VNET, vnet_id())
    assert found is not None
    assert found["properties"]["privateEndpointVNetPolicies"] == "Disabled"


async def test_every_kind_can_be_read_where_nothing_is(azure: Azure) -> None:
    """A new subscription has no manager, no policy and no zone."""
    actual = await read_actual(azure, KINDS, "globo")
    assert actual.resources == {}


async def test_a_read_that_hangs_once_is_asked_again(azure: Azure, world: World) -> None:
    """The client's own patience is minutes: it must not use the budget up."""
    await a_group(azure)
    world.faults.add(method="GET", type=GROUP.arm_type, hang="before")
    assert await read_one(azure, GROUP, GROUP_ID) is not None


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "code": "TooManyRequests", "retry_after": 100},
        {"hang": "before"},
    ],
)
async def test_a_read_is_waited_for_as_long_as_a_write_and_no_longer(
    azure: Azure, world: World, fault: dict[str, Any]
) -> None:
    """An Azure that says when to come back is well; after half an hour it is an error."""
    await a_group(azure)
    world.faults.add(method="GET", type=GROUP.arm_type, times=None, **fault)
    began = asyncio.get_running_loop().time()
    with pytest.raises(Passing):
        await read_one(azure, GROUP, GROUP_ID)
    assert 1800 <= asyncio.get_running_loop().time() - began <= 2160
