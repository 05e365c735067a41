"""Microsoft.Authorization/roleDefinitions: the built-in roles, and those made here."""

import re
from collections.abc import Sequence
from typing import Any

from simulator.access import refusals
from simulator.access.assignments import DEFINITIONS, TYPE
from simulator.access.provider import AccessProvider
from simulator.access.roles import Role, built_in, ids_of
from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.ids import ResourceId, parse_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.hierarchy import holds

_FILTER = re.compile(r"(rolename|type) eq '([^']*)'", re.IGNORECASE)


class RoleDefinitions(AccessProvider):
    """Definitions; the built-in ones can be read at every scope and changed at none."""

    type = DEFINITIONS
    operation_name = "RoleDefinition"
    layout = (
        "roleName",
        "type",
        "description",
        "assignableScopes",
        "permissions",
        "createdOn",
        "updatedOn",
        "createdBy",
        "updatedBy",
    )
    read_only = frozenset({"type", "createdOn", "updatedOn", "createdBy", "updatedBy"})

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the type's own 404."""
        return refusals.no_definition(resource_id.name)

    def require(self, call: Call) -> Resource:
        """Return the definition, made up where it is a built-in one."""
        role = built_in(call.id.name)
        return super().require(call) if role is None else _resource(role, call.id)

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return the built-in ones and those that can be assigned at the scope."""
        own = [
            item
            for item in call.world.store.of_type(self.type)
            if any(
                holds(call.world, at, call.id.scope) for at in item.properties["assignableScopes"]
            )
        ]
        made_up = [
            _resource(role, found)
            for role, text in ids_of(call.id.subscription)
            if (found := parse_id(text)) is not None
        ]
        return [item for item in (*made_up, *own) if _is_wanted(item, call)]

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check the name, and that it says what it permits and where."""
        refusals.require_guid(draft.name, "role definition", "InvalidRoleDefinitionId")
        if built_in(draft.name) is not None:
            raise ArmError(
                400,
                "RoleDefinitionCannotBeUpdated",
                "The built-in role definitions cannot be changed.",
            )
        for name in ("roleName", "permissions", "assignableScopes"):
            if not draft.properties.get(name):
                raise refusals.missing(name)

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while somebody has the role."""
        name = resource.name.lower()
        for item in call.world.store.of_type(TYPE):
            if item.properties["roleDefinitionId"].lower().endswith(name):
                raise refusals.in_use(resource.name)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return whose it is, and the stamps."""
        kind = "CustomRole" if built_in(resource.name) is None else "BuiltInRole"
        return {"type": kind, **self.stamps(resource)}


def _resource(role: Role, resource_id: ResourceId) -> Resource:
    values = {
        "roleName": role.name,
        "description": role.description,
        "assignableScopes": ["/"],
        "permissions": [role.permission],
    }
    return Resource(resource_id, DEFINITIONS, None, None, values)


def _is_wanted(item: Resource, call: Call) -> bool:
    found = _FILTER.search(call.query.get("$filter", ""))
    if found is None:
        return True
    if found[1].lower() == "rolename":
        return str(item.properties["roleName"]).lower() == found[2].lower()
    is_custom = built_in(item.name) is None
    return is_custom == (found[2].lower() == "customrole")
