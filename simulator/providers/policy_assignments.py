"""Microsoft.Authorization/policyAssignments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import invalid_reference
from simulator.arm.ids import parse_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.hierarchy import holds
from simulator.policy import refusals
from simulator.policy.built_in import may_be_built_in
from simulator.policy.lists import listed
from simulator.policy.provider import PolicyProvider
from simulator.policy.references import check_values, definition_at
from simulator.policy.types import ASSIGNMENT, USER_IDENTITY
from simulator.regions import region_name

_IDENTITIES = ("None", "SystemAssigned", "UserAssigned")
_MODES = ("Default", "DoNotEnforce")


class PolicyAssignments(PolicyProvider):
    """Assignments, at every scope but the tenant."""

    type = ASSIGNMENT
    operation_name = "PolicyAssignment"
    scopes = frozenset({"managementGroup", "subscription", "resourceGroup", "resource"})
    extras = ("identity",)
    shows_deleted = True
    layout = (
        "displayName",
        "policyDefinitionId",
        "definitionVersion",
        "scope",
        "notScopes",
        "parameters",
        "description",
        "metadata",
        "enforcementMode",
        "nonComplianceMessages",
        "resourceSelectors",
        "overrides",
        "instanceId",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"enforcementMode": "Default"}
    read_only = frozenset({"scope", "instanceId", "effectiveDefinitionVersion"})
    # The change log of the type (learn.microsoft.com, templates).
    since: ClassVar[Mapping[str, str]] = {
        "resourceSelectors": "2022-06-01",
        "overrides": "2022-06-01",
        "definitionVersion": "2023-04-01",
        "instanceId": "2025-01-01",
    }

    @property
    def verbs(self) -> tuple[str, ...]:
        """Return the verbs."""
        return (*super().verbs, "PATCH")

    def location_of(self, call: Call, existing: Resource | None) -> str | None:  # noqa: ARG002
        """Return the region, which only managed identities need."""
        given = call.body.get("location")
        return region_name(str(given)) if given else None

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return those of a scope, above it and below it."""
        return listed(call, call.world.store.of_type(self.type), below=True)

    def references(self, draft: Draft) -> Iterable[str]:
        """Return what is assigned."""
        return (str(draft.properties["policyDefinitionId"]),)

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check that there is something to assign."""
        if not draft.properties.get("policyDefinitionId"):
            raise refusals.missing_property("policyDefinitionId")
        super().check(draft, call, existing)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check what is assigned, with which values, and the identity."""
        values = draft.properties
        if values["enforcementMode"] not in _MODES:
            raise refusals.invalid_content(
                f"Error converting value '{values['enforcementMode']}' to type 'EnforcementMode'."
            )
        target = parse_id(values["policyDefinitionId"])
        found = definition_at(values["policyDefinitionId"], call.world)
        if found is None and (target is None or not may_be_built_in(target)):
            raise refusals.missing_definition("policy assignment", target or draft.id)
        if found is not None:
            if not holds(call.world, found.id.scope, draft.id.scope):
                raise refusals.out_of_scope(draft.name)
            user = f"policy assignment '{draft.name}'"
            check_values(user, values.get("parameters") or {}, found, complete=True)
        _check_identity(draft, call.world)

    def on_written(self, resource: Resource, call: Call) -> None:
        """Lie where the body says, and have a principal as long as one is wanted."""
        resource.location = self.location_of(call, resource)
        if _kind(resource.extras) == "SystemAssigned":
            if "principal" not in resource.hidden:
                resource.hidden["principal"] = call.world.new_guid()
        else:
            resource.hidden.pop("principal", None)

    def patch(self, call: Call) -> Reply:
        """Answer a PATCH, which takes an identity, selectors and overrides (specification)."""
        resource = self.require(call)
        given = call.body.get("properties") or {}
        kept = {key: given[key] for key in ("resourceSelectors", "overrides") if key in given}
        names = ("location", "identity")
        changed: dict[str, Any] = {key: call.body[key] for key in names if key in call.body}
        call.body = {
            "location": resource.location,
            **resource.extras,
            **changed,
            "properties": {**resource.properties, **kept},
        }
        return Reply(200, self.put(call).body)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the scope, the stamps and what newer api-versions add."""
        return {
            "definitionVersion": "1.*.*",
            **super().computed(resource, world),
            "scope": resource.id.scope,
            "instanceId": resource.guid,
        }

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body with the identity's principals."""
        body = super().show(resource, world)
        if "identity" in body:
            body["identity"] = _shown_identity(resource, world)
        return body


def _kind(extras: Mapping[str, Any]) -> str:
    return str((extras.get("identity") or {}).get("type") or "None")


def _check_identity(draft: Draft, world: World) -> None:
    kind = _kind(draft.extras)
    if kind not in _IDENTITIES:
        raise refusals.invalid_content(
            f"Error converting value '{kind}' to type 'ResourceIdentityType'."
        )
    if kind != "None" and draft.location is None:
        raise refusals.identity_without_location()
    for target in _user_identities(draft.extras):
        if world.store.find(target) is None:
            # The code is `assumed`.
            raise invalid_reference(target, draft.id.text)


def _user_identities(extras: Mapping[str, Any]) -> list[str]:
    identity = extras["identity"] if _kind(extras) == "UserAssigned" else {}
    return list(identity.get("userAssignedIdentities") or {})


def _shown_identity(resource: Resource, world: World) -> dict[str, Any]:
    kind = _kind(resource.extras)
    if kind == "SystemAssigned":
        tenant = world.settings.tenant_id
        return {
            "principalId": resource.hidden["principal"],
            "tenantId": tenant,
            "type": kind,
        }
    if kind == "UserAssigned":
        named = {name: _principals(name, world) for name in _user_identities(resource.extras)}
        return {"type": kind, "userAssignedIdentities": named}
    return {"type": "None"}


def _principals(identity: str, world: World) -> dict[str, Any]:
    found = world.store.find(identity)
    if found is None or found.type != USER_IDENTITY:
        return {}
    shown = world.provider_of(found).shown_properties(found, world)
    return {name: shown[name] for name in ("principalId", "clientId")}
