"""A plan is a value: saved, read again, and asked what it holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from tests.builders import a_network, as_deployed
from tests.strategies import topologies
from topology.addressing import allocate, resolve
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.plan import Nothing, Plan
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.spec import Topology


@given(topologies())
def test_plan_is_read_as_it_was_saved(topology: Topology) -> None:
    """It is saved before the first write, and read after its maker is gone."""
    plan = make_plan(resolve(topology, allocate(topology)), Actual())

    assert plan == Plan.from_json(plan.to_json())


def test_plan_of_removals_is_read_as_it_was_saved() -> None:
    """With the bodies that stood before, and the goal states."""
    network = a_network()
    plan = plan_removal_of_all(network, as_deployed(network))

    assert plan == Plan.from_json(plan.to_json())


def test_plan_of_another_format_is_refused_with_the_way_out() -> None:
    """An older Orrery may have saved it."""
    saved = json.loads(make_plan(a_network(), Actual()).to_json()) | {"format": 99}

    with pytest.raises(ValueError, match="has format 99, this Orrery reads 2; plan again"):
        Plan.from_json(json.dumps(saved))


def test_plan_of_an_older_format_is_refused_by_its_number_and_not_by_its_keys() -> None:
    """Plans of format 1 named one subscription."""
    saved = json.loads(make_plan(a_network(), Actual()).to_json()) | {"format": 1}
    saved["subscription"] = saved.pop("subscriptions")[0]

    with pytest.raises(ValueError, match="has format 1, this Orrery reads 2; plan again"):
        Plan.from_json(json.dumps(saved))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"topology": "sample"}'])
def test_text_that_is_no_plan_is_refused(text: str) -> None:
    """A file that was cut is not half a plan."""
    with pytest.raises(ValueError, match=r"Plan|JSON"):
        Plan.from_json(text)


def test_plan_with_an_unknown_key_is_refused() -> None:
    """It was not made by this Orrery."""
    saved = json.loads(make_plan(a_network(), Actual()).to_json()) | {"extra": 1}

    with pytest.raises(ValueError, match="extra"):
        Plan.from_json(json.dumps(saved))


def test_plan_that_only_leaves_things_alone_is_empty() -> None:
    """Its steps say why."""
    network = a_network()
    plan = make_plan(network, as_deployed(network))

    assert plan.is_empty
    assert plan.work == ()
    assert {type(step) for step in plan.steps} == {Nothing}


def test_counts_are_of_all_steps() -> None:
    """A first plan creates and commits."""
    plan = make_plan(a_network("eastus"), Actual())

    assert plan.counts == {"create": len(plan.steps) - 3, "commit": 3}


def test_plan_holds_what_stood_before() -> None:
    """So it can be taken back after its maker is gone."""
    network = a_network("eastus")
    actual = as_deployed(network)

    plan = make_plan(network, actual)

    assert plan.found == actual


def test_found_is_looked_up_whatever_the_case() -> None:
    """Azure ignores the case of ids."""
    found = Found("resource-group", "/subscriptions/S/resourceGroups/G", {})

    assert found == Actual.of([found]).get("/SUBSCRIPTIONS/s/resourcegroups/g")


def test_goal_state_is_looked_up_by_manager_type_and_region() -> None:
    """Each has its own."""
    state = GoalState("eastus", "Routing", ("/x",))
    actual = Actual.of([], {"/Managers/M": (state,)})

    assert state == actual.goal_state("/managers/m", "Routing", "eastus")
    assert actual.goal_state("/managers/m", "Routing", "westus") is None
    assert actual.goal_state("/managers/m", "Connectivity", "eastus") is None
    assert actual.goal_state("/managers/other", "Routing", "eastus") is None
