"""What address pools and verifiers of a network manager share, and the rest of it has not.

They are served by newer services: children with a location and tags of their own, PUTs that
answer 201 or 200, deletes that answer 202, and errors without the envelope
(recordings.md section 8). Recorded are the bodies of two pools and four 404s; the order of
keys, the address of operations and the codes of other errors are `assumed`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import arranged
from simulator.arm.errors import ArmError
from simulator.arm.families import Family
from simulator.arm.ids import ResourceId
from simulator.arm.locations import not_offered
from simulator.arm.operations import Operation
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.provider import ManagerProvider, NetworkManagerFamily
from simulator.avnm.shapes import breaches_of
from simulator.regions import PLACES, region_name

_ORDER = ("id", "name", "type", "location", "tags", "etag", "properties", "systemData")


def plain_error(status: int, code: str, message: str) -> ArmError:
    """Return an error in the form of these services, all of whose keys are there."""
    shown = {
        "code": code,
        "message": message,
        "target": None,
        "details": None,
        "additionalInfo": None,
    }
    return ArmError(status, code, message, shown=shown)


class TrackedFamily(NetworkManagerFamily):
    """Operations at a location, whose one address tells status and result."""

    top_order = _ORDER
    child_order = _ORDER

    def status_url(self, call: Call, operation: Operation) -> str:
        """Return the address of the operation."""
        return Family.result_url(self, call, operation)

    result_url = status_url

    def result_reply(self, call: Call, operation: Operation) -> Reply:  # noqa: ARG002
        """Return the status; start and end are there and null (recordings.md section 9)."""
        error = {"error": operation.error} if operation.error else {}
        return Reply(
            200,
            {
                "name": operation.guid,
                "status": operation.status,
                "startTime": None,
                "endTime": None,
                **error,
            },
        )


TRACKED = TrackedFamily()


class TrackedProvider(ManagerProvider):
    """A type of these services; `noun` is what its 404 calls it."""

    family = TRACKED
    has_guid = False
    etags_settle = False
    noun: ClassVar[str] = ""
    # Bodies of most have location and tags.
    has_tags = True
    # The properties that a PATCH may change.
    patched: ClassVar[frozenset[str]] = frozenset({"description"})
    layout: ClassVar[tuple[str, ...]] = ("description",)
    defaults: ClassVar[Mapping[str, Any]] = {"description": ""}

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the 404 in the words of the service."""
        return plain_error(404, "NotFound", f"{self.noun} {resource_id.name} was not found.")

    def refuse_malformed(self, call: Call, action: str = "") -> None:  # noqa: ARG002
        """Raise the refusal of a body that has not the shape of its model."""
        if call.method == "PUT":
            found = breaches_of(self.type, call.body)
            if found:
                what = "is missing" if found[0].rule == "required" else "is not valid"
                raise plain_error(400, "InvalidRequest", f"The value of '{found[0].path}' {what}.")

    def location_of(self, call: Call, existing: Resource | None) -> str | None:
        """Return the location of the body, or the manager's."""
        if self.has_tags and call.body.get("location"):
            location = region_name(str(call.body["location"]))
            if location not in PLACES:
                raise not_offered(str(call.body["location"]), self.type)
            return location
        return existing.location if existing else super().location_of(call, existing)

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body; tags that were not given are null, and nobody made it (recorded)."""
        body = super().show(resource, world)
        if self.has_tags:
            body.update(location=resource.location, tags=resource.tags)
        body["systemData"] |= {"createdBy": None, "lastModifiedBy": None}
        for name in ("createdAt", "lastModifiedAt"):
            body["systemData"][name] = body["systemData"][name].replace("Z", "+00:00")
        return arranged(body, _ORDER)

    def put_reply(self, call: Call, resource: Resource, *, is_new: bool) -> Reply:
        """Return the answer to a PUT: 201 new, 200 known; recorded as Succeeded at once."""
        body = self.show(resource, call.world)
        return Reply(201 if is_new else 200, body, self.put_headers(call, resource))

    def put_headers(self, call: Call, resource: Resource) -> dict[str, str]:  # noqa: ARG002
        """Return the headers of a PUT's answer."""
        return {}

    def patch(self, call: Call) -> Reply:
        """Answer a PATCH: tags and the properties that may change."""
        resource = self.require(call)
        self.refuse_if_busy(call)
        if "tags" in call.body:
            resource.tags = call.body["tags"]
        given = call.body.get("properties") or {}
        changed = {key: value for key, value in given.items() if key in self.patched}
        resource.properties = {**resource.properties, **changed}
        call.world.store.save(resource)
        resource.etag = self.family.new_etag(call.world)
        return Reply(200, self.show(resource, call.world))

    def locks(self, call: Call) -> frozenset[str]:
        """Return the resource alone."""
        return frozenset({call.id.key})

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 202, or 204 when there is nothing."""
        return Provider.delete(self, call)
