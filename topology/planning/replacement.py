"""What is made anew because something else is, and what goes first to make way for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from topology.graph import Edge, Graph, references
from topology.kind import Resource, at, late_values, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.planning.plan import Change, Create, Delete, FieldChange, Nothing, Replace, Step
from topology.planning.removal import ends_of, named_by
from topology.resources import KIND_BY_NAME

Steps = Mapping[str, Step]

_OLD = "#old"


def made_again_with(resource: Resource, found: Found, graph: Graph, steps: Steps) -> Replace | None:
    """Return the step for what stands under, or refers to, a resource that is replaced.

    What stands under it goes with it; what is referred to cannot be deleted. What refers to
    it now, and is to refer to what rests on it, must let go of it before that is there.
    """
    for need in graph.needs(resource.id):
        step = steps.get(same_id(need.id))
        if isinstance(step, Replace) and _falls_with(resource, step.resource):
            return _with(resource, step)
    for step in steps.values():
        replaced = isinstance(step, Replace) and _refers_now(found, step.resource)
        if replaced and graph.rests_on(resource.id, step.resource.id):
            return _with(resource, step)
    return None


def with_their_tags(resource: Resource, found: Found) -> Resource:
    """Return a resource that is made anew, with the tags that others gave to the one found."""
    tags = found.body.get("tags") or {}
    if "tags" not in resource.body or not tags:
        return resource
    return replace(resource, body={**resource.body, "tags": {**tags, **resource.body["tags"]}})


def _with(resource: Resource, replaced: Step) -> Replace:
    name = f"{replaced.resource.kind} {replaced.resource.name}"
    return Replace(resource, (FieldChange("", None, f"{name} is replaced"),))


def making_way(steps: Steps, actual: Actual) -> Iterator[tuple[Delete, Edge]]:
    """Yield what is deleted before something that it refers to is replaced.

    An address is freed by its firewall, which then comes back with the new address: its
    first half is a step of its own, with the id `<id>#old`. What goes so and is referred to
    itself, as a policy with a parent is by its firewall, goes after the first half of that, also
    where it does not come back.
    """
    replaced = [step.resource for step in steps.values() if isinstance(step, Replace)]
    whole = [item for item in replaced if not any(_is_under(item, other) for other in replaced)]
    for resource in (*whole, *_going_first(whole, steps, actual)):
        for user in replaced:
            found = actual.resources[same_id(user.id.split("#")[0])]
            refers = _refers(user, resource) or _refers_now(found, resource)
            if refers and not _is_under(user, resource):
                old = replace(user, id=f"{user.id}{_OLD}", body=dict(found.body))
                yield Delete(old), Edge(resource.id, old.id)
                yield Delete(old), Edge(f"{resource.id}{_OLD}", old.id)


def _going_first(whole: Iterable[Resource], steps: Steps, actual: Actual) -> Iterator[Resource]:
    """Yield what goes for good and refers to something that is replaced."""
    for key, step in steps.items():
        found = actual.get(key) if isinstance(step, Delete) else None
        if found and any(_refers_now(found, resource) for resource in whole):
            yield step.resource


def freed_early(edges: Iterable[Edge], steps: Steps) -> Iterator[Edge]:
    """Yield the same order, in which what goes waits for no more than the half that frees it."""
    for edge in edges:
        half = steps.get(same_id(f"{edge.need}{_OLD}"))
        goes = isinstance(steps.get(same_id(edge.step)), Delete) and not edge.step.endswith(_OLD)
        yield replace(edge, need=half.resource.id) if goes and half else edge


def made_again_alone(resource: Resource, found: Found) -> Replace | None:
    """Return the step for what no change repairs; None for what is left alone, without a body."""
    changes = tuple(_lost(found)) if resource.body else ()
    return Replace(resource, changes) if changes else None


def under_another_name(steps: Steps) -> Iterator[Replace]:
    """Yield the sides of pairs that stay, and whose other one goes and comes under another name.

    Azure takes one peering a pair, so the old one goes first, and this one is Disconnected then:
    both are made again (facts.md section 7).
    """
    going = {ends_of(step.resource) for step in steps.values() if isinstance(step, Delete)}
    coming = {ends_of(step.resource) for step in steps.values() if isinstance(step, Create)}
    parted = (going & coming) - {None}
    for step in steps.values():
        stays = isinstance(step, Nothing | Change) and step.resource.body
        ends = ends_of(step.resource) if stays else None
        if ends and ends[::-1] in parted:
            told = "its other side is made under another name"
            yield Replace(step.resource, (FieldChange("", None, told),))


def in_turn(steps: Steps, actual: Actual) -> Iterator[tuple[Delete | None, Edge]]:
    """Yield the order of pairs, and what of them goes first.

    A side that lost its other one, or will, goes before that is made: Azure refuses to pair with it
    (RemotePeeringIsDisconnected, facts.md section 7). So does what joins the same two under another
    name, at either end: Azure takes one peering a pair. A network that is paired anew has let
    go of the one before when the new one turns to it: they may have the same addresses, as
    where a spoke moves (VnetAddressSpaceOverlapsWithAlreadyPeeredVnet).
    """
    going = {ends_of(step.resource) for step in steps.values() if isinstance(step, Delete)} - {None}
    yield from ((None, edge) for edge in _one_a_pair(steps))
    for side in (step for step in steps.values() if isinstance(step, Replace)):
        found, path = actual.get(side.resource.id), _other_side(side)
        if found is None or path is None:
            continue
        for other in steps.values():
            if not isinstance(other, Create | Change | Replace) or not _meets(other, side):
                continue
            if same_id(at(found.body, path)) != same_id(parent_id(other.resource.id)):
                yield None, Edge(other.resource.id, side.resource.id)
            elif is_lost(found) or ends_of(other.resource) in going:
                half = replace(side.resource, id=f"{side.resource.id}{_OLD}", body=dict(found.body))
                yield Delete(half), Edge(other.resource.id, half.id)
                yield Delete(half), Edge(side.resource.id, half.id)


def _one_a_pair(steps: Steps) -> Iterator[Edge]:
    """Yield: what joins two networks comes when what joined them under another name has gone."""
    going = defaultdict[tuple[str, str], list[str]](list)
    for step in steps.values():
        if isinstance(step, Delete) and (ends := ends_of(step.resource)):
            going[ends].append(step.resource.id)
    for step in steps.values():
        if isinstance(step, Create) and (ends := ends_of(step.resource)):
            for old in (*going.get(ends, ()), *going.get(ends[::-1], ())):
                yield Edge(step.resource.id, old)


def is_lost(found: Found) -> bool:
    """Say whether no change repairs what was found: nothing is lost if it goes."""
    return any(_lost(found))


def _lost(found: Found) -> Iterator[FieldChange]:
    for path, value in KIND_BY_NAME[found.kind].lost_when.items():
        if at(found.body, path) == value:
            yield FieldChange(path, value, "made again")


def _meets(step: Step, side: Step) -> bool:
    """Say whether a step writes the other side of a pair."""
    path = _other_side(step)
    return path is not None and same_id(str(at(step.resource.body, path))) == same_id(
        parent_id(side.resource.id)
    )


def _other_side(step: Step) -> str | None:
    return KIND_BY_NAME[step.resource.kind].other_side


def makes_way(step: Step) -> bool:
    """Say whether a step is the first half of a replacement."""
    return step.resource.id.endswith(_OLD)


def _falls_with(resource: Resource, replaced: Resource) -> bool:
    return _is_under(resource, replaced) or _refers(resource, replaced)


def _refers_now(found: Found, replaced: Resource) -> bool:
    """Say whether what was found names a resource or what stands under it, and is none of it."""
    key = same_id(replaced.id)
    own = same_id(found.id)
    ids = {same_id(name) for name in named_by(found)} - {own}
    under = own == key or own.startswith(f"{key}/")
    return not under and any(name == key or name.startswith(f"{key}/") for name in ids)


def _is_under(resource: Resource, above: Resource) -> bool:
    key = same_id(resource.id)
    return key.startswith((f"{same_id(above.id)}/", f"{same_id(above.id)}#"))


def _refers(resource: Resource, named: Resource) -> bool:
    """Say whether a body names a resource or what stands under it, late values left out."""
    key = same_id(named.id)
    late_ids = {value.resource_id for value in late_values(resource.body)}
    ids = {same_id(name) for name in references(resource.body) if name not in late_ids}
    return resource is not named and any(name == key or name.startswith(f"{key}/") for name in ids)
