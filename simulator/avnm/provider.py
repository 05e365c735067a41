"""What all types of the network manager do differently from other network types."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from simulator.arm.authors import note_author, system_data
from simulator.arm.call import Call, Reply
from simulator.arm.constraints import LENIENT, breaches
from simulator.arm.draft import Draft, arranged
from simulator.arm.errors import ArmError, operation_not_found, resource_not_found
from simulator.arm.families import Family, cosmos_tag, next_cosmos_tag
from simulator.arm.ids import ResourceId
from simulator.arm.operations import Operation
from simulator.arm.paging import page
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals


class NetworkManagerFamily(Family):
    """The network manager: PUTs are 200 and synchronous, deletes have a Location only."""

    takes_top = True
    minds = LENIENT
    malformed = staticmethod(refusals.malformed)
    shares_etags = False
    new_etag_when_done = False
    top_order: tuple[str, ...] = (
        "name",
        "id",
        "location",
        "type",
        "tags",
        "etag",
        "properties",
        "systemData",
    )
    child_order: tuple[str, ...] = (
        "name",
        "id",
        "type",
        "etag",
        "kind",
        "properties",
        "systemData",
    )

    def new_etag(self, world: World) -> str:
        """Return an etag that ends in the time (recordings.md section 5)."""
        return f'"{cosmos_tag(world)}"'

    def result_url(self, call: Call, operation: Operation) -> str:
        """Return the Location: it lies below the resource and names its resourceGuid."""
        return (
            f"{call.base_url}{operation.target}/operationResults/{operation.guid}"
            f"?api-version={operation.api_version}"
        )

    status_url = result_url

    def result_reply(self, call: Call, operation: Operation) -> Reply:
        """Return 202 while it runs, then 204; neither asks for a wait (section 7)."""
        if operation.is_done:
            return Reply(204)
        return Reply(202, None, {"Location": self.result_url(call, operation)})


class ManagerProvider(Provider):
    """A type of the network manager's family.

    A subclass may override `clean_up_reason` (a delete that has something to clean up is
    asynchronous) and `uses` (who keeps it from being deleted without `force`).
    """

    family = NetworkManagerFamily()
    locations = "none"
    # Keys and properties that bodies of others in the family have and these have not.
    hides: ClassVar[frozenset[str]] = frozenset()
    # Reads show a new etag each time while a write settles.
    etags_settle: ClassVar[bool] = True
    layout: ClassVar[tuple[str, ...]] = ("description", "provisioningState", "resourceGuid")
    defaults: ClassVar[Mapping[str, Any]] = {"description": ""}

    # --- reads --------------------------------------------------------------------------

    def get(self, call: Call) -> Reply:
        """Answer a GET; the ETag header is missing in this family."""
        return Reply(200, self.show(self.require(call), call.world))

    def list_reply(self, call: Call, resources: Sequence[Resource]) -> Reply:
        """Answer a list; `nextLink` comes first, empty on the last page (section 6)."""
        found, following = page(call, resources, takes_top=self.family.takes_top)
        shown = [self.show(item, call.world) for item in found]
        return Reply(200, {"nextLink": following, "value": shown})

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body, with who made it and when."""
        body = super().show(resource, world)
        hidden = resource.hidden
        body["systemData"] = system_data(
            resource, world, hidden.get("created", ""), hidden.get("modified", "")
        )
        body = {key: value for key, value in body.items() if key not in self.hides}
        return arranged(body, self.family.child_order if self.is_child else self.family.top_order)

    def etag_of(self, resource: Resource, world: World) -> str:
        """Return the etag, another one at each read just after a write.

        So it was recorded, three seconds long, of all types but connectivity configurations
        (test_network_manager_routing_config_crud, ..._connect_config_crud).
        """
        age = world.now - resource.hidden.get("written_at", -math.inf)
        if self.etags_settle and age <= world.settings.manager_etags_settle_for:
            following = next_cosmos_tag(resource.etag.strip('"'), world)
            resource.etag = f'"{following}"'
            # A read that changes what is there is a change like any other.
            world.store.changes += 1
        return resource.etag

    def shown_properties(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the properties with the state in the place this family gives it."""
        found = super().shown_properties(resource, world)
        shown = {key: value for key, value in found.items() if key not in self.hides}
        return arranged(shown, self.layout)

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the family's own 404 for children."""
        return refusals.absent(resource_id) if self.is_child else resource_not_found(resource_id)

    # --- writes -------------------------------------------------------------------------

    def refuse_malformed(self, call: Call, action: str = "") -> None:
        """Raise the refusal, and spell values as this service does.

        Other services keep them as they come ("tcp" in test_network_nsg), this one shows
        "True" for "true" (test_network_manager_connect_config_crud@2023-09).
        """
        super().refuse_malformed(call, action)
        for item in breaches(call.method, self.type + action, call.body):
            if item.rule == "spelling":
                item.correct(call.body)

    def put(self, call: Call) -> Reply:
        """Answer a PUT: always 200, at once, with an empty etag (recordings.md section 5)."""
        self.require_parent(call)
        existing = call.world.store.get(call.id.key)
        draft = self.draft(call, existing)
        self.refuse_if_busy(call)
        self.check(draft, call, existing)
        resource = self.write(draft, call, existing, "update" if existing else "create")
        return self.put_reply(call, resource, is_new=existing is None)

    def put_reply(self, call: Call, resource: Resource, *, is_new: bool) -> Reply:  # noqa: ARG002
        """Return the answer to a PUT: 200 also for what is new."""
        body = self.show(resource, call.world)
        return Reply(200, {**body, "etag": ""} if "etag" in body else body)

    def write(self, draft: Draft, call: Call, existing: Resource | None, change: str) -> Resource:
        """Store a draft and write down by whom and when."""
        resource = super().write(draft, call, existing, change)
        stamp = call.world.clock.wall().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        resource.hidden.setdefault("created", stamp)
        resource.hidden["modified"] = stamp
        resource.hidden["written_at"] = call.world.now
        note_author(resource, call)
        return resource

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check what a body refers to, in any region, and then the body."""
        draft.references = frozenset(item.lower() for item in self.references(draft))
        for target in self.references(draft):
            if call.world.store.find(target) is None:
                raise refusals.missing_reference(target, draft.id.text)
        self.validate(draft, call, existing)

    def busy_keys(self, call: Call) -> Iterable[str]:
        """Return the resource and what it is a part of: a delete in progress bars writes."""
        yield call.id.key
        parent = call.id.parent
        while parent is not None:
            yield parent.key
            parent = parent.parent

    def busy(self, call: Call, operation: Operation) -> ArmError:  # noqa: ARG002
        """Return the refusal while a delete runs; its code is `assumed`."""
        return refusals.refusal(
            f"Resource {operation.target} is being deleted.", "AnotherOperationInProgress", 409
        )

    # --- deletes ------------------------------------------------------------------------

    def uses(self, resource: Resource, world: World) -> list[str]:  # noqa: ARG002
        """Return the ids of those that keep this from being deleted without `force`."""
        return []

    def cleans_up(self, resource: Resource, world: World) -> bool:  # noqa: ARG002
        """Tell whether a delete has work to do in the background (recordings.md section 7)."""
        return False

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse what is in use, unless forced: that Azure refuses is `assumed`."""
        users = self.uses(resource, call.world)
        if users and not is_forced(call):
            raise refusals.in_use(resource.id, users)

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 204 when absent, 200 when nothing is to be cleaned up, else 202."""
        self.require_parent(call)
        world = call.world
        resource = world.store.get(call.id.key)
        if resource is None:
            return Reply(204)
        self.refuse_if_busy(call)
        self.check_deletable(resource, call)
        if not self.cleans_up(resource, world):
            self.remove(resource, world)
            return Reply(200)
        return self._delete_in_background(call, resource)

    def _delete_in_background(self, call: Call, resource: Resource) -> Reply:
        world = call.world
        seconds = world.draw(world.settings.manager_delete_duration)
        locks = frozenset({resource.key})
        operation = self.new_operation(call, resource, "Delete", seconds, locks)
        operation.guid = resource.guid
        operation.url = self.family.result_url(call, operation)
        self.before_background_delete(resource, world)
        world.operations.start(operation, lambda: self._gone(resource, world))
        return Reply(202, None, {"Location": operation.url})

    def _gone(self, resource: Resource, world: World) -> None:
        if world.store.get(resource.key) is resource:
            self.remove(resource, world)

    def before_background_delete(self, resource: Resource, world: World) -> None:
        """Undeploy what is going to be deleted."""

    def result(self, call: Call, guid: str) -> Reply:
        """Answer a poll; one of a manager that is gone is a 404 of the manager itself."""
        if call.world.store.get(call.id.root.key) is None:
            raise resource_not_found(call.id.root)
        operation = call.world.operations.get(guid)
        if operation is None:
            raise operation_not_found(guid)
        return self.family.result_reply(call, operation)


def is_forced(call: Call) -> bool:
    """Tell whether a DELETE has `force=true`."""
    return call.query.get("force", "").lower() == "true"
