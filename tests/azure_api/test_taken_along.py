"""A deletion takes along what stands in it: what others have put there since the plan stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    TABLE_ID,
    a_group,
    a_table,
    a_vnet,
    vnet_body,
    vnet_id,
)
from tests.azure_api.in_process import SUBSCRIPTION, AsgiTransport
from tests.life import by_hand
from tests.life.foreign import security_rule
from tests.life.outsider import outsider
from topology.kind import Kind, Resource, Stage
from topology.ownership import our_description
from topology.planning.plan import Delete, FieldChange, Replace
from topology.resources import KIND_BY_NAME, READ

NETWORK = f"{GROUP_ID}/providers/Microsoft.Network"
MANAGER = f"{NETWORK}/networkManagers/avnm-globo"
POLICY = f"{NETWORK}/firewallPolicies/afwp-globo"
ROUTING = f"{MANAGER}/routingConfigurations/routing-g1"
HUBS = f"{MANAGER}/networkGroups/hubs"
ZONE = f"{NETWORK}/privateDnsZones/globo.internal"
NSG = f"{NETWORK}/networkSecurityGroups/nsg-globo"
DESCRIBED = {"description": our_description("globo")}
MANAGING = {
    "networkManagerScopes": {"subscriptions": [f"/subscriptions/{SUBSCRIPTION}"]},
    "networkManagerScopeAccesses": ["Connectivity", "Routing"],
}
SUBNET = {"properties": {"addressPrefix": "10.0.9.0/24"}}
INTERNET = {"properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}}
ROUTE = {"properties": {"addressPrefix": "192.0.2.0/24", "nextHopType": "None"}}
RECORD = {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.4"}]}}


def _located(**properties: Any) -> dict[str, Any]:
    return {"location": "westeurope", "tags": OURS, "properties": properties}


# What is ours, in an order in which it can be made.
BODIES: Mapping[str, Any] = {
    GROUP_ID: {"location": "westeurope", "tags": OURS},
    vnet_id(): vnet_body(),
    vnet_id("vnet-b"): vnet_body("10.1.0.0/16") | {"tags": {"owner": "theirs"}},
    TABLE_ID: _located(routes=[]),
    NSG: _located(securityRules=[]),
    POLICY: _located(sku={"tier": "Standard"}),
    ZONE: {"location": "global", "tags": OURS},
    MANAGER: _located(**MANAGING),
    HUBS: {"properties": {**DESCRIBED, "memberType": "VirtualNetwork"}},
    ROUTING: {"properties": DESCRIBED},
}


def _rules(priority: int) -> dict[str, Any]:
    return {"properties": {"priority": priority, "ruleCollections": []}}


@dataclass(frozen=True)
class Case:
    """What goes, what others put into it, and what of ours may stand there still."""

    kind: str
    id: str
    theirs: str
    body: Any
    word: str = "theirs"
    ours: Mapping[str, Any] = field(default_factory=dict)


def _member(name: str) -> dict[str, Any]:
    return {"properties": {"resourceId": vnet_id(name)}}


CASES = (
    Case(
        "virtual-network",
        vnet_id(),
        "subnets/theirs",
        SUBNET,
        ours={"subnets/snet-globo-a": {"properties": {"addressPrefix": "10.0.1.0/24"}}},
    ),
    Case(
        "virtual-network",
        vnet_id(),
        "virtualNetworkPeerings/theirs",
        {"properties": {"remoteVirtualNetwork": {"id": vnet_id("vnet-b")}}},
    ),
    Case(
        "route-table",
        TABLE_ID,
        "routes/theirs",
        ROUTE,
        ours={"routes/default-to-internet": INTERNET},
    ),
    Case("network-security-group", NSG, "securityRules/theirs", {"properties": security_rule()}),
    Case(
        "firewall-policy",
        POLICY,
        "ruleCollectionGroups/theirs",
        _rules(5000),
        ours={"ruleCollectionGroups/rcg-globo-egress": _rules(200)},
    ),
    Case("private-dns-zone", ZONE, "A/theirs", RECORD, word="numberOfRecordSets is 2"),
    Case(
        "network-group",
        HUBS,
        "staticMembers/theirs",
        _member("vnet-b"),
        ours={"staticMembers/vnet-globo-a": _member("vnet-a")},
    ),
    Case(
        "routing-configuration",
        ROUTING,
        "ruleCollections/theirs",
        {"properties": {"appliesTo": [{"networkGroupId": HUBS}]}},
    ),
)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.theirs.split("/")[0]))


@pytest.fixture
def applying(azure: Azure) -> Applying:
    """Give what the steps of a run share."""
    return Applying.of(azure, READ, "globo")


async def _write(applying: Applying, world: World, bodies: Mapping[str, Any]) -> None:
    async with outsider(applying.azure, world) as client:
        for name, body in bodies.items():
            await by_hand.write(client, name, body)


async def _prepare(applying: Applying, world: World, case: Case) -> Kind:
    """Make what the case is about; return the kind of what is to go."""
    needed = (GROUP_ID, vnet_id(), vnet_id("vnet-b"), MANAGER, HUBS, case.id)
    await _write(applying, world, {name: BODIES[name] for name in BODIES if name in needed})
    await _write(applying, world, {f"{case.id}/{name}": body for name, body in case.ours.items()})
    return KIND_BY_NAME[case.kind]


def _resource(kind: Kind, resource_id: str) -> Resource:
    return Resource(kind.name, resource_id, "westeurope", Stage.HUB, BODIES[resource_id])


@every_case
async def test_what_holds_something_of_others_is_not_deleted(
    applying: Applying, world: World, case: Case
) -> None:
    """Though it is ours and no longer wanted; the error names it, what it holds and the way out."""
    kind = await _prepare(applying, world, case)
    await _write(applying, world, {f"{case.id}/{case.theirs}": case.body})

    with pytest.raises(Final, match=case.word) as raised:
        await apply_step(applying, Delete(_resource(kind, case.id)))

    assert (raised.value.resource_id, raised.value.code) == (case.id, "HoldsOthers")
    assert "run again" in raised.value.next_step
    async with outsider(applying.azure, world) as client:
        assert await by_hand.read(client, f"{case.id}/{case.theirs}") is not None


@every_case
async def test_what_holds_nothing_of_others_is_deleted(
    applying: Applying, world: World, case: Case
) -> None:
    """What is ours in it goes along, as where it is made anew."""
    kind = await _prepare(applying, world, case)
    await apply_step(applying, Delete(_resource(kind, case.id)))
    assert await read_one(applying.azure, kind, case.id) is None


async def test_what_holds_something_of_others_is_not_made_anew(
    applying: Applying, world: World
) -> None:
    """Its first half is a deletion, and the second does not bring theirs back."""
    case = CASES[0]
    kind = await _prepare(applying, world, case)
    await _write(applying, world, {f"{case.id}/{case.theirs}": case.body})
    step = Replace(_resource(kind, case.id), (FieldChange("location", "a", "b"),))

    with pytest.raises(Final, match="it holds theirs"):
        await apply_step(applying, step)

    found = await read_one(applying.azure, kind, case.id)
    assert found is not None
    assert [item["name"] for item in found["properties"]["subnets"]] == ["snet-globo-a", "theirs"]


@pytest.mark.parametrize(
    ("theirs", "body"),
    [
        (f"{TABLE_ID}/routes/theirs", ROUTE),
        (f"{NETWORK}/virtualNetworks/theirs", vnet_body("10.2.0.0/16") | {"tags": {}}),
        (f"{NETWORK}/applicationSecurityGroups/theirs", {"location": "westeurope"}),
    ],
    ids=["in what is ours", "beside it", "of a type that is not ours"],
)
async def test_group_that_others_use_is_not_made_anew(
    applying: Applying, world: World, theirs: str, body: Any
) -> None:
    """All that stands in it would go along."""
    await a_group(applying.azure)
    await a_table(applying.azure)
    await _write(applying, world, {theirs: body})
    step = Replace(_resource(KIND_BY_NAME["resource-group"], GROUP_ID), ())

    with pytest.raises(Final, match="it holds theirs"):
        await apply_step(applying, step)

    async with outsider(applying.azure, world) as client:
        assert await by_hand.read(client, theirs) is not None


async def test_group_that_holds_ours_alone_is_made_anew(applying: Applying) -> None:
    """What is in it goes along, and its own steps bring that back."""
    kind = KIND_BY_NAME["resource-group"]
    await a_group(applying.azure)
    await a_table(applying.azure)
    await apply_step(applying, Replace(_resource(kind, GROUP_ID), ()))
    assert await read_one(applying.azure, KIND_BY_NAME["route-table"], TABLE_ID) is None
    assert await read_one(applying.azure, kind, GROUP_ID) is not None


async def test_deletion_lists_only_what_may_stand_in_what_goes(
    applying: Applying, transport: AsgiTransport
) -> None:
    """The body of a network tells all that is in it, so that it takes no call more."""
    await a_group(applying.azure)
    await a_vnet(applying.azure)
    before = len(transport.sent)
    await apply_step(applying, Delete(_resource(KIND_BY_NAME["virtual-network"], vnet_id())))
    at_once = [item.method for item in transport.sent[before:] if "/operations/" not in item.path]
    assert at_once == ["GET", "DELETE"]
