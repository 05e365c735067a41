"""Microsoft.Authorization/policyDefinitions."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import method_not_allowed
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy import refusals, spent
from simulator.policy.built_in import built_ins
from simulator.policy.checks import check_definition, group_of
from simulator.policy.lists import listed
from simulator.policy.provider import PolicyProvider
from simulator.policy.types import ASSIGNMENT, DEFINITION, NETWORK_MODE, SET


class PolicyDefinitions(PolicyProvider):
    """Definitions, custom ones at subscriptions and management groups, built-in ones above."""

    type = DEFINITION
    operation_name = "PolicyDefinition"
    scopes = frozenset({"tenant", "managementGroup", "subscription"})
    layout = (
        "displayName",
        "policyType",
        "mode",
        "description",
        "metadata",
        "version",
        "parameters",
        "policyRule",
        "versions",
    )
    defaults: ClassVar[Mapping[str, Any]] = {"policyType": "Custom", "mode": "Indexed"}
    read_only = frozenset({"versions"})
    # Versions came with this api-version (specification, 2023-04-01).
    since: ClassVar[Mapping[str, str]] = {"version": "2023-04-01", "versions": "2023-04-01"}

    def require(self, call: Call) -> Resource:
        """Return a definition; at the tenant's scope only built-in ones are."""
        if call.id.scope_kind != "tenant":
            return super().require(call)
        found = built_ins().get(call.id.key)
        if found is None:
            raise self.absent(call.id)
        return found

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return the custom ones of a scope and those above, and the built-in ones."""
        custom = call.world.store.of_type(self.type)
        return listed(call, [*custom, *built_ins().values()], below=False)

    def put(self, call: Call) -> Reply:
        """Answer a PUT; nobody writes built-in definitions."""
        if call.id.scope_kind == "tenant":
            raise method_not_allowed("PUT", self.type)
        return super().put(call)

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE; nobody deletes built-in definitions."""
        if call.id.scope_kind == "tenant":
            raise method_not_allowed("DELETE", self.type)
        return super().delete(call)

    def adjust(self, draft: Draft) -> None:
        """Make it a custom one, of a version."""
        draft.properties["policyType"] = "Custom"
        metadata = draft.properties.get("metadata") or {}
        draft.properties.setdefault("version", str(metadata.get("version") or "1.0.0"))

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the rule, and whether the name may be used for a network group again."""
        check_definition(draft)
        adds = draft.properties["mode"].lower() == NETWORK_MODE.lower()
        if adds and existing is None and spent.is_spent(draft.id, call.world):
            raise refusals.spent_name(draft.name, group_of(draft.properties) or "")

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while a set or an assignment refers to it."""
        for kind in (SET, ASSIGNMENT):
            for user in call.world.store.referrers(resource.key, kind):
                raise refusals.in_use(resource.id, self.type, user.id)

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Remember the name, which is spent for network groups."""
        spent.spend(resource.id, world)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the stamps, and the versions: the one there is."""
        version = resource.properties.get("version")
        versions = {"versions": [version]} if version else {}
        return {**super().computed(resource, world), **versions}
