"""What lies in what: resources in subscriptions, these in management groups, all in the tenant.

Management groups are a tree (learn: "What are Azure management groups?"): a root group, which
has the tenant's name, holds all groups and subscriptions that no other holds. Roles, policies
and network managers follow it.
"""

from collections.abc import Iterator

from simulator.arm.ids import MANAGEMENT_GROUP, ResourceId, parse_id, subscription_of
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.management_groups import ManagementGroup

# A subscription in its group: a child of that, by Azure's own type.
PLACE = f"{MANAGEMENT_GROUP}/subscriptions"

_NETWORK = "microsoft.network"


def group_id(name: str) -> ResourceId:
    """Return the id of a management group."""
    found = parse_id(f"/providers/{MANAGEMENT_GROUP}/{name}")
    if found is None:
        raise ValueError(f"{name!r} is no name of a management group")
    return found


def holds(world: World, scope: str, below: str) -> bool:
    """Tell whether a scope holds another, or a resource: all by their ids in any case.

    A scope holds itself, and the tenant, which is "" or "/", everything.
    """
    upper, lower = scope.rstrip("/").lower(), below.rstrip("/").lower()
    if lower == upper or lower.startswith(upper + "/"):
        return True
    is_group = upper.startswith(_groups())
    return is_group and any(item.key == upper for item in groups_above(world, below))


def groups_above(world: World, scope: str) -> Iterator[Resource]:
    """Yield the management groups that hold a subscription or a group, or what lies there.

    The nearest comes first, and a group is not above itself.
    """
    above = _above(world, scope)
    while above is not None:
        yield above
        above = _above(world, above.key)


def _above(world: World, scope: str) -> Resource | None:
    subscription = subscription_of(scope)
    if subscription is not None:
        place = place_of(world, subscription)
        return None if place is None else world.store.get(place.id.root.key)
    group = _group_in(world, scope)
    if group is None:
        return None
    return group if group.key != scope.rstrip("/").lower() else parent_of(world, group)


def _group_in(world: World, scope: str) -> Resource | None:
    """Return the management group that an id names, or begins with."""
    lower = scope.rstrip("/").lower()
    if not lower.startswith(_groups()):
        return None
    return world.store.get(_groups() + lower.removeprefix(_groups()).partition("/")[0])


def parent_of(world: World, group: Resource) -> Resource | None:
    """Return the group above one; the root group has none."""
    parent = (group.properties.get("details") or {}).get("parent") or {}
    return world.store.find(str(parent.get("id") or "")) if group is not root(world) else None


def place_of(world: World, subscription: str) -> Resource | None:
    """Return the resource that says in which group a subscription is."""
    places = world.store.of_type(PLACE)
    return next((item for item in places if item.name.lower() == subscription.lower()), None)


def root(world: World) -> Resource | None:
    """Return the tenant's root group."""
    return world.store.get(group_id(world.settings.tenant_id).key)


def _groups() -> str:
    return f"/providers/{MANAGEMENT_GROUP}/".lower()


# --- registration -----------------------------------------------------------------------


def register(group: Resource, namespace: str, world: World) -> None:
    """Register a provider at a group."""
    known: frozenset[str] = group.hidden.get("registered", frozenset())
    group.hidden["registered"] = known | {namespace.lower()}
    world.store.save(group)


def takes_managers(group: Resource | None) -> bool:
    """Tell whether a network manager can have a group for its scope (facts.md section 1)."""
    return group is not None and _NETWORK in group.hidden.get("registered", frozenset())


# --- what is there from the start -------------------------------------------------------


def groups_from_the_start(world: World) -> None:
    """Store the root group, those of the settings, and where each subscription is."""
    settings = world.settings
    top = group_id(settings.tenant_id)
    _store(world, top, {"displayName": "Tenant Root Group"})
    for group in settings.management_groups:
        _store_group(world, group, top)
    held = {
        item.lower(): group_id(group.name)
        for group in settings.management_groups
        for item in group.subscriptions
    }
    for item in settings.subscription_ids:
        place(world, held.get(item.lower(), top), item)


def _store_group(world: World, group: ManagementGroup, top: ResourceId) -> None:
    parent = top if group.parent is None else group_id(group.parent)
    details = {"parent": {"id": parent.text}}
    stored = _store(world, group_id(group.name), {"displayName": group.name, "details": details})
    if group.registered:
        register(stored, _NETWORK, world)


def _store(world: World, resource_id: ResourceId, properties: dict[str, object]) -> Resource:
    stored = Resource(resource_id, MANAGEMENT_GROUP, None, None, properties)
    world.store.save(stored)
    return stored


def place(world: World, group: ResourceId, subscription: str) -> None:
    """Put a subscription into a group; it leaves the one that it was in."""
    before = place_of(world, subscription)
    if before is not None:
        world.store.remove(before)
    found = group.child("subscriptions", subscription)
    world.store.save(Resource(found, PLACE, None, None, {}))
