"""Which networks hub-and-spoke configurations join, and what keeps them from it.

A spoke is joined when its own region and that of the hub have the configuration deployed:
networks in other regions get nothing (facts.md section 1); that this holds for the hub is
`assumed`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.membership import in_scope, networks_in
from simulator.avnm.prefixes import as_networks, overlap, prefixes_of
from simulator.avnm.reconciler import Goal
from simulator.avnm.snapshots import Part
from simulator.avnm.types import NETWORK, SUBNET

_GATEWAYS = "gatewaysubnet"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a peering that a configuration asks for."""

    network: Resource
    remote: Resource
    configuration: Part
    is_spoke: bool
    uses_gateway: bool

    @property
    def pair(self) -> tuple[str, str]:
        """Return the keys of both networks, ours first."""
        return self.network.key, self.remote.key

    def body(self) -> dict[str, Any]:
        """Return the body of the peering.

        Forwarded traffic was seen allowed on the spoke's side (facts.md section 1). That it
        is on the hub's too, and what both say of gateways, is `assumed`.
        """
        return {
            "properties": {
                "remoteVirtualNetwork": {"id": self.remote.id.text},
                "allowVirtualNetworkAccess": True,
                "allowForwardedTraffic": True,
                "allowGatewayTransit": self.uses_gateway and not self.is_spoke,
                "useRemoteGateways": self.uses_gateway and self.is_spoke,
            }
        }


def wanted_sides(world: World, manager: Resource, goals: Iterable[Goal]) -> Iterator[Side]:
    """Yield both sides of each peering that is to be, one pair of networks once."""
    regions: dict[str, set[str]] = {}
    parts: dict[str, Part] = {}
    for region, deployed in goals:
        for part in deployed:
            if part.properties["connectivityTopology"] == "HubAndSpoke":
                regions.setdefault(part.key, set()).add(region)
                parts.setdefault(part.key, part)
    seen: set[tuple[str, str]] = set()
    for key, part in parts.items():
        for hub, spoke, uses_gateway in pairs_of(world, manager, part, regions[key]):
            if (hub.key, spoke.key) not in seen and (spoke.key, hub.key) not in seen:
                seen.add((hub.key, spoke.key))
                yield Side(hub, spoke, part, is_spoke=False, uses_gateway=uses_gateway)
                if not uses_gateway or has_gateway(world, hub):
                    # Without a gateway the spoke's side fails (facts.md section 1).
                    yield Side(spoke, hub, part, is_spoke=True, uses_gateway=uses_gateway)


def pairs_of(
    world: World, manager: Resource, part: Part, regions: Iterable[str]
) -> Iterator[tuple[Resource, Resource, bool]]:
    """Yield hub, spoke and whether the spoke uses the hub's gateway."""
    places = set(regions)
    for hub in hubs_of(world, manager, part):
        if hub.location not in places:
            continue
        for item in part.properties["appliesToGroups"]:
            for spoke in networks_in(world, item["networkGroupId"]):
                if spoke is not hub and spoke.location in places:
                    yield hub, spoke, item["useHubGateway"] == "True"


def hubs_of(world: World, manager: Resource, part: Part) -> Iterator[Resource]:
    """Yield the hubs that exist and that the manager may touch."""
    for item in part.properties["hubs"]:
        hub = world.store.find(item["resourceId"])
        if hub is not None and hub.type == NETWORK and in_scope(world, manager.id.text, hub):
            yield hub


def has_gateway(world: World, hub: Resource) -> bool:
    """Tell whether a gateway of the hub is ready."""
    return any(world.state_of(item) == "Succeeded" for item in gateways_of(world, hub))


def gateways_of(world: World, hub: Resource) -> list[Resource]:
    """Return what lives in the hub's GatewaySubnet."""
    return [
        user
        for subnet in world.store.children(hub.key, SUBNET)
        if subnet.name.lower() == _GATEWAYS
        for user in world.store.referrers(subnet.key)
        if subnet.key in user.hidden.get("uses_subnet", {})
    ]


def why_no_peerings(world: World, manager: Resource, goals: Iterable[Goal]) -> str | None:
    """Return why hubs and spokes cannot be peered; that the deployment fails is `assumed`."""
    spokes: dict[str, int] = {}
    limit = world.settings.spokes_per_hub
    for side in wanted_sides(world, manager, goals):
        if side.is_spoke:
            continue
        hub, spoke = side.network, side.remote
        spokes[hub.key] = spokes.get(hub.key, 0) + 1
        if spokes[hub.key] > limit:
            return f"Hub {hub.id.text} has more than {limit} spokes."
        if are_overlapping(hub, spoke):
            return f"Address spaces of hub {hub.id.text} and spoke {spoke.id.text} overlap."
    return None


def are_overlapping(left: Resource, right: Resource) -> bool:
    """Tell whether two networks share addresses."""
    others = as_networks(prefixes_of(right))
    return any(overlap(own, other) for own in as_networks(prefixes_of(left)) for other in others)
