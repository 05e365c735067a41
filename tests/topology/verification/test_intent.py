"""What the topology means is proved of examples, and of any topology."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.strategies import topologies
from tests.topology.examples import NAMES, example
from topology.addressing import allocate, resolve
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.spec import Topology
from topology.verification.foreseen import foresee
from topology.verification.intent import findings
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
