"""A plain model of a small world: what there must be, and what must be refused, and no more."""

from collections.abc import Iterator
from dataclasses import dataclass, field

IN_USE = "in use"
NO_PARENT = frozenset({"ParentResourceNotFound", "ResourceNotFound", "NotFound"})
NO_REFERENCE = frozenset({"InvalidResourceReference", "NotFound", "ResourceNotFound"})


@dataclass
class Plain:
    """Paths that exist, each with the paths it refers to; pairs of peerings; goal states."""

    there: dict[str, frozenset[str]] = field(default_factory=dict)
    peerings: dict[tuple[str, str], str] = field(default_factory=dict)
    goals: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def children(self, path: str) -> Iterator[str]:
        """Yield all that is below a path."""
        return (item for item in list(self.there) if item.startswith(path + "/"))

    def users(self, path: str) -> list[str]:
        """Return who refers to a path."""
        return [item for item, used in self.there.items() if path in used]

    def is_deployed(self, path: str) -> bool:
        """Tell whether a goal state holds a configuration."""
        return any(path in goal for goal in self.goals.values())

    def why_no_put(self, path: str, references: frozenset[str]) -> frozenset[str]:
        """Return the codes of which one must refuse a PUT; none when it must be accepted."""
        parent = path.rpartition("/")[0].rpartition("/")[0]
        if "/" in parent and parent not in self.there:
            return NO_PARENT
        if not references <= set(self.there):
            return NO_REFERENCE
        return frozenset()

    def why_no_delete(self, path: str) -> frozenset[str]:
        """Return the codes of which one must refuse a DELETE."""
        parent = path.rpartition("/")[0].rpartition("/")[0]
        if "/" in parent and parent not in self.there:
            return NO_PARENT
        users = [item for item in self.users(path) if "/staticMembers/" not in item]
        if path.startswith("routeTables/") and users:
            return frozenset({"InUseRouteTableCannotBeDeleted"})
        if path.startswith("networkSecurityGroups/") and users:
            return frozenset({"InUseNetworkSecurityGroupCannotBeDeleted"})
        if "/networkGroups/" in path and "/staticMembers/" not in path and users:
            return frozenset({IN_USE})
        return frozenset({IN_USE}) if self.is_deployed(path) else frozenset()

    def put(self, path: str, references: frozenset[str] = frozenset()) -> None:
        """Let a resource be there."""
        self.there[path] = references

    def remove(self, path: str) -> None:
        """Take a resource away with what is below it; peers of a network lose their partner."""
        for item in [path, *self.children(path)]:
            self.there.pop(item, None)
            for pair in [pair for pair in self.peerings if peering_path(pair) == item]:
                self.unpeer(pair)

    # --- peerings ---------------------------------------------------------------------

    def why_no_peering(self, pair: tuple[str, str]) -> frozenset[str]:
        """Return the codes of which one must refuse a peering."""
        here, there = (f"virtualNetworks/{name}" for name in pair)
        if here not in self.there:
            return NO_PARENT
        if there not in self.there:
            return NO_REFERENCE
        back = self.peerings.get(pair[::-1])
        lost = "Disconnected" in (
            self.peerings.get(pair),
            back if pair not in self.peerings else "",
        )
        return frozenset({"RemotePeeringIsDisconnected"}) if lost else frozenset()

    def peer(self, pair: tuple[str, str]) -> None:
        """Let one side of a peering be there: with the other it is connected."""
        back = pair[::-1]
        self.peerings[pair] = "Connected" if back in self.peerings else "Initiated"
        if back in self.peerings:
            self.peerings[back] = "Connected"
        self.there[peering_path(pair)] = frozenset()

    def unpeer(self, pair: tuple[str, str]) -> None:
        """Take one side away: the other is left disconnected."""
        del self.peerings[pair]
        if pair[::-1] in self.peerings:
            self.peerings[pair[::-1]] = "Disconnected"


def peering_path(pair: tuple[str, str]) -> str:
    """Return the path of one side of a peering, which is called as the network it leads to."""
    return f"virtualNetworks/{pair[0]}/virtualNetworkPeerings/{pair[1]}"
