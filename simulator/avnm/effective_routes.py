"""Which routes a subnet ends up with (facts.md section 9)."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Any

from simulator.arm.draft import linked_ids
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.prefixes import as_networks, prefixes_of
from simulator.avnm.types import PEERING, ROUTE

Route = dict[str, Any]

_DEFAULT = "0.0.0.0/0"
_DROPPED = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")


def effective_routes(
    world: World, subnet: Resource, connected: Iterable[tuple[str, str]]
) -> list[Route]:
    """Return all routes of a subnet, winners Active and losers Invalid.

    `connected` are (prefix, network id) of the other members of its connected groups.
    For one prefix a user's route wins over a system route, and of system routes the
    network's own, then peerings, then connected groups (the last order is `assumed`).
    Choosing the longest prefix for an address is left to the reader.
    """
    network = world.store.get(subnet.id.root.key)
    if network is None:
        return []
    direct = [*_own(network), *_peered(world, network, subnet), *_connected(connected)]
    user = _user(world, subnet, direct)
    return _judged([*user, *direct, *_system(user)])


def _own(network: Resource) -> Iterator[Route]:
    for prefix in prefixes_of(network):
        yield _route("Default", prefix, "VnetLocal")


def _peered(world: World, network: Resource, subnet: Resource) -> Iterator[Route]:
    table = table_of(world, subnet)
    if table is not None and table.properties.get("disablePeeringRoute") == "All":
        return
    for peering in world.store.children(network.key, PEERING):
        usable = peering.properties.get("allowVirtualNetworkAccess", True)
        if not usable or peering.hidden.get("state") != "Connected":
            continue
        target = linked_ids(peering.properties.get("remoteVirtualNetwork"))
        remote = world.store.find(target[0]) if target else None
        local = remote is not None and remote.location == network.location
        for prefix in (peering.hidden.get("remote_space") or {}).get("addressPrefixes", []):
            kind = "VNetPeering" if local else "GlobalVNetPeering"
            yield {**_route("Default", prefix, kind), "network": target[0]}


def _connected(connected: Iterable[tuple[str, str]]) -> Iterator[Route]:
    for prefix, network in connected:
        yield {**_route("Default", prefix, "ConnectedGroup"), "network": network}


def table_of(world: World, subnet: Resource) -> Resource | None:
    """Return the route table of a subnet."""
    found = linked_ids(subnet.properties.get("routeTable"))
    return world.store.find(found[0]) if found else None


def _user(world: World, subnet: Resource, direct: list[Route]) -> list[Route]:
    table = table_of(world, subnet)
    return [
        _user_route(item.properties, direct)
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


def _system(user: list[Route]) -> Iterator[Route]:
    """Yield the defaults; a default route to an appliance removes the dropped ranges.

    Whether one to the internet does so too was not found: `assumed` that it does not.
    """
    yield _route("Default", _DEFAULT, "Internet")
    hops = [item["nextHopType"] for item in user if item["addressPrefix"] == _DEFAULT]
    if not {"VirtualAppliance", "VirtualNetworkGateway"} & set(hops):
        for prefix in _DROPPED:
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
