"""What a run that was cut has done, told from its plan and one that is made now."""

from __future__ import annotations

from tests.builders import a_network, as_deployed
from topology.planning.actual import Actual
from topology.planning.cut import rows_of_cut, summary_of_cut, to_make_again
from topology.planning.explain import title
from topology.planning.planner import make_plan


def without(actual: Actual, word: str) -> Actual:
    """Return the same without the resources in whose id the word stands, and all goal states."""
    kept = {key: found for key, found in actual.resources.items() if word not in key}
    return Actual(kept, {})


def test_steps_that_a_plan_of_now_does_not_have_are_done() -> None:
    """One region is whole but for its commits, the other has not been begun."""
    network = a_network()
    saved = make_plan(network, Actual())
    now = make_plan(network, without(as_deployed(network), "westus"))

    rows = {row["region"]: row["state"] for row in rows_of_cut(saved, now)}

    assert rows == {"global": "done", "eastus": "in part", "westus": "not begun"}


def test_of_a_run_that_came_to_its_end_all_is_done() -> None:
    """The row counts steps."""
    network = a_network("eastus")
    saved = make_plan(network, Actual())
    now = make_plan(network, as_deployed(network))
    rows = rows_of_cut(saved, now)

    count = len([step for step in saved.work if step.resource.region == "eastus"])
    assert {"region": "eastus", "state": "done", "steps": f"{count} of {count}", "left out": 0} in (
        rows
    )
    assert {row["state"] for row in rows} == {"done"}


def test_the_summary_names_regions_by_how_far_they_are() -> None:
    """What is done comes first."""
    rows = [
        {"region": "westus", "state": "not begun", "steps": "0 of 9"},
        {"region": "global", "state": "done", "steps": "2 of 2"},
        {"region": "eastus", "state": "in part", "steps": "3 of 9"},
    ]

    assert summary_of_cut(rows) == (
        "done: global (2 of 2 steps); in part: eastus (3 of 9 steps); "
        "not begun: westus (0 of 9 steps)"
    )


def test_a_firewall_taken_away_to_be_made_anew_is_made_again() -> None:
    """Its address before it; what never stood before the run is left for the next one."""
    network = a_network()
    before = as_deployed(network)
    wanted = a_network(regions={"eastus": {"zones": ["1"]}, "westus": {}})
    saved = make_plan(wanted, before)
    gone = {
        key: found
        for key, found in before.resources.items()
        if found.kind not in {"firewall", "public-ip"} or "westus" in key
    }
    now = make_plan(wanted, Actual(gone, before.goal_states))

    again = [title(step) for step in to_make_again(saved, now)]

    assert again == [
        "eastus: create public ip pip-sample-afw-eastus",
        "eastus: create firewall afw-sample-eastus",
    ]


def test_a_first_rollout_has_nothing_to_make_again() -> None:
    """Nothing stood before it."""
    network = a_network()
    plan = make_plan(network, Actual())

    assert to_make_again(plan, plan) == ()
