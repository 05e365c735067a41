"""A tour of all that the simulator serves: every type, every verb, made and taken away."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

import httpx

from simulator.app import create_app
from simulator.arm.ids import parse_id
from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.providers import PROVIDERS
from simulator.settings import Settings
from tests.contract.swagger.exchange import Exchange, Recorder
from tests.simulator.azure import (
    GROUP,
    NETWORK,
    SUBSCRIPTION,
    Azure,
    a_firewall,
    a_network,
    a_nic,
    a_peering,
    a_policy,
    a_rule_group,
    a_table,
    an_address,
)
from tests.simulator.manager import (
    A_MANAGER,
    ADMIN,
    ADMIN_COLLECTION,
    MANAGER,
    MANAGER_CONNECTION,
    MESH,
    ROUTING,
    ROUTING_COLLECTION,
    USER,
    USER_COLLECTION,
    a_commit,
    a_manager_connection,
    a_mesh,
    a_routing_rule,
    a_scope_connection,
    a_user_rule,
    an_admin_rule,
    network_id,
    of_groups,
)
from tests.simulator.policy import (
    a_definition,
    a_set,
    an_assignment,
    assignment_id,
    definition_id,
    set_id,
)

_A_RULE = {
    "protocol": "Tcp",
    "access": "Allow",
    "direction": "Inbound",
    "priority": 100,
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "443",
}
_A_LINK = {
    "location": "global",
    "properties": {"virtualNetwork": {"id": network_id("hub")}, "registrationEnabled": False},
}
_ZONE = "privateDnsZones/example.internal"
_RECORDS: dict[str, Any] = {
    "A/www": {"aRecords": [{"ipv4Address": "10.0.0.4"}]},
    "AAAA/www": {"aaaaRecords": [{"ipv6Address": "2001:db8::1"}]},
    "CNAME/alias": {"cnameRecord": {"cname": "www.example.internal"}},
    "MX/@": {"mxRecords": [{"exchange": "mail.example.internal", "preference": 0}]},
    "PTR/4": {"ptrRecords": [{"ptrdname": "www.example.internal"}]},
    "SRV/web": {"srvRecords": [{"port": 80, "priority": 0, "target": "a.b", "weight": 5}]},
    "TXT/text": {"txtRecords": [{"value": ["text"]}]},
    "SOA/@": {"soaRecord": {"host": "azureprivatedns.net", "email": "a.b", "minimumTtl": 10}},
}
_INTENT = f"{MANAGER}/verifierWorkspaces/w/reachabilityAnalysisIntents/i"
_A_QUESTION = {
    "sourceResourceId": f"{network_id('hub')}/subnets/a",
    "destinationResourceId": f"{network_id('spoke')}/subnets/a",
    "ipTraffic": {
        "sourceIps": ["10.0.0.4"],
        "destinationIps": ["10.1.0.4"],
        "sourcePorts": ["*"],
        "destinationPorts": ["443"],
        "protocols": ["TCP"],
    },
}
_TABLE = "routeTables/firewall"
_FIREWALL_SUBNET = {
    "properties": {
        "addressPrefix": "10.0.1.0/24",
        "routeTable": {"id": f"{NETWORK}/{_TABLE}"},
    }
}

_SITE = {
    "location": "westeurope",
    "properties": {
        "gatewayIpAddress": "203.0.113.4",
        "localNetworkAddressSpace": {"addressPrefixes": ["192.168.0.0/16"]},
    },
}
_GATEWAY = {
    "location": "westeurope",
    "properties": {
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "sku": {"name": "VpnGw1", "tier": "VpnGw1"},
        "ipConfigurations": [
            {
                "name": "one",
                "properties": {
                    "subnet": {"id": f"{network_id('spoke')}/subnets/GatewaySubnet"},
                    "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/gateway"},
                },
            }
        ],
    },
}

# What is made, in this order; it is taken away in the opposite one.
STOPS: tuple[tuple[str, Any], ...] = (
    (GROUP, {"location": "westeurope", "tags": {"a": "b"}}),
    (_TABLE, a_table(("0.0.0.0/0", "Internet"))),
    (
        f"{_TABLE}/routes/more",
        {"properties": {"addressPrefix": "10.9.0.0/16", "nextHopType": "None"}},
    ),
    ("networkSecurityGroups/nsg", {"location": "westeurope", "properties": {}}),
    ("networkSecurityGroups/nsg/securityRules/https", {"properties": _A_RULE}),
    ("publicIPAddresses/pip", an_address(zones=["1", "2", "3"])),
    ("virtualNetworks/hub", a_network("10.0.0.0/16", a="10.0.0.0/24")),
    ("virtualNetworks/spoke", a_network("10.1.0.0/16", a="10.1.0.0/24")),
    ("virtualNetworks/hub/subnets/AzureFirewallSubnet", _FIREWALL_SUBNET),
    ("applicationSecurityGroups/web", {"location": "westeurope", "properties": {}}),
    ("networkInterfaces/nic", a_nic("spoke")),
    (
        "virtualNetworks/spoke/subnets/GatewaySubnet",
        {"properties": {"addressPrefix": "10.1.1.0/24"}},
    ),
    ("publicIPAddresses/gateway", an_address()),
    ("localNetworkGateways/site", _SITE),
    ("virtualNetworkGateways/gw", _GATEWAY),
    ("virtualNetworks/hub/virtualNetworkPeerings/spoke", a_peering("spoke")),
    ("virtualNetworks/spoke/virtualNetworkPeerings/hub", a_peering("hub")),
    (
        "ipGroups/offices",
        {"location": "westeurope", "properties": {"ipAddresses": ["10.9.0.0/24"]}},
    ),
    ("firewallPolicies/policy", a_policy()),
    ("firewallPolicies/policy/ruleCollectionGroups/rules", a_rule_group()),
    ("azureFirewalls/fw", a_firewall()),
    (_ZONE, {"location": "global"}),
    (f"{_ZONE}/virtualNetworkLinks/hub", _A_LINK),
    *(
        (f"{_ZONE}/{name}", {"properties": {"ttl": 60, **records}})
        for name, records in _RECORDS.items()
    ),
    (MANAGER, A_MANAGER),
    (f"{MANAGER}/networkGroups/prod", {"properties": {"description": "Production"}}),
    (
        f"{MANAGER}/networkGroups/prod/staticMembers/spoke",
        {"properties": {"resourceId": network_id("spoke")}},
    ),
    (MESH, a_mesh("prod")),
    (ADMIN, {"properties": {"description": "Deny"}}),
    (ADMIN_COLLECTION, of_groups("prod")),
    (f"{ADMIN_COLLECTION}/rules/r", an_admin_rule()),
    (USER, {"properties": {"description": "Users may overrule"}}),
    (USER_COLLECTION, of_groups("prod")),
    (f"{USER_COLLECTION}/rules/r", a_user_rule()),
    (f"{MANAGER}/scopeConnections/far", a_scope_connection()),
    (f"{SUBSCRIPTION}/providers/{MANAGER_CONNECTION}/ours", a_manager_connection()),
    (
        f"{MANAGER}/ipamPools/root",
        {"location": "westeurope", "properties": {"addressPrefixes": ["10.0.0.0/8"]}},
    ),
    (
        f"{MANAGER}/ipamPools/root/staticCidrs/office",
        {"properties": {"numberOfIPAddressesToAllocate": "256"}},
    ),
    (f"{MANAGER}/verifierWorkspaces/w", {"location": "westeurope", "properties": {}}),
    (_INTENT, {"properties": _A_QUESTION}),
    (
        f"{MANAGER}/verifierWorkspaces/w/reachabilityAnalysisRuns/r",
        {"properties": {"intentId": f"{NETWORK}/{_INTENT}"}},
    ),
    (ROUTING, {"properties": {}}),
    (ROUTING_COLLECTION, of_groups("prod", key="appliesTo")),
    (f"{ROUTING_COLLECTION}/rules/r", a_routing_rule()),
    (f"{MANAGER}/commits/c", a_commit("Connectivity", MESH)),
    (definition_id("d"), a_definition(group="prod", displayName="Production")),
    (set_id("s"), a_set(definition_id("d"))),
    (assignment_id("a"), an_assignment(set_id("s"), notScopes=[])),
    (assignment_id("b", GROUP), an_assignment(definition_id("d"))),
)
# What no swagger at hand describes: another service's, and a type of before.
_UNDESCRIBED = {
    "microsoft.managedidentity/userassignedidentities",
    "microsoft.network/firewallpolicies/rulegroups",
}
# What has no list of a whole subscription.
_LISTED_BY_GROUP = {"virtualNetworkGateways", "localNetworkGateways"}
# A list whose path names no provider.
_NAMELESS = {"microsoft.resources/resources"}
_TYPES = {"Connectivity": MESH, "SecurityAdmin": ADMIN, "Routing": ROUTING}
# What is only looked at, by GET and by POST.
_LISTS = (f"{_ZONE}/ALL", f"{SUBSCRIPTION}/resources", f"{GROUP}/resources")
_VIEWS: tuple[tuple[str, Any], ...] = (
    (f"{MANAGER}/listActiveConnectivityConfigurations", {"regions": ["westeurope"]}),
    (f"{MANAGER}/ipamPools/root/getPoolUsage", None),
    (f"{MANAGER}/ipamPools/root/listAssociatedResources", None),
    (f"{MANAGER}/listActiveSecurityAdminRules", {"regions": ["westeurope"]}),
    (
        f"{MANAGER}/listDeploymentStatus",
        {"regions": ["westeurope"], "deploymentTypes": list(_TYPES)},
    ),
    ("virtualNetworks/spoke/listNetworkManagerEffectiveConnectivityConfigurations", {}),
    ("virtualNetworks/spoke/listNetworkManagerEffectiveSecurityAdminRules", {}),
    ("networkInterfaces/nic/effectiveRouteTable", None),
    ("networkInterfaces/nic/effectiveNetworkSecurityGroups", None),
)


@cache
def tour(api_version: str) -> tuple[Exchange, ...]:
    """Return the exchanges of a tour in one api-version."""
    return tuple(asyncio.run(_tour(api_version)))


async def _tour(api_version: str) -> list[Exchange]:
    clock = ManualClock()
    recorder = Recorder(create_app(clock))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(recorder),
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
        params={"api-version": api_version},
    ) as client:
        azure = Azure(client, clock)
        for path, body in STOPS:
            await _visit(azure, path, body)
        for path in _LISTS:
            await azure.ask("GET", path)
        await _commit(azure, _TYPES)
        for path, body in _VIEWS:
            await _ask(azure, path, body)
        await _commit(azure, {})
        for path, _ in reversed(STOPS):
            await _leave(azure, path)
    return recorder.exchanges


async def _visit(azure: Azure, path: str, body: Any) -> None:
    """Make a resource, twice, and look at it and its kind in every way."""
    await azure.ask("GET", path)
    await azure.made(path, body)
    await azure.made(path, body)
    kind = path.rpartition("/")[0]
    await azure.ask("GET", kind)
    if "/" not in kind.removeprefix(SUBSCRIPTION + "/"):
        everywhere = (
            kind if kind.startswith("/") else f"{SUBSCRIPTION}/providers/Microsoft.Network/{kind}"
        )
        if kind not in _LISTED_BY_GROUP:
            await azure.ask("GET", everywhere)
        await azure.ask("PATCH", path, {"tags": {"a": "c"}})
        azure.clock.advance(3600)


async def _ask(azure: Azure, path: str, body: Any) -> None:
    """Ask a question, and again where its answer is until it is there."""
    response = await azure.ask("POST", path, body)
    if response.status_code == 202:
        azure.clock.advance(3600)
        await azure.client.get(response.headers["location"])


async def _commit(azure: Azure, configurations: dict[str, str]) -> None:
    for kind in _TYPES:
        ids = [f"{NETWORK}/{configurations[kind]}"] if configurations else []
        body = {"commitType": kind, "targetLocations": ["westeurope"], "configurationIds": ids}
        await azure.ask("POST", f"{MANAGER}/commit", body)
        azure.clock.advance(3600)


async def _leave(azure: Azure, path: str) -> None:
    await azure.ask("DELETE", path)
    azure.clock.advance(3600)
    await azure.ask("DELETE", path)
    await azure.ask("GET", path)


def visited() -> set[str]:
    """Return the lower-case types that the tour makes one of."""
    paths = (*_LISTS, *(path for path, _ in STOPS))
    ids = (parse_id(path if path.startswith("/") else f"{NETWORK}/{path}") for path in paths)
    return {item.type.lower() for item in ids if item is not None} | _NAMELESS


def served() -> set[str]:
    """Return the lower-case types that the simulator serves and a swagger describes."""
    return {provider.type.lower() for provider in PROVIDERS} - _UNDESCRIBED
