"""What is ours and no longer wanted: what goes of it, and what stays for others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from topology.graph import Graph, references
from topology.kind import (
    NOBODY,
    Kind,
    Ownership,
    Resource,
    Stage,
    at,
    parent_id,
    same_id,
)
from topology.ownership import described_region, is_ours, matches
from topology.planning.actual import Actual, Found
from topology.planning.diff import foreign_children, without, without_read_only
from topology.planning.plan import (
    Delete,
    Held,
    Nothing,
    Step,
)
from topology.resources import KIND_BY_NAME, KINDS

Steps = Mapping[str, Step]

# Says why a resource of ours, by its key, has to stay: among ours, and all that was read.
_Reason = Callable[[str, Found, Mapping[str, Found], Actual, str], str | None]


def plan_removal(graph: Graph, actual: Actual, topology: str) -> list[Step]:
    """Return a step for each resource of ours that is not wanted.

    What holds something foreign, or is used by it, stays, with what it refers to: deleting
    it would take the foreign thing along, or is refused by Azure when half is gone.
    """
    actual = _without_what_goes_by_itself(actual)
    ours = _ours(actual, topology)
    unwanted = {key: found for key, found in ours.items() if key not in graph}
    kept = _kept(unwanted, ours, actual, topology)
    return [
        Nothing(as_resource(found, actual), *kept[key])
        if key in kept
        else Delete(as_resource(found, actual))
        for key, found in sorted(unwanted.items())
    ]


def _ours(actual: Actual, topology: str) -> dict[str, Found]:
    return {key: found for key, found in actual.resources.items() if owned(found, actual, topology)}


def owned(found: Found, actual: Actual, topology: str) -> bool:
    """Say whether a resource is ours; a name counts only under a parent that is."""
    kind = KIND_BY_NAME[found.kind]
    named = is_ours(kind, found.body, found.id, topology)
    if kind.owned_by is not Ownership.NAME:
        return named
    above = actual.get(parent_id(found.id))
    if above is None or not owned(above, actual, topology):
        return False
    return named or _joins_ours(kind, found, above, actual, topology)


def _joins_ours(kind: Kind, found: Found, above: Found, actual: Actual, topology: str) -> bool:
    """Say whether a resource joins two of ours in the way that its kind calls ours."""
    if kind.ours_between is None:
        return False
    path, is_between = kind.ours_between
    other = actual.get(str(at(found.body, path)))
    ours = other is not None and owned(other, actual, topology)
    name = found.id.rsplit("/", 1)[-1]
    return ours and other is not None and is_between(name, above.body, other.body)


def held_back(found: Found, actual: Actual, topology: str) -> str | None:
    """Return why a resource of ours cannot go, or None: what is foreign in it would go along."""
    return _first_inside(found, _without_what_goes_by_itself(actual), topology, _foreign_inside)


def taken_along(found: Found, inside: Actual, topology: str) -> str | None:
    """Return what a resource of ours holds that is not ours, or None, when it is about to go.

    `inside` is it, what stands in it, and what says whose these are. Who uses it is left to Azure,
    which refuses to delete what is in use; and what Azure made in it, it takes away itself.
    """
    kept = {key: item for key, item in inside.resources.items() if not is_made_by_azure(item)}
    return _first_inside(found, replace(inside, resources=kept), topology, _held_by_it)


def _first_inside(found: Found, actual: Actual, topology: str, why: _Reason) -> str | None:
    """Return the first reason of a resource, or of what is ours in it, if there is one."""
    ours, top = _ours(actual, topology), same_id(found.id)
    inside = {key: item for key, item in ours.items() if f"{key}/".startswith(f"{top}/")}
    reasons = (why(key, item, ours, actual, topology) for key, item in inside.items())
    return next((reason for reason in reasons if reason), None)


def _without_what_goes_by_itself(actual: Actual) -> Actual:
    """Leave out what Azure made of ours for the members of our groups: it goes with them."""
    members = {name for group in actual.members.values() for name in group}
    kept = {
        key: found
        for key, found in actual.resources.items()
        if not (is_made_by_azure(found) and members & set(map(same_id, references(found.body))))
    }
    return replace(actual, resources=kept)


def is_made_by_azure(found: Found) -> bool:
    """Say whether Azure makes and takes away what has such a name: AVNM's peerings."""
    pattern = KIND_BY_NAME[found.kind].made_by_azure
    return matches(pattern, found.id.rsplit("/", 1)[-1], "")


def ends_of(resource: Resource | Found) -> tuple[str, str] | None:
    """Return the two networks that a side of a pair joins: where it stands, and the other one."""
    path = KIND_BY_NAME[resource.kind].other_side
    if path is None:
        return None
    return same_id(parent_id(resource.id)), same_id(str(at(resource.body, path)))


def named_by(found: Found) -> Iterator[str]:
    """Yield what a resource refers to, and itself.

    What refers back to it is left out, and so are children that are resources of their
    own: two networks do not need each other because they are peered.
    """
    kind = KIND_BY_NAME[found.kind]
    apart = {item.path for item in kind.child_lists if item.ours == NOBODY}
    yield from references(without(without_read_only(found.body, kind), apart))
    yield found.id


def stands_above(key: str, other: str) -> bool:
    """Say whether a resource stands above another: it does not use what it holds."""
    return other.startswith(f"{key}/")


def upward(key: str) -> Iterator[str]:
    """Yield an id and the ids that it stands under."""
    while key:
        yield key
        key = key.rpartition("/")[0]


# -- what stays --------------------------------------------------------------------------


_Why = tuple[str, Held]
Kept = dict[str, _Why]


def _kept(
    unwanted: Mapping[str, Found], ours: Mapping[str, Found], actual: Actual, topology: str
) -> Kept:
    """Return what must stay: why, and whether for others or for ours that stays."""
    kept: Kept = {}
    for key, found in unwanted.items():
        if reason := _foreign_inside(key, found, ours, actual, topology):
            _keep(key, (reason, "by others"), unwanted, kept)
    foreign = (found for key, found in actual.resources.items() if key not in ours)
    for found in foreign:
        reason = f"{found.id.rsplit('/', 1)[-1]} uses it, which is not ours"
        _keep_used(found, (reason, "by others"), unwanted, kept)
    return kept


def _keep(key: str, why: _Why, unwanted: Mapping[str, Found], kept: Kept) -> None:
    if key in kept:
        return
    kept[key] = why
    found = unwanted[key]
    reason = f"{found.kind} {found.id.rsplit('/', 1)[-1]} stays"
    _keep_used(found, (reason, "by ours"), unwanted, kept)


def _keep_used(found: Found, why: _Why, unwanted: Mapping[str, Found], kept: Kept) -> None:
    """Keep what a resource that stays refers to, or stands under."""
    for above in sorted({above for name in named_by(found) for above in upward(same_id(name))}):
        if above in unwanted and not stands_above(same_id(found.id), above):
            _keep(above, why, unwanted, kept)


def _foreign_inside(
    key: str, found: Found, ours: Mapping[str, Found], actual: Actual, topology: str
) -> str | None:
    if held := _held_by_it(key, found, ours, actual, topology):
        return held
    if users := sorted(set(_foreign_users(found, KIND_BY_NAME[found.kind], ours))):
        return f"it is used by {_listed(users)}, which is not ours"
    return None


def _held_by_it(
    key: str, found: Found, ours: Mapping[str, Found], actual: Actual, topology: str
) -> str | None:
    kind = KIND_BY_NAME[found.kind]
    known = [item.id for other, item in actual.resources.items() if other not in ours]
    below = [name for name in (*known, *actual.contents) if same_id(name).startswith(f"{key}/")]
    names = [name.rsplit("/", 1)[-1] for name in below if not _is_within(name, below)]
    if names := [*names, *foreign_children(found.body, _writers(kind), topology)]:
        return f"it holds {_listed(names)}, which is not ours"
    return _more_than_made(kind, found)


def _is_within(name: str, others: Collection[str]) -> bool:
    return any(same_id(name).startswith(f"{same_id(other)}/") for other in others)


def _foreign_users(found: Found, kind: Kind, ours: Mapping[str, Found]) -> Iterator[str]:
    """Yield the names of those that Azure lists as users of a resource and that are not ours."""
    for name in references({"users": list(_at_keys(found.body, kind.used_by))}):
        above = [key for key in upward(same_id(name)) if "/providers/" in key]
        if not any(key in ours for key in above):
            yield _user_name(name)


def _user_name(user_id: str) -> str:
    """Return the name of a resource, also where one of its parts is named."""
    _, _, tail = user_id.rpartition("/providers/")
    return tail.split("/")[2] if tail.count("/") > 1 else user_id.rsplit("/", 1)[-1]


def _at_keys(value: Any, keys: Collection[str]) -> Iterator[Any]:
    """Yield what stands under one of these keys, at any depth."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in keys:
                yield item
            else:
                yield from _at_keys(item, keys)
    elif isinstance(value, list):
        for item in value:
            yield from _at_keys(item, keys)


def _listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many there are more."""
    names = list(dict.fromkeys(names))
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    return ", ".join(names[:_MOST_TOLD]) + more


_MOST_TOLD = 5


def _writers(kind: Kind) -> list[Kind]:
    """Return a kind with those that write parts of its bodies."""
    return [kind, *(other for other in KINDS if other.part_of == kind.name)]


def _more_than_made(kind: Kind, found: Found) -> str | None:
    for path, made in kind.when_empty.items():
        value = at(found.body, path)
        if value is not None and value != made:
            return f"{path} is {value}, and we made {made}"
    return None


def as_resource(found: Found, actual: Actual) -> Resource:
    """Return what was found as a resource, with its whole body."""
    region = region_of(found, actual)
    stage = KIND_BY_NAME[found.kind].stage or _stage(found, region)
    return Resource(found.kind, found.id, region, stage, dict(found.body))


def region_of(found: Found, actual: Actual) -> str | None:
    """Return the region that a resource of ours belongs to: what it, or what is above it, says."""
    if region := described_region(found.body):
        return region
    here: Found | None = found
    while here is not None:
        tags: Mapping[str, str] = here.body.get("tags") or {}
        if "region" in tags:
            return None if tags["region"] == "global" else tags["region"]
        here = actual.get(parent_id(here.id)) if "/" in here.id.strip("/") else None
    return None


def _stage(found: Found, region: str | None) -> Stage:
    if region is None:
        return Stage.GLOBAL
    if "/networkmanagers/" in same_id(found.id):
        return Stage.ROUTING
    return Stage.HUB
