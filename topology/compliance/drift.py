"""Drift by property: where Azure holds otherwise than the topology says, and who did it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from topology.compliance.finding import DRIFT, MISSING, Finding, Owner
from topology.compliance.owners import Witnesses, owner_of
from topology.kind import Kind, Listing, Severity, fits, late_values, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.commits import ONE_A_REGION, rules_of_others
from topology.planning.explain import finer, told_value
from topology.planning.places import GLOBAL
from topology.planning.plan import (
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
from topology.planning.planner import plan_in_place
from topology.resources import KIND_BY_NAME

NOTHING = "nothing"


def drift(network: Network, actual: Actual, witnesses: Witnesses) -> tuple[Finding, ...]:
    """Return a finding for each property that differs, the worst first.

    What only follows from another finding, such as the commit after a rule that was edited,
    is none of its own. Raises InTheWayError where what stands at an id of ours is not ours.
    """
    found = [finding for _, finding in drift_by_step(network, actual, witnesses)]
    return tuple(
        sorted([*found, *in_place_of_ours(network, actual)], key=lambda finding: finding.place)
    )


def drift_by_step(
    network: Network, actual: Actual, witnesses: Witnesses
) -> Iterator[tuple[Step, Finding]]:
    """Yield the same, each with the step that would mend it where it stands."""
    plan = plan_in_place(network, actual)
    for step in plan.work:
        if not _follows(step, plan, actual):
            for change in _known(step):
                owner, by = owner_of(step, change, actual, witnesses)
                yield step, replace(_finding(step, change), owner=owner, by=by)


def followers(network: Network, actual: Actual) -> Iterator[tuple[Step, frozenset[str]]]:
    """Yield the steps that only follow what is made again, with its ids in lower case.

    They name an address that Azure will assign: they are no drift before it has.
    """
    for step in plan_in_place(network, actual).work:
        awaited = {same_id(value.resource_id) for value in late_values(step.resource.body)}
        if isinstance(step, Change) and not any(_known(step)):
            yield step, frozenset(awaited)


def _known(step: Step) -> Iterator[FieldChange]:
    """Yield what a step sets, but for what names a value that Azure has yet to assign."""
    return (item for item in _changes(step) if next(late_values(item.new), None) is None)


def in_place_of_ours(network: Network, actual: Actual) -> Iterator[Finding]:
    """Yield the regions whose security admin rules are those of others, in place of ours."""
    for region, names in rules_of_others(network, actual).items():
        yield Finding(
            rule=DRIFT,
            severity=Severity.CRITICAL,
            region=region,
            kind="commit",
            name=f"{ONE_A_REGION}-{region}",
            path=ONE_A_REGION,
            wanted="rules of the topology",
            found=names,
            owner=Owner.OTHERS,
        )


def _finding(step: Step, change: FieldChange) -> Finding:
    resource, kind = step.resource, KIND_BY_NAME[step.resource.kind]
    return Finding(
        rule=DRIFT,
        severity=severity_of(kind, change.path),
        region=resource.region or GLOBAL,
        kind=resource.kind,
        name=_name(resource.id.split("#")[0], kind),
        path=change.path,
        wanted=NOTHING if change.new is None else told_value(change.new),
        found=NOTHING if change.old is None else told_value(change.old),
    )


def _name(resource_id: str, kind: Kind) -> str:
    """Return the name, of a child with that of its parent: one network is in many groups."""
    *_, parent, _, name = resource_id.split("/")
    return f"{parent}/{name}" if kind.listing in {Listing.PARENT, Listing.INLINE} else name


def severity_of(kind: Kind, path: str) -> Severity:
    """Return how much a difference at a path weighs: by the rule of all kinds, or its own."""
    rules = {**_OF_ALL_KINDS, **kind.severity}
    return next((weight for rule, weight in rules.items() if fits(rule, path)), Severity.HIGH)


# What is only said of a resource.
_OF_ALL_KINDS = {
    "tags.*": Severity.LOW,
    "properties.description": Severity.LOW,
    "properties.displayName": Severity.LOW,
}


def _changes(step: Step) -> Iterator[FieldChange]:
    match step:
        case Create():
            yield FieldChange("", MISSING, "to be there")
        case Delete():
            yield FieldChange("", "there", "to be gone")
        case Change():
            for change in step.fields:
                yield from finer(change)
        case Replace():
            for change in step.fields or (FieldChange("", "there", "to be made anew"),):
                yield from finer(change)
        case Commit():
            after = step.resource.body["configurationIds"]
            told = replace(_goal(step), old=_names(step.before) or None, new=_names(after) or None)
            yield told if told.old != told.new else replace(told, old=step.reason)
        case Nothing():
            return
        case _:
            assert_never(step)


def _goal(step: Commit) -> FieldChange:
    return FieldChange(step.resource.body["commitType"], None, None)


def _names(ids: tuple[str, ...] | list[str]) -> str:
    return ", ".join(sorted(name.rsplit("/", 1)[-1] for name in ids))


def _follows(step: Step, plan: Plan, actual: Actual) -> bool:
    """Say whether a commit is only there for what it deploys will be changed."""
    if not isinstance(step, Commit):
        return False
    body, (manager, _) = step.resource.body, step.resource.id.split("/commits/")
    state = actual.goal_state(manager, body["commitType"], body["targetLocations"][0])
    if state is None or state.status != "Deployed":
        return False
    if {*map(same_id, state.configuration_ids)} != {*map(same_id, body["configurationIds"])}:
        return False
    needs = {same_id(edge.need) for edge in plan.edges if edge.step == step.resource.id}
    return any(
        same_id(other.resource.id) in needs and not isinstance(other, Commit) for other in plan.work
    )
