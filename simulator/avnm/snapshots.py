"""A configuration as it was at the moment of a commit."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.membership import addresses_of_group
from simulator.avnm.types import (
    ADMIN,
    ADMIN_COLLECTION,
    ADMIN_RULE,
    ROUTING,
    ROUTING_COLLECTION,
    ROUTING_RULE,
    USER,
    USER_COLLECTION,
    USER_RULE,
)

_PARTS = {
    ADMIN: ADMIN_COLLECTION,
    ADMIN_COLLECTION: ADMIN_RULE,
    USER: USER_COLLECTION,
    USER_COLLECTION: USER_RULE,
    ROUTING: ROUTING_COLLECTION,
    ROUTING_COLLECTION: ROUTING_RULE,
}


@dataclass(frozen=True, slots=True)
class Part:
    """A configuration, collection or rule, frozen, with what is below it.

    `addresses` holds the prefixes of each group that a rule names instead of addresses:
    they are those of the commit (facts.md section 3).
    """

    id: str
    name: str
    properties: dict[str, Any]
    parts: tuple["Part", ...] = ()
    addresses: dict[str, list[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the lower-cased id."""
        return self.id.lower()

    @property
    def groups(self) -> list[str]:
        """Return the ids of the groups it applies to."""
        listed = self.properties.get("appliesToGroups") or self.properties.get("appliesTo") or []
        return [item["networkGroupId"] for item in listed]

    def holds(self, key: str) -> bool:
        """Tell whether this is it or has it below."""
        return self.key == key or any(part.holds(key) for part in self.parts)

    def without(self, key: str) -> "Part":
        """Return the same with a part taken out."""
        kept = tuple(part.without(key) for part in self.parts if part.key != key)
        return replace(self, parts=kept)


def freeze(resource: Resource, world: World) -> Part:
    """Return a configuration as it is now."""
    below = _PARTS.get(resource.type)
    children = world.store.children(resource.key, below) if below else []
    return Part(
        resource.id.text,
        resource.name,
        deepcopy(world.provider_of(resource).shown_properties(resource, world)),
        tuple(freeze(child, world) for child in children),
        _addresses(resource, world),
    )


def _addresses(resource: Resource, world: World) -> dict[str, list[str]]:
    found = {}
    for side in ("sources", "destinations"):
        for item in resource.properties.get(side) or []:
            if item.get("addressPrefixType") == "NetworkGroup":
                group = str(item["addressPrefix"]).lower()
                found[group] = addresses_of_group(world, group)
    return found
