"""Microsoft.Resources/resources: the list of all that is in a subscription or in a group."""

from collections.abc import Sequence
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import arranged
from simulator.arm.families import Family
from simulator.arm.filters import read_filter
from simulator.arm.paging import page
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World

TYPE = "Microsoft.Resources/resources"
# The order of the keys of an entry: `assumed` where `$expand` adds to it.
_ORDER = (
    "id",
    "name",
    "type",
    "managedBy",
    "sku",
    "location",
    "createdTime",
    "changedTime",
    "provisioningState",
    "identity",
    "tags",
)


class ResourcesFamily(Family):
    """Lists with `$top`."""

    takes_top = True


class Resources(Provider):
    """All resources that have a place and tags of their own; children have these rarely."""

    type = TYPE
    family: ClassVar[Family] = ResourcesFamily()

    @property
    def verbs(self) -> tuple[str, ...]:
        """Return none: only the list is there."""
        return ()

    def listed(self, call: Call) -> Sequence[Resource]:
        """Return what the scope holds and the filter keeps, in order of creation."""
        wanted = read_filter(call.query.get("$filter", ""))
        prefix = call.id.scope.lower() + "/"
        found = [
            item
            for provider in call.world.providers.values()
            if _is_listed(provider)
            for item in call.world.store.of_type(provider.type)
            if item.key.startswith(prefix) and "/providers/" in item.key and wanted.keeps(item)
        ]
        return sorted(found, key=lambda item: item.number)

    def list_reply(self, call: Call, resources: Sequence[Resource]) -> Reply:
        """Answer with an entry for each, which `$expand` makes longer."""
        found, following = page(call, resources, takes_top=True)
        expanded = [name.strip().lower() for name in call.query.get("$expand", "").split(",")]
        # A list by the value of a tag shows no tags (the swagger's description of $filter).
        has_tags = not read_filter(call.query.get("$filter", "")).names_tag_value
        entries = [_entry(item, call.world, expanded, has_tags=has_tags) for item in found]
        body: dict[str, Any] = {"value": entries}
        return Reply(200, {**body, "nextLink": following} if following else body)


def _is_listed(provider: Provider) -> bool:
    """Tell whether resources of a type are in lists: of children those that have tags are."""
    return not provider.is_extension and (not provider.is_child or provider.has_tags)


def _entry(
    resource: Resource, world: World, expanded: Sequence[str], *, has_tags: bool
) -> dict[str, Any]:
    known = {
        "createdTime": resource.hidden.get("created"),
        "changedTime": resource.hidden.get("changed"),
        "provisioningState": world.state_of(resource),
    }
    shown = {key: value for key, value in known.items() if key.lower() in expanded}
    if has_tags and resource.tags is not None:
        shown["tags"] = resource.tags
    entry = {
        **resource.extras,
        "id": resource.id.text,
        "name": "/".join(resource.id.names),
        "type": resource.type,
        "location": resource.location or "global",
        **shown,
    }
    return arranged({key: value for key, value in entry.items() if key in _ORDER}, _ORDER)
