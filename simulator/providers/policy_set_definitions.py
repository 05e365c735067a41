"""Microsoft.Authorization/policySetDefinitions: initiatives."""

from collections.abc import Iterable
from typing import Any

from simulator.arm.call import Call
from simulator.arm.draft import Draft, arranged
from simulator.arm.ids import parse_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy import refusals
from simulator.policy.built_in import may_be_built_in
from simulator.policy.definitions import DefinitionProvider
from simulator.policy.references import check_values, definition_at
from simulator.policy.types import ASSIGNMENT, SET

_REFERENCE = ("policyDefinitionReferenceId", "policyDefinitionId", "parameters", "groupNames")


class PolicySetDefinitions(DefinitionProvider):
    """Sets of definitions that are assigned together."""

    type = SET
    operation_name = "PolicySetDefinition"
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


def _named(item: dict[str, Any], world: World) -> dict[str, Any]:
    """Return a reference with an id; Azure makes up a long number."""
    given = item.get("policyDefinitionReferenceId")
    named = {**item, "policyDefinitionReferenceId": given or str(world.random.getrandbits(63))}
    return arranged(named, _REFERENCE)
