"""Who has which role where, as the stored assignments say."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.access.roles import Role, built_in, named, role_id
from simulator.arm.ids import parse_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.hierarchy import holds
from simulator.principals import Principal

TYPE = "Microsoft.Authorization/roleAssignments"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions"


@dataclass(frozen=True)
class Grant:
    """A role on a scope and all below it."""

    role: Role
    scope: str
    world: World

    def covers(self, key: str) -> bool:
        """Tell whether an id lies in the scope."""
        return holds(self.world, self.scope, key)

    def lies_in(self, scope: str) -> bool:
        """Tell whether it is about something below a scope."""
        return holds(self.world, scope, self.scope)


def grants_of(world: World, who: Principal) -> Iterator[Grant]:
    """Yield what a principal has been granted, once it has taken effect."""
    lag = world.settings.role_assignment_lag
    for item in world.store.of_type(TYPE):
        if item.properties["principalId"].lower() != who.object_id.lower():
            continue
        if world.now < item.hidden.get("granted", 0) + lag:
            continue
        role = role_of(world, item.properties["roleDefinitionId"])
        if role is not None:
            yield Grant(role, item.id.scope, world)


def role_of(world: World, definition: str) -> Role | None:
    """Return the role that a definition's id means, wherever it is asked for."""
    guid = definition.rstrip("/").rpartition("/")[2].lower()
    known = built_in(guid)
    if known is not None:
        return known
    custom = next((item for item in world.store.of_type(DEFINITIONS) if _is(item, guid)), None)
    return None if custom is None else custom_role(custom)


def _is(definition: Resource, guid: str) -> bool:
    return definition.name.lower() == guid


def custom_role(definition: Resource) -> Role:
    """Return what a stored definition permits."""
    values = definition.properties
    first = (values.get("permissions") or [{}])[0]
    return Role(
        definition.name,
        str(values.get("roleName", "")),
        str(values.get("description", "")),
        tuple(first.get("actions") or ()),
        tuple(first.get("notActions") or ()),
    )


def may(world: World, who: Principal, action: str, key: str) -> bool:
    """Tell whether a principal may do something to what has this lower-cased id."""
    return any(grant.covers(key) and grant.role.permits(action) for grant in grants_of(world, who))


def may_below(world: World, who: Principal, action: str, key: str) -> bool:
    """Tell whether a principal may do something to anything below a scope."""
    grants = grants_of(world, who)
    return any(grant.lies_in(key) and grant.role.permits(action) for grant in grants)


def grant_from_the_start(world: World) -> None:
    """Store the assignments of the principals that the settings give a role."""
    for who in world.settings.everyone:
        if who.role is None:
            continue
        role = named(who.role)
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{who.object_id}|{role.guid}")
        found = parse_id(f"/providers/{TYPE}/{name}")
        if found is None:
            continue
        values = {
            "roleDefinitionId": role_id("", role.guid),
            "principalId": who.object_id,
            "principalType": "ServicePrincipal",
        }
        item = Resource(found, TYPE, None, None, values)
        item.hidden["granted"] = float("-inf")
        world.store.save(item)
