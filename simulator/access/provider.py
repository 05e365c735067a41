"""What role assignments and role definitions have in common."""

from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.families import Family
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World

SCOPES = frozenset({"tenant", "managementGroup", "subscription", "resourceGroup", "resource"})


class AccessFamily(Family):
    """Access is synchronous, and nothing has an etag."""

    shares_etags = False
    top_order = ("properties", "id", "type", "name")


class AccessProvider(Provider):
    """A type of Azure RBAC: PUT is 201 for an update too (specification), DELETE shows the body."""

    family: ClassVar[Family] = AccessFamily()
    locations = "none"
    has_guid = False
    has_etag_header = False
    scopes = SCOPES

    @property
    def verbs(self) -> tuple[str, ...]:
        """Return the verbs."""
        return ("GET", "HEAD", "PUT", "DELETE")

    def get(self, call: Call) -> Reply:
        """Answer a GET, without an ETag."""
        return Reply(200, self.show(self.require(call), call.world))

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

    def put(self, call: Call) -> Reply:
        """Answer a PUT: 201, at once."""
        existing = call.world.store.get(call.id.key)
        draft = self.draft(call, existing)
        self.validate(draft, call, existing)
        resource = self.write(draft, call, existing, "update" if existing else "create")
        resource.hidden["maker"] = call.sender.object_id if call.sender else None
        return Reply(201, self.show(resource, call.world))

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 200 and what is gone, or 204 when there was nothing."""
        resource = call.world.store.get(call.id.key)
        if resource is None:
            return Reply(204)
        self.check_deletable(resource, call)
        body = self.show(resource, call.world)
        self.remove(resource, call.world)
        return Reply(200, body)
