"""What reaches all regions at once, and what waits until something has gone."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.builders import a_network, as_deployed
from tests.strategies import successions
from tests.topology.azure_model import AzureModel
from tests.topology.planning.networks import deployed, networks_of
from topology.kind import same_id, strings
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.at_once import at_once, not_proved_at_once, reach, rules_only
from topology.planning.explain import title
from topology.planning.plan import Plan
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.rollout_spec import RolloutSpec
from topology.spec import Topology

WEB = ({"name": "web", "fqdns": ["*.example.com"]},)
PER_WAVE = {"policy": "per-wave"}


def _titles(plan: Plan) -> list[str]:
    return [title(step) for step in plan.work]


def test_rules_of_a_first_rollout_wait_for_nobody() -> None:
    """No firewall follows them yet, so they are made beside the first wave."""
    plan = make_plan(a_network(), Actual())

    assert at_once(plan).is_empty
    assert plan.notes == ()


def test_rules_that_firewalls_follow_are_changed_at_once() -> None:
    """And nothing else that the plan does."""
    plan = make_plan(a_network(egress=WEB, dns_zone="other.internal"), as_deployed(a_network()))

    assert _titles(at_once(plan)) == ["global: create rule collection group rcg-sample-egress"]


def test_rules_alone_reach_the_same_firewalls() -> None:
    """So `orrery policy` changes them by themselves, too: proved, or taken back."""
    plan = make_plan(a_network(egress=WEB, dns_zone="other.internal"), as_deployed(a_network()))
    alone = rules_only(plan)

    assert _titles(at_once(alone)) == _titles(at_once(plan))
    assert reach(alone, alone).regions == ("eastus", "westus")


def test_a_region_that_leaves_changes_nothing_at_once() -> None:
    """What the rules say of it is taken out after it."""
    plan = make_plan(a_network("eastus"), as_deployed(a_network("eastus", "westus")))

    assert at_once(plan).is_empty


def test_rules_of_a_region_wait_for_its_wave() -> None:
    """Nothing of one region reaches another."""
    before, after = (a_network(rollout=PER_WAVE, egress=egress) for egress in ((), WEB))
    plan = make_plan(after, as_deployed(before))

    assert at_once(plan).is_empty
    assert len(rules_only(plan).work) == 2


def test_settings_of_a_parent_reach_the_firewalls_of_its_children() -> None:
    """A change of the parent is applied to all children (facts.md section 6)."""
    before, after = (
        a_network(rollout=PER_WAVE, firewall={"threat_intelligence": mode})
        for mode in ("Alert", "Deny")
    )
    plan = make_plan(after, as_deployed(before))

    part = at_once(plan)

    assert _titles(part) == ["global: change firewall policy afwp-sample"]
    assert reach(plan, part).regions == ("eastus", "westus")


def test_a_policy_that_is_replaced_cannot_go_first() -> None:
    """Its firewalls must let go of it, each in its own region."""
    before, after = (a_network(firewall={"tier": tier}) for tier in ("Standard", "Premium"))
    plan = make_plan(after, as_deployed(before))

    assert at_once(plan).is_empty
    assert rules_only(plan).is_empty


def test_rules_of_a_new_region_are_left_to_a_rollout() -> None:
    """Its policy needs a group that is not there; the others may learn of it."""
    before, after = (
        a_network(*regions, rollout=PER_WAVE) for regions in (("eastus",), ("eastus", "westus"))
    )
    plan = make_plan(after, as_deployed(before))

    assert _titles(rules_only(plan)) == [
        "eastus: change rule collection group rcg-sample-eastus-spoke-to-spoke"
    ]


# -- proof -------------------------------------------------------------------------------


def test_a_change_that_is_there_is_proved() -> None:
    """All who follow it read Succeeded."""
    before, after = a_network(), a_network(egress=WEB)
    part = at_once(make_plan(after, as_deployed(before)))
    actual = as_deployed(after)

    assert not_proved_at_once(part, make_plan(after, actual), actual) == []


def test_a_change_that_is_not_there_is_not_proved() -> None:
    """What is still to be done is named."""
    before, after = a_network(), a_network(egress=WEB)
    plan = make_plan(after, as_deployed(before))

    assert not_proved_at_once(at_once(plan), plan, as_deployed(before)) == [
        "global: create rule collection group rcg-sample-egress"
    ]


@pytest.mark.parametrize("rollout", [{}, PER_WAVE], ids=["at-once", "per-wave"])
def test_a_firewall_that_follows_a_change_and_fails_is_named(rollout: dict[str, str]) -> None:
    """Also when it follows by a child of the policy."""
    before, after = (
        a_network(rollout=rollout, firewall={"threat_intelligence": mode})
        for mode in ("Alert", "Deny")
    )
    part = at_once(make_plan(after, as_deployed(before)))
    actual = _failed(as_deployed(after), after.names.firewall_id("westus"))

    assert not_proved_at_once(part, make_plan(after, actual), actual) == [
        "afw-sample-westus reads Failed"
    ]


def _failed(actual: Actual, resource_id: str) -> Actual:
    found = actual.resources[same_id(resource_id)]
    properties = {**found.body["properties"], "provisioningState": "Failed"}
    failed = Found(found.kind, found.id, {**found.body, "properties": properties})
    return Actual({**actual.resources, same_id(found.id): failed}, actual.goal_states)


# -- whatever changes --------------------------------------------------------------------


@given(successions())
def test_policy_first_comes_to_what_one_plan_would(both: tuple[Topology, Topology]) -> None:
    """What goes at once needs nothing else, and leaves the rest to be done as it was."""
    before, after = networks_of(*both)
    model, whole = deployed(before), deployed(before)
    plan = make_plan(after, model.actual)
    whole.apply_all(plan.steps)

    model.apply_all(at_once(plan).steps)
    assert at_once(make_plan(after, model.actual)).is_empty
    model.apply_all(make_plan(after, model.actual).steps)

    assert model.bodies == whole.bodies


@given(successions())
def test_rules_alone_need_nothing_else(both: tuple[Topology, Topology]) -> None:
    """Azure refuses none of them, and doing them twice does nothing."""
    before, after = networks_of(*both)
    model = deployed(before)

    model.apply_all(rules_only(make_plan(after, model.actual)).steps)

    assert rules_only(make_plan(after, model.actual)).is_empty


@given(successions())
def test_rules_name_a_network_as_long_as_it_is_there(both: tuple[Topology, Topology]) -> None:
    """Whatever leaves, moves or comes; each may reach its own environment all that time."""
    before, after = _alike(*both)
    model = deployed(before)
    plan = make_plan(after, model.actual)
    named = _named(model) & _there(model, before)

    for step in plan.steps:
        model.apply(step)
        assert named & _there(model, before) <= _named(model)


@given(successions())
def test_rules_name_a_new_network_before_its_routes(both: tuple[Topology, Topology]) -> None:
    """No commit of routes is done before the rules of its region are there."""
    _, after = networks_of(*both)
    model = AzureModel(topology=after.topology.topology)

    for step in make_plan(after, Actual()).steps:
        if step.resource.kind == "commit":
            region = step.resource.region
            here = {str(spoke.prefix) for spoke in after.spokes if spoke.region == region}
            assert here <= _named(model)
        model.apply(step)


def _alike(first: Topology, second: Topology) -> tuple[Network, Network]:
    """Return both with one home, tier and policy, which is not made anew."""
    shared = {"home": first.home, "firewall": first.firewall, "rollout": RolloutSpec()}
    first = first.model_copy(update={"rollout": RolloutSpec()})
    return networks_of(first, second.model_copy(update=shared))


def _named(model: AzureModel) -> set[str]:
    """Return the prefixes in all rules of firewalls."""
    groups = (item for item in model.found.values() if item.kind == "rule-collection-group")
    return {text for item in groups for text in strings(item.body) if "/" in text}


def _there(model: AzureModel, network: Network) -> set[str]:
    """Return the prefixes of a network's spokes that are still there."""
    return {
        str(spoke.prefix)
        for spoke in network.spokes
        if (found := model.found.get(same_id(network.names.vnet_id(spoke.region, spoke.name))))
        and str(spoke.prefix) in strings(found.body)
    }


def test_rules_of_a_policy_that_goes_are_deleted_when_nobody_follows_them() -> None:
    """Before that each would take minutes and keep the firewalls busy (facts.md section 0.9)."""
    network = a_network(rollout=PER_WAVE)
    titles = _titles(plan_removal_of_all(network, as_deployed(network)))

    for region in ("eastus", "westus"):
        gone = titles.index(f"{region}: delete firewall afw-sample-{region}")
        rules = f"{region}: delete rule collection group rcg-sample-{region}-spoke-to-spoke"
        assert gone < titles.index(rules)
