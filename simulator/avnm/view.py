"""The whole simulated network at a glance, for a program that checks it by asking.

`GET /_simulator/effective?subscription=<id>` (all subscriptions without the query) needs
neither a token nor an api-version and answers

    {"networks": [
      {"id": "/subscriptions/.../virtualNetworks/hub", "region": "westeurope",
       "addressPrefixes": ["10.0.0.0/20"],
       "groups": ["/subscriptions/.../networkGroups/hubs"],
       "connectedGroup": [{"id": "<id of another member>", "region": "eastus",
                           "configurationId": "<connectivity configuration>"}],
       "peerings": [{"id": "<peering>", "remoteId": "<network>", "state": "Connected",
                     "allowForwardedTraffic": true}],
       "adminRules": [{"id": "<rule>", "configurationId": "...", "ruleCollectionId": "...",
                       "direction": "Inbound", "access": "Deny", "priority": 100,
                       "protocol": "Tcp",
                       "sources": ["10.0.0.0/8"], "destinations": ["*"],
                       "sourcePortRanges": [], "destinationPortRanges": ["22"]}],
       "subnets": [
         {"id": "...", "name": "AzureFirewallSubnet", "addressPrefixes": ["10.0.0.0/26"],
          "routeTable": "<id or null>", "networkSecurityGroup": "<id or null>",
          "groups": [], "adminRulesApply": false,
          "routes": [{"source": "User", "state": "Active", "addressPrefix": "0.0.0.0/0",
                      "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.4",
                      "nextHopIsReachable": true},
                     {"source": "Default", "state": "Active", "addressPrefix": "10.1.0.0/16",
                      "nextHopType": "VNetPeering", "nextHopIpAddress": null,
                      "network": "<id of the network behind it>"}]}]}]}

Admin rules come in the order in which Azure applies them, lowest priority number first;
groups in their sources and destinations are written out as the prefixes of the commit.
`source` is User or Default. `nextHopType` is VnetLocal, VNetPeering, GlobalVNetPeering,
ConnectedGroup, Internet, VirtualAppliance, VirtualNetworkGateway or None (dropped). For
an address, take the Active route with the longest prefix. `nextHopIsReachable` tells of
a VirtualAppliance whether its address lies in the network, a peer or a connected group.
`network` stands at peerings and connected groups only.
"""

from typing import Any

from simulator.arm.draft import linked_ids
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.connected_groups import ConnectedGroup, connected_groups
from simulator.avnm.effective import Found, admin_rules_of
from simulator.avnm.effective_routes import effective_routes, table_of
from simulator.avnm.membership import groups_of
from simulator.avnm.prefixes import prefixes_of
from simulator.avnm.routing import RESERVED_SUBNETS
from simulator.avnm.types import NETWORK, PEERING, SUBNET

Neighbours = list[tuple[ConnectedGroup, dict[str, list[str]]]]


def effective(world: World, subscription: str | None) -> dict[str, Any]:
    """Return the answer in the documented form."""
    groups = [(group, group.prefixes()) for group in connected_groups(world)]
    prefix = f"/subscriptions/{subscription}/".lower() if subscription else "/"
    networks = [item for item in world.store.of_type(NETWORK) if item.key.startswith(prefix)]
    return {"networks": [_network(world, item, groups) for item in networks]}


def _network(world: World, network: Resource, groups: Neighbours) -> dict[str, Any]:
    mine = [item for item in groups if network.key in item[0].members]
    return {
        "id": network.id.text,
        "region": network.location,
        "addressPrefixes": prefixes_of(network),
        "groups": [group.id.text for group in groups_of(world, network)],
        "connectedGroup": [
            {"id": other.id.text, "region": other.location, "configurationId": group.configuration}
            for group, _ in mine
            for other in group.members.values()
            if other is not network
        ],
        "peerings": [_peering(item) for item in world.store.children(network.key, PEERING)],
        "adminRules": _admin_rules(world, network),
        "subnets": [
            _subnet(world, item, network, mine)
            for item in world.store.children(network.key, SUBNET)
        ],
    }


def _peering(peering: Resource) -> dict[str, Any]:
    remote = linked_ids(peering.properties.get("remoteVirtualNetwork"))
    return {
        "id": peering.id.text,
        "remoteId": remote[0] if remote else None,
        "state": peering.hidden.get("state"),
        "allowForwardedTraffic": peering.properties.get("allowForwardedTraffic"),
    }


def _admin_rules(world: World, network: Resource) -> list[dict[str, Any]]:
    found = [_admin_rule(item) for item in admin_rules_of(world, network)]
    return sorted(found, key=lambda item: int(item["priority"]))


def _admin_rule(found: Found) -> dict[str, Any]:
    configuration, collection, rule = found
    names = ("direction", "access", "priority", "protocol")
    ports = ("sourcePortRanges", "destinationPortRanges")
    return {
        "id": rule.id,
        "configurationId": configuration.id,
        "ruleCollectionId": collection.id,
        **{name: rule.properties[name] for name in names},
        **{side: _addresses(found, side) for side in ("sources", "destinations")},
        **{name: rule.properties[name] for name in ports},
    }


def _addresses(found: Found, side: str) -> list[str]:
    rule = found[2]
    return [
        prefix
        for item in rule.properties[side]
        for prefix in rule.addresses.get(item["addressPrefix"].lower(), [item["addressPrefix"]])
    ]


def _subnet(world: World, subnet: Resource, network: Resource, mine: Neighbours) -> dict[str, Any]:
    connected = [
        (prefix, other.id.text)
        for group, prefixes in mine
        for key, other in group.members.items()
        if other is not network
        for prefix in prefixes[key]
    ]
    table = table_of(world, subnet)
    security = linked_ids(subnet.properties.get("networkSecurityGroup"))
    return {
        "id": subnet.id.text,
        "name": subnet.name,
        "addressPrefixes": prefixes_of(subnet),
        "routeTable": table.id.text if table else None,
        "networkSecurityGroup": security[0] if security else None,
        "groups": [group.id.text for group in groups_of(world, subnet)],
        # Not on subnets of firewalls, Bastion and gateways (facts.md section 3).
        "adminRulesApply": subnet.name.lower() not in RESERVED_SUBNETS,
        "routes": effective_routes(world, subnet, connected),
    }
