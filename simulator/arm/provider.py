"""The life of a resource: what the verbs do, the same way for every type."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from simulator.arm.call import Call, Reply
from simulator.arm.constraints import breaches, make_text
from simulator.arm.draft import Draft
from simulator.arm.errors import (
    ArmError,
    child_not_found,
    etag_mismatch,
    invalid_reference,
    operation_not_found,
    parent_not_found,
    resource_not_found,
    unknown_type,
)
from simulator.arm.hooks import Action, Inline
from simulator.arm.ids import ResourceId
from simulator.arm.limits import refuse_excess
from simulator.arm.locations import moved, not_offered
from simulator.arm.operations import Operation
from simulator.arm.paging import page
from simulator.arm.store import Resource
from simulator.arm.timed import Timed
from simulator.arm.world import World
from simulator.regions import PLACES, region_name

__all__ = ["Action", "Inline", "Provider"]


class Provider(Timed):
    """Serves one resource type. A subclass fills in the facts and overrides the hooks.

    The facts and hooks are in `Hooks`; a PUT calls them in this order: `read` (body to
    draft), `references`, `validate`, `duration`, `locks`, `on_written`, then later
    `on_done`. By a DELETE: `check_deletable`, `locks`, then `on_deleted`. By any read:
    `computed`. A type whose verbs differ altogether overrides `put`, `get`, `delete`,
    `patch`, `list_reply` themselves.
    """

    def get(self, call: Call) -> Reply:
        """Answer a GET of one resource."""
        resource = self.require(call)
        etag = self.family.etag_header(self.etag_of(resource, call.world))
        headers = {"ETag": etag} if self.has_etag_header else {}
        return Reply(200, self.show(resource, call.world), headers)

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return what a list shows: all children of a parent, or all there is in a scope."""
        if self.is_child:
            self.require_parent(call)
            parent = call.id.parent
            return call.world.store.children(parent.key, self.type) if parent else ()
        prefix = call.id.scope.lower() + "/"
        return [item for item in call.world.store.of_type(self.type) if item.key.startswith(prefix)]

    def head(self, call: Call) -> Reply:
        """Answer a HEAD: 204 when it is there."""
        self.require(call)
        return Reply(204)

    def list_reply(self, call: Call, resources: Sequence[Resource]) -> Reply:
        """Answer a list, or the page of it that the call asks for."""
        found, following = page(call, resources, takes_top=self.family.takes_top)
        body: dict[str, Any] = {"value": [self.show(item, call.world) for item in found]}
        return Reply(200, {**body, "nextLink": following} if following else body)

    def post(self, call: Call, action: str) -> Reply:
        """Answer a POST action or a GET's question; to Azure an unknown one is a type."""
        offered = self.actions if call.method == "POST" else self.questions
        handler = offered.get(action.lower())
        if handler is None:
            kind = f"{self.type.partition('/')[2]}/{action}"
            raise unknown_type(call.id.namespace, kind, call.api_version)
        resource = self.require(call)
        self.refuse_malformed(call, f"/{action}")
        return handler(call, resource)

    def patch(self, call: Call) -> Reply:
        """Answer an UpdateTags: 200, at once, without asynchronous headers."""
        resource = self.require(call)
        self.refuse_condition(call, resource)
        self.refuse_if_busy(call)
        resource.tags = call.body.get("tags", resource.tags)
        call.world.store.save(resource)
        self.touch(resource, call.world)
        return Reply(200, self.show(resource, call.world))

    def result(self, call: Call, guid: str) -> Reply:
        """Answer a poll of `<resource>/operationResults/<guid>`, which few types use."""
        operation = call.world.operations.get(guid)
        if operation is None:
            raise operation_not_found(guid)
        return self.family.result_reply(call, operation)

    def require(self, call: Call) -> Resource:
        """Return the resource a call names, or raise the 404 its kind gets."""
        resource = call.world.store.get(call.id.key)
        if resource is not None:
            return resource
        self.require_parent(call)
        raise self.absent(call.id)

    def absent(self, resource_id: ResourceId) -> ArmError:
        """Return the 404 of a resource whose parent exists."""
        return child_not_found(resource_id) if self.is_child else resource_not_found(resource_id)

    def require_parent(self, call: Call) -> None:
        """Raise the gateway's 404, which names the top-level parent."""
        parent = call.id.parent
        while parent is not None:
            if call.world.store.get(parent.key) is None:
                if call.method == "PUT":
                    raise parent_not_found(call.id, parent, "write")
                raise resource_not_found(call.id.root)
            parent = parent.parent

    def refuse_condition(self, call: Call, existing: Resource | None) -> None:
        """Raise the 412 of a write whose If-Match names another etag than the resource has.

        No recording has it for types of the network provider: `assumed`.
        """
        wanted = call.headers.get("if-match")
        if not wanted or (wanted == "*" and existing is not None):
            return
        etag = self.etag_of(existing, call.world) if existing else ""
        if existing is None or wanted not in (etag, self.family.etag_header(etag)):
            raise etag_mismatch(call.id, wanted, etag)

    def refuse_malformed(self, call: Call, action: str = "") -> None:
        """Raise the refusal of a body that breaks the swagger's rules, as the family words it."""
        found = breaches(call.method, self.type + action, call.body)
        minded = [item for item in found if item.rule in self.family.minds]
        if minded:
            raise self.family.malformed(call, minded)
        make_text(call.body, found)

    def refuse_if_busy(self, call: Call) -> None:
        """Raise the refusal when another write is under way."""
        operation = call.world.operations.first_holder(self.busy_keys(call))
        if operation is not None:
            raise self.busy(call, operation)

    def put(self, call: Call) -> Reply:
        """Answer a PUT: check everything, then change everything, then let it take its time."""
        self.require_parent(call)
        existing = call.world.store.get(call.id.key)
        draft = self.draft(call, existing)
        self.refuse_condition(call, existing)
        self.refuse_if_busy(call)
        self.check(draft, call, existing)
        change = self.change_of(draft, existing, call.world)
        resource = self.write(draft, call, existing, change)
        operation = self.operate(call, resource, change)
        body = self.show(resource, call.world)
        return self.family.put_reply(call, body, operation, created=existing is None)

    def draft(self, call: Call, existing: Resource | None) -> Draft:
        """Return the whole draft of a PUT, after the checks on location and name."""
        named = existing.id if existing else self._canonical(call.id)
        location = self.location_of(call, existing)
        if call.method == "PUT":
            self.refuse_malformed(call)
        draft = self.read(named, call.body, location)
        self.read_children(draft, call.body, call.world)
        return draft

    def _canonical(self, resource_id: ResourceId) -> ResourceId:
        namespace, *types = self.type.split("/")
        return replace(resource_id, namespace=namespace, types=tuple(types))

    def location_of(self, call: Call, existing: Resource | None) -> str | None:
        """Return the region of a PUT, checked; children have their root's."""
        if self.locations == "none":
            root = call.world.store.get(call.id.root.key)
            return root.location if root else None
        given = call.body.get("location")
        if not given:
            raise ArmError(
                400,
                "LocationRequired",
                "The location property is required for this definition.",
                gateway=True,
            )
        location = region_name(str(given))
        if existing is not None and existing.location != location:
            raise moved(existing, location)
        if location not in ({"global": 1} if self.locations == "global" else PLACES):
            raise not_offered(str(given), self.type)
        return location

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Raise what Azure would refuse, in the draft and in its inline children."""
        if existing is None:
            self.check_name(draft)
        draft.references = frozenset(item.lower() for item in self.references(draft))
        regional = {item.lower() for item in self.regional_references(draft)}
        for target in self.references(draft):
            found = call.world.store.find(target)
            elsewhere = found is not None and found.location != draft.location
            if found is None or (elsewhere and target.lower() in regional):
                raise invalid_reference(target, draft.id.text)
            self.check_reference(found, draft, call)
        self.validate(draft, call, existing)
        if draft.key == call.id.key:
            refuse_excess(draft, call.world, existing)
        for type_name, children in draft.children.items():
            provider = call.world.provider(type_name)
            for child in children:
                provider.check(child, call, call.world.store.get(child.key))

    def change_of(self, draft: Draft, existing: Resource | None, world: World) -> str:
        """Return "create", "update", "tags" or "none": how much there is to do."""
        if existing is None:
            return "create"
        unfinished = self.family.always_works or existing.state == "Failed"
        if unfinished or self.differs(draft, existing, world):
            return "update"
        return "none" if (draft.tags or None) == (existing.tags or None) else "tags"

    def differs(self, draft: Draft, existing: Resource, world: World) -> bool:
        """Tell whether a draft wants anything besides tags to be otherwise."""
        if draft.properties != existing.properties or draft.extras != existing.extras:
            return True
        for type_name, children in draft.children.items():
            stored = {item.key: item for item in world.store.children(existing.key, type_name)}
            if {child.key for child in children} != set(stored):
                return True
            provider = world.provider(type_name)
            if any(provider.differs(child, stored[child.key], world) for child in children):
                return True
        return False

    def write(self, draft: Draft, call: Call, existing: Resource | None, change: str) -> Resource:
        """Store a checked draft and its children; return the resource."""
        world = call.world
        resource = existing or Resource(
            draft.id, self.type, draft.location, None, {}, guid=world.new_guid()
        )
        resource.tags = draft.tags
        if change in ("none", "tags"):
            if change == "tags":
                world.store.save(resource)
                self.touch(resource, world)
            return resource
        resource.properties = draft.properties
        resource.extras = draft.extras
        resource.references = draft.references
        world.store.save(resource)
        self.touch(resource, world)
        for type_name, children in draft.children.items():
            self._write_children(resource, type_name, children, call)
        self.on_written(resource, call)
        return resource

    def _write_children(
        self, parent: Resource, type_name: str, children: list[Draft], call: Call
    ) -> None:
        world, provider = call.world, call.world.provider(type_name)
        wanted = {child.key for child in children}
        for gone in world.store.children(parent.key, type_name):
            if gone.key not in wanted:
                world.store.remove(gone)
                provider.on_deleted(gone, world)
        for child in children:
            stored = world.store.get(child.key)
            changed = stored is None or provider.differs(child, stored, world)
            provider.write(child, call, stored, "update" if changed else "none")

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 404 without the parent, 204 without the resource, else 202."""
        self.require_parent(call)
        resource = call.world.store.get(call.id.key)
        if resource is None:
            return Reply(204)
        self.refuse_condition(call, resource)
        self.refuse_if_busy(call)
        self.check_deletable(resource, call)
        if self.synchronous_delete:
            self.remove(resource, call.world)
            return Reply(200)
        return self._delete_later(call, resource)

    def _delete_later(self, call: Call, resource: Resource) -> Reply:
        if self.family.new_etag_on_delete:
            self.touch(resource, call.world)
        before = self.show(resource, call.world)
        seconds = self.duration(call, resource, "delete")
        locks = self.locks(call) | self._inline_keys(resource, call.world)
        operation = self.new_operation(call, resource, "Delete", seconds, locks)
        if call.fault is not None and call.fault.when == "provisioning":
            operation.error = call.fault.error
        call.world.operations.start(
            operation, lambda: self._deleted(resource, call.world, operation)
        )
        body = self.show(resource, call.world) if self.family.shows_deleting else before
        return self.family.delete_reply(call, operation, body)

    def _deleted(self, resource: Resource, world: World, operation: Operation) -> None:
        if operation.error:
            resource.state = "Failed"
        elif world.store.get(resource.key) is resource:
            self.remove(resource, world)

    def remove(self, resource: Resource, world: World) -> None:
        """Take a resource away with all below it and tell those it concerns."""
        below = [(world.provider_of(item), item) for item in world.store.descendants(resource)]
        world.store.remove(resource)
        self.touch(resource, world)
        for provider, child in below:
            provider.on_deleted(child, world)
        self.on_deleted(resource, world)
