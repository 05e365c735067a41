"""Limits that show only when a configuration is deployed.

No text says what Azure does beyond them; that the deployment fails, with these words, is
`assumed`.
"""

from collections.abc import Iterator

from simulator.arm.world import World
from simulator.avnm.membership import members
from simulator.avnm.snapshots import Part


def why_not(kind: str, parts: tuple[Part, ...], world: World) -> str | None:
    """Return why a goal state cannot be deployed, or None when it can."""
    if kind == "Connectivity":
        groups = {group.lower() for part in parts for group in _connected(part)}
        return _overfull(groups, world, world.settings.connected_group_limit, "a connected group")
    if kind == "SecurityAdmin":
        groups = {group for part in parts for group in _as_addresses(part)}
        return _overfull(groups, world, world.settings.group_as_addresses_limit, "an admin rule")
    return None


def _connected(part: Part) -> list[str]:
    """Return the groups whose members are joined directly; spokes alone are not."""
    is_mesh = part.properties["connectivityTopology"] == "Mesh"
    return [
        item["networkGroupId"]
        for item in part.properties["appliesToGroups"]
        if is_mesh or item["groupConnectivity"] == "DirectlyConnected"
    ]


def _as_addresses(part: Part) -> Iterator[str]:
    yield from part.addresses
    for below in part.parts:
        yield from _as_addresses(below)


def _overfull(groups: set[str], world: World, limit: int, user: str) -> str | None:
    for group in sorted(groups):
        count = len(members(world, group))
        if count > limit:
            return f"Network group {group} has {count} members; {user} takes at most {limit}."
    return None
