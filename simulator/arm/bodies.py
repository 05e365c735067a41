"""From a body to a draft, and from a resource to a body."""

from collections.abc import Mapping
from typing import Any

from simulator.arm.draft import Draft, arranged, completed
from simulator.arm.errors import ArmError
from simulator.arm.hooks import Hooks
from simulator.arm.ids import ResourceId
from simulator.arm.store import Resource
from simulator.arm.world import World


class Bodies(Hooks):
    """Reads and shows bodies in the way the facts of the type say."""

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
        for name in self._not_in(world.api_version):
            values.pop(name, None)
        first = () if "provisioningState" in self.layout else ("provisioningState", "resourceGuid")
        return arranged(values, (*first, *self.layout))

    def _not_in(self, version: str) -> list[str]:
        """Return the properties that an api-version does not show."""
        too_new = [name for name, first in self.since.items() if version < first]
        return [*too_new, *(name for name, last in self.until.items() if version > last)]

    def etag_of(self, resource: Resource, world: World) -> str:
        """Return the etag a read shows; children may repeat their parent's."""
        if self.is_child and self.family.shares_etags:
            root = world.store.get(resource.id.root.key)
            return root.etag if root else resource.etag
        return resource.etag


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
