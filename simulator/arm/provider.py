"""The life of a resource: what every provider does, with hooks for what only one does."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from simulator.arm.busy import busy_error, reference_not_ready
from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft, arranged, completed
from simulator.arm.errors import (
    ArmError,
    child_not_found,
    invalid_reference,
    method_not_allowed,
    operation_not_found,
    parent_not_found,
    resource_not_found,
    unknown_type,
)
from simulator.arm.families import NETWORK, Family
from simulator.arm.ids import ResourceId
from simulator.arm.operations import Operation
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.regions import REGIONS, region_name

Action = Callable[[Call, Resource], Reply]


@dataclass(frozen=True)
class Inline:
    """Children that a parent's body carries: the property, the child's type, what silence means."""

    property: str
    type: str
    # "remove": a PUT without the property deletes the children (facts.md section 0.5).
    # "keep": it leaves them alone.
    when_absent: str = "remove"


class Provider:
    """Serves one resource type. A subclass fills in the facts and overrides the hooks.

    Facts (class attributes): `type`, `family`, `operation_name`, `layout`, `defaults`,
    `read_only`, `extras`, `inline`, `locations`. Hooks, called in this order by a PUT:
    `read` (body to draft), `references`, `validate`, `duration`, `locks`, `on_written`,
    then later `on_done`. By a DELETE: `check_deletable`, `locks`, then `on_deleted`. By
    any read: `computed`. A type whose verbs differ altogether overrides `put`, `get`,
    `delete`, `patch`, `list_replies` themselves.
    """

    type: ClassVar[str]
    family: ClassVar[Family] = NETWORK
    # The name in the middle of PutSubnetOperation.
    operation_name: ClassVar[str] = "Resource"
    # The order of the properties in a body; what is not listed comes after.
    layout: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[Mapping[str, Any]] = {}
    # The order of the top-level keys, where the family's is not right.
    key_order: ClassVar[tuple[str, ...]] = ()
    # The first api-version that shows a property, where not all do.
    since: ClassVar[Mapping[str, str]] = {}
    # Properties that a body may carry and Azure ignores.
    read_only: ClassVar[frozenset[str]] = frozenset()
    # Top-level keys besides location, tags and properties.
    extras: ClassVar[tuple[str, ...]] = ()
    inline: ClassVar[tuple[Inline, ...]] = ()
    has_guid: ClassVar[bool] = True
    # Children that have tags of their own.
    has_tags: ClassVar[bool] = False
    # The type as bodies spell it, where that differs from the path.
    shown_type: ClassVar[str] = ""
    # "regional", "global", or "none" for children.
    locations: ClassVar[str] = "regional"
    synchronous_delete: ClassVar[bool] = False

    # --- facts derived from the type -------------------------------------------------

    @property
    def is_child(self) -> bool:
        """Tell whether resources of this type live below another."""
        return self.type.count("/") > 1

    @property
    def actions(self) -> Mapping[str, Action]:
        """Return the POST actions by lower-cased name."""
        return {}

    # --- hooks ----------------------------------------------------------------------

    def references(self, draft: Draft) -> Iterable[str]:  # noqa: ARG002
        """Return the ids this resource refers to, which must exist."""
        return ()

    def regional_references(self, draft: Draft) -> Iterable[str]:
        """Return those of the references that must be in the same region."""
        return self.references(draft)

    def check_reference(self, found: Resource, draft: Draft, call: Call) -> None:
        """Raise the 429 of a reference to something that is not ready (facts.md section 7)."""
        operation = call.world.operations.holder(found.key)
        if operation is not None:
            raise reference_not_ready(operation, found.id.text, draft.id.text)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Raise an `ArmError` when Azure would refuse this."""

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Raise an `ArmError` when Azure would refuse to delete this."""

    def holds(self, user: Resource, used: Resource) -> bool:  # noqa: ARG002
        """Tell whether a reference of this type keeps what it refers to from being deleted."""
        return True

    def duration(self, call: Call, resource: Resource, operation: str) -> float:  # noqa: ARG002
        """Return the seconds this "create", "update" or "delete" takes."""
        return call.world.draw(call.world.settings.duration(self.type, operation))

    def locks(self, call: Call) -> frozenset[str]:
        """Return the keys that are busy while a write runs: the resource and its root."""
        return frozenset({call.id.key, call.id.root.key})

    def busy_keys(self, call: Call) -> Iterable[str]:
        """Return the keys that must not be busy for a write to be accepted."""
        return (call.id.root.key, call.id.key)

    def busy(self, call: Call, operation: Operation) -> ArmError:
        """Return the refusal while `operation` runs."""
        return busy_error(call.world, operation, call.id.root.text)

    def on_written(self, resource: Resource, call: Call) -> None:
        """Change what else changes the moment a PUT is accepted."""

    def on_done(self, resource: Resource, world: World) -> None:
        """Change what becomes visible when the write has succeeded."""

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Change what else changes when the resource is gone."""

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return the properties that a read adds to those stored."""
        return {}

    # --- reading a body -------------------------------------------------------------

    def read(self, resource_id: ResourceId, body: Mapping[str, Any], location: str | None) -> Draft:
        """Return the draft a PUT's body describes, inline children included."""
        given = body.get("properties") or {}
        if not isinstance(given, dict):
            raise _bad_json("properties")
        names = frozenset(item.property for item in self.inline)
        skipped = self.read_only | names | {"provisioningState", "resourceGuid"}
        draft = Draft(
            resource_id,
            self.type,
            location,
            body.get("tags") if self.has_tags or not self.is_child else None,
            completed(given, self.defaults, skipped),
            {key: body[key] for key in self.extras if body.get(key) is not None},
        )
        self.adjust(draft)
        return draft

    def adjust(self, draft: Draft) -> None:
        """Complete a draft where plain defaults do not suffice."""

    def read_children(self, draft: Draft, body: Mapping[str, Any], world: World) -> None:
        """Add the drafts of the children that the body lists."""
        given = body.get("properties") or {}
        for item in self.inline:
            listed = given.get(item.property)
            if listed is None and item.when_absent == "keep":
                continue
            segment = item.type.rsplit("/", 1)[-1]
            provider = world.provider(item.type)
            draft.children[item.type] = [
                provider.read(draft.id.child(segment, _name_of(entry)), entry, draft.location)
                for entry in listed or []
            ]

    # --- writing a body -------------------------------------------------------------

    def show(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the body of a GET."""
        values: dict[str, Any] = {
            "name": resource.name,
            "id": resource.id.text,
            "etag": self.etag_of(resource, world),
            "type": self.shown_type or self.type,
            "properties": self.shown_properties(resource, world),
            **resource.extras,
        }
        if resource.location is not None and (not self.is_child or self.family.locates_children):
            values["location"] = resource.location
        if resource.tags is not None:
            values["tags"] = resource.tags
        usual = self.family.child_order if self.is_child else self.family.top_order
        return arranged(values, self.key_order or usual)

    def shown_properties(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the properties of a GET: state, GUID, stored, computed, inline children."""
        values: dict[str, Any] = {"provisioningState": world.state_of(resource)}
        if self.has_guid:
            values["resourceGuid"] = resource.guid
        values.update(resource.properties)
        values.update(self.computed(resource, world))
        for item in self.inline:
            provider = world.provider(item.type)
            children = world.store.children(resource.key, item.type)
            values[item.property] = [provider.show(child, world) for child in children]
        for name, version in self.since.items():
            if world.api_version < version:
                values.pop(name, None)
        first = () if "provisioningState" in self.layout else ("provisioningState", "resourceGuid")
        return arranged(values, (*first, *self.layout))

    def etag_of(self, resource: Resource, world: World) -> str:
        """Return the etag a read shows; children may repeat their parent's."""
        if self.is_child and self.family.shares_etags:
            root = world.store.get(resource.id.root.key)
            return root.etag if root else resource.etag
        return resource.etag

    # --- verbs ----------------------------------------------------------------------

    def get(self, call: Call) -> Reply:
        """Answer a GET of one resource."""
        resource = self.require(call)
        etag = self.family.etag_header(self.etag_of(resource, call.world))
        return Reply(200, self.show(resource, call.world), {"ETag": etag})

    def list_reply(self, call: Call, resources: Iterable[Resource]) -> Reply:
        """Answer a list."""
        return Reply(200, {"value": [self.show(item, call.world) for item in resources]})

    def post(self, call: Call, action: str) -> Reply:
        """Answer a POST action; an unknown one is an unknown type to Azure."""
        handler = self.actions.get(action.lower())
        if handler is None:
            kind = f"{self.type.partition('/')[2]}/{action}"
            raise unknown_type(call.id.namespace, kind, call.api_version)
        return handler(call, self.require(call))

    def patch(self, call: Call) -> Reply:
        """Answer an UpdateTags: 200, at once, without asynchronous headers."""
        if self.is_child and not self.has_tags:
            raise method_not_allowed("PATCH", self.type)
        resource = self.require(call)
        self.refuse_if_busy(call)
        resource.tags = call.body.get("tags") or {}
        resource.etag = self.family.new_etag(call.world)
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
        draft = self.read(named, call.body, location)
        self.read_children(draft, call.body, call.world)
        return draft

    def _canonical(self, resource_id: ResourceId) -> ResourceId:
        namespace, *types = self.type.split("/")
        return ResourceId(
            resource_id.subscription,
            resource_id.group,
            namespace,
            tuple(types),
            resource_id.names,
            resource_id.text,
            resource_id.key,
        )

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
            raise _moved(existing, location)
        if location not in ({"global": 1} if self.locations == "global" else REGIONS):
            raise _not_offered(str(given), self.type)
        return location

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Raise what Azure would refuse, in the draft and in its inline children."""
        draft.references = frozenset(item.lower() for item in self.references(draft))
        regional = {item.lower() for item in self.regional_references(draft)}
        for target in self.references(draft):
            found = call.world.store.find(target)
            elsewhere = found is not None and found.location != draft.location
            if found is None or (elsewhere and target.lower() in regional):
                raise invalid_reference(target, draft.id.text)
            self.check_reference(found, draft, call)
        self.validate(draft, call, existing)
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

    def touch(self, resource: Resource, world: World) -> None:
        """Give a resource a new etag, and its root too where children share it."""
        resource.etag = self.family.new_etag(world)
        root = world.store.get(resource.id.root.key)
        if root is not None and self.family.shares_etags:
            root.etag = resource.etag

    # --- time -----------------------------------------------------------------------

    def operate(self, call: Call, resource: Resource, change: str) -> Operation:
        """Start the operation of a PUT; one with nothing to do has ended already."""
        if change in ("none", "tags"):
            operation = self.new_operation(call, resource, "Put", 0, frozenset())
            operation.status = "Succeeded"
            call.world.operations.note(operation)
            return operation
        seconds = self.duration(call, resource, change)
        locks = self.locks(call) | self._inline_keys(resource, call.world)
        operation = self.new_operation(call, resource, "Put", seconds, locks)
        if call.fault is not None and call.fault.when == "provisioning":
            operation.error = call.fault.error
        return call.world.operations.start(
            operation, lambda: self._written(resource, call.world, operation)
        )

    def _inline_keys(self, resource: Resource, world: World) -> frozenset[str]:
        types = [item.type for item in self.inline]
        children = [
            child.key for kind in types for child in world.store.children(resource.key, kind)
        ]
        return frozenset(children)

    def _written(self, resource: Resource, world: World, operation: Operation) -> None:
        if world.store.get(resource.key) is not resource:
            return
        resource.state = "Failed" if operation.error else "Succeeded"
        if self.family.new_etag_when_done:
            self.touch(resource, world)
        if not operation.error:
            self.on_done(resource, world)

    def new_operation(
        self, call: Call, resource: Resource, verb: str, seconds: float, locks: frozenset[str]
    ) -> Operation:
        """Return an operation that is not started yet."""
        world = call.world
        operation = Operation(
            guid=world.new_guid(),
            name=f"{verb}{self.operation_name}Operation",
            target=resource.id.text,
            location=resource.location or "global",
            api_version=call.api_version,
            retry_after=world.settings.retry_after(self.type, verb.lower()),
            family=self.family,
            locks=locks,
            ends=world.now + seconds,
            deleting=verb == "Delete",
            constant_polls=self.family.constant_polls,
        )
        operation.url = self.family.status_url(call, operation)
        return operation

    def delete(self, call: Call) -> Reply:
        """Answer a DELETE: 404 without the parent, 204 without the resource, else 202."""
        self.require_parent(call)
        resource = call.world.store.get(call.id.key)
        if resource is None:
            return Reply(204)
        self.refuse_if_busy(call)
        self.check_deletable(resource, call)
        if self.synchronous_delete:
            self.remove(resource, call.world)
            return Reply(200)
        return self._delete_later(call, resource)

    def _delete_later(self, call: Call, resource: Resource) -> Reply:
        body = self.show(resource, call.world)
        seconds = self.duration(call, resource, "delete")
        locks = self.locks(call) | self._inline_keys(resource, call.world)
        operation = self.new_operation(call, resource, "Delete", seconds, locks)
        if call.fault is not None and call.fault.when == "provisioning":
            operation.error = call.fault.error
        call.world.operations.start(
            operation, lambda: self._deleted(resource, call.world, operation)
        )
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


def _name_of(entry: Any) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        raise _bad_json("Required property 'name' not found in JSON.")
    return name


def _bad_json(part: str) -> ArmError:
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{part}'.",
        gateway=True,
    )


def _moved(existing: Resource, location: str) -> ArmError:
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{existing.name}' already exists in location '{existing.location}' in "
        f"resource group '{existing.id.group}'. A resource with the same name cannot be created "
        f"in location '{location}'. Please select a new resource name.",
        gateway=True,
    )


def _not_offered(location: str, type_name: str) -> ArmError:
    return ArmError(
        400,
        "LocationNotAvailableForResourceType",
        f"The provided location '{location}' is not available for resource type '{type_name}'. "
        f"List of available regions for the resource type is '{','.join(REGIONS)}'.",
        gateway=True,
    )
