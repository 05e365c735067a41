"""The stops of the tour: one resource of every type, and questions that can be asked of them."""

from __future__ import annotations

from typing import Any

from tests.simulator.azure import (
    GROUP,
    NETWORK,
    SUBSCRIPTION,
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
from tests.simulator.test_classic_firewalls import NAT_RULE, NETWORK_RULE


def _collection(action: str, rule: dict[str, Any]) -> dict[str, Any]:
    properties = {"priority": 200, "action": {"type": action}, "rules": [rule]}
    return {"name": "one", "properties": properties}


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

_CLASSIC = {
    "location": "westeurope",
    "properties": {
        "networkRuleCollections": [_collection("Allow", NETWORK_RULE)],
        "natRuleCollections": [_collection("Dnat", NAT_RULE)],
        "applicationRuleCollections": [
            _collection(
                "Allow",
                {
                    "name": "web",
                    "protocols": [{"protocolType": "Https", "port": 443}],
                    "targetFqdns": ["example.com"],
                    "sourceAddresses": ["*"],
                },
            )
        ],
    },
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
    ("azureFirewalls/classic", _CLASSIC),
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
# What no swagger at hand describes: other services', and a type of before.
UNDESCRIBED = {
    "microsoft.authorization/roleassignments",
    "microsoft.authorization/roledefinitions",
    "microsoft.managedidentity/userassignedidentities",
    "microsoft.management/managementgroups",
    "microsoft.management/managementgroups/subscriptions",
    "microsoft.network/firewallpolicies/rulegroups",
}
# What has no list of a whole subscription.
LISTED_BY_GROUP = {"virtualNetworkGateways", "localNetworkGateways"}
# A list whose path names no provider.
NAMELESS = {"microsoft.resources/resources"}
COMMITTED = {"Connectivity": MESH, "SecurityAdmin": ADMIN, "Routing": ROUTING}
# What is only looked at, by GET and by POST.
LISTS = (
    f"{_ZONE}/ALL",
    f"{SUBSCRIPTION}/resources",
    f"{GROUP}/resources",
    "networkSecurityGroups/nsg/defaultSecurityRules",
    "networkSecurityGroups/nsg/defaultSecurityRules/DenyAllInBound",
    "virtualNetworks/spoke/subnets/a/resourceNavigationLinks",
    "virtualNetworks/spoke/subnets/a/serviceAssociationLinks",
)
VIEWS: tuple[tuple[str, Any], ...] = (
    (f"{MANAGER}/listActiveConnectivityConfigurations", {"regions": ["westeurope"]}),
    (f"{MANAGER}/ipamPools/root/getPoolUsage", None),
    (f"{MANAGER}/ipamPools/root/listAssociatedResources", None),
    (f"{MANAGER}/listActiveSecurityAdminRules", {"regions": ["westeurope"]}),
    (
        f"{MANAGER}/listDeploymentStatus",
        {"regions": ["westeurope"], "deploymentTypes": list(COMMITTED)},
    ),
    ("virtualNetworks/spoke/listNetworkManagerEffectiveConnectivityConfigurations", {}),
    ("virtualNetworks/spoke/listNetworkManagerEffectiveSecurityAdminRules", {}),
    ("networkInterfaces/nic/effectiveRouteTable", None),
    ("networkInterfaces/nic/effectiveNetworkSecurityGroups", None),
)
