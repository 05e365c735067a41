"""What stands around ours: neighbours, what they use, and the rules of their firewalls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from azure_api.errors import Final
from azure_api.waiting import together
from topology.graph import references
from topology.kind import Body, Kind, Listing, at, same_id
from topology.planning.actual import Actual, Found
from topology.planning.diff import without_read_only

# What is peered with ours, what its subnets use, and so for its own neighbours.
_HOPS = 2


def neighbours(
    actual: Actual, rest: Mapping[str, Found], kinds: Collection[Kind]
) -> dict[str, Found]:
    """Return what of the rest is named by ours, and by what is named so.

    Those are networks that are peered with ours, or joined with them by managers of others; then
    what their subnets and ours use, and what those use who stand in them, as a security group of
    a machine's interface. Of subscriptions that are not read nothing is known.
    """
    groups = (*actual.members.values(), *actual.managers.members.values())
    members = {name for names in groups for name in names}
    found = {name: rest[name] for name in members if name in rest}
    edge: Iterable[Found] = (
        *actual.resources.values(),
        *actual.around.values(),
        *found.values(),
    )
    for _ in range(_HOPS):
        named = {name for item in edge for name in _named(item.body)}
        new = {name: rest[name] for name in named if name in rest and name not in found}
        found |= new
        edge = new.values()
    found |= _sharing(rest, (*actual.resources.values(), *found.values()), kinds)
    inside = (kind for kind in kinds if kind.listing is Listing.INLINE)
    for kind in inside:
        above = [item for item in found.values() if item.kind == kind.parent]
        found |= {same_id(item.id): item for own in above for item in inline(kind, own)}
    return found


def _sharing(
    rest: Mapping[str, Found], among: Iterable[Found], kinds: Collection[Kind]
) -> dict[str, Found]:
    """Return what of the rest is used by somebody whom one of these names, as subnets do.

    Who uses it stands in its own body.
    """
    named = {name for item in among for name in _named(item.body)}
    keys = {kind.name: kind.used_by for kind in kinds if kind.used_by}
    return {
        name: item
        for name, item in rest.items()
        if not named.isdisjoint(_users(item, keys.get(item.kind, ())))
    }


def _users(item: Found, keys: Iterable[str]) -> Iterator[str]:
    users = [at(item.body, f"properties.{key}") for key in keys]
    return map(same_id, references({"users": users}))


def joined_with(actual: Actual, networks: Collection[str]) -> frozenset[str]:
    """Return the keys of networks of ours, of members of our groups, and of what ours name.

    `networks` are the kinds of these; what they name are their peers, among other things.
    """
    own = {key for key, item in actual.resources.items() if item.kind in networks}
    named = {same_id(name) for item in actual.resources.values() for name in references(item.body)}
    return frozenset({*own, *named, *(name for each in actual.members.values() for name in each)})


def inline(kind: Kind, parent: Found) -> list[Found]:
    """Return what the parent's own body holds of a kind."""
    items = at(parent.body, kind.inline_path or "") or []
    return [Found(kind.name, item["id"], item) for item in items]


def _named(body: Body) -> Iterator[str]:
    """Yield the ids that a resource names, and those of what they stand in, in lower case."""
    for name in references(body):
        key = same_id(name)
        while "/providers/" in key:
            yield key
            key = key.rpartition("/")[0].rpartition("/")[0]


# -- the rules of firewalls --------------------------------------------------------------


@dataclass
class RulesOfOthers:
    """What others have that decides what firewalls let through, read where something names it.

    `listed` are the lists of the subscriptions, by id; those that are read for what is named alone
    come to them. `is_whole` says whether a resource was read with what stands under it; else
    `children` reads that. `of_subscription` reads a list.
    """

    kinds: Mapping[str, Kind]
    listed: dict[str, Found]
    subscriptions: Iterable[str]
    is_whole: Callable[[Kind, Found], bool]
    children: Callable[[Kind, Found], Coroutine[Any, Any, list[Found]]]
    of_subscription: Callable[[Kind, str], Coroutine[Any, Any, list[Found]]]

    async def for_all(self, known: Mapping[str, Found]) -> dict[str, Found]:
        """Return what decides for any of these, whatever that names in turn, but these.

        So a policy has its parents, all have their groups of rules, and these their addresses.
        """
        found: dict[str, Found] = {}
        edge = list(known.values())
        while edge:
            named = {name for item in edge for name in self._named(item)}
            await self._list(named)
            new = [self.listed[name] for name in named - {*found} if self._decides(name)]
            below = [
                self.children(kind, item)
                for item in new
                for kind in self.kinds.values()
                if kind.decides and kind.parent == item.kind
            ]
            edge = [*new, *(item for items in await together(below) for item in items)]
            found |= {same_id(item.id): item for item in edge}
        return {name: item for name, item in found.items() if name not in known}

    def _named(self, item: Found) -> Iterator[str]:
        """Yield what an item itself names that may decide, not who Azure says uses it."""
        if any(self._may_decide(same_id(name)) for name in references(item.body)):
            own = _named(without_read_only(item.body, self.kinds[item.kind]))
            yield from filter(self._may_decide, own)

    def _may_decide(self, name: str) -> bool:
        return any(f"/{arm_type}/" in name for arm_type in self._types)

    @cached_property
    def _types(self) -> frozenset[str]:
        """Return the types of what decides, or of what that stands under, in lower case."""
        deciding = (kind for kind in self.kinds.values() if kind.decides)
        return frozenset("/".join(kind.arm_type.lower().split("/")[:2]) for kind in deciding)

    def _decides(self, name: str) -> bool:
        item = self.listed.get(name)
        kind = self.kinds[item.kind] if item else None
        return (
            item is not None and kind is not None and kind.decides and not self.is_whole(kind, item)
        )

    async def _list(self, named: Iterable[str]) -> None:
        """Read the lists that hold what is named, where they are read for that alone.

        Who may not read one does not know what it holds.
        """
        wanted = {
            (kind.name, subscription)
            for kind in self.kinds.values()
            if kind.listing is Listing.NAMED
            for subscription in self.subscriptions
            for name in named
            if name not in self.listed and _is_of(name, kind, subscription)
        }
        for kind_name, subscription in sorted(wanted):
            try:
                items = await self.of_subscription(self.kinds[kind_name], subscription)
            except Final as error:
                if error.status != HTTPStatus.FORBIDDEN:
                    raise
                continue
            self.listed |= {same_id(item.id): item for item in items}


def _is_of(name: str, kind: Kind, subscription: str) -> bool:
    """Say whether a lower-case id is of a kind, in a subscription."""
    is_in = name.startswith(f"/subscriptions/{subscription}/".lower())
    return is_in and f"/providers/{kind.arm_type}/".lower() in name
