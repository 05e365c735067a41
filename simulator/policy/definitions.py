"""What definitions and sets of definitions have in common."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError, method_not_allowed
from simulator.arm.ids import ResourceId
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy import refusals
from simulator.policy.built_in import built_ins
from simulator.policy.lists import listed
from simulator.policy.provider import PolicyProvider


class DefinitionProvider(PolicyProvider):
    """Custom ones lie at subscriptions and management groups, built-in ones at the tenant.

    There is one version of each: the metadata's, or 1.0.0 (`assumed`).
    """

    scopes = frozenset({"tenant", "managementGroup", "subscription"})
    defaults: ClassVar[Mapping[str, Any]] = {"policyType": "Custom"}
    read_only = frozenset({"versions"})
    # Versions came with this api-version (specification, 2023-04-01).
    since: ClassVar[Mapping[str, str]] = {"version": "2023-04-01", "versions": "2023-04-01"}

    def require(self, call: Call) -> Resource:
        """Return a definition; at the tenant's scope only built-in ones are."""
        found = built_ins().get(call.id.key)
        return found if found is not None else super().require(call)

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the 404, which differs at the tenant."""
        if resource_id.scope_kind == "tenant":
            return refusals.not_built_in(resource_id)
        return super().absent(resource_id)

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return the custom ones of a scope and those above, and the built-in ones."""
        built_in = (item for item in built_ins().values() if item.type == self.type)
        return listed(call, [*call.world.store.of_type(self.type), *built_in], below=False)

    def put(self, call: Call) -> Reply:
        """Answer a PUT; nobody writes what is built in."""
        if call.id.scope_kind == "tenant":
            raise method_not_allowed("PUT", self.type)
        return super().put(call)

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE; nobody deletes what is built in."""
        if call.id.scope_kind == "tenant":
            raise method_not_allowed("DELETE", self.type)
        return super().delete(call)

    def adjust(self, draft: Draft) -> None:
        """Make it a custom one, of a version."""
        draft.properties["policyType"] = "Custom"
        metadata = draft.properties.get("metadata") or {}
        draft.properties.setdefault("version", str(metadata.get("version") or "1.0.0"))

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the stamps, and the versions."""
        version = resource.properties.get("version")
        versions = {"versions": [version]} if version else {}
        return {**super().computed(resource, world), **versions}
