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
          "groups": [], "adminRulesApply": false, "serviceEndpoints": [],
          "securityRules": [{"id": "<rule>", "direction": "Inbound", ...as adminRules}],
          "routes": [{"source": "User", "state": "Active", "addressPrefix": "0.0.0.0/0",
                      "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.4",
                      "nextHopIsReachable": true, "name": "to-firewall"},
                     {"source": "Default", "state": "Active", "addressPrefix": "10.1.0.0/16",
                      "nextHopType": "VNetPeering", "nextHopIpAddress": null,
                      "network": "<id of the network behind it>"}]}]}]}

`GET /_simulator/effective/routes?subnet=<id>` answers for one subnet what
getEffectiveRouteTable answers for an interface in it, and with `&address=10.1.0.4` only
the one route that a packet to there takes (`value` is empty when there is none).
`GET /_simulator/effective/rules?subnet=<id>` answers what effectiveNetworkSecurityGroups
does. A subnet that does not exist is a 404.

Admin rules come in the order in which Azure applies them, those of a manager with a higher
scope before all others, then the lowest priority number first; groups in their sources and
destinations are written out as the prefixes of the commit. `source` is User or Default.
`nextHopType` is VnetLocal, VNetPeering, GlobalVNetPeering (VNetGlobalPeering in the answer
for one subnet), ConnectedGroup, Internet, VirtualAppliance, VirtualNetworkGateway or None
(dropped). For an address, take the Active route with the longest prefix.
`nextHopIsReachable` tells of a VirtualAppliance whether its address lies in the network, a
peer or a connected group.
`network` stands at peerings and connected groups only.
"""

from typing import Any

from simulator.arm.call import Reply
from simulator.arm.draft import linked_ids
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.effective_routes import (
    Neighbours,
    chosen,
    effective_routes,
    neighbours,
    route_table_answer,
    table_of,
)
from simulator.avnm.effective_rules import Found, admin_rules_of
from simulator.avnm.membership import groups_of
from simulator.avnm.prefixes import prefixes_of
from simulator.avnm.security_groups import (
    are_admin_rules_applied,
    effective_groups,
    group_of,
    plain_admin,
    security_rules,
)
from simulator.avnm.types import NETWORK, PEERING, SUBNET


def answer(world: World, rest: list[str], query: dict[str, str]) -> Reply:
    """Return the answer to a path below `/_simulator/effective`."""
    if not rest:
        return Reply(200, effective(world, query.get("subscription")))
    subnet = world.store.find(query.get("subnet", ""))
    if rest not in (["routes"], ["rules"]) or subnet is None or subnet.type != SUBNET:
        return Reply(404, {"error": {"code": "NotFound", "message": "No such path or subnet."}})
    if rest == ["rules"]:
        return Reply(200, effective_groups(world, subnet))
    routes = effective_routes(world, subnet, neighbours(world))
    if "address" in query:
        try:
            taken = chosen(routes, query["address"])
        except ValueError as error:
            return Reply(400, {"error": {"code": "InvalidAddress", "message": str(error)}})
        routes = [taken] if taken else []
    return Reply(200, route_table_answer(world, subnet, routes))


def effective(world: World, subscription: str | None) -> dict[str, Any]:
    """Return the answer in the documented form."""
    groups = neighbours(world)
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
        "adminRules": [_admin_rule(item) for item in admin_rules_of(world, network)],
        "subnets": [
            _subnet(world, item, mine) for item in world.store.children(network.key, SUBNET)
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


def _admin_rule(found: Found) -> dict[str, Any]:
    rule = plain_admin(found)
    parents = {"configurationId": found[0].id, "ruleCollectionId": found[1].id}
    return {"id": rule.pop("id"), **parents, **rule}


def _subnet(world: World, subnet: Resource, groups: Neighbours) -> dict[str, Any]:
    table, security = table_of(world, subnet), group_of(world, subnet)
    endpoints = subnet.properties.get("serviceEndpoints") or []
    return {
        "id": subnet.id.text,
        "name": subnet.name,
        "addressPrefixes": prefixes_of(subnet),
        "routeTable": table.id.text if table else None,
        "networkSecurityGroup": security.id.text if security else None,
        "groups": [group.id.text for group in groups_of(world, subnet)],
        "adminRulesApply": are_admin_rules_applied(subnet),
        "serviceEndpoints": [item.get("service") for item in endpoints],
        "securityRules": security_rules(world, subnet),
        "routes": effective_routes(world, subnet, groups),
    }
