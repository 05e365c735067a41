"""What rules say of something that goes is taken out of them after it has gone.

A rule of a firewall names addresses and no resources, so no reference says what must come
first. What a region, a spoke or a moved network lets go of stays in the rules until the
last stage; what is closed on purpose is closed at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from topology.graph import Edge, references
from topology.kind import Resource, Stage, parent_id, same_id
from topology.planning.actual import Actual
from topology.planning.addresses_in_rules import keeping, prefixes_in, rest_of
from topology.planning.diff import differences, lay_over
from topology.planning.plan import Change, Commit, Delete, Nothing, Replace, Step
from topology.planning.removal import named_by
from topology.resources import KIND_BY_NAME

Steps = Mapping[str, Step]

_WITHDRAWN = "#withdrawn"


def undivided(resource: Resource) -> Resource:
    """Return the resource that a withdrawal writes, as it is where nothing has to wait."""
    if not resource.id.endswith(_WITHDRAWN):
        return resource
    return replace(resource, id=resource.id.removesuffix(_WITHDRAWN), stage=Stage.POLICY)


def withdrawn_last(
    steps: Steps, actual: Actual, topology: str
) -> Iterator[tuple[Step, list[Edge]]]:
    """Yield the steps that take the place of others or come beside them, and their order.

    A change of rules that takes out addresses of what goes becomes two: the first, under the
    resource's own id, keeps them; `<id>#withdrawn`, of the stage WITHDRAWAL, takes them out.
    What is deleted whole, and still needed until something has gone or refers to other rules,
    is deleted in that stage.
    """
    rules = [
        step
        for key, step in steps.items()
        if isinstance(step, Change | Delete) and _is_rule(step) and key in actual.resources
    ]
    if not rules:
        return
    others = [step for step in steps.values() if not _is_rule(step)]
    going = _Going.of(others, actual)
    for step in rules:
        found = actual.resources[same_id(step.resource.id)].body
        if isinstance(step, Delete):
            yield from _deleted(step, found, steps, others, going, actual)
            continue
        body = keeping(step.resource.body, found, going.prefixes)
        if needed := prefixes_in(body) - prefixes_in(step.resource.body):
            early, late = _divided(step, body, found, topology)
            first = Edge(late.resource.id, early.resource.id)
            yield early, []
            yield late, [first, *_after(late, going.until(needed))]


def _is_rule(step: Step) -> bool:
    return step.resource.stage is Stage.POLICY


def _divided(
    step: Change, body: dict[str, Any], found: Mapping[str, Any], topology: str
) -> tuple[Step, Step]:
    """Return the change to a body that keeps what is still needed, and the one after it."""
    kind = KIND_BY_NAME[step.resource.kind]
    first = replace(step.resource, body=body)
    changes = differences(body, found, kind, topology)
    early = Change(first, changes) if changes else Nothing(first, "what it loses goes last")
    second = replace(step.resource, id=f"{step.resource.id}{_WITHDRAWN}", stage=Stage.WITHDRAWAL)
    between = lay_over(found, body, kind, topology)
    return early, Change(second, differences(second.body, between, kind, topology))


def _deleted(  # noqa: PLR0913  what a removal may have to wait for
    step: Delete,
    found: Mapping[str, Any],
    steps: Steps,
    others: list[Step],
    going: _Going,
    actual: Actual,
) -> Iterator[tuple[Step, list[Edge]]]:
    """Yield a removal with what it waits for, in the last stage if that is anything.

    Rules of a policy that goes too wait for all who follow it: a write to rules that nobody
    follows takes seconds, any other minutes (facts.md section 0.9).
    """
    holder = parent_id(step.resource.id)
    above = steps.get(same_id(holder))
    if above is None or not _is_rule(above) or isinstance(above, Replace):
        return  # it holds rules itself, or falls with what holds it
    letting_go = _letting_go(holder, others, actual)
    if isinstance(above, Delete):
        yield step, _after(step, letting_go)
        return
    moving = [other for other in letting_go if not isinstance(other, Delete)]
    if before := [*going.until(prefixes_in(rest_of(found, going.prefixes))), *moving]:
        late = Delete(replace(step.resource, stage=Stage.WITHDRAWAL))
        yield late, _after(late, before)


def _after(late: Step, before: Iterable[Step]) -> list[Edge]:
    """Return what a withdrawal needs: while something cannot go, it is not shut out either."""
    return [Edge(late.resource.id, step.resource.id) for step in before]


def _letting_go(policy: str, steps: Iterable[Step], actual: Actual) -> list[Step]:
    """Return the steps after which something does not refer to a policy any more."""
    key = same_id(policy)
    return [
        step
        for step in steps
        if (found := actual.get(step.resource.id)) is not None
        and isinstance(step, Delete | Change | Replace)
        and key in set(map(same_id, named_by(found)))
        and (isinstance(step, Delete) or key not in _named(step.resource.body))
    ]


def _named(body: Mapping[str, Any]) -> set[str]:
    return {same_id(name) for name in references(body)}


# -- what goes ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Going:
    """The prefixes that nothing has afterwards, and the steps that take each away."""

    by_step: tuple[tuple[Step, set[str]], ...]
    prefixes: set[str]

    @classmethod
    def of(cls, steps: list[Step], actual: Actual) -> _Going:
        by_step = tuple((step, _taken(step, actual)) for step in steps)
        staying = (step for step in steps if not isinstance(step, Delete | Commit))
        kept = {text for step in staying for text in prefixes_in(step.resource.body)}
        gone = {text for _, taken in by_step for text in taken}
        return cls(by_step, gone - kept)

    def until(self, prefixes: set[str]) -> Iterator[Step]:
        """Yield the steps until which these prefixes are needed."""
        return (step for step, taken in self.by_step if taken & prefixes)


def _taken(step: Step, actual: Actual) -> set[str]:
    """Return the prefixes that a step takes away."""
    if isinstance(step, Delete):
        found = actual.get(step.resource.id.split("#")[0])
        return prefixes_in(found.body if found else {})
    if isinstance(step, Change | Replace):
        return {text for change in step.fields for text in prefixes_in(change.old)}
    return set()
