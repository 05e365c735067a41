"""A network with the names that somebody gave it by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from topology.network import Network
from topology.resources import wanted

# In the manner of the Azure portal and of Terraform modules: none holds the topology's name.
NAMES = {
    "global_group": "network-shared",
    "resource_group": "network-{region}",
    "hub": "{region}-hub",
    "spoke": "{region}-{spoke}",
    "subnet": "{subnet}",
    "firewall": "{region}-firewall",
    "firewall_ip_configuration": "configuration",
    "public_address": "{region}-firewall-ip",
    "route_table": "{region}-firewall-routes",
    "security_group": "{region}-{spoke}-rules",
    "peering_to_hub": "to-hub",
    "peering_to_spoke": "to-{spoke}",
    "dns_link": "{network}",
    "policy": "all-firewalls",
    "manager": "manager",
}
SPOKES: dict[str, Any] = {
    "prod": {"subnets": {"web": {"name": "WebTier"}, "data": {}}},
    "nonprod": {},
}

# -- by plain HTTP -----------------------------------------------------------------------

_LOOKS = 360  # an hour of simulated time
_VERSIONS = {"/privatednszones": "2024-06-01", "/microsoft.network/": "2026-03-01"}


def _version(resource_id: str) -> str:
    found = (version for part, version in _VERSIONS.items() if part in resource_id.lower())
    return next(found, "2025-04-01")


async def read(client: httpx.AsyncClient, resource_id: str) -> Any:
    """Return what stands at an id, None where nothing does."""
    answer = await client.get(resource_id, params={"api-version": _version(resource_id)})
    return answer.json() if answer.status_code == httpx.codes.OK else None


async def write(
    client: httpx.AsyncClient, resource_id: str, body: Any, verb: str = "PUT", second: float = 1
) -> None:
    """Write a body and wait until it has succeeded; `second` is how long one of Azure's takes."""
    params = {"api-version": _version(resource_id)}
    answer = await client.request(verb, resource_id, json=body, params=params)
    assert answer.is_success, answer.text
    for _ in range(_LOOKS):
        now = await read(client, resource_id)
        if now is not None and _state(now) == "Succeeded":
            return
        await asyncio.sleep(10 * second)
    raise AssertionError(now)


def _state(body: Any) -> str:
    return str(body.get("properties", {}).get("provisioningState", "Succeeded"))


async def strip(
    client: httpx.AsyncClient, network: Network, tags: dict[str, str], second: float = 1
) -> None:
    """Take every mark of ownership from a network, as if somebody else had made it.

    What takes tags gets these, what has a description another. Goal states are committed
    again, as after any edit.
    """
    for resource in wanted(network):
        found = None if "#" in resource.id else await read(client, resource.id)
        if found is None:
            continue
        if "tags" in found:
            await write(client, resource.id, {"tags": tags}, "PATCH", second)
        elif "description" in found["properties"]:
            properties = {**found["properties"], "description": "made by hand"}
            await write(client, resource.id, {**found, "properties": properties}, second=second)
    await _commit_again(client, network.names.manager_id, second)


async def _commit_again(client: httpx.AsyncClient, manager: str, second: float) -> None:
    answer = await client.post(f"{manager}/listDeploymentStatus", json={})
    for state in answer.json()["value"]:
        body = {
            "commitType": state["deploymentType"],
            "targetLocations": [state["region"]],
            "configurationIds": state["configurationIds"],
        }
        assert (await client.post(f"{manager}/commit", json=body)).is_success
    await asyncio.sleep(1200 * second)


# -- a hub and a spoke, made by hand ------------------------------------------------------


async def make(client: httpx.AsyncClient, network: Network) -> None:
    """Make a hub with its firewall and one spoke, as people do without Orrery.

    There is no AVNM: peerings join hub and spoke, a table of routes leads the spoke to the
    firewall, and the policy holds rules of its own.
    """
    for name, body in _bodies(network).items():
        await write(client, name, body)


def _bodies(network: Network) -> dict[str, Any]:
    """Return bodies by id, in an order in which they can be written."""
    names, (hub,) = network.names, network.hubs
    region, (spoke,) = hub.region, hub.spokes
    vnet, there = names.vnet_id(region, "hub"), names.vnet_id(region, spoke.name)
    table = names.network_id(region, "routeTables", "spoke-routes")
    place = {
        "subnet": {"id": f"{vnet}/subnets/AzureFirewallSubnet"},
        "publicIPAddress": {"id": names.public_ip_id(region)},
    }
    ip = [{"name": names.ip_configuration_name(region), "properties": place}]
    zones = {"zones": list(hub.zones)}
    subnets = [
        _subnet(names.subnet_name(region, spoke.name, key), prefix, table)
        for key, prefix in spoke.subnets.items()
    ]
    address = str(hub.firewall_prefix[4])
    link = f"{names.zone_id(network.topology.dns_zone)}/virtualNetworkLinks"
    return {
        names.group_id(None): {"location": region},
        names.group_id(region): {"location": region, "tags": {"owner": "somebody"}},
        names.zone_id(network.topology.dns_zone): {"location": "global"},
        vnet: _located(
            region,
            addressSpace={"addressPrefixes": [str(hub.prefix)]},
            subnets=[_subnet("AzureFirewallSubnet", hub.firewall_prefix)],
        ),
        names.public_ip_id(region): {
            **_located(region, publicIPAllocationMethod="Static"),
            **zones,
            "sku": {"name": "Standard"},
        },
        names.policy_id: _located(
            region,
            sku={"tier": "Premium"},
            threatIntelMode="Deny",
            intrusionDetection={"mode": "Alert"},
            dnsSettings={"enableProxy": True, "servers": []},
        ),
        f"{names.policy_id}/ruleCollectionGroups/by-hand": {
            "properties": {"priority": 500, "ruleCollections": []}
        },
        names.firewall_id(region): {
            **_located(
                region,
                sku={"name": "AZFW_VNet", "tier": "Premium"},
                firewallPolicy={"id": names.policy_id},
                ipConfigurations=ip,
            ),
            **zones,
        },
        table: _located(region, routes=[_route(address)]),
        there: _located(
            region,
            addressSpace={"addressPrefixes": [str(spoke.prefix)]},
            dhcpOptions={"dnsServers": [address]},
            subnets=subnets,
        ),
        f"{vnet}/virtualNetworkPeerings/{names.peering_name(region, 'hub', spoke.name)}": (
            _peering(there)
        ),
        f"{there}/virtualNetworkPeerings/{names.peering_name(region, spoke.name, 'hub')}": (
            _peering(vnet)
        ),
        f"{link}/{names.dns_link_name(region, 'hub')}": _link(vnet),
    }


def _located(region: str, **properties: Any) -> dict[str, Any]:
    return {"location": region, "properties": properties}


def _subnet(name: str, prefix: Any, table: str | None = None) -> dict[str, Any]:
    routes = {"routeTable": {"id": table}} if table else {}
    return {"name": name, "properties": {"addressPrefix": str(prefix), **routes}}


def _route(address: str) -> dict[str, Any]:
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": address}
    return {"name": "default", "properties": {"addressPrefix": "0.0.0.0/0", **hop}}


def _peering(remote: str) -> dict[str, Any]:
    allowed = {"allowVirtualNetworkAccess": True, "allowForwardedTraffic": True}
    return {"properties": {"remoteVirtualNetwork": {"id": remote}, **allowed}}


def _link(vnet: str) -> dict[str, Any]:
    properties = {"virtualNetwork": {"id": vnet}, "registrationEnabled": False}
    return {"location": "global", "properties": properties}
