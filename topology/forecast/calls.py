"""How many calls a plan takes, and how long Azure's buckets make it wait."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import assert_never

from topology.graph import references
from topology.kind import Kind, Listing, Resource, at, same_id
from topology.limits import BUCKETS, Tokens
from topology.planning.actual import Actual
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Plan, Replace, Step
from topology.recorded import looks_within
from topology.resources import KIND_BY_NAME, READ
from topology.verification.deployed import manager_of

Calls = Counter[str]  # read, write and delete, as Resource Manager's buckets tell them apart

# Between looks at a deployment, and looks until what was withdrawn is believed to be so: ours.
_LOOK_AGAIN, _VANISHED = 10.0, 6


@dataclass(frozen=True)
class Counting:
    """How many calls the steps of a plan take, in the way that a run makes them.

    What is refused and sent again is not among them.
    """

    plan: Plan

    def of(self, step: Step, seconds: float) -> Calls:
        """Return the calls of a step that takes so long."""
        kind = KIND_BY_NAME[step.resource.kind]
        match step:
            case Change() if kind.tags_method and step.sets_only_tags:
                return Counter(read=1, write=1)
            case Create() | Change():
                return _put(kind, seconds)
            case Replace():
                return _put(kind, kind.seconds.create) + _delete(kind, kind.seconds.of("delete"))
            case Delete():
                return _put(kind, seconds) if kind.part_of else _delete(kind, seconds)
            case Commit():
                return self._commit(step, seconds)
            case Nothing():
                return Counter()
        assert_never(step)

    def reading(self, resources: Iterable[Resource]) -> Calls:
        """Return the calls of reading all, when these stand: lists, by subscription and parent."""
        standing = Counter(resource.kind for resource in resources)
        calls: Calls = Counter()
        for kind in (kind for kind in READ if kind.part_of is None):
            if kind.listing is Listing.SUBSCRIPTION:
                calls["read"] += len(self.plan.subscriptions)
            elif kind.listing is Listing.PARENT:
                calls["read"] += standing[kind.parent or ""]
            elif kind.listing is Listing.DEPLOYMENT_STATUS:
                calls["write"] += standing[kind.parent or ""]
        return calls

    def reading_others(self, actual: Actual) -> Calls:
        """Return the calls of reading what others have deployed that reaches ours, by managers.

        That are goal states, lists below the manager and below what they name, and who is where.
        Of what stands in a manager of ours only the last two are not read anyway.
        """
        theirs, ours = actual.managers.goal_states, actual.goal_states
        known = {*theirs, *ours}
        inside = {key: item for key, item in actual.around.items() if manager_of(key) in known}
        standing = Counter(item.kind for key, item in inside.items() if key not in theirs)
        tops = {kind.name for kind in READ if kind.name in standing and kind.parent not in standing}
        tops_of = {
            (manager_of(key), item.kind) for key, item in inside.items() if item.kind in tops
        }
        lists = sum(manager in theirs for manager, _ in tops_of)
        below = sum(standing[kind.parent or ""] for kind in READ)
        asked = bool(theirs) + any(manager_of(key) in ours for key in inside)
        return Counter(read=lists + below, write=len(theirs) + asked)

    def _commit(self, step: Commit, seconds: float) -> Calls:
        """Return the calls of a commit: what stood, the goal, looks, who is concerned, the effect.

        What others have deployed is read too, for it may be gone. A POST that asks is a write to
        the buckets (azure_api/pacing.py).
        """
        ids = step.resource.body["configurationIds"]
        looks = max(1, round(seconds / _LOOK_AGAIN)) + (0 if ids else _VANISHED)
        calls: Calls = Counter(read=len(step.theirs), write=2 + looks)
        for configuration in ids or step.before:
            groups, networks = self._concerned(configuration, step.resource.region)
            calls += Counter(read=1 + len(groups))
            if self._takes_in:  # the groups again, Resource Graph, and a list of networks
                subscriptions = len(self.plan.subscriptions)
                calls += Counter(read=1 + subscriptions, write=1)
            shown = "read" if step.resource.body["commitType"] == "Routing" else "write"
            calls += Counter({shown: len(networks)})
        return calls

    @cached_property
    def _takes_in(self) -> bool:
        """Say whether rules put networks into groups, so that a commit is waited for there too."""
        return any(KIND_BY_NAME[step.resource.kind].fills_groups for step in self.plan.steps)

    def _concerned(self, configuration: str, region: str | None) -> tuple[set[str], set[str]]:
        """Return the groups that a configuration applies to, and their networks of a region."""
        groups = self._applies_to.get(_configuration(configuration), set())
        networks = {
            str(at(member.body, "properties.resourceId"))
            for group in groups
            for member in self._members[group]
            if member.region == region
        }
        return groups, networks

    @cached_property
    def _applies_to(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for step in self.plan.steps:
            key = _configuration(step.resource.id)
            groups = {same_id(name) for name in references(step.resource.body)} & {*self._members}
            if key and groups:
                found.setdefault(key, set()).update(groups)
        return found

    @cached_property
    def _members(self) -> dict[str, list[Resource]]:
        groups: dict[str, list[Resource]] = {}
        for step in self.plan.steps:
            key = same_id(step.resource.id)
            if "/networkgroups/" not in key:
                continue
            group = key.split("/staticmembers/")[0]
            groups.setdefault(group, [])
            if group != key:
                groups[group].append(step.resource)
        return groups


_CONFIGURATION = re.compile(r".*/networkmanagers/[^/]+/[a-z]+configurations/[^/]+")


def _configuration(resource_id: str) -> str:
    """Return the configuration that an id is of or under, in lower case; "" for any other."""
    found = _CONFIGURATION.match(same_id(resource_id))
    return found[0] if found else ""


def _put(kind: Kind, seconds: float) -> Calls:
    """Return: read, write, look, and read again where looks tell only that it has ended."""
    looks = looks_within(seconds, kind.seconds.looks)
    return Counter(read=1 + looks + (looks > 0), write=1)


def _delete(kind: Kind, seconds: float) -> Calls:
    """Return: whose it is, and what it holds, for that would go along, delete, look."""
    looks = looks_within(seconds, kind.seconds.delete_looks)
    lists = sum(item.parent == kind.name and item.listing is Listing.PARENT for item in READ)
    return Counter(read=1 + lists + looks + kind.takes_along, delete=1)


@dataclass
class Buckets:
    """Resource Manager's buckets while a plan is carried out in thought.

    `have_waited` says that a step had to wait for one of them.
    """

    have_waited: bool = False
    _levels: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def wait_for(self, step: Step, now: float) -> float:
        """Return the seconds until Azure takes the calls that a step begins with."""
        sort = "delete" if isinstance(step, Delete) else "write"
        subscription = subscription_of(step.resource.id)
        waits = max(self._take(subscription, name, now) for name in ("read", sort))
        self.have_waited = self.have_waited or waits > 0
        return waits

    def _take(self, subscription: str, sort: str, now: float) -> float:
        tokens: Tokens = BUCKETS[sort]
        level, then = self._levels.get((subscription, sort), (tokens.size, now))
        level = min(level + (now - then) * tokens.per_second, tokens.size) - 1
        self._levels[subscription, sort] = level, now
        return max(-level, 0.0) / tokens.per_second


def subscription_of(resource_id: str) -> str:
    """Return the subscription that an id stands in."""
    return same_id(resource_id).split("/")[2]
