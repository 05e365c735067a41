"""What exists: resources by id, their children and who refers to whom."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.arm.ids import ResourceId


@dataclass(slots=True, eq=False)
class Resource:
    """One resource as it is stored; a provider turns it into the body of an answer.

    `properties` hold what was asked for plus defaults, never what a read computes.
    `hidden` is a provider's own notebook and is never shown.
    """

    id: ResourceId
    type: str
    location: str | None
    tags: dict[str, str] | None
    properties: dict[str, Any]
    extras: dict[str, Any] = field(default_factory=dict)
    state: str = "Succeeded"
    etag: str = ""
    guid: str = ""
    references: frozenset[str] = frozenset()
    hidden: dict[str, Any] = field(default_factory=dict)
    # Counts resources in order of creation; 0 before the first save.
    number: int = 0

    @property
    def key(self) -> str:
        """Return the lower-cased id."""
        return self.id.key

    @property
    def name(self) -> str:
        """Return the resource's own name, in the case of its creation."""
        return self.id.name


# A type, a subscription and a region.
_Place = tuple[str, str, str | None]


def _place(resource: Resource) -> _Place:
    return resource.type.lower(), resource.id.subscription.lower(), resource.location


class Store:
    """All resources of all subscriptions; lists come in order of creation."""

    def __init__(self) -> None:
        self._by_key: dict[str, Resource] = {}
        self._children: dict[tuple[str, str], dict[str, Resource]] = {}
        self._extensions: dict[str, dict[str, Resource]] = {}
        self._by_type: dict[str, dict[str, Resource]] = {}
        self._referrers: dict[str, dict[str, Resource]] = {}
        self._numbers: Counter[_Place] = Counter()
        self._count = 0
        # Called with each resource that was saved or removed.
        self.watchers: list[Callable[[Resource], None]] = []
        # How often something was saved, removed or changed by a read.
        self.changes = 0

    def get(self, key: str) -> Resource | None:
        """Return the resource with this lower-cased id."""
        return self._by_key.get(key)

    def find(self, text: str) -> Resource | None:
        """Return the resource with this id in any case."""
        return self._by_key.get(text.rstrip("/").lower())

    def save(self, resource: Resource) -> None:
        """Keep a resource, new or changed, and index what it refers to."""
        self._unindex(resource.key)
        if not resource.number:
            self._count += 1
            resource.number = self._count
        if resource.key not in self._by_key:
            self._numbers[_place(resource)] += 1
        self._by_key[resource.key] = resource
        self._by_type.setdefault(resource.type.lower(), {})[resource.key] = resource
        parent = resource.id.parent
        if parent is not None:
            slot = (parent.key, resource.type.lower())
            self._children.setdefault(slot, {})[resource.key] = resource
        elif resource.id.extended is not None:
            self._extensions.setdefault(resource.id.scope.lower(), {})[resource.key] = resource
        for target in resource.references:
            self._referrers.setdefault(target, {})[resource.key] = resource
        resource.hidden["indexed"] = resource.references
        self._tell(resource)

    def _tell(self, resource: Resource) -> None:
        self.changes += 1
        for watcher in list(self.watchers):
            watcher(resource)

    def _unindex(self, key: str) -> None:
        old = self._by_key.get(key)
        if old is None:
            return
        for target in old.hidden.get("indexed", frozenset()):
            self._referrers.get(target, {}).pop(key, None)

    def remove(self, resource: Resource) -> None:
        """Forget a resource, everything below it and what extends these."""
        for item in [*self.descendants(resource), resource]:
            for extension in self.extensions(item.key):
                self._forget(extension)
            self._forget(item)

    def _forget(self, resource: Resource) -> None:
        self._unindex(resource.key)
        if self._by_key.pop(resource.key, None) is not None:
            self._numbers[_place(resource)] -= 1
        self._by_type.get(resource.type.lower(), {}).pop(resource.key, None)
        parent = resource.id.parent
        if parent is not None:
            self._children.get((parent.key, resource.type.lower()), {}).pop(resource.key, None)
        self._extensions.get(resource.id.scope.lower(), {}).pop(resource.key, None)
        self._tell(resource)

    def children(self, parent_key: str, type_name: str) -> list[Resource]:
        """Return the children of one type, oldest first."""
        return list(self._children.get((parent_key, type_name.lower()), {}).values())

    def extensions(self, key: str) -> list[Resource]:
        """Return the resources that extend the one with this key, oldest first."""
        return list(self._extensions.get(key, {}).values())

    def descendants(self, resource: Resource) -> Iterator[Resource]:
        """Yield everything below a resource."""
        prefix = resource.key + "/"
        for (parent, _), children in list(self._children.items()):
            if parent == resource.key or parent.startswith(prefix):
                yield from list(children.values())

    def of_type(self, type_name: str) -> Iterable[Resource]:
        """Return every resource of a type, oldest first."""
        return list(self._by_type.get(type_name.lower(), {}).values())

    def count(self, type_name: str, parent_key: str) -> int:
        """Return how many children of a type a parent has."""
        return len(self._children.get((parent_key, type_name.lower()), {}))

    def count_in_region(self, type_name: str, subscription: str, location: str | None) -> int:
        """Return how many resources of a type a region of a subscription has."""
        return self._numbers[type_name.lower(), subscription.lower(), location]

    def in_group(self, group_key: str) -> list[Resource]:
        """Return the resources of a group, without the group itself."""
        prefix = group_key + "/providers/"
        return [item for key, item in self._by_key.items() if key.startswith(prefix)]

    def referrers(self, key: str, type_name: str | None = None) -> list[Resource]:
        """Return the resources that refer to this id, perhaps only those of one type."""
        found = list(self._referrers.get(key, {}).values())
        if type_name is None:
            return found
        return [item for item in found if item.type.lower() == type_name.lower()]
