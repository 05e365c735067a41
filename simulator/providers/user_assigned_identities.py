"""Microsoft.ManagedIdentity/userAssignedIdentities: enough for policy assignments to name them."""

from typing import Any

from simulator.arm.call import Call, Reply
from simulator.arm.draft import arranged
from simulator.arm.families import Family
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy.types import USER_IDENTITY


class IdentityFamily(Family):
    """Managed identities: synchronous, without etags."""

    shares_etags = False
    top_order = ("id", "name", "type", "location", "tags", "properties")


class UserAssignedIdentities(Provider):
    """Identities that are resources of their own (recording test_resource_policy_identity_...)."""

    type = USER_IDENTITY
    family = IdentityFamily()
    operation_name = "UserAssignedIdentity"
    has_guid = False
    synchronous_delete = True
    layout = ("tenantId", "principalId", "clientId")
    read_only = frozenset(layout)

    def get(self, call: Call) -> Reply:
        """Answer a GET, without an ETag."""
        return Reply(200, self.show(self.require(call), call.world))

    def put(self, call: Call) -> Reply:
        """Answer a PUT at once: 201 new, with its place in Location, 200 existing."""
        existing = call.world.store.get(call.id.key)
        draft = self.draft(call, existing)
        self.check(draft, call, existing)
        resource = self.write(draft, call, existing, "update" if existing else "create")
        body = self.show(resource, call.world)
        if existing is not None:
            return Reply(200, body)
        return Reply(201, body, {"Location": body["id"]})

    def on_written(self, resource: Resource, call: Call) -> None:
        """Give a new identity its principal and client."""
        for name in ("principalId", "clientId"):
            resource.hidden.setdefault(name, call.world.new_guid())

    def shown_properties(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the three ids; there is no state."""
        ids = {name: resource.hidden[name] for name in ("principalId", "clientId")}
        return {"tenantId": world.settings.tenant_id, **ids}

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body; the service writes `resourcegroups` in lower case."""
        body = super().show(resource, world)
        del body["etag"]
        body["id"] = body["id"].replace("/resourceGroups/", "/resourcegroups/", 1)
        return arranged(body, self.family.top_order)
