"""What Azure holds, read by lists: never one request a resource."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from azure_api import calls
from azure_api.around import RulesOfOthers, inline, joined_with, neighbours
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.deployed_by_others import DeployedByOthers
from azure_api.deployment_status import read_active, read_goal_states
from azure_api.errors import Final
from azure_api.ids import parse
from azure_api.members import read_members
from azure_api.retrying import retried
from azure_api.waiting import together
from topology.kind import NOBODY, Kind, Listing, parent_id, same_id
from topology.ownership import is_ours
from topology.planning.actual import Actual, Found, GoalState, OthersManagers
from topology.verification.active import as_active, edited_since

# Lists that run at once: far below the read limits (250, refilled with 25 a second;
# facts.md section 7).
_AT_ONCE = 16


async def read_one(azure: Azure, kind: Kind, resource_id: str) -> Json | None:
    """Return a resource as Azure has it now, or None; errors that pass are tried again.

    Raises Final, or Passing when they do not pass in two minutes, or in half an hour once a run
    has begun to write.
    """
    return await retried(lambda: calls.get(azure, kind, resource_id), azure)


async def read_inside(azure: Azure, group_id: str) -> tuple[str, ...]:
    """Return the ids of all resources in a resource group, of whatever type."""
    resources = azure.client_of("resource", group_id).resources
    names = parse(group_id).path_arguments

    async def once() -> list[Json]:
        return await calls.list_all(resources.list_by_resource_group, *names, about=group_id)

    return tuple(body["id"] for body in await retried(once, azure))


async def read_below(azure: Azure, found: Found, kinds: Iterable[Kind]) -> list[Found]:
    """Return all that stands under a resource, at any depth: a list for each kind that may."""
    listed = tuple(kinds)
    below = [
        item
        for kind in listed
        if kind.parent == found.kind
        for item in await _children(azure, kind, found)
    ]
    deeper = [item for child in below for item in await read_below(azure, child, listed)]
    return [*below, *deeper]


async def read_actual(
    azure: Azure,
    kinds: Iterable[Kind],
    topology_name: str,
    wanted_ids: Iterable[str] = (),
) -> Actual:
    """Read all that is ours, and what stands beside it, so that a planner sees both.

    From the lists of all subscriptions of the connection come resources tagged ours, all
    in resource groups that are ours, and those of `wanted_ids`. Children are read under
    each parent that is ours or wanted, foreign ones included, and so are the goal states of
    such managers; members of groups where rules of ours put some into them. What would go
    along with a group of ours that is not wanted is listed whatever its type. Nothing is
    there, and nothing raised, for what does not exist. Raises Passing or Final for what
    cannot be read.
    """
    reading = _Reading(
        azure=azure,
        topology=topology_name,
        wanted=frozenset(same_id(item) for item in wanted_ids),
        turns=asyncio.Semaphore(_AT_ONCE),
    )
    whole = [kind for kind in kinds if kind.part_of is None]
    actual = await reading.all_of(whole)
    return actual.with_contents(await reading.inside_what_goes(whole, actual))


@dataclass(frozen=True)
class _Reading:
    azure: Azure
    topology: str
    wanted: frozenset[str]
    turns: asyncio.Semaphore

    async def all_of(self, kinds: list[Kind]) -> Actual:
        roots = [kind for kind in kinds if kind.listing is Listing.SUBSCRIPTION]
        lists = await together(self._root(kind) for kind in roots)
        listed = dict(zip([kind.name for kind in roots], lists, strict=True))
        kept = self._kept(listed, roots)
        for level in _levels(kinds):
            below = await together(self._below(kind, kept, kinds) for kind in level)
            kept.update(zip([kind.name for kind in level], below, strict=True))
        commits = [kind for kind in kinds if kind.listing is Listing.DEPLOYMENT_STATUS]
        states = await self._goal_states(commits, kept, kinds)
        actual = Actual.of([item for items in kept.values() for item in items], states)
        actual = replace(actual, members=await self._members(kept, roots))
        managers, theirs = await self._deployed_by_others(listed, actual, commits, kinds)
        actual = replace(
            actual,
            managers=managers,
            others=self._of_others(listed, [kind for kind in roots if kind.can_join]),
            around=await self._around(
                listed, replace(actual, managers=managers, around=theirs), kinds
            ),
            policies=self._of_others(listed, [kind for kind in roots if kind.is_policy]),
        )
        return await self._as_active(actual)

    async def inside_what_goes(self, kinds: list[Kind], actual: Actual) -> list[str]:
        """Return the ids of all that stands in what takes it along and is not wanted."""
        taking = {kind.name: kind for kind in kinds if kind.takes_along}
        going = [
            item.id
            for item in actual.resources.values()
            if item.kind in taking
            and same_id(item.id) not in self.wanted
            and self._is_ours(taking[item.kind], item)
        ]
        lists = await together(self._inside(item) for item in going)
        return [name for names in lists for name in names]

    async def _inside(self, group_id: str) -> tuple[str, ...]:
        async with self.turns:
            return await read_inside(self.azure, group_id)

    # -- lists of the subscriptions ------------------------------------------------------

    async def _root(self, kind: Kind) -> list[Found]:
        lists = await together(
            self._of_subscription(kind, subscription) for subscription in self.azure.subscriptions
        )
        return [item for items in lists for item in items]

    async def _of_subscription(self, kind: Kind, subscription: str) -> list[Found]:
        client = self.azure.client(kind.client, subscription)
        method = getattr(getattr(client, kind.operations), kind.list_method)
        about = f"/subscriptions/{subscription}"
        async with self.turns:
            return await _listed(self.azure, kind, method, about=about, **kind.list_arguments)

    def _kept(self, lists: Mapping[str, list[Found]], roots: list[Kind]) -> dict[str, list[Found]]:
        kind_of = {kind.name: kind for kind in roots}
        ours = {
            same_id(item.id)
            for name, items in lists.items()
            for item in items
            if self._is_ours(kind_of[name], item)
        }
        return {
            name: [item for item in items if self._is_kept(kind_of[name], item, ours)]
            for name, items in lists.items()
        }

    def _of_others(self, lists: Mapping[str, list[Found]], kinds: list[Kind]) -> tuple[Found, ...]:
        """Return what is not ours; what stands above subscriptions is listed by each of them."""
        theirs = {
            same_id(item.id): item
            for kind in kinds
            for item in lists[kind.name]
            if not self._is_ours(kind, item)
        }
        return tuple(theirs.values())

    async def _around(
        self, lists: Mapping[str, list[Found]], actual: Actual, kinds: list[Kind]
    ) -> dict[str, Found]:
        """Return what stands around ours, with the rules of others that decide there."""
        listed = {same_id(item.id): item for items in lists.values() for item in items}
        rest = {name: item for name, item in listed.items() if actual.get(name) is None}
        found = {**neighbours(actual, rest, kinds), **actual.around}
        rules = RulesOfOthers(
            kinds={kind.name: kind for kind in kinds},
            listed=listed,
            subscriptions=self.azure.subscriptions,
            is_whole=self._is_wanted,
            children=self._children,
            of_subscription=self._of_subscription,
        )
        return found | await rules.for_all({**found, **actual.resources})

    async def _members(
        self, kept: Mapping[str, list[Found]], roots: list[Kind]
    ) -> Mapping[str, frozenset[str]]:
        rules = [item for kind in roots if kind.fills_groups for item in kept[kind.name]]
        return await read_members(self.azure, self.azure.subscriptions) if rules else {}

    def _is_kept(self, kind: Kind, item: Found, ours: set[str]) -> bool:
        """Say whether it is ours, wanted, or stands in what is ours; a policy stands in nothing."""
        own, above = same_id(item.id), same_id(parent_id(item.id))
        return own in ours or own in self.wanted or (above in ours and not kind.is_policy)

    # -- what stands under a parent ------------------------------------------------------

    async def _below(
        self, kind: Kind, kept: Mapping[str, list[Found]], kinds: list[Kind]
    ) -> list[Found]:
        owner = next(other for other in kinds if other.name == kind.parent)
        owned = [item for item in kept[owner.name] if self._is_looked_into(owner, item)]
        lists = await together(self._children(kind, parent) for parent in owned)
        return [item for items in lists for item in items]

    async def _children(self, kind: Kind, parent: Found) -> list[Found]:
        async with self.turns:
            return await _children(self.azure, kind, parent)

    async def _goal_states(
        self, commits: list[Kind], kept: Mapping[str, list[Found]], kinds: list[Kind]
    ) -> dict[str, tuple[GoalState, ...]]:
        managers = [
            item.id
            for kind in _managing(commits, kinds)
            for item in kept[kind.name]
            if self._is_looked_into(kind, item)
        ]
        states = await together(read_goal_states(self.azure, item) for item in managers)
        return dict(zip(managers, states, strict=True))

    async def _deployed_by_others(
        self,
        listed: Mapping[str, list[Found]],
        actual: Actual,
        commits: list[Kind],
        kinds: list[Kind],
    ) -> tuple[OthersManagers, dict[str, Found]]:
        """Return what they have deployed that reaches networks of ours, or peers of these.

        In managers of ours that is all.
        """
        theirs = [
            item
            for kind in _managing(commits, kinds)
            for item in listed[kind.name]
            if not self._is_looked_into(kind, item)
        ]
        near = joined_with(actual, {kind.name for kind in kinds if kind.can_join}) if theirs else ()
        reading = DeployedByOthers(self.azure, {kind.name: kind for kind in kinds}, self._children)
        managers, around = await reading.read(theirs, near)
        members, content = await reading.beside_ours(self._beside_ours(actual, kinds))
        members = {**managers.members, **members}
        return replace(managers, members=members), {**around, **content}

    def _beside_ours(self, actual: Actual, kinds: list[Kind]) -> Iterator[Found]:
        """Yield the configurations of others that are deployed in managers of ours."""
        kind_of = {kind.name: kind for kind in kinds}
        states = (state for states in actual.goal_states.values() for state in states)
        for name in sorted({same_id(name) for it in states for name in it.configuration_ids}):
            item = actual.get(name)
            if item is not None and not self._is_looked_into(kind_of[item.kind], item):
                yield item

    async def _as_active(self, actual: Actual) -> Actual:
        """Return it with what is active where a configuration was edited after its commit.

        Who may not list that does not know it.
        """
        listed: dict[str, list[Json]] = {}
        for manager, regions in edited_since(actual).items():
            try:
                listed[manager] = await read_active(self.azure, manager, sorted(regions))
            except Final as error:
                if error.status != HTTPStatus.FORBIDDEN:
                    raise
        return as_active(actual, listed)

    # -- both ----------------------------------------------------------------------------

    def _is_looked_into(self, kind: Kind, item: Found) -> bool:
        # What others keep under ours is read whole: all of it is theirs.
        return kind.our_names == NOBODY or self._is_wanted(kind, item)

    def _is_wanted(self, kind: Kind, item: Found) -> bool:
        return same_id(item.id) in self.wanted or self._is_ours(kind, item)

    def _is_ours(self, kind: Kind, item: Found) -> bool:
        return is_ours(kind, item.body, item.id, self.topology)


async def _children(azure: Azure, kind: Kind, parent: Found) -> list[Found]:
    """Return what stands under a parent of a kind: its own body holds it, or a list."""
    if kind.listing is Listing.INLINE:
        return inline(kind, parent)
    if kind.listing is not Listing.PARENT:
        return []
    client = azure.client_of(kind.client, parent.id)
    method = getattr(getattr(client, kind.operations), kind.list_method)
    return await _listed(azure, kind, method, *parse(parent.id).path_arguments, about=parent.id)


async def _listed(
    azure: Azure, kind: Kind, method: Any, *arguments: str, about: str, **options: Any
) -> list[Found]:
    bodies = await retried(
        lambda: calls.list_all(method, *arguments, about=about, **options), azure
    )
    return [Found(kind.name, body["id"], body) for body in bodies]


def _managing(commits: list[Kind], kinds: list[Kind]) -> list[Kind]:
    """Return the kinds of what has goal states."""
    names = {kind.parent for kind in commits}
    return [kind for kind in kinds if kind.name in names]


def _levels(kinds: list[Kind]) -> Iterator[list[Kind]]:
    """Yield the kinds that stand under others, parents before children."""
    done = {kind.name for kind in kinds if kind.listing is Listing.SUBSCRIPTION}
    rest = [kind for kind in kinds if kind.listing in {Listing.PARENT, Listing.INLINE}]
    while rest:
        level = [kind for kind in rest if kind.parent in done]
        if not level:
            names = ", ".join(kind.name for kind in rest)
            raise LookupError(f"the parents of these kinds are no kinds: {names}; add them")
        yield level
        done.update(kind.name for kind in level)
        rest = [kind for kind in rest if kind not in level]
