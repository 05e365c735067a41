"""What the types of Azure Policy have in common."""

from typing import Any

from simulator.arm import malformed
from simulator.arm.at_once import AtOnceProvider
from simulator.arm.authors import note_author, system_data
from simulator.arm.call import Call
from simulator.arm.constraints import LENIENT
from simulator.arm.draft import Draft, arranged
from simulator.arm.errors import ArmError
from simulator.arm.families import Family
from simulator.arm.ids import ResourceId
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy import refusals

_STAMPS = ("createdBy", "createdOn", "updatedBy", "updatedOn")


class PolicyFamily(Family):
    """Azure Policy: everything is synchronous, and nothing has an etag."""

    shares_etags = False
    minds = LENIENT
    malformed = staticmethod(malformed.gateway)
    top_order = ("identity", "properties", "id", "type", "name", "location", "systemData")


class PolicyProvider(AtOnceProvider):
    """A type of Azure Policy: PUT is 201 for an update too, and so it stays what it was.

    The server adds to the metadata who made and changed it; what a body says of that is
    ignored (recording test_resource_policy_identity_userassigned).
    """

    family = PolicyFamily()

    # --- reads --------------------------------------------------------------------------

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the type's own 404."""
        return refusals.absent(self.type, resource_id.name)

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body, with who made it and when."""
        body = super().show(resource, world)
        del body["etag"]
        if "created" in resource.hidden:
            hidden = resource.hidden
            body["systemData"] = system_data(resource, world, hidden["created"], hidden["changed"])
        return arranged(body, self.family.top_order)

    def shown_properties(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the properties, which have no state."""
        shown = super().shown_properties(resource, world)
        del shown["provisioningState"]
        return arranged(shown, self.layout)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the metadata with its stamps."""
        if "created" not in resource.hidden:
            return {}
        hidden, who = resource.hidden, world.settings.operator.object_id
        updated = (who, hidden["changed"]) if hidden.get("was_updated") else (None, None)
        stamps = (who, hidden["created"], *updated)
        given = resource.properties.get("metadata") or {}
        kept = {key: value for key, value in given.items() if key not in _STAMPS}
        return {"metadata": {**kept, **dict(zip(_STAMPS, stamps, strict=True))}}

    # --- writes -------------------------------------------------------------------------

    def sign(self, resource: Resource, call: Call, *, is_new: bool) -> None:
        """Note who wrote it, and whether it was changed since it was made."""
        resource.hidden["was_updated"] = not is_new
        note_author(resource, call)

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Note what a body refers to, and check it in the type's own words."""
        draft.references = frozenset(item.rstrip("/").lower() for item in self.references(draft))
        self.validate(draft, call, existing)
