"""Steps of a plan, done one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from azure_api.apply import apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.read import read_one
from simulator.arm.world import World
from tests.azure_api.bodies import (
    GROUP_ID,
    OURS,
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
from tests.azure_api.in_process import AsgiTransport
from topology.kind import Kind, Late, Resource, Stage, firewall_address, late
from topology.planning.plan import Change, Create, Delete, FieldChange, Nothing, Replace
from topology.resources import KIND_BY_NAME, KINDS

NETWORK = f"{GROUP_ID}/providers/Microsoft.Network"
FIREWALL_ID = f"{NETWORK}/azureFirewalls/afw-globo-northeurope"
ADDRESS_ID = f"{NETWORK}/publicIPAddresses/pip-globo"


def _resource(kind: str, resource_id: str, body: dict[str, Any]) -> Resource:
    return Resource(kind, resource_id, "westeurope", Stage.HUB, body)


def _vnet(**properties: Any) -> Resource:
    return _resource("virtual-network", vnet_id(), vnet_body(**properties))


async def _read(azure: Azure, kind: Kind, resource_id: str) -> dict[str, Any]:
    found = await read_one(azure, kind, resource_id)
    assert found is not None
    return found


async def _route_names(azure: Azure) -> list[str]:
    table = await _read(azure, TABLE, TABLE_ID)
    return [route["name"] for route in table["properties"]["routes"]]


@pytest.fixture
def applying(azure: Azure) -> Applying:
    """Give what the steps of a run share."""
    return Applying.of(azure, KINDS, "globo")


async def test_create_makes_the_resource_and_says_so(applying: Applying) -> None:
    """The outcome names the step and what was done."""
    await a_group(applying.azure)
    outcome = await apply_step(applying, Create(_vnet()))
    assert (outcome.step, outcome.did, outcome.left_out) == (vnet_id(), "created", ())
    assert outcome.seconds > 0


async def test_create_done_twice_changes_nothing(applying: Applying) -> None:
    """A task that died after its write is simply run again."""
    await a_group(applying.azure)
    await apply_step(applying, Create(_vnet()))
    before = await read_one(applying.azure, VNET, vnet_id())
    await apply_step(applying, Create(_vnet()))
    assert await read_one(applying.azure, VNET, vnet_id()) == before


async def test_change_keeps_what_others_set(applying: Applying) -> None:
    """A PUT drops the children that it leaves out (facts.md section 0.5)."""
    azure = applying.azure
    await a_group(azure)
    foreign = {"name": "team-x", "properties": {"addressPrefix": "10.0.9.0/24"}}
    await a_vnet(azure, subnets=[foreign], flowTimeoutInMinutes=10)
    ours = {"name": "snet-globo-a", "properties": {"addressPrefix": "10.0.1.0/24"}}
    await apply_step(applying, Change(_vnet(subnets=[ours]), ()))
    properties = (await _read(azure, VNET, vnet_id()))["properties"]
    assert {item["name"] for item in properties["subnets"]} == {"team-x", "snet-globo-a"}
    assert properties["flowTimeoutInMinutes"] == 10


async def test_what_was_taken_back_is_counted_on_no_more(applying: Applying) -> None:
    """The run whose region failed still makes routes of others: they must not lead there."""
    await a_group(applying.azure)
    await apply_step(applying, Create(_vnet()))
    value = Late(vnet_id(), "properties.addressSpace")
    assert await applying.late.get(value) is not None
    back = Applying.of(applying.azure, KINDS, "globo", applying.late)
    await apply_step(back, Delete(_vnet()))
    assert await applying.late.get(value) is None


@pytest.mark.parametrize(
    ("field", "verb"),
    [
        (FieldChange("tags.region", None, "westeurope"), "PATCH"),
        (FieldChange("tags", None, {"region": "westeurope"}), "PATCH"),
        (FieldChange("tags.region", "eastus", None), "PUT"),
        (FieldChange("location", "westus", "westeurope"), "PUT"),
    ],
)
async def test_change_of_tags_alone_is_a_patch(
    applying: Applying, transport: AsgiTransport, field: FieldChange, verb: str
) -> None:
    """It may add and set; only a PUT takes a tag away for sure."""
    await a_group(applying.azure)
    await a_vnet(applying.azure)
    before = len(transport.sent)
    resource = replace(_vnet(), body=vnet_body() | {"tags": {**OURS, "region": "westeurope"}})
    await apply_step(applying, Change(resource, (field,)))

    assert [sent.method for sent in transport.sent[before:] if sent.method != "GET"] == [verb]


async def test_replace_deletes_and_makes_anew(applying: Applying, transport: AsgiTransport) -> None:
    """Nothing of the old body is laid under the new one."""
    await a_group(applying.azure)
    await a_vnet(applying.azure, flowTimeoutInMinutes=10)
    await apply_step(applying, Replace(_vnet(), ()))
    assert transport.paths("DELETE") == [vnet_id()]
    found = await _read(applying.azure, VNET, vnet_id())
    assert "flowTimeoutInMinutes" not in found["properties"]


async def test_delete_removes_the_resource(applying: Applying) -> None:
    """And says so."""
    await a_group(applying.azure)
    await a_vnet(applying.azure)
    outcome = await apply_step(applying, Delete(_vnet()))
    assert outcome.did == "deleted"
    assert await read_one(applying.azure, VNET, vnet_id()) is None


async def test_nothing_asks_nothing_of_azure(applying: Applying, transport: AsgiTransport) -> None:
    """A step that does nothing costs nothing."""
    await apply_step(applying, Nothing(_vnet(), "as wanted"))
    assert transport.sent == []


async def test_part_is_written_into_the_resource_that_holds_it(applying: Applying) -> None:
    """Its id ends in #kind; the PUT goes to the whole, whose other routes stay."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    await apply_step(applying, Create(remote_routes("10.9.0.4")))
    assert await _route_names(applying.azure) == ["default-to-internet", "to-eastus"]


async def test_deleting_a_part_leaves_the_resource_that_holds_it(applying: Applying) -> None:
    """Only what is ours in it goes."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    await apply_step(applying, Create(remote_routes("10.9.0.4", "10.8.0.4")))
    await apply_step(applying, Delete(remote_routes()))
    assert await _route_names(applying.azure) == ["default-to-internet"]


async def test_deleting_a_part_of_what_is_gone_is_a_success(applying: Applying) -> None:
    """The whole went first: nothing is made in order to be emptied."""
    await a_group(applying.azure)
    await apply_step(applying, Delete(remote_routes()))
    assert await read_one(applying.azure, TABLE, TABLE_ID) is None


async def test_route_whose_next_hop_is_not_to_be_had_is_left_out_by_name(
    applying: Applying,
) -> None:
    """A region that failed costs the others one route, and the outcome says which."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    step = Create(remote_routes("10.9.0.4", firewall_address(FIREWALL_ID)))
    outcome = await apply_step(applying, step)
    assert await _route_names(applying.azure) == ["default-to-internet", "to-eastus"]
    assert len(outcome.left_out) == 1
    assert "to-westus" in outcome.left_out[0]


async def test_late_value_is_read_and_filled_in(applying: Applying) -> None:
    """Azure assigns it: nobody can plan it."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    await _an_address(applying.azure)
    address = late(ADDRESS_ID, "properties.ipAddress")
    await apply_step(applying, Create(remote_routes(address)))
    table = await _read(applying.azure, TABLE, TABLE_ID)
    expected = await _read(applying.azure, KIND_BY_NAME["public-ip"], ADDRESS_ID)
    hop = table["properties"]["routes"][1]["properties"]["nextHopIpAddress"]
    assert hop == expected["properties"]["ipAddress"]


async def test_a_resource_that_is_updating_keeps_what_azure_has_assigned(
    applying: Applying, world: World
) -> None:
    """As a firewall does for minutes after each rule of its policy: who names it does not wait."""
    await a_group(applying.azure)
    await _an_address(applying.azure)
    address = world.store.find(ADDRESS_ID)
    assert address is not None
    address.state = "Updating"

    value = await applying.late.get(Late(ADDRESS_ID, "properties.ipAddress"))

    assert value is not None


async def test_late_value_is_read_once_a_run(applying: Applying, transport: AsgiTransport) -> None:
    """Sixty tables name the same firewall: it is asked once."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    await _an_address(applying.azure)
    before = transport.paths("GET").count(ADDRESS_ID)
    address = late(ADDRESS_ID, "properties.ipAddress")
    for _ in range(3):
        await apply_step(applying, Create(remote_routes(address)))
    assert transport.paths("GET").count(ADDRESS_ID) - before == 1


async def test_late_value_that_stands_in_no_list_must_be_there(applying: Applying) -> None:
    """What cannot be left out fails, and names what it waits for."""
    await a_group(applying.azure)
    body = vnet_body(flowTimeoutInMinutes=late(FIREWALL_ID, "properties.x"))
    step = Create(_resource("virtual-network", vnet_id(), body))
    with pytest.raises(Final, match="afw-globo-northeurope"):
        await apply_step(applying, step)


async def test_error_of_azure_is_raised_as_it_is(applying: Applying, world: World) -> None:
    """The flow above decides what it means for its region."""
    await a_group(applying.azure)
    world.faults.add(method="PUT", type=VNET.arm_type, status=403, code="AuthorizationFailed")
    with pytest.raises(Final, match="AuthorizationFailed"):
        await apply_step(applying, Create(_vnet()))


async def _an_address(azure: Azure) -> None:
    body = {
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "properties": {"publicIPAllocationMethod": "Static"},
    }
    await put(azure, KIND_BY_NAME["public-ip"], ADDRESS_ID, body)
