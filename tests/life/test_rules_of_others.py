"""Firewalls of other teams around ours: their rules are read, and decide as ours do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azure_api.client import Azure
from simulator.arm.world import World
from simulator.fault import Fault
from tests.azure_api.in_process import SUBSCRIPTION, simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life import by_hand
from tests.life.outsider import outsider
from topology.kind import same_id
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.verification.rules import Traffic
from topology.verification.verdict import model_of
from topology.verification.walk import Walk, follow

ONE = a_network("eastus")
SPOKE = ONE.names.vnet_id("eastus", "prod")
(PROD,) = (str(spoke.prefix) for spoke in ONE.spokes if spoke.name == "prod")
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-partner"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
VNET = f"{NETWORK}/virtualNetworks/vnet-partner"
PARENT, CHILD = f"{NETWORK}/firewallPolicies/parent", f"{NETWORK}/firewallPolicies/child"
ANYBODY = {"sourceAddresses": ["*"]}
CLERKS = f"{NETWORK}/ipGroups/clerks"


async def test_a_policy_of_others_decides_with_its_parent_and_the_addresses_it_names() -> None:
    """None of it is ever in a step."""
    async with simulated_azure() as (azure, world):
        actual = await _beside_a_partner(azure, world, {**_policies(), **_firewall(CHILD)})
        read = azure.transport.paths("GET")

    assert make_plan(ONE, actual).work == ()
    assert _decided(_ask(actual, 443)) == ("allowed", f"{PARENT}/ruleCollectionGroups/g/c/r")
    assert _decided(_ask(actual, 22)) == ("denied", f"{CHILD}/ruleCollectionGroups/g/c/r")
    groups = [path for path in read if "rg-partner" in path and "ruleCollectionGroups" in path]
    lists = [path for path in read if path.lower().endswith("/ipgroups")]
    assert (len(groups), len(lists)) == (2, 1)


async def test_a_policy_of_others_in_a_group_of_ours_decides_too() -> None:
    """It is found there without being ours, and stays as it is."""
    policy = f"{ONE.names.group_id('eastus')}/providers/Microsoft.Network/firewallPolicies/theirs"
    bodies = {
        policy: {"location": "eastus", "properties": {"sku": {"tier": "Premium"}}},
        f"{policy}/ruleCollectionGroups/g": _group("Allow", _rule("443", PROD, **ANYBODY)),
    }
    async with simulated_azure() as (azure, world):
        actual = await _beside_a_partner(azure, world, {**bodies, **_firewall(policy)})

    assert make_plan(ONE, actual).work == ()
    assert _decided(_ask(actual, 443)) == ("allowed", f"{policy}/ruleCollectionGroups/g/c/r")


async def test_rules_in_the_body_of_a_firewall_of_others_decide() -> None:
    """It has no policy."""
    rule = {**_rule("443", PROD, sourceAddresses=["172.20.0.0/16"]), "protocols": ["TCP"]}
    values = {"priority": 200, "action": {"type": "Allow"}, "rules": [rule]}
    classic = {"networkRuleCollections": [{"name": "c", "properties": values}]}
    async with simulated_azure() as (azure, world):
        actual = await _beside_a_partner(azure, world, _firewall(None, **classic))
        read = azure.transport.paths("GET")

    firewall = f"{NETWORK}/azureFirewalls/afw-partner"
    assert _decided(_ask(actual, 443)) == ("allowed", f"{firewall}/c/r")
    assert _decided(_ask(actual, 22)) == ("denied", "no rule of afw-partner")
    assert not [path for path in read if path.lower().endswith("/ipgroups")]


async def test_addresses_that_may_not_be_read_are_nobodys() -> None:
    """A role that lacks the right to list IP groups stops nothing."""
    refused = Fault(
        method="GET", type="Microsoft.Network/ipGroups", status=403, code="No", times=None
    )
    async with simulated_azure() as (azure, world):
        partner = {**_policies(), **_firewall(CHILD)}
        actual = await _beside_a_partner(azure, world, partner, [refused])

    assert same_id(CLERKS) not in actual.around
    assert _decided(_ask(actual, 443)) == ("denied", "no rule of afw-partner")


# -- a partner's hub, peered with a spoke of ours ----------------------------------------


async def _beside_a_partner(
    azure: Azure, world: World, bodies: Mapping[str, Any], faults: list[Fault] | None = None
) -> Actual:
    """Build ours, a partner's hub that is peered with our prod spoke, and read."""
    assert await apply_network(azure, ONE) == {}
    async with outsider(azure, world) as client:
        for name, body in {GROUP: {"location": "eastus"}, **_hub(), **bodies}.items():
            await by_hand.write(client, name, body)
        for here, there in ((SPOKE, VNET), (VNET, SPOKE)):
            peering = {"remoteVirtualNetwork": {"id": there}, "allowForwardedTraffic": True}
            await by_hand.write(client, f"{here}/virtualNetworkPeerings/p", {"properties": peering})
    world.faults.extend(faults or [])
    azure.transport.sent.clear()
    return await read_network(azure, ONE)


def _hub() -> dict[str, Any]:
    table, address = f"{NETWORK}/routeTables/rt-partner", f"{NETWORK}/publicIPAddresses/pip"
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "172.20.0.4"}
    route = {"name": "r", "properties": {"addressPrefix": PROD, **hop}}
    clerks = {"addressPrefix": "172.20.1.0/24", "routeTable": {"id": table}}
    subnets = [
        {"name": "AzureFirewallSubnet", "properties": {"addressPrefix": "172.20.0.0/26"}},
        {"name": "clerks", "properties": clerks},
    ]
    space = {"addressSpace": {"addressPrefixes": ["172.20.0.0/16"]}, "subnets": subnets}
    return {
        table: {"location": "eastus", "properties": {"routes": [route]}},
        address: {
            "location": "eastus",
            "sku": {"name": "Standard"},
            "properties": {"publicIPAllocationMethod": "Static"},
        },
        VNET: {"location": "eastus", "properties": space},
    }


def _policies() -> dict[str, Any]:
    """Return a parent that lets clerks through by name of their group, and a child that denies."""
    premium = {"sku": {"tier": "Premium"}}
    allow = _group("Allow", _rule("443", PROD, sourceIpGroups=[CLERKS]))
    deny = _group("Deny", _rule("22", "*", **ANYBODY))
    return {
        CLERKS: {"location": "eastus", "properties": {"ipAddresses": ["172.20.1.0/24"]}},
        PARENT: {"location": "eastus", "properties": premium},
        f"{PARENT}/ruleCollectionGroups/g": allow,
        CHILD: {"location": "eastus", "properties": {**premium, "basePolicy": {"id": PARENT}}},
        f"{CHILD}/ruleCollectionGroups/g": deny,
    }


def _group(access: str, rule: dict[str, Any]) -> dict[str, Any]:
    collection = {
        "name": "c",
        "priority": 200,
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "action": {"type": access},
        "rules": [{**rule, "ruleType": "NetworkRule", "ipProtocols": ["TCP"]}],
    }
    return {"properties": {"priority": 200, "ruleCollections": [collection]}}


def _rule(port: str, target: str, **sources: Any) -> dict[str, Any]:
    ends = {"destinationAddresses": [target], "destinationPorts": [port]}
    return {"name": "r", **ends, **sources}


def _firewall(policy: str | None, **classic: Any) -> dict[str, Any]:
    inner = {
        "subnet": {"id": f"{VNET}/subnets/AzureFirewallSubnet"},
        "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/pip"},
    }
    properties = {
        "sku": {"name": "AZFW_VNet", "tier": "Premium"},
        "ipConfigurations": [{"name": "ip", "properties": inner}],
        **({"firewallPolicy": {"id": policy}} if policy else {}),
        **classic,
    }
    body = {"location": "eastus", "properties": properties}
    return {f"{NETWORK}/azureFirewalls/afw-partner": body}


def _ask(actual: Actual, port: int) -> Walk:
    """Follow a packet of a clerk's to our prod spoke, by the partner's firewall."""
    model = model_of(ONE, actual, as_read=True)
    clerks = model.fabric.subnets[same_id(f"{VNET}/subnets/clerks")]
    (spoke,) = model.fabric.networks[same_id(SPOKE)].subnets
    source, target = clerks.prefixes[0].start + 4, spoke.prefixes[0].start + 4
    return follow(model, clerks, source, target, Traffic("tcp", port))


def _decided(walk: Walk) -> tuple[str, str]:
    """Return what the partner's firewall does, and by which rule."""
    return next((step.does, step.by) for step in walk.steps if step.at == "afw-partner")
