"""What is sent is made before each try: others come between two tries of ours, too."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from azure_api.apply import Outcome, apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.read import read_one
from simulator.arm.world import World
from tests.azure_api.bodies import (
    GROUP,
    GROUP_ID,
    OURS,
    PEERING,
    TABLE,
    TABLE_ID,
    VNET,
    a_group,
    a_table,
    a_vnet,
    put,
    remote_routes,
    vnet_body,
    vnet_id,
)
from tests.life import by_hand
from tests.life.outsider import outsider
from topology.kind import Kind, Resource, Stage, late
from topology.planning.plan import Change, Create, Delete, FieldChange, Step
from topology.resources import KIND_BY_NAME, KINDS

NETWORK = f"{GROUP_ID}/providers/Microsoft.Network"
ADDRESS_ID = f"{NETWORK}/publicIPAddresses/pip-globo"
THEIRS = {"owner": "theirs"}
# Seconds until our second try: long enough for what others do, and for parents to be read again.
WAIT = 90


@pytest.fixture
def applying(azure: Azure) -> Applying:
    """Give what the steps of a run share."""
    return Applying.of(azure, KINDS, "globo")


async def _with_others(
    applying: Applying, world: World, step: Step, theirs: dict[str, Any], verb: str = "PUT"
) -> Outcome:
    """Do a step whose first try Azure refuses; others write these bodies before the second.

    A body of None deletes.
    """
    kind = applying.kinds[step.resource.kind]
    deletes = isinstance(step, Delete) and not kind.part_of
    for method in ("DELETE",) if deletes else ("PUT", "PATCH"):
        refused = {"status": 429, "code": "RetryableError", "retry_after": WAIT}
        world.faults.add(method=method, type=kind.arm_type, **refused)
    sent = applying.azure.transport.sent
    before = len(sent)

    async def others() -> None:
        await asyncio.sleep(WAIT / 3)
        assert sum(item.method != "GET" for item in sent[before:]) == 1
        async with outsider(applying.azure, world) as client:
            for name, body in theirs.items():
                if body is None:
                    await client.delete(name, params={"api-version": "2026-03-01"})
                else:
                    await by_hand.write(client, name, body, verb)

    came = asyncio.create_task(others())
    try:
        return await apply_step(applying, step)
    finally:
        await came


async def _content(azure: Azure, kind: Kind, resource_id: str) -> dict[str, Any]:
    found = await read_one(azure, kind, resource_id)
    assert found is not None
    return found


def _resource(kind: Kind, resource_id: str, body: dict[str, Any]) -> Resource:
    return Resource(kind.name, resource_id, "westeurope", Stage.HUB, body)


VNET_OURS = _resource(VNET, vnet_id(), vnet_body())


async def _names(azure: Azure, kind: Kind, resource_id: str, items: str) -> list[str]:
    found = await _content(azure, kind, resource_id)
    return [item["name"] for item in found["properties"][items]]


THEIR_ROUTE = {
    f"{TABLE_ID}/routes/theirs": {
        "properties": {"addressPrefix": "192.0.2.0/24", "nextHopType": "None"}
    }
}


# -- what is written ---------------------------------------------------------------------


async def test_subnet_that_others_add_between_two_tries_stays(
    applying: Applying, world: World
) -> None:
    """A PUT of a network deletes the subnets that it leaves out (facts.md section 0.5)."""
    await a_group(applying.azure)
    await a_vnet(applying.azure)
    ours = [{"name": "snet-globo-a", "properties": {"addressPrefix": "10.0.1.0/24"}}]
    step = Change(_resource(VNET, vnet_id(), vnet_body(subnets=ours)), ())
    theirs = {f"{vnet_id()}/subnets/theirs": {"properties": {"addressPrefix": "10.0.9.0/24"}}}

    await _with_others(applying, world, step, theirs)

    names = await _names(applying.azure, VNET, vnet_id(), "subnets")
    assert sorted(names) == ["snet-globo-a", "theirs"]


@pytest.mark.parametrize(
    ("step", "left"),
    [
        (Create(remote_routes("10.9.0.4")), ["default-to-internet", "theirs", "to-eastus"]),
        (Delete(remote_routes()), ["default-to-internet", "theirs"]),
    ],
    ids=["created", "deleted"],
)
async def test_route_that_others_add_between_two_tries_stays(
    applying: Applying, world: World, step: Step, left: list[str]
) -> None:
    """Whether routes of ours come into their table or go out of it."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    await _with_others(applying, world, step, THEIR_ROUTE)
    assert sorted(await _names(applying.azure, TABLE, TABLE_ID, "routes")) == left


async def test_part_of_what_others_delete_between_two_tries_does_not_come_back(
    applying: Applying, world: World
) -> None:
    """There is nothing left to take our routes out of."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    await _with_others(applying, world, Delete(remote_routes()), {TABLE_ID: None})
    assert await read_one(applying.azure, TABLE, TABLE_ID) is None


async def test_tag_that_others_set_between_two_tries_stays(
    applying: Applying, world: World
) -> None:
    """A PATCH names all tags."""
    await a_group(applying.azure)
    await a_vnet(applying.azure)
    tags = {**OURS, "region": "westeurope"}
    resource = _resource(VNET, vnet_id(), vnet_body() | {"tags": tags})
    step = Change(resource, (FieldChange("tags.region", None, "westeurope"),))
    await _with_others(applying, world, step, {vnet_id(): {"tags": {**OURS, **THEIRS}}}, "PATCH")
    assert (await _content(applying.azure, VNET, vnet_id()))["tags"] == {**tags, **THEIRS}


async def test_next_hop_that_goes_between_two_tries_is_left_out(
    applying: Applying, world: World
) -> None:
    """As a firewall whose region is taken back while the tables of others are busy."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    body = {
        "location": "westeurope",
        "tags": OURS,
        "sku": {"name": "Standard"},
        "properties": {"publicIPAllocationMethod": "Static"},
    }
    address = _resource(KIND_BY_NAME["public-ip"], ADDRESS_ID, body)
    await apply_step(applying, Create(address))
    step = Create(remote_routes("10.9.0.4", late(ADDRESS_ID, "properties.ipAddress")))

    async def taken_back() -> None:
        await asyncio.sleep(WAIT / 2)
        await apply_step(applying, Delete(address))

    outcome, _ = await asyncio.gather(
        _with_others(applying, world, step, THEIR_ROUTE), taken_back()
    )

    assert len(outcome.left_out) == 1
    routes = await _names(applying.azure, TABLE, TABLE_ID, "routes")
    assert sorted(routes) == ["default-to-internet", "theirs", "to-eastus"]


# -- whose it is -------------------------------------------------------------------------


@pytest.mark.parametrize("step", [Change(VNET_OURS, ()), Delete(VNET_OURS)], ids=["put", "delete"])
async def test_what_others_take_over_between_two_tries_stays_as_it_is(
    applying: Applying, world: World, step: Step
) -> None:
    """What is in use is tried for half an hour: that is long enough to be taken over."""
    await a_group(applying.azure)
    await a_vnet(applying.azure)
    with pytest.raises(Final, match="not ours") as raised:
        await _with_others(applying, world, step, {vnet_id(): {"tags": THEIRS}}, "PATCH")
    assert raised.value.code == "NotOurs"
    assert (await _content(applying.azure, VNET, vnet_id()))["tags"] == THEIRS


async def test_what_others_make_between_two_tries_of_ours_is_theirs(
    applying: Applying, world: World
) -> None:
    """Nothing stood there at the first try."""
    await a_group(applying.azure)
    with pytest.raises(Final, match="where ours should be"):
        await _with_others(
            applying, world, Create(VNET_OURS), {vnet_id(): vnet_body() | {"tags": THEIRS}}
        )
    assert (await _content(applying.azure, VNET, vnet_id()))["tags"] == THEIRS


async def test_peering_of_a_network_that_others_take_over_between_two_tries_stays(
    applying: Applying, world: World
) -> None:
    """A peering has our name, and whose it is its network says."""
    await a_group(applying.azure)
    await a_vnet(applying.azure)
    await a_vnet(applying.azure, "vnet-b", addressSpace={"addressPrefixes": ["10.1.0.0/16"]})
    name = f"{vnet_id()}/virtualNetworkPeerings/peer-globo-a"
    body = {"properties": {"remoteVirtualNetwork": {"id": vnet_id("vnet-b")}}}
    await put(applying.azure, PEERING, name, body)
    theirs = {vnet_id(): {"tags": THEIRS}}
    step = Delete(_resource(PEERING, name, body))
    with pytest.raises(Final, match="not ours"):
        await _with_others(applying, world, step, theirs, "PATCH")
    assert await read_one(applying.azure, PEERING, name) is not None


async def test_group_that_others_use_between_two_tries_of_its_deletion_stays(
    applying: Applying, world: World
) -> None:
    """Its deletion would take along what they have put there, and the outcome names that."""
    await a_group(applying.azure)
    step = Delete(_resource(GROUP, GROUP_ID, {}))
    table = {"location": "westeurope", "tags": THEIRS, "properties": {}}
    outcome = await _with_others(applying, world, step, {TABLE_ID: table})
    assert outcome.did == "left in place, for it holds rt-globo-afw-westeurope"
    assert await read_one(applying.azure, TABLE, TABLE_ID) is not None
