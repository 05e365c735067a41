"""One of each thing that others put beside or into ours, by plain HTTP: all of it stays.

They are written and read without anything of the product. Between the readings stand a
rollout of a change, a roll-back of their region and the end of the network.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from azure_api.client import Azure
from simulator.arm.world import World
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life import by_hand
from tests.life.foreign import described, security_rule
from tests.life.outsider import outsider
from topology.addressing import allocate
from topology.network import Network
from topology.planning.planner import RulesOfOthersError, make_plan, plan_removal_of_all
from topology.planning.roll_back.planner import plan_roll_back

WHERE = "eastus"
REGIONS = (WHERE, "westus")
# A route table on a subnet of a spoke is AVNM's: it comes and goes with what is deployed.
_MOVES = {"etag", "systemData", "peeringState", "peeringSyncLevel", "resourceGuid", "routeTable"}


@dataclass
class Shared:
    """A network that others share: what they put there, by id, as it was read then."""

    azure: Azure
    world: World
    network: Network
    theirs: dict[str, Any]
    deployed: dict[str, list[str]]

    async def check(self) -> None:
        """Find all of it as it was: each thing, and what is deployed."""
        async with outsider(self.azure, self.world) as client:
            found = {name: _still(await by_hand.read(client, name)) for name in self.theirs}
            deployed = await _deployed(client, self.network)
        assert found == self.theirs
        assert deployed == self.deployed

    async def tags(self) -> set[str | None]:
        """Return what the tag of theirs reads on ours."""
        async with outsider(self.azure, self.world) as client:
            bodies = [await by_hand.read(client, name) for name in _tagged(self.network)]
        return {body["tags"].get("owner") for body in bodies}


@pytest_asyncio.fixture
async def shared() -> AsyncIterator[Shared]:
    """Apply a network of two regions; then others come."""
    network = a_network(*REGIONS)
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, network) == {}
        async with outsider(azure, world) as client:
            bodies = _things(network)
            for name, body in bodies.items():
                await by_hand.write(client, name, body)
            await _deploy(client, network)
            for name in _tagged(network):
                found = await by_hand.read(client, name)
                tags = {**found["tags"], "owner": "theirs"}
                await by_hand.write(client, name, {"tags": tags}, "PATCH")
            theirs = {name: _still(await by_hand.read(client, name)) for name in bodies}
            deployed = await _deployed(client, network)
        assert all(theirs.values())
        yield Shared(azure, world, network, theirs, deployed)


async def test_all_of_it_stays_through_a_change_a_roll_back_and_the_end(shared: Shared) -> None:
    """Others' things are theirs: no step of ours touches them."""
    lock = allocate(shared.network.topology)
    changed = a_network(
        *REGIONS,
        lock=lock,
        isolation="strict",
        spokes={"prod": {"subnets": {"workload": {}, "more": {}}}, "nonprod": {}},
        egress=[{"name": "updates", "fqdns": ["*.example.com"]}],
    )
    plan = make_plan(changed, await read_network(shared.azure, changed))
    assert await carry_out(shared.azure, plan) == {}
    await shared.check()

    back = plan_roll_back(plan, WHERE, await read_network(shared.azure, changed))
    assert await carry_out(shared.azure, back) == {}
    await shared.check()
    assert await shared.tags() == {"theirs"}

    end = plan_removal_of_all(changed, await read_network(shared.azure, changed))
    assert await carry_out(shared.azure, end) == {}
    await shared.check()


# -- what they put there -----------------------------------------------------------------


def _things(network: Network) -> dict[str, Any]:
    """Return bodies by id, in an order in which they can be written."""
    names, spoke = network.names, network.hubs[0].spokes[0]
    vnet = names.network_id(WHERE, "virtualNetworks", "vnet-theirs")
    ours = names.vnet_id(WHERE, spoke.name)
    zone, group = names.zone_id("sample.internal"), names.network_group_id("theirs")
    space = {"addressSpace": {"addressPrefixes": ["192.168.77.0/24"]}}
    link = {"virtualNetwork": {"id": vnet}, "registrationEnabled": False}
    free = str(list(spoke.prefix.subnets(new_prefix=28))[-1])
    table, nsg = names.route_table_id(WHERE), names.nsg_id(WHERE, spoke.name)
    mesh = {"networkGroupId": group, "groupConnectivity": "DirectlyConnected"}
    routing = f"{names.manager_id}/routingConfigurations/theirs"
    route = {"addressPrefix": "192.0.2.0/24", "nextHopType": "None"}
    collection = f"{names.configuration_id('securityAdminConfigurations')}/ruleCollections/theirs"
    return {
        vnet: {"location": WHERE, "properties": {**space, "subnets": []}},
        f"{ours}/subnets/theirs": {"properties": {"addressPrefix": free}},
        f"{ours}/virtualNetworkPeerings/theirs": _peering(vnet),
        f"{vnet}/virtualNetworkPeerings/theirs": _peering(ours),
        f"{table}/routes/theirs": {"properties": route},
        f"{nsg}/securityRules/theirs": {"properties": security_rule()},
        f"{names.policy_id}/ruleCollectionGroups/theirs": _FIREWALL_RULES,
        f"{zone}/virtualNetworkLinks/theirs": {"location": "global", "properties": link},
        f"{zone}/A/theirs": {"properties": {"ttl": 60, "aRecords": [{"ipv4Address": "10.0.0.9"}]}},
        group: described({"memberType": "VirtualNetwork"}),
        f"{group}/staticMembers/theirs": {"properties": {"resourceId": vnet}},
        f"{names.network_group_id('hubs')}/staticMembers/theirs": {
            "properties": {"resourceId": vnet}
        },
        f"{names.manager_id}/connectivityConfigurations/theirs": described(
            {"connectivityTopology": "Mesh", "appliesToGroups": [mesh]}
        ),
        routing: described({}),
        f"{routing}/ruleCollections/theirs": described({"appliesTo": [{"networkGroupId": group}]}),
        f"{routing}/ruleCollections/theirs/rules/theirs": described(_NOWHERE),
        collection: described({"appliesToGroups": [{"networkGroupId": group}]}),
        f"{collection}/rules/theirs": {"kind": "Custom", **described(_ADMIN_RULE)},
    }


def _tagged(network: Network) -> list[str]:
    """Return what of ours they put a tag on."""
    names = network.names
    spoke = network.hubs[0].spokes[0].name
    return [
        names.group_id(WHERE),
        names.vnet_id(WHERE, spoke),
        names.nsg_id(WHERE, spoke),
        names.firewall_id(WHERE),
        names.policy_id,
        names.manager_id,
        names.zone_id("sample.internal"),
    ]


def _peering(remote: str) -> dict[str, Any]:
    return {
        "properties": {"remoteVirtualNetwork": {"id": remote}, "allowVirtualNetworkAccess": True}
    }


_ADMIN_RULE = {
    "access": "Deny",
    "direction": "Inbound",
    "priority": 7,
    "protocol": "Tcp",
    "sources": [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}],
    "destinations": [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}],
    "sourcePortRanges": ["0-65535"],
    "destinationPortRanges": ["23"],
}
_NOWHERE = {
    "destination": {"type": "AddressPrefix", "destinationAddress": "203.0.113.0/24"},
    "nextHop": {"nextHopType": "NoNextHop"},
}
_FIREWALL_RULES = {
    "properties": {
        "priority": 5000,
        "ruleCollections": [
            {
                "name": "theirs",
                "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                "priority": 1000,
                "action": {"type": "Deny"},
                "rules": [
                    {
                        "name": "theirs",
                        "ruleType": "NetworkRule",
                        "ipProtocols": ["TCP"],
                        "sourceAddresses": ["*"],
                        "destinationAddresses": ["203.0.113.0/24"],
                        "destinationPorts": ["23"],
                    }
                ],
            }
        ],
    }
}


async def _deploy(client: httpx.AsyncClient, network: Network) -> None:
    """Deploy their configurations in the region beside ours."""
    manager = network.names.manager_id
    for kind, commit_type in (
        ("connectivityConfigurations", "Connectivity"),
        ("routingConfigurations", "Routing"),
    ):
        both = [network.names.configuration_id(kind), f"{manager}/{kind}/theirs"]
        await _commit(client, network, commit_type, both)


async def _commit(
    client: httpx.AsyncClient, network: Network, commit_type: str, ids: list[str]
) -> None:
    """Deploy these configurations in the region, and wait until they are."""
    body = {"commitType": commit_type, "targetLocations": [WHERE], "configurationIds": ids}
    answer = await client.post(f"{network.names.manager_id}/commit", json=body)
    assert answer.is_success, answer.text
    await asyncio.sleep(1200)


async def _deployed(client: httpx.AsyncClient, network: Network) -> dict[str, list[str]]:
    """Return what of theirs is deployed in the region, by the type of its commit."""
    answer = await client.post(f"{network.names.manager_id}/listDeploymentStatus", json={})
    return {
        state["deploymentType"]: theirs
        for state in answer.json()["value"]
        if state["region"] == WHERE
        and (theirs := [name for name in state["configurationIds"] if name.endswith("/theirs")])
    }


def _still(body: Any) -> Any:
    """Return a body without what each write, or the other end of a peering, moves."""
    if isinstance(body, dict):
        return {key: _still(value) for key, value in body.items() if key not in _MOVES}
    return [_still(item) for item in body] if isinstance(body, list) else body


# -- security admin rules, of which a region takes one configuration -----------------------


async def test_region_left_to_their_rules_keeps_them_to_the_end() -> None:
    """They are deployed before and after; with rules of ours the plan is refused."""
    left = {"eastus": {"admin_rules": False}}
    network = a_network(WHERE, regions=left)
    theirs = f"{network.names.manager_id}/securityAdminConfigurations/theirs"
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, network) == {}
        async with outsider(azure, world) as client:
            await by_hand.write(client, theirs, described({}))
            await _commit(client, network, "SecurityAdmin", [theirs])
        with pytest.raises(RulesOfOthersError, match="eastus has theirs deployed"):
            make_plan(a_network(WHERE), await read_network(azure, network))
        egress = [{"name": "updates", "fqdns": ["*.example.com"]}]
        changed = a_network(WHERE, regions=left, egress=egress)
        assert await apply_network(azure, changed) == {}
        end = plan_removal_of_all(changed, await read_network(azure, changed))
        assert await carry_out(azure, end) == {}
        async with outsider(azure, world) as client:
            deployed = await _deployed(client, network)

    assert deployed == {"SecurityAdmin": [theirs]}
