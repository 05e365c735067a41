"""Security admin rules of others: Azure takes one configuration a region and manager."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from topology.network import Network
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.explain import title
from topology.planning.planner import RulesOfOthersError, make_plan
from topology.planning.roll_back.outcome import left_of
from topology.planning.roll_back.planner import plan_roll_back
from topology.planning.schedule import Schedule

WITHOUT: dict[str, Any] = {"eastus": {"admin_rules": False}, "westus": {}}


def _theirs(network: Network) -> str:
    return f"{network.names.manager_id}/securityAdminConfigurations/perimeter"


def _with_theirs(network: Network, actual: Actual) -> Actual:
    """Return what Azure holds when others have deployed their rules in eastus."""
    manager, theirs = network.names.manager_id, _theirs(network)
    body = {"id": theirs, "properties": {"description": "of the security team"}}
    states = tuple(
        state
        for state in actual.goal_states[manager.lower()]
        if (state.commit_type, state.region) != ("SecurityAdmin", "eastus")
    )
    found = Found("security-admin-configuration", theirs, body)
    goal = GoalState("eastus", "SecurityAdmin", (theirs,))
    return Actual.of([*actual.resources.values(), found], {manager: (*states, goal)})


def test_plan_is_refused_with_the_name_and_the_ways_out() -> None:
    """Before any write: our commit would take theirs away."""
    network = a_network()
    with pytest.raises(RulesOfOthersError) as refused:
        make_plan(network, _with_theirs(network, as_deployed(network)))

    told = str(refused.value)
    assert "eastus has perimeter deployed" in told
    assert "managed-by=orrery/sample" in told
    assert "another manager" in told
    assert "`admin_rules: false`" in told


def test_region_without_rules_of_the_topology_leaves_theirs() -> None:
    """No commit of ours there, and the plan says what that means."""
    network = a_network(regions=WITHOUT)
    plan = make_plan(network, _with_theirs(network, as_deployed(network)))

    assert plan.work == ()
    [note] = plan.notes
    assert note.startswith("no security admin rules of the topology in eastus")


def test_rules_are_withdrawn_from_a_region_that_is_to_have_none() -> None:
    """Ours were deployed there before."""
    before, after = a_network(), a_network(regions=WITHOUT)
    plan = make_plan(after, as_deployed(before))

    [step] = plan.work
    assert title(step) == "eastus: commit security admin rules"
    assert step.resource.body["configurationIds"] == []


def test_configuration_that_says_it_is_ours_gives_way_to_ours() -> None:
    """Taken over by its description, its place is the topology's."""
    network = a_network()
    actual = _with_theirs(network, as_deployed(network))
    found = actual.resources[_theirs(network).lower()]
    body = {**found.body, "properties": {"description": "managed-by=orrery/sample"}}
    marked = Actual.of([*actual.resources.values(), replace(found, body=body)])
    plan = make_plan(network, Actual(marked.resources, actual.goal_states))

    assert [title(step) for step in plan.work] == [
        "eastus: commit security admin rules",
        "global: delete security admin configuration perimeter",
    ]


def test_roll_back_leaves_what_others_have_deployed_since() -> None:
    """It goes on with what it can, and says why this stays."""
    network = a_network(isolation="strict")
    done = make_plan(network, as_deployed(a_network()))
    actual = as_deployed(network.at({"securityAdminConfigurations": 2}))
    back = plan_roll_back(done, "eastus", _with_theirs(network, actual))

    assert "eastus: commit security admin rules" in [title(step) for step in done.work]
    assert "eastus: commit security admin rules" not in [title(step) for step in back.work]
    assert [*left_of(back, Schedule(back), {})][-1] == (
        "eastus: leave commit SecurityAdmin-eastus",
        "perimeter of others is deployed here",
    )
