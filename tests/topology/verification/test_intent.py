"""What the topology means is proved of examples, and of any topology."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.builders import a_network, as_deployed
from tests.strategies import topologies
from tests.topology.examples import NAMES, example
from topology.addressing import allocate, resolve
from topology.planning.actual import Actual, Found
from topology.planning.planner import make_plan
from topology.spec import Topology
from topology.verification.foreseen import foresee
from topology.verification.intent import findings, undenied
from topology.verification.model import Model
from topology.verification.proof import Proof


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_proved_before_anything_is_written(name: str) -> None:
    """Over what its first plan leads to."""
    network = example(name)
    plan = make_plan(network, Actual())
    state = foresee(Actual(), plan.steps, network.topology.topology)

    assert findings(Proof(network, Model.of(state))) == ()


@given(topologies())
@settings(max_examples=20, deadline=None)
def test_any_topology_is_proved_before_anything_is_written(topology: Topology) -> None:
    """Whatever its regions, spokes, environments and isolation."""
    network = resolve(topology, allocate(topology, None))
    plan = make_plan(network, Actual())
    state = foresee(Actual(), plan.steps, topology.topology)

    assert findings(Proof(network, Model.of(state))) == ()


@pytest.mark.parametrize("state", ["Succeeded", "Updating", "Failed"])
def test_a_denial_that_is_missing_is_told_whatever_state_a_firewall_is_in(state: str) -> None:
    """One that failed may let through what it did: nobody can build on it that it does not."""
    network = a_network("eastus", "westus")
    whole = as_deployed(network)
    rest = {
        manager: tuple(it for it in states if it.commit_type != "SecurityAdmin")
        for manager, states in whole.goal_states.items()
    }
    found = {key: _in_state(state, item) for key, item in whole.resources.items()}
    actual = replace(whole, resources=found, goal_states=rest)

    assert undenied(Proof(network, Model.of(actual)))


def _in_state(state: str, item: Found) -> Found:
    if item.kind != "firewall":
        return item
    properties = {**item.body["properties"], "provisioningState": state}
    return replace(item, body={**item.body, "properties": properties})
