"""Who is in a group, and what a manager may touch."""

from collections.abc import Collection

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.prefixes import prefixes_of
from simulator.avnm.types import GROUP, MEMBER, NETWORK, SUBNET
from simulator.hierarchy import holds


def members(world: World, group: str) -> list[Resource]:
    """Return the networks or subnets of a group that exist and are in the manager's scope.

    A static member counts from the moment it first reads Succeeded: static membership takes
    effect at once (facts.md section 1). Those that policies add count just the same; a
    network leaves the group when all that added it are gone.
    """
    static = (item.properties["resourceId"] for item in _static(world, group) if _counts(item))
    keys = dict.fromkeys([*(key.rstrip("/").lower() for key in static), *_dynamic(world, group)])
    found = (world.store.get(key) for key in keys)
    return [item for item in found if item is not None and _may_be_in(world, group, item)]


def has_members(world: World, group: str) -> bool:
    """Tell whether anything was ever put into a group, or is added by policies."""
    return bool(_static(world, group) or _dynamic(world, group))


def counts_in(world: World, group: str, resource: Resource) -> bool:
    """Tell whether a network or a subnet is one of `members`, without going through all."""
    is_member = is_static(world, group, resource) or resource.key in _dynamic(world, group)
    return is_member and _may_be_in(world, group, resource)


def _static(world: World, group: str) -> list[Resource]:
    return world.store.children(group.lower(), MEMBER)


def is_static(world: World, group: str, resource: Resource) -> bool:
    """Tell whether something is in a group by a static member, whatever policies say."""
    prefix = group.lower() + "/"
    found = world.store.referrers(resource.key, MEMBER)
    return any(_counts(item) and item.key.startswith(prefix) for item in found)


def _counts(member: Resource) -> bool:
    return bool(member.hidden.get("arrived") == member.properties["resourceId"])


def _dynamic(world: World, group: str) -> Collection[str]:
    """Return the keys of those that policies add (`simulator.avnm.dynamic`)."""
    found = world.store.find(group)
    added: Collection[str] = found.hidden.get("dynamic", ()) if found else ()
    return added


def _may_be_in(world: World, group: str, resource: Resource) -> bool:
    found = world.store.find(group)
    of_subnets = found is not None and found.properties["memberType"] == "Subnet"
    is_right_type = resource.type == (SUBNET if of_subnets else NETWORK)
    return is_right_type and in_scope(world, group, resource)


def in_scope(world: World, group: str, resource: Resource) -> bool:
    """Tell whether a group's manager may touch a resource; others silently get nothing."""
    found = world.store.find(group)
    manager = world.store.get(found.id.root.key) if found else None
    return manager is not None and reaches(world, manager, resource)


def reaches(world: World, manager: Resource, resource: Resource) -> bool:
    """Tell whether a resource lies in a subscription or a management group of a manager's scope."""
    scopes = manager.properties["networkManagerScopes"]
    named = (*scopes["subscriptions"], *scopes["managementGroups"])
    return any(holds(world, scope, resource.key) for scope in named)


def networks_in(world: World, group: str) -> list[Resource]:
    """Return the virtual networks of a group."""
    return [item for item in members(world, group) if item.type == NETWORK]


def subnets_in(world: World, group: str) -> list[Resource]:
    """Return the subnets of a group that was made of subnets."""
    return [item for item in members(world, group) if item.type == SUBNET]


def groups_of(world: World, resource: Resource) -> list[Resource]:
    """Return the groups that a network or a subnet counts in."""
    groups = world.store.of_type(GROUP)
    return [group for group in groups if counts_in(world, group.key, resource)]


def addresses_of_group(world: World, group: str) -> list[str]:
    """Return the prefixes of all members."""
    return [prefix for item in members(world, group) for prefix in prefixes_of(item)]
