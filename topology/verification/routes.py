"""Effective routes: which way a packet leaves a subnet (facts.md section 9).

The longest prefix wins; for one prefix a user's route wins over a system route, and of these
the network's own over a peering's, a peering's over a mesh's. Gateways and what they learn by
BGP are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from topology.verification.addresses import EVERYTHING, PRIVATE
from topology.verification.avnm import CHANCE, Effects
from topology.verification.fabric import Fabric, Subnet, UserRoute, VirtualNetwork
from topology.verify_spec import Assumptions


class Hop(StrEnum):
    """Where a route leads; UNKNOWN are kinds such as VirtualApplianceEcmp, several at once."""

    LOCAL = "its own network"
    PEERING = "peering"
    MESH = "mesh"
    APPLIANCE = "appliance"
    INTERNET = "internet"
    GATEWAY = "gateway"
    NOWHERE = "nowhere"
    CHANCE = "chance"
    UNKNOWN = "a hop of a kind that is not read"


HOPS = {
    "VnetLocal": Hop.LOCAL,
    "VirtualAppliance": Hop.APPLIANCE,
    "Internet": Hop.INTERNET,
    "VirtualNetworkGateway": Hop.GATEWAY,
    "None": Hop.NOWHERE,
    CHANCE: Hop.CHANCE,
}
DIRECT = frozenset({Hop.LOCAL, Hop.PEERING, Hop.MESH})


@dataclass(frozen=True, slots=True)
class Route:
    """The one route of a prefix that counts.

    `network` is the key of the network that LOCAL, PEERING and MESH lead to, `address` that
    of an appliance. `source` is the id of what made it, or words where Azure did.
    """

    prefix: range
    hop: Hop
    source: str
    network: str = ""
    address: int | None = None
    is_users: bool = False


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes of a subnet, the longest prefix first; those that lead there directly apart."""

    all: tuple[Route, ...]
    direct: tuple[Route, ...]

    def to(self, address: int) -> Route | None:
        """Return the route that a packet to an address takes."""
        return next((route for route in self.all if address in route.prefix), None)

    def directly(self, address: int) -> Route | None:
        """Return the network's own, a peering's or a mesh's route to an address.

        Next hops must be reached so, or their route is invalid (facts.md section 5).
        """
        return next((route for route in self.direct if address in route.prefix), None)


def effective_routes(
    fabric: Fabric, effects: Effects, subnet: Subnet, assumptions: Assumptions
) -> Routes:
    """Return the routes of a subnet that count."""
    network = fabric.networks[subnet.network]
    user = [_of_user(route, network) for route in _user_routes(fabric, effects, subnet)]
    table = fabric.tables.get(subnet.table or "")
    direct = [*_own(network), *_meshed(network, effects)]
    if table is None or not table.without_peerings:
        direct += _peered(network)
    if not assumptions.unreachable_hop_drops:
        user = [route for route in user if _is_valid(route, direct)]
    winners = _winners([*user, *_by_rank(direct), *_system(network, user, assumptions)])
    return Routes(winners, tuple(sorted(_by_rank(direct), key=_length)))


def _user_routes(fabric: Fabric, effects: Effects, subnet: Subnet) -> Iterable[UserRoute]:
    """Return the routes that people and AVNM gave a subnet."""
    table = fabric.tables.get(subnet.table or "")
    return effects.routes.get(subnet.key, table.routes if table else ())


def _is_valid(route: Route, direct: Iterable[Route]) -> bool:
    """Say whether a route's appliance is reached directly.

    Otherwise its configuration is invalid (docs: virtual-network/virtual-networks-udr-overview);
    what becomes of its packets then nobody says, nor whether another route counts: the assumption
    `unreachable_hop_drops`.
    """
    if route.hop is not Hop.APPLIANCE or route.address is None:
        return True
    return any(route.address in near.prefix for near in direct)


def _of_user(route: UserRoute, network: VirtualNetwork) -> Route:
    hop = HOPS.get(route.hop, Hop.UNKNOWN)
    inside = network.key if hop is Hop.LOCAL else ""
    return Route(route.prefix, hop, route.id, inside, route.address, is_users=True)


def _own(network: VirtualNetwork) -> Iterator[Route]:
    for prefix in network.prefixes:
        yield Route(prefix, Hop.LOCAL, f"the address space of {network.name}", network.key)


def _peered(network: VirtualNetwork) -> Iterator[Route]:
    for remote, peering in network.peerings.items():
        for prefix in peering.prefixes:
            yield Route(prefix, Hop.PEERING, peering.id, remote)


def _meshed(network: VirtualNetwork, effects: Effects) -> Iterator[Route]:
    for mesh in effects.meshes.get(network.key, ()):
        for member, prefixes in mesh.members.items():
            if member != network.key:
                for prefix in prefixes:
                    yield Route(prefix, Hop.MESH, mesh.configuration, member)


def _system(
    network: VirtualNetwork, user: Iterable[Route], assumptions: Assumptions
) -> Iterator[Route]:
    """Yield what every subnet has: the internet, and private ranges that lead nowhere.

    A user's default route to an appliance or a gateway takes these away, and so does a
    network whose address space is such a range (facts.md section 9). One to a hop that nobody
    knows may.
    """
    yield Route(EVERYTHING, Hop.INTERNET, "the system route 0.0.0.0/0")
    frees = {Hop.APPLIANCE, Hop.GATEWAY, Hop.UNKNOWN, Hop.CHANCE}
    if assumptions.internet_route_frees_private:
        frees.add(Hop.INTERNET)
    if any(route.prefix == EVERYTHING and route.hop in frees for route in user):
        return
    for prefix in PRIVATE:
        if prefix not in network.prefixes:
            yield Route(prefix, Hop.NOWHERE, "the system route that drops private addresses")


_RANK = {Hop.LOCAL: 0, Hop.PEERING: 1, Hop.MESH: 2}


def _by_rank(direct: Iterable[Route]) -> list[Route]:
    return sorted(direct, key=lambda route: _RANK[route.hop])


def _winners(routes: Iterable[Route]) -> tuple[Route, ...]:
    """Return the first route of each prefix, the longest prefix first."""
    found: dict[range, Route] = {}
    for route in routes:
        found.setdefault(route.prefix, route)
    return tuple(sorted(found.values(), key=_length))


def _length(route: Route) -> int:
    return len(route.prefix)
