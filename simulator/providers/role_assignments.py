"""Microsoft.Authorization/roleAssignments."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from simulator.access import refusals
from simulator.access.assignments import TYPE, role_of
from simulator.access.provider import AccessProvider
from simulator.access.roles import role_id
from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError
from simulator.arm.ids import ResourceId
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.hierarchy import holds

_EQUALS = re.compile(r"(principalid) eq '?([^'\s]+)'?|(assignedto)\('([^']*)'\)", re.IGNORECASE)
_AT_SCOPE = "atscope()"


class RoleAssignments(AccessProvider):
    """Assignments: of a role, to a principal, at the scope that they stand on."""

    type = TYPE
    operation_name = "RoleAssignment"
    layout = (
        "roleDefinitionId",
        "principalId",
        "principalType",
        "scope",
        "condition",
        "conditionVersion",
        "createdOn",
        "updatedOn",
        "createdBy",
        "updatedBy",
        "delegatedManagedIdentityResourceId",
        "description",
    )
    read_only = frozenset({"scope", "createdOn", "updatedOn", "createdBy", "updatedBy"})

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the type's own 404."""
        return refusals.no_assignment(resource_id.name)

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return those at a scope, above it and below it, as the filter says."""
        wanted, below = _filter(call.query.get("$filter", ""))
        scope = call.id.scope
        return [
            item
            for item in call.world.store.of_type(self.type)
            if wanted(item)
            and (
                holds(call.world, item.id.scope, scope)
                or (below and holds(call.world, scope, item.key))
            )
        ]

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check that role and principal exist, and that nothing says the same already."""
        refusals.require_guid(draft.name, "role assignment", "InvalidRoleAssignmentId")
        values = draft.properties
        for name in ("roleDefinitionId", "principalId"):
            if not values.get(name):
                raise refusals.missing(name)
        definition = str(values["roleDefinitionId"]).rstrip("/").rpartition("/")[2]
        if role_of(call.world, definition) is None:
            raise refusals.no_definition(definition, 400)
        values["roleDefinitionId"] = role_id(call.id.subscription, definition)
        known = {who.object_id.lower() for who in call.world.settings.everyone}
        if values["principalId"].lower() not in known and not values.get("principalType"):
            raise refusals.no_principal(values["principalId"], call.world.settings.tenant_id)
        values.setdefault("principalType", "ServicePrincipal")
        _refuse_twin(draft, call.world, existing)

    def on_written(self, resource: Resource, call: Call) -> None:
        """Take effect after the lag of the settings."""
        resource.hidden.setdefault("granted", call.world.now)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return the scope, the stamps and what was left out, which is null."""
        absent = ("condition", "conditionVersion", "delegatedManagedIdentityResourceId")
        empty = dict.fromkeys((*absent, "description"))
        kept = {key: value for key, value in empty.items() if key not in resource.properties}
        return {"scope": resource.id.scope or "/", **self.stamps(resource), **kept}


def _refuse_twin(draft: Draft, world: World, existing: Resource | None) -> None:
    if existing is not None:
        if _meaning(existing) != _meaning(draft):
            raise refusals.not_updatable()
        return
    for other in world.store.of_type(TYPE):
        if _meaning(other) == _meaning(draft):
            raise refusals.already_assigned(other.name)


def _meaning(item: Draft | Resource) -> tuple[str, str, str]:
    values = item.properties
    role = values["roleDefinitionId"].rpartition("/")[2]
    return item.id.scope.lower(), role.lower(), values["principalId"].lower()


def _filter(text: str) -> tuple[Callable[[Resource], bool], bool]:
    """Return which assignments a filter wants, and whether those below the scope too."""
    found = _EQUALS.search(text)
    wanted = (found[2] or found[4] or "").lower() if found is not None else ""
    below = _AT_SCOPE not in text.lower()
    if not wanted:
        return lambda _: True, below
    return lambda item: item.properties["principalId"].lower() == wanted, below
