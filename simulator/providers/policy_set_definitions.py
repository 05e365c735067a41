"""Microsoft.Authorization/policySetDefinitions: initiatives."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import method_not_allowed
from simulator.arm.ids import parse_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy import refusals
from simulator.policy.built_in import may_be_built_in
from simulator.policy.lists import listed
from simulator.policy.provider import PolicyProvider
from simulator.policy.references import check_values, definition_at
from simulator.policy.types import ASSIGNMENT, SET


class PolicySetDefinitions(PolicyProvider):
    """Sets of definitions that are assigned together; the tenant's built-in ones are not here."""

    type = SET
    operation_name = "PolicySetDefinition"
    scopes = frozenset({"tenant", "managementGroup", "subscription"})
    layout = (
        "displayName",
        "policyType",
        "description",
        "metadata",
        "version",
        "parameters",
        "policyDefinitions",
        "policyDefinitionGroups",
        "versions",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"policyType": "Custom"}
    read_only = frozenset({"versions"})
    since: ClassVar[Mapping[str, str]] = {"version": "2023-04-01", "versions": "2023-04-01"}

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return those of a scope and above."""
        return listed(call, call.world.store.of_type(self.type), below=False)

    def put(self, call: Call) -> Reply:
        """Answer a PUT; nobody writes built-in sets."""
        if call.id.scope_kind == "tenant":
            raise method_not_allowed("PUT", self.type)
        return super().put(call)

    def adjust(self, draft: Draft) -> None:
        """Make it a custom one, of a version."""
        draft.properties["policyType"] = "Custom"
        metadata = draft.properties.get("metadata") or {}
        draft.properties.setdefault("version", str(metadata.get("version") or "1.0.0"))

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the definitions."""
        return [item["policyDefinitionId"] for item in draft.properties["policyDefinitions"]]

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the references, and name those that the body leaves unnamed."""
        items = draft.properties.get("policyDefinitions")
        if not isinstance(items, list):
            raise refusals.missing_property("policyDefinitions")
        for item in items:
            if not (isinstance(item, dict) and item.get("policyDefinitionId")):
                raise refusals.missing_property("policyDefinitionId")
        draft.properties["policyDefinitions"] = [_named(item, call.world) for item in items]
        super().check(draft, call, existing)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that each definition exists and has the parameters it is given."""
        for item in draft.properties["policyDefinitions"]:
            target = parse_id(item["policyDefinitionId"])
            found = definition_at(item["policyDefinitionId"], call.world)
            if found is None and (target is None or not may_be_built_in(target)):
                raise refusals.missing_definition("policy set definition", target or draft.id)
            if found is not None:
                user = f"policy set definition '{draft.name}'"
                check_values(user, item.get("parameters") or {}, found)

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while an assignment refers to it."""
        for user in call.world.store.referrers(resource.key, ASSIGNMENT):
            raise refusals.in_use(resource.id, self.type, user.id)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the stamps, and the versions: the one there is."""
        versions = {"versions": [resource.properties["version"]]}
        return {**super().computed(resource, world), **versions}


def _named(item: dict[str, Any], world: World) -> dict[str, Any]:
    """Return a reference with an id; Azure makes up a long number."""
    given = item.get("policyDefinitionReferenceId")
    return {"policyDefinitionReferenceId": given or str(world.random.getrandbits(63)), **item}
