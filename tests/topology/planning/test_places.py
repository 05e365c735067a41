"""No run waits for one that waits for it."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import a_network, as_deployed
from topology.kind import same_id
from topology.planning.actual import Actual
from topology.planning.places import GLOBAL, LAST, places, regions_at_once
from topology.planning.plan import Delete, Plan
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.spec import RegionSpec


def test_regions_make_their_own_and_what_joins_them_comes_last() -> None:
    """Hub, firewall and spokes belong to the region; members, routes and commits to the end."""
    plan = make_plan(a_network("eastus", "westus"), Actual())
    found = places(plan)

    for step in plan.steps:
        stage, region = step.resource.stage, step.resource.region
        usual = LAST if stage.joins_regions else region or GLOBAL
        assert found[same_id(step.resource.id)] == usual


def test_all_that_goes_comes_last() -> None:
    """A removal of all has no regional run."""
    network = a_network("eastus", "westus")
    plan = plan_removal_of_all(network, as_deployed(network))

    assert set(places(plan).values()) == {LAST}


def test_firewall_that_gets_another_name_goes_in_its_regions_run() -> None:
    """The new one is made there, and needs its place."""
    before, after = a_network(), a_network(names={"firewall": "{region}-fw"})
    plan = make_plan(after, as_deployed(before))

    assert places(plan)[same_id(before.names.firewall_id("eastus"))] == "eastus"


def test_what_makes_way_for_a_replacement_belongs_to_its_region() -> None:
    """The firewall frees its address before the address is made anew, in one run."""
    network = a_network("eastus", "westus")
    plan = _with_other_zones(network.topology.regions["eastus"])
    found = places(plan)
    old = [s for s in plan.work if isinstance(s, Delete) and s.resource.stage.is_regional]

    assert [step.resource.kind for step in old] == ["firewall"]
    assert {found[same_id(step.resource.id)] for step in old} == {"eastus"}


def test_no_early_step_needs_a_late_one() -> None:
    """What comes last is needed by nothing that comes before."""
    plan = _with_other_zones(RegionSpec())
    found = places(plan)
    late = {key for key, place in found.items() if place == LAST}

    assert not [
        edge for edge in plan.edges if same_id(edge.need) in late and same_id(edge.step) not in late
    ]


def test_regions_take_turns() -> None:
    """As many as the file says, or all."""
    plan = make_plan(a_network("eastus", "northeurope", "westus"), Actual())

    assert [regions_at_once(plan, parallel) for parallel in (1, 2, None)] == [1, 2, 3]


def test_regions_take_no_turns_where_what_they_share_needs_all_of_them() -> None:
    """A policy that is replaced needs all firewalls gone: one that waited would be waited for."""
    before, after = (a_network("eastus", "westus", home=home) for home in ("eastus", "westus"))
    moved = make_plan(after, as_deployed(before))

    assert regions_at_once(moved, 1) == 2


def _with_other_zones(spec: RegionSpec) -> Plan:
    network = a_network("eastus", "westus")
    regions = {"eastus": spec.model_copy(update={"zones": ("1",)}), "westus": RegionSpec()}
    topology = network.topology.model_copy(update={"regions": regions})
    hubs = tuple(
        replace(hub, zones=("1",)) if hub.region == "eastus" else hub for hub in network.hubs
    )
    return make_plan(replace(network, topology=topology, hubs=hubs), as_deployed(network))
