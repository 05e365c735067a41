"""What other people put beside ours: one sibling for each kind that has siblings."""

from __future__ import annotations

import asyncio
from typing import Any

from azure_api.client import Azure
from azure_api.read import read_one
from tests.azure_api.bodies import put
from tests.azure_api.in_process import SUBSCRIPTION
from topology.network import Network
from topology.resources import KIND_BY_NAME

THEIRS = "theirs"
_POLICIES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
_AUDIT = {"if": {"field": "tags['owner']", "exists": "false"}, "then": {"effect": "audit"}}


async def put_siblings(azure: Azure, network: Network, region: str) -> dict[str, tuple[str, str]]:
    """Put a foreign thing beside each of ours in a region; return kind and id by name."""
    names, zone = network.names, network.names.zone_id(network.topology.dns_zone)
    spoke = next(hub.spokes[0] for hub in network.hubs if hub.region == region)
    vnet = names.network_id(region, "virtualNetworks", "vnet-theirs")
    group = names.network_group_id(THEIRS)
    security = names.configuration_id("securityAdminConfigurations")
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("virtual-network", vnet, _network(region)),
        (
            "network-security-group",
            names.network_id(region, "networkSecurityGroups", "nsg-theirs"),
            {"location": region, "properties": {}},
        ),
        (
            "route-table",
            names.network_id(region, "routeTables", "rt-theirs"),
            {"location": region, "properties": {}},
        ),
        (
            "public-ip",
            names.network_id(region, "publicIPAddresses", "pip-theirs"),
            {
                "location": region,
                "sku": {"name": "Standard"},
                "properties": {"publicIPAllocationMethod": "Static"},
            },
        ),
        (
            "peering",
            f"{names.vnet_id(region, spoke.name)}/virtualNetworkPeerings/theirs",
            {
                "properties": {
                    "remoteVirtualNetwork": {"id": vnet},
                    "allowVirtualNetworkAccess": True,
                }
            },
        ),
        (
            "private-dns-link",
            f"{zone}/virtualNetworkLinks/theirs",
            {
                "location": "global",
                "properties": {"virtualNetwork": {"id": vnet}, "registrationEnabled": False},
            },
        ),
        (
            "rule-collection-group",
            f"{names.policy_id}/ruleCollectionGroups/theirs",
            {"properties": {"priority": 5000, "ruleCollections": []}},
        ),
        ("network-group", group, described({"memberType": "VirtualNetwork"})),
        (
            "static-member",
            f"{names.network_group_id('hubs')}/staticMembers/theirs",
            {"properties": {"resourceId": vnet}},
        ),
        (
            "connectivity-configuration",
            f"{names.manager_id}/connectivityConfigurations/theirs",
            described(
                {
                    "connectivityTopology": "Mesh",
                    "appliesToGroups": [
                        {"networkGroupId": group, "groupConnectivity": "DirectlyConnected"}
                    ],
                }
            ),
        ),
        (
            "security-admin-collection",
            f"{security}/ruleCollections/theirs",
            described({"appliesToGroups": [{"networkGroupId": group}]}),
        ),
        (
            "routing-configuration",
            f"{names.manager_id}/routingConfigurations/theirs",
            described({}),
        ),
        (
            "policy-definition",
            f"{_POLICIES}/policyDefinitions/theirs",
            {"properties": {"mode": "Indexed", "policyRule": _AUDIT}},
        ),
        (
            "policy-assignment",
            f"{_POLICIES}/policyAssignments/theirs",
            {"properties": {"policyDefinitionId": f"{_POLICIES}/policyDefinitions/theirs"}},
        ),
    ]
    for kind, resource_id, body in bodies:
        await put(azure, KIND_BY_NAME[kind], resource_id, body)
    return {resource_id: (kind, resource_id) for kind, resource_id, _ in bodies}


async def put_children(azure: Azure, network: Network, region: str) -> None:
    """Put a foreign item into each child list of ours: subnet, rule, route; and a tag."""
    names = network.names
    spoke = next(hub.spokes[0] for hub in network.hubs if hub.region == region)
    free = str(list(spoke.prefix.subnets(new_prefix=28))[-1])
    await _append(
        azure,
        "virtual-network",
        names.vnet_id(region, spoke.name),
        "subnets",
        {"name": THEIRS, "properties": {"addressPrefix": free}},
    )
    await _append(
        azure,
        "network-security-group",
        names.nsg_id(region, spoke.name),
        "securityRules",
        {"name": THEIRS, "properties": security_rule()},
    )
    await _append(
        azure,
        "route-table",
        names.route_table_id(region),
        "routes",
        {"name": THEIRS, "properties": {"addressPrefix": "192.0.2.0/24", "nextHopType": "None"}},
    )


async def children_left(azure: Azure, network: Network, region: str) -> dict[str, bool]:
    """Say of each foreign item whether it still is where it was put."""
    names = network.names
    spoke = next(hub.spokes[0] for hub in network.hubs if hub.region == region)
    places = {
        "subnets": ("virtual-network", names.vnet_id(region, spoke.name)),
        "securityRules": ("network-security-group", names.nsg_id(region, spoke.name)),
        "routes": ("route-table", names.route_table_id(region)),
    }
    found = {}
    for key, (kind, resource_id) in places.items():
        body = await read_one(azure, KIND_BY_NAME[kind], resource_id) or {"properties": {}}
        items = body["properties"].get(key) or []
        found[key] = THEIRS in {item["name"] for item in items}
    return found


async def missing(azure: Azure, siblings: dict[str, tuple[str, str]]) -> list[str]:
    """Return the ids of foreign siblings that are gone."""
    bodies = await asyncio.gather(
        *(read_one(azure, KIND_BY_NAME[kind], name) for kind, name in siblings.values())
    )
    return [name for name, body in zip(siblings, bodies, strict=True) if body is None]


async def _append(
    azure: Azure, kind_name: str, resource_id: str, key: str, item: dict[str, Any]
) -> None:
    kind = KIND_BY_NAME[kind_name]
    body = await read_one(azure, kind, resource_id)
    assert body is not None
    body["properties"][key] = [*body["properties"].get(key, []), item]
    body["tags"] = {**body.get("tags", {}), "owner": THEIRS}
    await put(azure, kind, resource_id, body)


def _network(region: str) -> dict[str, Any]:
    space = {"addressSpace": {"addressPrefixes": ["192.168.77.0/24"]}}
    return {"location": region, "properties": {**space, "subnets": []}}


def described(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the body of an object of AVNM that another team has made."""
    return {"properties": {"description": "another team's", **properties}}


def security_rule() -> dict[str, Any]:
    """Return what a security rule of theirs says."""
    return {
        "access": "Deny",
        "direction": "Inbound",
        "priority": 200,
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "23",
    }


__all__ = [
    "SUBSCRIPTION",
    "children_left",
    "described",
    "missing",
    "put_children",
    "put_siblings",
    "security_rule",
]
