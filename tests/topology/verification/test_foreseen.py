"""What a plan leads to is foreseen: nothing is left to do in it, and nothing else is forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import a_network, as_deployed
from tests.topology.examples import NAMES, example
from topology.planning.actual import Actual, Found
from topology.planning.planner import make_plan
from topology.verification.foreseen import foresee


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_to_do_in_what_a_first_plan_leads_to(name: str) -> None:
    """With the addresses that firewalls will likely get."""
    network = example(name)
    state = foresee(Actual(), make_plan(network, Actual()).steps, network.topology.topology)

    assert make_plan(network, state).work == ()


def test_what_no_step_writes_is_as_it_was_read() -> None:
    """Networks of others and members of groups are still known."""
    theirs = Found("virtual-network", "/subscriptions/s/virtualNetworks/theirs", {})
    deployed = as_deployed(a_network("eastus"))
    actual = replace(deployed, others=(theirs,), members={"group": frozenset({"theirs"})})

    assert foresee(actual, (), "sample") == actual
