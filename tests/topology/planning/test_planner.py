"""Properties of plans, whatever the topology: what was applied is at rest, and in an order."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_network, as_deployed, ids_in_order
from tests.strategies import successions, topologies
from tests.topology.azure_model import AzureModel
from tests.topology.examples import NAMES, ROOT, example
from tests.topology.mangling import WAYS, mangled
from tests.topology.planning.networks import deployed, network_of, networks_of
from topology.graph import CycleError
from topology.kind import Resource, Stage, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.planner import make_plan, plan_removal_of_all, plan_resources
from topology.spec import Topology

every_example = pytest.mark.parametrize(
    "network", [example(name) for name in NAMES], ids=list(NAMES)
)


def _early(plan: Plan) -> list[tuple[str, str]]:
    """Return the steps that stand before what they need."""
    place = {same_id(step.resource.id): number for number, step in enumerate(plan.steps)}
    return [
        (edge.step, edge.need)
        for edge in plan.edges
        if place[same_id(edge.step)] < place[same_id(edge.need)]
    ]


# -- at rest -----------------------------------------------------------------------------


@given(topologies())
def test_plan_of_what_is_deployed_is_empty(topology: Topology) -> None:
    """A second plan has nothing to do."""
    network = network_of(topology)

    assert make_plan(network, as_deployed(network)).work == ()


@given(topologies(), st.sets(st.sampled_from(sorted(WAYS)), min_size=1))
def test_plan_is_empty_however_azure_tells_it(topology: Topology, ways: set[str]) -> None:
    """Defaults, capitals, other orders and booleans as words are no differences."""
    network = network_of(topology)

    assert make_plan(network, mangled(as_deployed(network), *sorted(ways))).work == ()


@given(topologies())
def test_plan_after_an_apply_is_empty(topology: Topology) -> None:
    """Azure refuses no step, and then holds what is wanted."""
    network = network_of(topology)

    assert make_plan(network, deployed(network).actual).work == ()


@given(successions())
def test_plan_after_a_change_is_empty(both: tuple[Topology, Topology]) -> None:
    """Whatever changed: regions, spokes, zones, tiers, the home."""
    before, after = networks_of(*both)
    model = deployed(before)

    model.apply_all(make_plan(after, model.actual).steps)

    assert make_plan(after, model.actual).work == ()


@given(successions())
def test_change_comes_to_what_a_first_apply_would(both: tuple[Topology, Topology]) -> None:
    """Nothing of the network before is left over, but the count of generations."""
    before, after = networks_of(*both)
    model = deployed(before)

    model.apply_all(make_plan(after, model.actual).steps)

    assert _uncounted(deployed(after).bodies) == _uncounted(model.bodies)


def _uncounted(bodies: dict[str, Any]) -> Any:
    return json.loads(re.sub(r"-g[0-9]+", "-g", json.dumps(bodies)))


@given(topologies(), st.data())
def test_cut_run_is_finished_by_the_next(topology: Topology, data: st.DataObject) -> None:
    """Wherever it was cut."""
    network = network_of(topology)
    model = AzureModel(topology=topology.topology)
    steps = make_plan(network, model.actual).steps
    cut = data.draw(st.integers(min_value=0, max_value=len(steps)))

    model.apply_all(steps[:cut])
    model.apply_all(make_plan(network, model.actual).steps)

    assert deployed(network).bodies == model.bodies
    assert make_plan(network, model.actual).work == ()


# -- removal -----------------------------------------------------------------------------


@given(topologies())
def test_destroyed_network_leaves_nothing(topology: Topology) -> None:
    """Azure refuses no step: what is referred to goes after what refers to it."""
    network = network_of(topology)
    model = deployed(network)

    model.apply_all(plan_removal_of_all(network, model.actual).steps)

    assert (model.found, model.goals) == ({}, [])


@given(topologies(), st.data())
def test_cut_removal_is_finished_by_the_next(topology: Topology, data: st.DataObject) -> None:
    """Wherever it was cut."""
    network = network_of(topology)
    model = deployed(network)
    steps = plan_removal_of_all(network, model.actual).steps
    cut = data.draw(st.integers(min_value=0, max_value=len(steps)))

    model.apply_all(steps[:cut])
    model.apply_all(plan_removal_of_all(network, model.actual).steps)

    assert model.found == {}


# -- order -------------------------------------------------------------------------------


@given(successions())
def test_every_step_comes_after_what_it_needs(both: tuple[Topology, Topology]) -> None:
    """One by one in this order, a plan can be carried out."""
    before, after = networks_of(*both)

    assert _early(make_plan(after, as_deployed(before))) == []


@given(successions())
def test_every_edge_joins_two_steps(both: tuple[Topology, Topology]) -> None:
    """An edge to nowhere would hold a step back for ever."""
    before, after = networks_of(*both)
    plan = make_plan(after, as_deployed(before))
    steps = {same_id(step.resource.id) for step in plan.steps}

    ends = {same_id(name) for edge in plan.edges for name in (edge.step, edge.need)}
    assert ends - steps == set()


@given(successions())
def test_no_two_steps_share_an_id(both: tuple[Topology, Topology]) -> None:
    """A step is found by its id."""
    before, after = networks_of(*both)
    ids = [same_id(step.resource.id) for step in make_plan(after, as_deployed(before)).steps]

    assert sorted(set(ids)) == sorted(ids)


@every_example
def test_first_plan_creates_all_and_commits_all(network: Network) -> None:
    """Nothing was there before."""
    plan = make_plan(network, Actual())

    assert set(plan.counts) == {"create", "commit"}


@every_example
def test_first_plan_is_the_same_twice(network: Network) -> None:
    """Byte for byte, so that two plans can be compared."""
    assert make_plan(network, Actual()).to_json() == make_plan(network, Actual()).to_json()


def test_plan_is_the_same_in_another_process() -> None:
    """It depends on no order of a set, which differs between processes."""
    script = (
        "from tests.builders import a_network, as_deployed\n"
        "from topology.planning.planner import plan_removal_of_all\n"
        "network = a_network()\n"
        "plan = plan_removal_of_all(network, as_deployed(network))\n"
        "print(plan.to_json().decode())\n"
    )

    first, second = (
        subprocess.run(  # noqa: S603  our own Python
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    )

    assert first == second


def test_regions_order_does_not_matter() -> None:
    """The same plan for the same topology."""
    one, other = a_network("eastus", "westus"), a_network("westus", "eastus", home="eastus")

    assert ids_in_order(one) == ids_in_order(other)


def test_circle_of_needs_is_an_error() -> None:
    """It names its members."""
    one, other = (
        Resource("resource-group", f"/g/{name}", None, Stage.GLOBAL, {}, frozenset({f"/g/{need}"}))
        for name, need in (("a", "b"), ("b", "a"))
    )

    with pytest.raises(CycleError, match="resource-group a"):
        plan_resources([one, other], Actual(), "sample", "s")
