"""Which routes a subnet ends up with (facts.md section 9).

Not computed: the prefixes of service endpoints, which Azure takes from lists of its own
that the simulator does not have, and routes that gateways learn.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Any

from simulator.arm.draft import linked_ids
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.connected_groups import ConnectedGroup, connected_groups
from simulator.avnm.prefixes import as_networks, prefixes_of
from simulator.avnm.types import PEERING, ROUTE

Route = dict[str, Any]
# A connected group and the prefixes that count of each of its members.
Neighbours = list[tuple[ConnectedGroup, dict[str, list[str]]]]

_DEFAULT = "0.0.0.0/0"
_DROPPED = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
# What tools say (Microsoft's tutorial of a secured hub and spoke), and the concept's page
# does not: it has GlobalVNetPeering.
_SPOKEN = {"GlobalVNetPeering": "VNetGlobalPeering"}


def neighbours(world: World) -> Neighbours:
    """Return all connected groups with their prefixes: work for a whole view, done once."""
    return [(group, group.prefixes()) for group in connected_groups(world)]


def effective_routes(world: World, subnet: Resource, groups: Neighbours) -> list[Route]:
    """Return all routes of a subnet, winners Active and losers Invalid.

    For one prefix a user's route wins over a system route, and of system routes the
    network's own, then peerings, then connected groups (the last order is `assumed`).
    Choosing the longest prefix for an address is left to the reader, or to `chosen`.
    """
    network = world.store.get(subnet.id.root.key)
    if network is None:
        return []
    direct = [
        *_own(network),
        *_peered(world, network, subnet),
        *_connected(network, groups),
    ]
    user = _user(world, subnet, direct)
    return _judged([*user, *direct, *_system(network, user)])


def chosen(routes: Iterable[Route], address: str) -> Route | None:
    """Return the Active route with the longest prefix that holds an address."""
    target = ip_address(address)
    found = [
        (network.prefixlen, route)
        for route in routes
        if route["state"] == "Active" and not _is_tag(route)
        for network in as_networks([route["addressPrefix"]])
        if target in network
    ]
    return max(found, key=lambda item: item[0])[1] if found else None


def route_table_answer(world: World, subnet: Resource, routes: Iterable[Route]) -> dict[str, Any]:
    """Return routes in the form of getEffectiveRouteTable."""
    table = table_of(world, subnet)
    stops = bool(table and table.properties.get("disableBgpRoutePropagation"))
    return {"value": [_as_effective_route(item, stops=stops) for item in routes]}


def _as_effective_route(route: Route, *, stops: bool) -> dict[str, Any]:
    address = route["nextHopIpAddress"]
    named = {"name": route["name"]} if "name" in route else {}
    return {
        **named,
        "disableBgpRoutePropagation": stops,
        "source": route["source"],
        "state": route["state"],
        "addressPrefix": [route["addressPrefix"]],
        "nextHopType": _SPOKEN.get(route["nextHopType"], route["nextHopType"]),
        "nextHopIpAddress": [address] if address else [],
    }


def _own(network: Resource) -> Iterator[Route]:
    for prefix in prefixes_of(network):
        yield _route("Default", prefix, "VnetLocal")


def _peered(world: World, network: Resource, subnet: Resource) -> Iterator[Route]:
    table = table_of(world, subnet)
    if table is not None and table.properties.get("disablePeeringRoute") == "All":
        return
    for peering in world.store.children(network.key, PEERING):
        # Without allowVirtualNetworkAccess the route stays: only the tag VirtualNetwork of
        # security groups loses the remote (seen: technology.amis.nl/azure/vnet-peering-in-azure).
        if peering.hidden.get("state") != "Connected":
            continue
        target = linked_ids(peering.properties.get("remoteVirtualNetwork"))
        remote = world.store.find(target[0]) if target else None
        local = remote is not None and remote.location == network.location
        for prefix in (peering.hidden.get("remote_space") or {}).get("addressPrefixes", []):
            kind = "VNetPeering" if local else "GlobalVNetPeering"
            yield {**_route("Default", prefix, kind), "network": target[0]}


def _connected(network: Resource, groups: Neighbours) -> Iterator[Route]:
    for group, prefixes in groups:
        if network.key not in group.members:
            continue
        for key, other in group.members.items():
            if key != network.key:
                for prefix in prefixes[key]:
                    yield {
                        **_route("Default", prefix, "ConnectedGroup"),
                        "network": other.id.text,
                    }


def table_of(world: World, subnet: Resource) -> Resource | None:
    """Return the route table of a subnet."""
    found = linked_ids(subnet.properties.get("routeTable"))
    return world.store.find(found[0]) if found else None


def _user(world: World, subnet: Resource, direct: list[Route]) -> list[Route]:
    table = table_of(world, subnet)
    return [
        {**_user_route(item.properties, direct), "name": item.name}
        for item in (world.store.children(table.key, ROUTE) if table else [])
    ]


def _user_route(values: dict[str, Any], direct: list[Route]) -> Route:
    address = values.get("nextHopIpAddress")
    route = _route("User", values["addressPrefix"], values["nextHopType"], address)
    if values["nextHopType"] == "VirtualAppliance":
        # The next hop must have direct connectivity (facts.md section 5).
        route["nextHopIsReachable"] = _is_reachable(str(address), direct)
    return route


def _is_reachable(address: str, direct: list[Route]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in net for net in as_networks(item["addressPrefix"] for item in direct))


def _system(network: Resource, user: list[Route]) -> Iterator[Route]:
    """Yield the defaults: everything to the internet, private ranges dropped.

    A default route to an appliance removes the dropped ranges; whether one to the internet
    does so too was not found: `assumed` that it does not. A range that is the network's own
    leads into the network instead; one that only holds the network's stays, as the
    documented example shows (facts.md section 9).
    """
    yield _route("Default", _DEFAULT, "Internet")
    hops = [item["nextHopType"] for item in user if item["addressPrefix"] == _DEFAULT]
    if not {"VirtualAppliance", "VirtualNetworkGateway"} & set(hops):
        for prefix in _DROPPED:
            if prefix not in prefixes_of(network):
                yield _route("Default", prefix, "None")


def _route(source: str, prefix: str, kind: str, address: str | None = None) -> Route:
    return {
        "source": source,
        "state": "Active",
        "addressPrefix": prefix,
        "nextHopType": kind,
        "nextHopIpAddress": address,
    }


def _judged(routes: list[Route]) -> list[Route]:
    seen: set[str] = set()
    for route in routes:
        if route["addressPrefix"] in seen:
            route["state"] = "Invalid"
        seen.add(route["addressPrefix"])
    return routes


def _is_tag(route: Route) -> bool:
    """Tell whether a user's route names a service and no prefix."""
    return "/" not in route["addressPrefix"]
