"""The subscriptions that a manager reaches: none leaves before all of ours in it is gone.

A network outside of the scope silently gets nothing (facts.md section 1): one that is
still to go would lose its admin rules while it is peered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace

from topology.graph import Edge
from topology.kind import Kind, Resource, Stage, at, put_at, same_id
from topology.planning.actual import Actual, Found
from topology.planning.plan import Change, Create, Delete, FieldChange, Nothing, Replace, Step
from topology.planning.removal import owned
from topology.resources import KIND_BY_NAME

_LAST = "#scope"
_SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+")


def reaching(resources: Iterable[Resource], actual: Actual, topology: str) -> tuple[Resource, ...]:
    """Return the resources; a scope that lists subscriptions has all in which ours stands."""
    wanted = tuple(resources)
    ours = (item.id for item in actual.resources.values() if owned(item, actual, topology))
    used = {_subscription(name) for name in (*(item.id for item in wanted), *ours)}
    return tuple(_reaching(item, used, actual) for item in wanted)


def leaving(
    resources: Iterable[Resource], steps: Mapping[str, Step]
) -> Iterator[tuple[Change, tuple[Edge, ...]]]:
    """Yield the last step of a scope: what has nothing of ours any more is taken out of it.

    It comes after all that goes there, and is a step of its own: the scope was written
    before, with what is new in it. Its id is `<id>#scope`.
    """
    going = _emptied(steps)
    for resource in resources:
        path = KIND_BY_NAME[resource.kind].reach
        asked = at(resource.body, path) if path else None
        if path is None or not asked:
            continue
        step = steps[same_id(resource.id)]
        listed = at(step.resource.body, path)
        gone = [item for item in listed if item not in asked and same_id(item) in going]
        if gone:
            body: dict[str, object] = {}
            put_at(body, path, [item for item in listed if item not in gone])
            last = replace(
                step.resource, id=f"{step.resource.id}{_LAST}", stage=Stage.SCOPE, body=body
            )
            fields = tuple(FieldChange(f"{path}.{item}", item, None) for item in gone)
            needs = [step.resource.id, *(name for item in gone for name in going[same_id(item)])]
            yield Change(last, fields), tuple(Edge(last.id, need) for need in needs)


def reached_twice(steps: Iterable[Step], actual: Actual) -> Iterator[tuple[str, str]]:
    """Yield what has a scope, and what of ours would reach into it before that is gone.

    "Two managers with same scope level and same feature may not overlap" (facts.md section 1).
    """
    listed = tuple(steps)
    for new in (step.resource for step in listed if isinstance(step, Create)):
        for old in (step.resource for step in listed if isinstance(step, Delete | Nothing)):
            found = actual.get(old.id) if old.kind == new.kind else None
            if found is not None and _overlap(new, found):
                yield old.name, new.name


def opened_above(steps: Iterable[Step]) -> Iterator[str]:
    """Yield a note on each scope above subscriptions that a step sets.

    A manager is refused one at which its provider is not registered, and no question of Azure's
    tells whether it is (azure-rest-api-specs issues 25774 and 22041).
    """
    for step in steps:
        kind = KIND_BY_NAME[step.resource.kind]
        provider = kind.arm_type.partition("/")[0]
        for name in _set_above(step, kind):
            yield (
                f"{step.resource.name} is to reach all of {name}, and Azure tells nobody whether "
                f"{provider} is registered there: run `az provider register --namespace {provider} "
                f"--management-group-id {name}` once before"
            )


def _set_above(step: Step, kind: Kind) -> Iterator[str]:
    """Yield the names of what a step takes into a scope beside subscriptions."""
    scope, _, subscriptions = (kind.reach or "").rpartition(".")
    if not scope or not isinstance(step, Create | Change | Replace):
        return
    if isinstance(step, Change) and not any(item.path.startswith(scope) for item in step.fields):
        return
    for level, ids in (at(step.resource.body, scope) or {}).items():
        if level != subscriptions:
            yield from (item.rsplit("/", 1)[-1] for item in ids)


def _overlap(new: Resource, found: Found) -> bool:
    reach = KIND_BY_NAME[new.kind].reach
    if reach is None:
        return False
    levels, there = (at(body, reach.rpartition(".")[0]) or {} for body in (new.body, found.body))
    return any(
        {*map(same_id, ids)} & {*map(same_id, there.get(level) or ())}
        for level, ids in levels.items()
    )


def _reaching(resource: Resource, used: set[str], actual: Actual) -> Resource:
    """Return a resource whose scope has what is used; a scope of another sort stays as it is.

    What has no list in its body, as in a roll-back, has the one that was found.
    """
    path, found = KIND_BY_NAME[resource.kind].reach, actual.get(resource.id)
    if path is None:
        return resource
    listed = at(resource.body, path)
    if listed is None and found is not None:
        listed = at(found.body, path)
    more = sorted(used - {same_id(item) for item in listed or ()})
    if not listed or not more:
        return resource
    body = deepcopy(resource.body)
    put_at(body, path, [*listed, *more])
    return replace(resource, body=body)


def _emptied(steps: Mapping[str, Step]) -> dict[str, list[str]]:
    """Return the subscriptions in which all that is ours goes, with the ids of what goes."""
    going: dict[str, list[str]] = {}
    stays = set()
    for step in steps.values():
        if isinstance(step, Delete):
            going.setdefault(_subscription(step.resource.id), []).append(step.resource.id)
        else:
            stays.add(_subscription(step.resource.id))
    return {name: ids for name, ids in going.items() if name not in stays}


def _subscription(resource_id: str) -> str:
    found = _SUBSCRIPTION.match(same_id(resource_id))
    return found[0] if found else ""
