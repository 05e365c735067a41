"""Who is in a group, and what a manager may touch."""

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.prefixes import prefixes_of
from simulator.avnm.types import GROUP, MEMBER, NETWORK, SUBNET


def members(world: World, group: str) -> list[Resource]:
    """Return the networks or subnets of a group that exist and are in the manager's scope.

    A member counts from the moment it first reads Succeeded: static membership takes
    effect at once (facts.md section 1).
    """
    found = []
    for member in world.store.children(group.lower(), MEMBER):
        resource = world.store.find(member.properties["resourceId"])
        if resource is not None and _counts(member) and in_scope(world, group, resource):
            found.append(resource)
    return found


def _counts(member: Resource) -> bool:
    return bool(member.hidden.get("arrived") == member.properties["resourceId"])


def counts_in(world: World, group: str, resource: Resource) -> bool:
    """Tell whether a network or a subnet is one of `members`, without going through all."""
    prefix = group.lower() + "/"
    found = world.store.referrers(resource.key, MEMBER)
    is_member = any(_counts(item) and item.key.startswith(prefix) for item in found)
    return is_member and in_scope(world, group, resource)


def in_scope(world: World, group: str, resource: Resource) -> bool:
    """Tell whether a manager may touch a resource; what is outside silently gets nothing.

    Management groups are taken to hold all subscriptions of the tenant.
    """
    found = world.store.find(group)
    manager = world.store.get(found.id.root.key) if found else None
    if manager is None:
        return False
    scopes = manager.properties["networkManagerScopes"]
    own = f"/subscriptions/{resource.id.subscription}".lower()
    return bool(scopes["managementGroups"]) or own in [
        item.lower().rstrip("/") for item in scopes["subscriptions"]
    ]


def networks_in(world: World, group: str) -> list[Resource]:
    """Return the virtual networks of a group."""
    return [item for item in members(world, group) if item.type == NETWORK]


def subnets_in(world: World, group: str) -> list[Resource]:
    """Return the subnets of a group that was made of subnets."""
    return [item for item in members(world, group) if item.type == SUBNET]


def groups_of(world: World, resource: Resource) -> list[Resource]:
    """Return the groups that a network or a subnet counts in."""
    found = []
    for member in world.store.referrers(resource.key, MEMBER):
        parent = member.id.parent
        group = world.store.get(parent.key) if parent else None
        if group is not None and group.type == GROUP and counts_in(world, group.key, resource):
            found.append(group)
    return found


def addresses_of_group(world: World, group: str) -> list[str]:
    """Return the prefixes of all members."""
    return [prefix for item in members(world, group) for prefix in prefixes_of(item)]
