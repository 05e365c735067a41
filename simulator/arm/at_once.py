"""Types whose writes are done when they are answered: a PUT is 201 for an update too."""

from typing import ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.provider import Provider
from simulator.arm.store import Resource


class AtOnceProvider(Provider):
    """A type without operations and without etags."""

    locations = "none"
    has_guid = False
    # Whether a DELETE of something that exists answers with its body.
    shows_deleted: ClassVar[bool] = False

    @property
    def verbs(self) -> tuple[str, ...]:
        """Return the verbs; a type that has a PATCH says so itself."""
        return ("GET", "HEAD", "PUT", "DELETE")

    def get(self, call: Call) -> Reply:
        """Answer a GET, without an ETag."""
        return Reply(200, self.show(self.require(call), call.world))

    def put(self, call: Call) -> Reply:
        """Answer a PUT: 201, at once."""
        existing = call.world.store.get(call.id.key)
        draft = self.draft(call, existing)
        self.check(draft, call, existing)
        resource = self.write(draft, call, existing, "update" if existing else "create")
        self.sign(resource, call, is_new=existing is None)
        return Reply(201, self.show(resource, call.world))

    def sign(self, resource: Resource, call: Call, *, is_new: bool) -> None:
        """Note who wrote a resource, where the type shows it."""

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 200, at once, or 204 when there is nothing."""
        resource = call.world.store.get(call.id.key)
        if resource is None:
            return Reply(204)
        self.check_deletable(resource, call)
        body = self.show(resource, call.world)
        self.remove(resource, call.world)
        return Reply(200, body if self.shows_deleted else None)
