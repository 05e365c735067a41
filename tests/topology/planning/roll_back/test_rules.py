"""A region that had gone is taken back alone: what regions share names it again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from topology.addressing import allocate
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.explain import title
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.planning.roll_back.planner import plan_roll_back
from topology.verification.foreseen import foresee
from topology.verification.known import everything
from topology.verification.moments import on_the_way
from topology.verification.proof import Proof
from topology.verification.verdict import model_of

_ALL = ("eastus", "westus", "northeurope")
_MORE = {"prod": {}, "nonprod": {}, "web": {"environment": "prod"}}
_OUTSIDE = {"egress": [{"name": "updates", "fqdns": ["updates.example.com"]}]}

_BY_WAVE = {"rollout": {"policy": "per-wave"}}
_RENAMED = {"names": {"policy": "afwp-new"}}

# What a topology has before a run, and what it has after it beside the region that goes.
_RUNS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing else": ({}, {}),
    "with rules that go by wave": (_BY_WAVE, _BY_WAVE),
    "while rules of each region give way to rules of all": (
        {**_BY_WAVE, **_OUTSIDE},
        _OUTSIDE,
    ),
    "while the policy gets another name": (_OUTSIDE, {**_OUTSIDE, **_RENAMED}),
    "while rules of all give way to each region's of another name": ({}, {**_BY_WAVE, **_RENAMED}),
    "joined by peerings": ({"interconnect": "peering"},) * 2,
    "with names outside": (_OUTSIDE, _OUTSIDE),
    "while others get a spoke": ({}, {"spokes": _MORE}),
    "while others lose a spoke": ({"spokes": _MORE}, {}),
}


def _both(before: dict[str, Any], after: dict[str, Any]) -> tuple[Network, Network]:
    """Return a network of all regions, and the same without westus."""
    first = a_network(*_ALL, **before)
    return first, a_network("eastus", "northeurope", lock=allocate(first.topology), **after)


def _run(first: Network, second: Network) -> tuple[Plan, Actual]:
    """Return the plan of a run, and what Azure holds after it."""
    actual = as_deployed(first)
    plan = make_plan(second, actual)
    return plan, foresee(actual, plan.steps, plan.topology)


def _not_so(network: Network, actual: Actual) -> list[str]:
    """Return what the project's own proof finds in a state."""
    return [finding.text for finding in everything(Proof(network, model_of(network, actual)))]


@pytest.mark.parametrize("run", _RUNS.values(), ids=[*_RUNS])
def test_what_comes_of_it_is_as_the_topology_means_it(
    run: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """With the region as it was, and the others as the run has made them; also on the way."""
    first, second = _both(*run)
    plan, actual = _run(first, second)
    spokes = {"spokes": run[0].get("spokes", {"prod": {}, "nonprod": {}})}
    regions = {"eastus": {}, "westus": spokes, "northeurope": {}}
    network = a_network(lock=allocate(first.topology), **{**run[1], "regions": regions})

    back = plan_roll_back(plan, "westus", actual)
    after = foresee(actual, back.steps, plan.topology)

    assert [title(step) for step in back.held] == []
    assert _not_so(network, after) == []
    assert [str(it) for it in on_the_way(network, back, actual).moments if it.is_unsafe] == []
    assert [title(step) for step in plan_roll_back(plan, "westus", after).work] == []


def test_names_outside_that_are_closed_for_all_leave_their_rules_to_those_that_come_back() -> None:
    """The policy has others still: no plan says that a region would have none."""
    first, second = _both(_OUTSIDE, {})
    plan, actual = _run(first, second)

    assert [note for note in plan.notes if "taken back alone" in note] == []
    assert [title(step) for step in plan_roll_back(plan, "westus", actual).held] == []


def test_the_plan_lists_what_it_does_in_other_regions() -> None:
    """Each denies the region before it leads there again."""
    first, second = _both({}, {})
    plan, actual = _run(first, second)

    titles = [title(step) for step in plan_roll_back(plan, "westus", actual).work]

    assert "global: change rule collection group rcg-sample-spoke-to-spoke" in titles
    denied = [titles.index(f"{region}: commit security admin rules") for region in _ALL]
    led = titles.index("westus: commit routing")
    assert max(denied) < led
    for region in ("eastus", "northeurope"):
        assert max(denied) < titles.index(f"{region}: change remote routes rt-sample-afw-{region}")


def test_the_rules_from_before_are_deployed_again_where_they_say_the_same() -> None:
    """Another generation is made only where the run did more: none is left over."""
    first, second = _both({}, {})
    plan, actual = _run(first, second)

    after = foresee(actual, plan_roll_back(plan, "westus", actual).steps, plan.topology)

    configurations = {key for key in after.resources if "/securityadminconfigurations/" in key}
    assert configurations == {
        key for key in as_deployed(first).resources if "/securityadminconfigurations/" in key
    }


def test_a_spoke_that_had_gone_is_named_again_with_its_region() -> None:
    """The region stood throughout, and has the rules that it had."""
    first = a_network(regions={"eastus": {}, "westus": {"spokes": _MORE}, "northeurope": {}})
    plan, actual = _run(first, a_network(*_ALL, lock=allocate(first.topology)))

    back = plan_roll_back(plan, "westus", actual)
    after = foresee(actual, back.steps, plan.topology)

    assert _not_so(first, after) == []
    assert [str(it) for it in on_the_way(first, back, actual).moments if it.is_unsafe] == []


def test_rules_that_do_not_fit_beside_those_deployed_are_left_and_told() -> None:
    """A manager holds a hundred: others deny the region with the next rollout."""
    first, second = _both({}, {"spokes": _MORE})
    plan, actual = _run(first, second)
    theirs = f"{first.names.manager_id}/securityAdminConfigurations/theirs/ruleCollections/c/rules"
    more = [Found("security-admin-rule", f"{theirs}/r{number}", {}) for number in range(97)]
    full = Actual({**actual.resources, **Actual.of(more).resources}, actual.goal_states)

    back = plan_roll_back(plan, "westus", full)

    [told] = [f"{title(step)}: {step.reason}" for step in back.held]
    assert told == (
        "westus: leave security admin configuration security-g2: its rules name nothing of westus "
        "until the next rollout: beside its next generation the manager would hold 101 of 100 "
        "admin rules"
    )
    assert "eastus: commit security admin rules" not in [title(step) for step in back.work]
