"""A network that exists already, taken over: what it lacks is only the marks of ownership.

What stands at the ids that we want is compared as if it were ours. If it is as the topology
says, the marks are written and nothing else, and the plan after that is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from topology.graph import Edge
from topology.kind import Kind, Ownership, Resource, at, same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.diff import differences, is_taken_away
from topology.planning.explain import title, told_value
from topology.planning.plan import (
    AS_WANTED,
    Change,
    Commit,
    Create,
    Delete,
    FieldChange,
    Nothing,
    Plan,
    Replace,
    Step,
)
from topology.planning.planner import as_found, in_the_way, make_plan, plan_in_place
from topology.planning.replacement import makes_way
from topology.resources import KIND_BY_NAME, wanted

# The marks of ownership that a kind of resource takes: where they stand in its body.
_MARKS = {Ownership.TAG: "tags", Ownership.DESCRIPTION: "properties.description"}


@dataclass(frozen=True)
class Hindrance:
    """What stands otherwise than the topology wants it, a line for each field.

    One that is not `acceptable` can only be taken over after a change of the topology or of
    Azure: a plan that followed would take something away.
    """

    what: str
    lines: tuple[str, ...]
    acceptable: bool


@dataclass(frozen=True)
class Adoption:
    """What is to be done to take a network over.

    `plan` writes the marks, and commits anew what they touch; it holds nothing else.
    `hindrances` are what the next apply would change, `to_come` what it would make: titles
    of steps.
    """

    plan: Plan
    hindrances: tuple[Hindrance, ...]
    to_come: tuple[str, ...]

    def refusal(self, *, accept_differences: bool) -> str | None:
        """Return why nothing may be written, with the way out, or None."""
        final = [item for item in self.hindrances if not item.acceptable]
        if final:
            return f"{_told(final)}. {_WAY_OUT}"
        if self.hindrances and not accept_differences:
            return f"{_told(self.hindrances)}. {_WAY_OUT}, or accept that the next apply changes it"
        return None


_WAY_OUT = "Nothing was written. Change the topology or change Azure so that both say the same"
_MOST_TOLD = 3


def plan_adoption(network: Network, actual: Actual) -> Adoption:
    """Return what takes a network over; nothing of it is in the plan if nothing is there."""
    chosen = as_found(network, actual)
    resources = [item for item in wanted(chosen) if "#" not in item.id]
    marks = tuple(_marks(resources, actual, network.topology.topology))
    ours = _marked(marks, actual)
    foreign = in_the_way(resources, ours, network.topology.topology)
    if foreign:
        empty = Plan(network.topology.topology, network.subscriptions, (), ())
        return Adoption(empty, tuple(map(_not_ours, foreign)), ())
    after = make_plan(network, ours)
    return Adoption(
        _plan(marks, after, actual),
        tuple(_hindrances(plan_in_place(network, ours))),
        tuple(title(step) for step in after.work if isinstance(step, Create | Commit)),
    )


def summary(adoption: Adoption) -> str:
    """Return one line: what is taken over, and what the next apply has to do."""
    taken = sum(isinstance(step, Change) for step in adoption.plan.work)
    more = [f"{len(adoption.hindrances)} to change"] if adoption.hindrances else []
    more += [f"{len(adoption.to_come)} to make"] if adoption.to_come else []
    told = f"takes over {taken or 'no'} resources"
    return f"{told}; by the next apply: {', '.join(more)}" if more else told


def rows(adoption: Adoption) -> list[dict[str, Any]]:
    """Return a row for each field that keeps a network from being taken over as it is."""
    return [
        {"what": item.what, "difference": line, "by the next apply": item.acceptable}
        for item in adoption.hindrances
        for line in item.lines
    ]


# -- marks -------------------------------------------------------------------------------


def _marks(resources: Iterable[Resource], actual: Actual, topology: str) -> Iterator[Change]:
    """Yield what each resource that is there lacks to be known as ours."""
    for resource in resources:
        kind, found = KIND_BY_NAME[resource.kind], actual.get(resource.id)
        body = _mark(resource, kind)
        fields = differences(body, found.body, kind, topology) if found and body else ()
        if fields:
            yield Change(replace(resource, body=body), fields, takes_over=True)


def _mark(resource: Resource, kind: Kind) -> dict[str, Any]:
    path = _MARKS.get(kind.owned_by)
    if path is None:
        return {}
    *above, last = path.split(".")
    body: dict[str, Any] = {last: at(resource.body, path)}
    for name in reversed(above):
        body = {name: body}
    return body


def _marked(marks: Iterable[Change], actual: Actual) -> Actual:
    """Return what was read, as it will be with the marks on it."""
    found = dict(actual.resources)
    for mark in marks:
        item = found[same_id(mark.resource.id)]
        body = _with(item.body, mark.resource.body)
        found[same_id(item.id)] = Found(item.kind, item.id, body)
    return replace(actual, resources=found)


def _with(body: Mapping[str, Any], mark: Mapping[str, Any]) -> dict[str, Any]:
    laid = {
        key: _with(body.get(key) or {}, value) if isinstance(value, Mapping) else value
        for key, value in mark.items()
    }
    return {**body, **laid}


def _plan(marks: tuple[Change, ...], after: Plan, actual: Actual) -> Plan:
    commits = tuple(_commits(marks, after))
    edges = [
        Edge(commit.resource.id, mark.resource.id)
        for commit in commits
        for mark in marks
        if _is_described(mark)
    ]
    before = (actual.resources[same_id(mark.resource.id)] for mark in marks)
    return replace(
        after, steps=(*marks, *commits), edges=tuple(edges), before=tuple(before), notes=()
    )


def _commits(marks: Iterable[Change], after: Plan) -> Iterator[Commit]:
    """Yield the goal states whose configurations get a new description, as they are.

    Azure tells when an object was edited and not what in it, so a description reads as a
    rule that waits for its commit. Where a commit is due anyway the next apply makes it.
    """
    described = [mark.resource for mark in marks if _is_described(mark)]
    ours = {same_id(step.resource.id) for step in after.steps}
    for step in after.steps:
        if not (isinstance(step, Nothing) and _is_commit(step)):
            continue
        ids = step.resource.body["configurationIds"]
        names = tuple(f"{same_id(name)}/" for name in ids)
        touched = (
            item
            for item in described
            if f"{same_id(item.id)}/".startswith(names)
            and item.region in {None, step.resource.region}
        )
        if any(touched):
            theirs = tuple(name for name in ids if same_id(name) not in ours)
            yield Commit(
                step.resource, tuple(ids), "its descriptions are written anew", theirs=theirs
            )


def _is_described(mark: Change) -> bool:
    return KIND_BY_NAME[mark.resource.kind].owned_by is Ownership.DESCRIPTION


# -- hindrances --------------------------------------------------------------------------


def _hindrances(in_place: Plan) -> Iterator[Hindrance]:
    """Yield what the next apply would change, make anew or delete, or could not bring about.

    What only gives way to its next generation, or to itself made anew, is nothing of its own.
    """
    for step in in_place.steps:
        if makes_way(step):
            continue
        if isinstance(step, Change):
            taken = any(map(is_taken_away, step.fields))
            yield Hindrance(title(step), _lines(step.fields), acceptable=not taken)
        elif isinstance(step, Replace):
            yield Hindrance(title(step), _lines(step.fields), acceptable=_is_lost(step))
        elif isinstance(step, Delete):
            yield Hindrance(title(step), ("the topology names no such thing",), acceptable=False)
        elif isinstance(step, Nothing) and not (step.reason == AS_WANTED or _is_commit(step)):
            yield Hindrance(title(step), (step.reason,), acceptable=False)


def _is_lost(step: Replace) -> bool:
    """Say whether what is made anew does nothing any more: a side of a pair without the other."""
    lost = KIND_BY_NAME[step.resource.kind].lost_when
    return all(field.path in lost for field in step.fields)


def _is_commit(step: Step) -> bool:
    return "configurationIds" in step.resource.body


def _lines(fields: Iterable[FieldChange]) -> tuple[str, ...]:
    return tuple(
        f"{field.path}: found {_value(field.old)}, wanted {_value(field.new)}"
        if field.path
        else _value(field.new)
        for field in fields
    )


def _value(value: Any) -> str:
    return "nothing" if value is None else told_value(value)


def _not_ours(found: Found) -> Hindrance:
    name = f"{found.kind.replace('-', ' ')} {found.id}"
    return Hindrance(name, ("it has our name and is something else",), acceptable=False)


def _told(hindrances: Iterable[Hindrance]) -> str:
    items = list(hindrances)
    told = "; ".join(f"{item.what} ({', '.join(item.lines)})" for item in items[:_MOST_TOLD])
    more = f"; and {len(items) - _MOST_TOLD} more" if len(items) > _MOST_TOLD else ""
    return f"not as the topology says: {told}{more}"
