"""What role assignments and role definitions have in common."""

from typing import Any, ClassVar

from simulator.arm.at_once import AtOnceProvider
from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.families import Family
from simulator.arm.store import Resource
from simulator.arm.world import World

SCOPES = frozenset({"tenant", "managementGroup", "subscription", "resourceGroup", "resource"})


class AccessFamily(Family):
    """Access is synchronous, and nothing has an etag."""

    shares_etags = False
    top_order = ("properties", "id", "type", "name")


class AccessProvider(AtOnceProvider):
    """A type of Azure RBAC: PUT is 201 for an update too (specification), DELETE shows the body."""

    family: ClassVar[Family] = AccessFamily()
    has_etag_header = False
    shows_deleted = True
    scopes = SCOPES

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body, which has neither etag nor state."""
        body = super().show(resource, world)
        del body["etag"]
        del body["properties"]["provisioningState"]
        return body

    def stamps(self, resource: Resource) -> dict[str, Any]:
        """Return who made it and when."""
        hidden = resource.hidden
        return {
            "createdOn": hidden.get("created", ""),
            "updatedOn": hidden.get("changed", ""),
            "createdBy": hidden.get("maker"),
            "updatedBy": hidden.get("maker"),
        }

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check a body in the type's own words: what it names need not exist."""
        self.validate(draft, call, existing)

    def sign(self, resource: Resource, call: Call, *, is_new: bool) -> None:  # noqa: ARG002
        """Note who made or changed it."""
        resource.hidden["maker"] = call.sender.object_id if call.sender else None
