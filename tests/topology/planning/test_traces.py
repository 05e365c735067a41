"""Rules that are deleted in place: a run that was cut before its commit is seen by the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.azure_model import AzureModel
from tests.topology.planning.networks import deployed
from topology.kind import same_id
from topology.planning.actual import Found
from topology.planning.plan import Change, Commit, Delete, Plan, Step
from topology.planning.planner import make_plan, plan_in_place

STRICT, ONE_WAY = a_network(isolation="strict"), a_network()
_CONFIGURATION = f"{STRICT.names.manager_id}/securityAdminConfigurations/security-g1"


def _held_by_others() -> AzureModel:
    """Return strict rules in a configuration that has one of others, and so is edited in place."""
    model = deployed(STRICT)
    theirs = Found("security-admin-rule", f"{_CONFIGURATION}/ruleCollections/theirs/rules/r", {})
    model.found[same_id(theirs.id)] = theirs
    return model


def _deletions(plan: Plan) -> Iterator[Step]:
    for step in plan.work:
        if isinstance(step, Delete) and same_id(_CONFIGURATION) in same_id(step.resource.id):
            yield step


def _committed(plan: Plan) -> set[str | None]:
    return {step.resource.region for step in plan.work if isinstance(step, Commit)}


def _traces(plan: Plan) -> list[str]:
    fields = (f.path for step in plan.work if isinstance(step, Change) for f in step.fields)
    return [path for path in fields if path.startswith("systemData")]


def test_what_loses_a_rule_is_written_once_more_before() -> None:
    """What is gone has no time to compare; what it stood in has."""
    model = _held_by_others()
    plan = make_plan(ONE_WAY, model.actual)

    order = [same_id(step.resource.id) for step in plan.work]
    gone = [step.resource.id for step in _deletions(plan)]
    assert gone
    for name in gone:
        above = same_id(name.rsplit("/", 2)[0])
        assert above in map(same_id, gone) or order.index(above) < order.index(same_id(name))


def test_a_run_cut_between_deletion_and_commit_is_committed_by_the_next() -> None:
    """Otherwise regions would go on to deny what the file allows, and nobody would see it."""
    model = _held_by_others()
    for step in make_plan(ONE_WAY, model.actual).work:
        if isinstance(step, Commit):
            break
        model.apply(step)

    plan = make_plan(ONE_WAY, model.actual)

    assert [*_deletions(plan)] == []
    assert _committed(plan) == {"eastus", "westus"}


def test_there_is_no_more_to_do_after_the_commit() -> None:
    """The trace is older than that."""
    model = _held_by_others()
    model.apply_all(make_plan(ONE_WAY, model.actual).work)

    assert make_plan(ONE_WAY, model.actual).work == ()


def test_a_trace_is_no_difference() -> None:
    """Who compares is told of what is there and should not be, not of how it would go."""
    model = _held_by_others()

    assert _traces(make_plan(ONE_WAY, model.actual)) != []
    assert _traces(plan_in_place(ONE_WAY, model.actual)) == []


@pytest.mark.parametrize("regions", [("eastus",), ("eastus", "westus")])
def test_what_is_deployed_nowhere_leaves_none(regions: tuple[str, ...]) -> None:
    """An old generation goes whole, and so do the rules of a region that leaves."""
    plan = make_plan(a_network(*regions), as_deployed(a_network("eastus", "westus", "uksouth")))

    assert _traces(plan) == []
