"""Connected groups: the networks that a deployed configuration joins directly.

Not a peering: nothing shows on the networks, routes have the next hop ConnectedGroup.
Several groups in a mesh make one connected group together, `assumed`; hubs and spokes
have one for each group that is directly connected, beside their peerings (`peerings`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.deployments import deployments_in_order
from simulator.avnm.membership import networks_in
from simulator.avnm.prefixes import Network, as_networks, overlap, prefixes_of
from simulator.avnm.snapshots import Part
from simulator.regions import PLACES


@dataclass(slots=True)
class ConnectedGroup:
    """Networks that reach each other, by key; `prefixes` of each are those that count."""

    configuration: str
    # Whether members may share addresses; where not, who comes later stays out, `assumed`.
    may_overlap: bool = True
    members: dict[str, Resource] = field(default_factory=dict)

    def join(self, network: Resource) -> None:
        """Add a member, unless it overlaps and must not."""
        if self.may_overlap or not self._is_overlapping(network):
            self.members[network.key] = network

    def _is_overlapping(self, network: Resource) -> bool:
        own = as_networks(prefixes_of(network))
        return any(
            overlap(mine, other)
            for member in self.members.values()
            if member is not network
            for other in as_networks(prefixes_of(member))
            for mine in own
        )

    def prefixes(self) -> dict[str, list[str]]:
        """Return the prefixes by which each member is reached.

        Prefixes that overlap those of another member are removed (facts.md section 1).
        """
        spaces = {key: as_networks(prefixes_of(item)) for key, item in self.members.items()}
        return {
            key: [str(own) for own in space if not _is_taken(own, key, spaces)]
            for key, space in spaces.items()
        }


def _is_taken(own: Network, key: str, spaces: dict[str, list[Network]]) -> bool:
    return any(
        overlap(own, other) for name, space in spaces.items() if name != key for other in space
    )


def connected_groups(world: World) -> list[ConnectedGroup]:
    """Return all connected groups that are in effect and have two members or more.

    A member is in the group when its own region has the configuration deployed. Regions
    that do not offer connected groups have no members, and a network is in two groups at
    most: which ones is `assumed`, the first.
    """
    found: dict[tuple[str, str, str], ConnectedGroup] = {}
    for region, part in _deployed(world):
        if PLACES[region].connected_groups:
            for group, key in _groups(part, region):
                connected = found.setdefault(key, ConnectedGroup(part.id, _may_overlap(part)))
                for network in networks_in(world, group):
                    if network.location == region:
                        connected.join(network)
    _limit(found.values(), world.settings.connected_groups_per_network)
    return [item for item in found.values() if len(item.members) > 1]


def _may_overlap(part: Part) -> bool:
    capabilities = part.properties.get("connectivityCapabilities") or {}
    return bool(capabilities.get("connectedGroupAddressOverlap") != "Disallowed")


def _deployed(world: World) -> Iterator[tuple[str, Part]]:
    for deployments in deployments_in_order(world):
        for (region, kind), deployment in deployments.applied.items():
            if kind == "Connectivity":
                for part in deployment.parts:
                    yield region, part


def _groups(part: Part, region: str) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield each group of a configuration and which connected group its members join."""
    is_mesh = part.properties["connectivityTopology"] == "Mesh"
    for item in part.properties["appliesToGroups"]:
        group = str(item["networkGroupId"]).lower()
        everywhere = item["isGlobal"] == "True"
        if is_mesh:
            everywhere = everywhere or part.properties["isGlobal"] == "True"
            yield group, (part.key, "", "" if everywhere else region)
        elif item["groupConnectivity"] == "DirectlyConnected":
            yield group, (part.key, group, "" if everywhere else region)


def _limit(groups: Iterable[ConnectedGroup], most: int) -> None:
    count: dict[str, int] = {}
    for group in groups:
        for key in list(group.members):
            count[key] = count.get(key, 0) + 1
            if count[key] > most:
                del group.members[key]
