"""Waves: what each carries out, and that all of them come to what one would."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_network, a_topology, as_deployed
from tests.strategies import successions
from tests.topology.azure_model import AzureModel
from tests.topology.planning.networks import deployed, networks_of
from topology.addressing import allocate
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.explain import title
from topology.planning.plan import Commit, Delete, Plan
from topology.planning.planner import make_plan
from topology.planning.policy_names import used_by
from topology.planning.waves import beyond, not_proved, part_after, wave_of, waves_of
from topology.rollout_spec import Check, RolloutSpec, waves
from topology.spec import Topology


def _regions(plan: Plan) -> set[str | None]:
    return {step.resource.region for step in plan.work}


def test_first_wave_writes_nothing_of_other_regions() -> None:
    """What belongs to no region is made with it."""
    plan = make_plan(a_network("eastus", "westus"), Actual())

    assert _regions(wave_of(plan, {"westus"}, last=False)) == {None, "westus"}


def test_mesh_rules_and_routes_reach_a_region_with_its_wave() -> None:
    """A commit names one region."""
    plan = make_plan(a_network("eastus", "westus"), Actual())
    part = wave_of(plan, {"westus"}, last=False)

    commits = [step.resource for step in part.work if isinstance(step, Commit)]
    assert {commit.region for commit in commits} == {"westus"}
    assert len(commits) == 3


def test_nothing_goes_before_the_last_wave() -> None:
    """What is taken away is needed by regions that have not moved yet."""
    before, after = a_network(isolation="strict"), a_network()
    plan = make_plan(after, as_deployed(before))

    early = wave_of(plan, {"eastus"}, last=False)
    assert not [step for step in early.work if isinstance(step, Delete)]
    assert wave_of(plan, {"eastus", "westus"}, last=True) == plan


def test_a_spoke_that_goes_is_cut_off_in_the_wave_of_its_region_before_rules_change() -> None:
    """The network itself goes in the last."""
    before = a_network("eastus", "westus")
    fewer: dict[str, Any] = {"eastus": {"spokes": {"prod": {}}}, "westus": {}}
    after = a_network(regions=fewer, lock=allocate(before.topology))
    plan = make_plan(after, as_deployed(before))

    told = [title(step) for step in wave_of(plan, {"eastus"}, last=False).work]
    assert {name for name in told if "delete" in name} == {
        "eastus: delete peering peer-sample-hub-to-nonprod",
        "eastus: delete peering peer-sample-nonprod-to-hub",
        "eastus: delete static member vnet-sample-nonprod-eastus",
    }
    assert told[-1] == "eastus: commit security admin rules"


def test_a_region_that_failed_comes_back_with_no_later_wave() -> None:
    """It stays as it was taken back, and so does what would go last: it may need it."""
    before, after = a_network(isolation="strict"), a_network(rollout={"canary": "westus"})
    last, plan = waves_of(after)[-1], make_plan(after, as_deployed(before))

    part = part_after(plan, last, {"westus"})
    assert last.last
    assert "westus" not in _regions(part)
    assert "eastus" in _regions(part)
    assert not [step for step in part.work if isinstance(step, Delete)]


def test_region_that_leaves_is_undone_in_the_last_wave() -> None:
    """Its traffic goes on until all others are proved good."""
    plan = make_plan(a_network("eastus"), as_deployed(a_network("eastus", "westus")))

    assert "westus" not in _regions(wave_of(plan, {"eastus"}, last=False))


def test_what_is_replaced_frees_what_it_used_in_its_own_wave() -> None:
    """A firewall lets go of its address, though nothing else goes yet."""
    deployed_network = a_network("eastus", "westus3")
    other_zones = a_network(
        "eastus", "westus3", regions={"eastus": {"zones": ["1"]}, "westus3": {}}
    )
    plan = make_plan(other_zones, as_deployed(deployed_network))

    part = wave_of(plan, {"eastus"}, last=False)
    assert [step.resource.kind for step in part.work if isinstance(step, Delete)] == ["firewall"]


def test_step_that_nobody_has_seen_is_named() -> None:
    """The world moved between two waves."""
    network = a_network("eastus", "westus")
    shown = make_plan(network, as_deployed(network))
    now = make_plan(network, Actual())

    assert beyond(now, shown) == [title(step) for step in now.work]
    assert beyond(now, now) == []


@given(successions(), st.data())
def test_all_waves_come_to_what_one_would(
    both: tuple[Topology, Topology], data: st.DataObject
) -> None:
    """And Azure refuses no step on the way."""
    before, after = networks_of(*both)
    _all_waves_come_to_what_one_would(before, after, data.draw(st.integers(1, 3)))


def _all_waves_come_to_what_one_would(before: Network, after: Network, size: int) -> None:
    """Carry both out, waves of `size` regions as a run does: names are kept before each."""
    model, at_once = deployed(before), deployed(before)
    whole = make_plan(after, at_once.actual)
    at_once.apply_all(whole.steps)
    model.leaves_out = True

    order = waves(RolloutSpec(at_a_time=size), tuple(hub.region for hub in after.hubs))
    for number, _ in enumerate(order):
        so_far = {region for wave in order[: number + 1] for region in wave}
        part = wave_of(make_plan(after, model.actual), so_far, last=number + 1 == len(order))
        assert beyond(part, whole) == []
        used = used_by(part)
        after = after.with_policies({name: last + 1 for name, last in used.items()})
        model.apply_all(part.steps)

    assert model.bodies == at_once.bodies
    assert make_plan(after, model.actual).is_empty


def test_waves_come_to_the_same_rules_where_every_region_is_another() -> None:
    """The region that leaves has the old rules deployed until the last wave."""
    lock = allocate(a_topology("eastus", "westus", "uksouth"))
    before = a_network("eastus", isolation="strict", lock=lock)
    after = a_network("westus", "uksouth", lock=lock, home="eastus")

    _all_waves_come_to_what_one_would(before, after, size=1)


def test_waves_use_no_name_of_a_policy_twice_where_the_manager_moves() -> None:
    """Its groups take all definitions along in the first wave; the lock file may be a new one."""
    dynamic = {"membership": "dynamic"}
    before, after = a_network(groups=dynamic), a_network(groups=dynamic, home="westus")

    _all_waves_come_to_what_one_would(before, after, size=1)


@given(successions())
def test_wave_needs_nothing_of_a_later_one(both: tuple[Topology, Topology]) -> None:
    """What is left out is only an order among regions."""
    before, after = networks_of(*both)
    plan = make_plan(after, deployed(before).actual)
    part = wave_of(plan, {after.hubs[0].region}, last=False)

    kept = {same_id(step.resource.id) for step in part.steps}
    works = {same_id(step.resource.id) for step in plan.work}
    hard = [e for e in plan.edges if not e.orders_only and same_id(e.step) in kept & works]
    assert {same_id(edge.need) for edge in hard} & works <= kept


def test_wave_that_is_done_is_proved_good() -> None:
    """What still waits for firewalls of later waves is no work of it."""
    network = a_network("eastus", "westus", rollout={"canary": "eastus"})
    first, _ = waves_of(network)
    model = AzureModel()
    model.leaves_out = True
    model.apply_all(wave_of(make_plan(network, model.actual), first.so_far, last=False).steps)

    part = wave_of(make_plan(network, model.actual), first.so_far, last=False)
    assert not_proved(part, model.actual, first.so_far) == []


def test_wave_with_something_unsettled_is_not_proved() -> None:
    """A firewall may hold all that is wanted and have failed: it is to be put again."""
    network = a_network("eastus", "westus", rollout={"canary": "eastus"})
    firewall = network.names.firewall_id("eastus")
    actual = as_deployed(network)
    body = actual.resources[same_id(firewall)].body
    failed = {**body, "properties": {**body["properties"], "provisioningState": "Failed"}}
    found = {**actual.resources, same_id(firewall): Found("firewall", firewall, failed)}
    now = Actual(found, actual.goal_states)

    part = wave_of(make_plan(network, now), {"eastus"}, last=False)
    assert not_proved(part, now, {"eastus"}) == [
        "eastus: change firewall afw-sample-eastus",
        "afw-sample-eastus reads Failed",
    ]


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (["provisioning-states"], ["afw-sample-eastus reads Updating"]),
        (["deployment-status"], ["eastus: commit routing"]),
        ([], []),
    ],
)
def test_what_is_checked_is_as_the_topology_says(check: list[Check], told: list[str]) -> None:
    """A commit that is missing, and a state other than Succeeded: each as far as it is named."""
    network = a_network("eastus", "westus", rollout={"canary": "eastus"})
    firewall, actual = network.names.firewall_id("eastus"), as_deployed(network)
    body = actual.resources[same_id(firewall)].body
    updating = {**body, "properties": {**body["properties"], "provisioningState": "Updating"}}
    found = {**actual.resources, same_id(firewall): Found("firewall", firewall, updating)}
    states = {
        manager: tuple(s for s in all_of_it if (s.region, s.commit_type) != ("eastus", "Routing"))
        for manager, all_of_it in actual.goal_states.items()
    }
    now = Actual(found, states)

    part = wave_of(make_plan(network, now), {"eastus"}, last=False)
    assert not_proved(part, now, {"eastus"}, check) == told
