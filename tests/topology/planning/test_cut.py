"""What a run that was cut has done, told from its plan and one that is made now."""

from __future__ import annotations

from itertools import takewhile

from tests.builders import a_network, as_deployed
from tests.topology.azure_model import AzureModel
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.cut import rows_of_cut, summary_of_cut, to_make_again
from topology.planning.explain import title
from topology.planning.plan import Create, Delete, Plan, Step
from topology.planning.planner import make_plan
from topology.planning.policy_names import used_by
from topology.planning.roll_back.planner import plan_roll_back


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


DYNAMIC = {"membership": "dynamic"}


def _later(network: Network, plan: Plan) -> Network:
    """Return the network as who reads its lock file after a run has kept its names."""
    return network.with_policies({name: number + 1 for name, number in used_by(plan).items()})


def _fills(step: Step) -> bool:
    return step.resource.kind == "policy-definition"


def _until_one_comes(model: AzureModel, plan: Plan) -> list[Step]:
    """Do what a plan does before its first new definition; return it."""
    comes = next(step for step in plan.work if isinstance(step, Create) and _fills(step))
    done = list(takewhile(lambda step: step is not comes, plan.work))
    assert any(isinstance(step, Delete) and _fills(step) for step in done)
    model.apply_all(done)
    return done


def _moving() -> tuple[AzureModel, Network, Plan]:
    """Return Azure, and a plan that moves the manager: definitions go along with groups."""
    network = a_network("eastus", "westus", groups=DYNAMIC)
    model = AzureModel()
    first = make_plan(network, model.actual)
    model.apply_all(first.steps)
    moved = _later(a_network("eastus", "westus", home="westus", groups=DYNAMIC), first)
    return model, moved, make_plan(moved, model.actual)


def test_of_a_run_with_dynamic_groups_that_wrote_nothing_nothing_is_done() -> None:
    """The lock file has the names of its definitions before Azure has."""
    network = a_network("eastus", groups=DYNAMIC)
    saved = make_plan(network, Actual())

    now = make_plan(_later(network, saved), Actual())

    assert {row["state"] for row in rows_of_cut(saved, now)} == {"not begun"}


def test_a_definition_that_went_is_done_while_the_one_in_its_place_is_not() -> None:
    """They differ in their number alone, and are two steps."""
    model, moved, saved = _moving()
    done = _until_one_comes(model, saved)

    rows = rows_of_cut(saved, make_plan(_later(moved, saved), model.actual))

    (row,) = (row for row in rows if row["region"] == "eastus")
    ours = [step for step in saved.work if step.resource.region == "eastus"]
    assert row["left out"] == len([step for step in ours if step not in done])


def test_no_policy_definition_is_made_again() -> None:
    """Azure would take it, and no network would join a group by it."""
    model, moved, run = _moving()
    model.apply_all(run.steps)
    back = plan_roll_back(run, None, model.actual, _later(moved, run).policies)
    _until_one_comes(model, back)

    # Of a lock file that was lost: what comes back would have the name of what has just gone.
    now = plan_roll_back(run, None, model.actual)
    again = to_make_again(back, now)

    assert any(_fills(step) and back.found.get(step.resource.id) for step in now.work)
    assert [title(step) for step in again if "policy" in step.resource.kind] == []
