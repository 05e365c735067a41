"""What is ours and no longer wanted, and the order in which Azure lets it go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from topology.graph import Edge, Graph, references
from topology.kind import (
    NOBODY,
    Kind,
    Ownership,
    Resource,
    Stage,
    address_in,
    at,
    parent_id,
    same_id,
    strings,
)
from topology.ownership import described_region, is_ours, matches
from topology.planning.actual import Actual, Found
from topology.planning.diff import foreign_children, without, without_read_only
from topology.planning.giving_way import giving_way
from topology.planning.plan import (
    Change,
    Commit,
    Create,
    Delete,
    Held,
    Nothing,
    Replace,
    Step,
)
from topology.resources import KIND_BY_NAME, KINDS

Steps = Mapping[str, Step]


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
    return ours and other is not None and is_between(above.body, other.body)


def held_back(found: Found, actual: Actual, topology: str) -> str | None:
    """Return why a resource of ours cannot go, or None: what is foreign in it would go along."""
    actual = _without_what_goes_by_itself(actual)
    ours, top = _ours(actual, topology), same_id(found.id)
    inside = {key: item for key, item in ours.items() if f"{key}/".startswith(f"{top}/")}
    reasons = (_foreign_inside(key, item, ours, actual, topology) for key, item in inside.items())
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


def order_of_needs(graph: Graph, steps: Steps) -> Iterator[Edge]:
    """Yield the needs of the graph, turned round where a change only closes what a commit denies.

    What opens a path waits for the commit that denies it to some; what closes one goes
    before the next, which may deny it no more.
    """
    for edge in graph.edges():
        commits = isinstance(steps.get(same_id(edge.need)), Commit)
        if commits and _only_takes_away(steps.get(same_id(edge.step))):
            yield Edge(edge.need, edge.step, edge.orders_only)
        else:
            yield edge


def _only_takes_away(step: Step | None) -> bool:
    return isinstance(step, Change) and all(change.new is None for change in step.fields)


def order_of_removal(graph: Graph, steps: Steps, actual: Actual) -> Iterator[Edge]:
    """Yield what comes before each removal.

    First what refers to the resource, or stands under it, or names its address, goes or
    changes: a spoke that cannot go keeps its firewall. Networks
    and firewalls go when AVNM and the routes no longer lead to them; what a region's
    goal state still names goes after the commit that takes it out. What refers to
    something that is replaced goes before that, and waits for no commit of what stays; so does
    what gives way to another.
    """
    yield from _undone_backwards(graph, steps)
    gives_way = giving_way(steps, actual)
    yield from (Edge(new.id, steps[old].resource.id) for old, new in gives_way.items())
    users = _users(steps, actual)
    freeing = {*_freeing(steps, users), *gives_way}
    for key in _replaced_whole(steps):
        for user in sorted(users.get(key, set()) & freeing):
            yield Edge(steps[key].resource.id, steps[user].resource.id)
    for key, step in steps.items():
        if isinstance(step, Delete):
            for user in sorted(users.get(key, ())):
                yield Edge(step.resource.id, steps[user].resource.id)
            yield from _around_commits(step, graph, steps, frees=key in freeing)


def _freeing(steps: Steps, users: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the removals by which something that is replaced is let go."""
    whole = _replaced_whole(steps)
    waiting, seen = list(whole), set[str]()
    while waiting:
        for user in users.get(waiting.pop(), ()):
            falls_along = any(_holds(key, user) for key in whole)
            if isinstance(steps[user], Delete) and user not in seen and not falls_along:
                seen.add(user)
                waiting.append(user)
                yield user


def _replaced_whole(steps: Steps) -> list[str]:
    """Return what is replaced by itself, and not with something that holds it."""
    replaced = [key for key, step in steps.items() if isinstance(step, Replace)]
    return [key for key in replaced if not any(_holds(other, key) for other in replaced)]


def _undone_backwards(graph: Graph, steps: Steps) -> Iterator[Edge]:
    """Routes go before the rules, and rules before the mesh: no path outlives its denial.

    Routes of other regions too, where they only go; those that change with others wait for rules.
    What joins hubs in the place of a mesh comes before that is undone.
    """
    undone = [
        step
        for step in steps.values()
        if isinstance(step, Commit) and step.resource.id not in graph
    ]
    for first in undone:
        for step in steps.values():
            joins = step.resource.stage is first.resource.stage is Stage.MESH
            if joins and isinstance(step, Create) and KIND_BY_NAME[step.resource.kind].other_side:
                yield Edge(first.resource.id, step.resource.id, orders_only=True)
            if isinstance(step, Replace) and _holds(
                same_id(step.resource.id), same_id(first.resource.id)
            ):
                yield Edge(step.resource.id, first.resource.id, orders_only=True)
            is_rules = first.resource.stage is Stage.SECURITY
            if is_rules and step.resource.stage is Stage.ROUTES and _only_takes_away(step):
                yield Edge(first.resource.id, step.resource.id, orders_only=True)
        for then in undone:
            same = first.resource.region == then.resource.region
            if same and _ORDER.index(first.resource.stage) > _ORDER.index(then.resource.stage):
                yield Edge(then.resource.id, first.resource.id, orders_only=True)


_ORDER = tuple(Stage)


def _around_commits(removal: Delete, graph: Graph, steps: Steps, *, frees: bool) -> Iterator[Edge]:
    """Yield: a rule goes before its configuration is committed again, all else after."""
    resource = removal.resource
    configuration = _configuration(same_id(resource.id))
    edited = configuration is not None and configuration in graph
    for step in steps.values():
        if frees and step.resource.id in graph:
            continue
        joins = step.resource.stage.joins_regions and isinstance(step, Change | Create | Replace)
        if isinstance(step, Commit) and edited and step.resource.id in graph:
            if configuration in {same_id(name) for name in step.resource.body["configurationIds"]}:
                yield Edge(step.resource.id, resource.id, orders_only=True)
        elif isinstance(step, Commit) and configuration in {same_id(name) for name in step.before}:
            # It must not go while a region has it deployed: that would undo it there.
            yield Edge(resource.id, step.resource.id)
        elif isinstance(step, Commit) or (joins and resource.stage.is_regional):
            yield Edge(resource.id, step.resource.id, orders_only=True)


def _users(steps: Steps, actual: Actual) -> dict[str, set[str]]:
    """Return who refers to each resource, or stands under it, by what was found.

    Who names the address of what goes uses it too, within a region: routes of others are a
    matter of joining, and lead both ways.
    """
    users: dict[str, set[str]] = {}
    addresses = _addresses_that_go(steps, actual)
    for key, step in steps.items():
        found = actual.get(key.split("#")[0])
        if found is None or isinstance(step, Nothing | Commit):
            continue
        for address in addresses.keys() & {*strings(found.body)}:
            gone = addresses[address]
            if gone != key and steps[gone].resource.region == step.resource.region:
                users.setdefault(gone, set()).add(key)
        for named in named_by(found):
            for above in _upward(same_id(named)):
                if above != key and above in steps and not _holds(key, above):
                    users.setdefault(above, set()).add(key)
    return users


def _addresses_that_go(steps: Steps, actual: Actual) -> dict[str, str]:
    """Return whose each private address is that is deleted with its owner.

    None where something is made anew: then whoever refers to that goes first. Nor that of what
    gives way.
    """
    if _replaced_whole(steps):
        return {}
    going = {key for key, step in steps.items() if isinstance(step, Delete)}
    found = ((key, actual.get(key)) for key in sorted(going - giving_way(steps, actual).keys()))
    return {address: key for key, item in found if item and (address := address_in(item.body))}


def named_by(found: Found) -> Iterator[str]:
    """Yield what a resource refers to, and itself.

    What refers back to it is left out, and so are children that are resources of their
    own: two networks do not need each other because they are peered.
    """
    kind = KIND_BY_NAME[found.kind]
    apart = {item.path for item in kind.child_lists if item.ours == NOBODY}
    yield from references(without(without_read_only(found.body, kind), apart))
    yield found.id


def _holds(key: str, above: str) -> bool:
    """Say whether a resource stands above another: it does not use what it holds."""
    return above.startswith(f"{key}/")


def _upward(key: str) -> Iterator[str]:
    while key:
        yield key
        key = key.rpartition("/")[0]


def _configuration(resource_id: str) -> str | None:
    """Return the AVNM configuration that a resource is part of, if it is."""
    parts = resource_id.split("/")
    for index, part in enumerate(parts):
        if part.lower().endswith("configurations"):
            return "/".join(parts[: index + 2])
    return None


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
    for above in sorted({above for name in named_by(found) for above in _upward(same_id(name))}):
        if above in unwanted and not _holds(same_id(found.id), above):
            _keep(above, why, unwanted, kept)


def _foreign_inside(
    key: str, found: Found, ours: Mapping[str, Found], actual: Actual, topology: str
) -> str | None:
    kind = KIND_BY_NAME[found.kind]
    known = [item.id for other, item in actual.resources.items() if other not in ours]
    below = [name for name in (*known, *actual.contents) if same_id(name).startswith(f"{key}/")]
    names = [name.rsplit("/", 1)[-1] for name in below if not _is_within(name, below)]
    if names := [*names, *foreign_children(found.body, _writers(kind), topology)]:
        return f"it holds {_listed(names)}, which is not ours"
    if users := sorted(set(_foreign_users(found, kind, ours))):
        return f"it is used by {_listed(users)}, which is not ours"
    return _more_than_made(kind, found)


def _is_within(name: str, others: Collection[str]) -> bool:
    return any(same_id(name).startswith(f"{same_id(other)}/") for other in others)


def _foreign_users(found: Found, kind: Kind, ours: Mapping[str, Found]) -> Iterator[str]:
    """Yield the names of those that Azure lists as users of a resource and that are not ours."""
    for name in references({"users": list(_at_keys(found.body, kind.used_by))}):
        above = [key for key in _upward(same_id(name)) if "/providers/" in key]
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
