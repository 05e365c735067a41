"""Nothing on the way of a plan lets somebody through: neither in one order nor in another."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings

from tests.builders import PROD, a_network, as_deployed
from tests.strategies import successions
from tests.topology.azure_model import AzureModel
from tests.topology.examples import example
from topology.addressing import AddressError, allocate, resolve
from topology.graph import Edge
from topology.kind import Stage, same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.at_once import at_once
from topology.planning.places import GLOBAL, LAST, places
from topology.planning.plan import Commit, Plan
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.planning.roll_back.planner import plan_roll_back
from topology.planning.waves import waves_of
from topology.regions import AZURE_REGIONS
from topology.spec import Topology
from topology.verification.moments import Moment, on_the_way
from topology.verification.orders import orders

_EXAMPLES = int(os.environ.get("ORRERY_EXAMPLES", "5"))
TWO = a_network("eastus", "westus")
LOCK = allocate(TWO.topology)


def _two(**fields: Any) -> Network:
    return a_network("eastus", "westus", lock=LOCK, **fields)


def _unsafe(network: Network, plan: Plan, actual: Actual) -> list[Moment]:
    return [item for item in on_the_way(network, plan, actual).moments if item.is_unsafe]


def with_an_open_firewall(network: Network, actual: Actual, protocol: str = "Any") -> Actual:
    """Return a state in which others let everything through: only admin rules keep apart."""
    everything = {
        "name": "all",
        "ruleType": "NetworkRule",
        "ipProtocols": [protocol],
        "sourceAddresses": ["*"],
        "destinationAddresses": ["10.0.0.0/8"],
        "destinationPorts": ["*"],
    }
    collection = {"name": "theirs", "priority": 100, "action": {"type": "Allow"}}
    group = f"{network.names.policy_id}/ruleCollectionGroups/theirs"
    body = {"priority": 100, "ruleCollections": [{**collection, "rules": [everything]}]}
    found = Found("rule-collection-group", group, {"id": group, "properties": body})
    return replace(actual, resources={**actual.resources, same_id(group): found})


def with_routes_before_rules(plan: Plan) -> Plan:
    """Return a plan in which nothing waits for the rules that keep apart."""
    rules = {
        same_id(step.resource.id)
        for step in plan.work
        if step.resource.body.get("commitType") == "SecurityAdmin"
    }
    unordered = tuple(edge for edge in plan.edges if same_id(edge.need) not in rules)
    return replace(plan, edges=unordered)


def test_no_moment_of_a_first_rollout_is_unsafe() -> None:
    """Of GloboJava, each two regions in both orders."""
    network = example("globojava")

    assert on_the_way(network, make_plan(network, Actual()), Actual()).moments == ()


def test_no_moment_is_unsafe_when_a_region_comes_or_goes_or_all_goes() -> None:
    """Nor do routes lead to what is gone."""
    three = a_network("eastus", "westus", "northeurope", lock=LOCK)
    two, full = as_deployed(TWO), as_deployed(three)

    assert _unsafe(three, make_plan(three, two), two) == []
    assert on_the_way(TWO, make_plan(TWO, full), full).moments == ()
    assert on_the_way(TWO, plan_removal_of_all(TWO, two), two).moments == ()


def test_no_moment_is_unsafe_where_only_admin_rules_keep_apart() -> None:
    """A region comes, goes, or takes the place of another: routes never lead where none denies."""
    three = a_network("eastus", "westus", "northeurope", lock=LOCK)
    other = a_network("eastus", "northeurope", lock=LOCK)
    two = with_an_open_firewall(TWO, as_deployed(TWO))
    full = with_an_open_firewall(TWO, as_deployed(three))

    assert on_the_way(three, make_plan(three, two), two).moments == ()
    assert on_the_way(TWO, make_plan(TWO, full), full).moments == ()
    assert on_the_way(other, make_plan(other, two), two).moments == ()


@pytest.mark.parametrize("region", [None, "northeurope"])
def test_no_moment_of_a_roll_back_is_unsafe_where_only_admin_rules_keep_apart(
    region: str | None,
) -> None:
    """Of a region that came, and of one that went."""
    three = a_network("eastus", "westus", "northeurope", lock=LOCK)
    for before, after in ((TWO, three), (three, TWO)):
        model = AzureModel(with_an_open_firewall(TWO, as_deployed(before)))
        plan = make_plan(after, model.actual)
        model.apply_all(plan.steps)
        back = plan_roll_back(plan, region, model.actual)
        assert on_the_way(before, back, model.actual).moments == ()


@given(successions())
@settings(max_examples=_EXAMPLES, deadline=None)
def test_no_moment_is_unsafe_between_any_two_topologies(pair: tuple[Topology, Topology]) -> None:
    """Whatever changes between them."""
    first, second = pair
    lock = allocate(first, None)
    actual = as_deployed(resolve(first, lock))
    try:
        network = resolve(second, allocate(second, lock))
    except AddressError:
        assume(False)  # noqa: FBT003  hypothesis's own word
    else:
        assert _unsafe(network, make_plan(network, actual), actual) == []


def test_an_order_in_which_routes_come_before_rules_is_unsafe() -> None:
    """Where firewalls of others' making let everything through."""
    three = a_network("eastus", "westus", "northeurope", lock=LOCK)
    actual = with_an_open_firewall(TWO, as_deployed(TWO))
    plan = make_plan(three, actual)
    found = _unsafe(three, with_routes_before_rules(plan), actual)

    assert {item.finding.rule for item in found} == {"isolation", "undenied"}


def test_an_order_in_which_only_firewalls_keep_apart_is_unsafe() -> None:
    """For a while, where rules come last; not where the file leaves them to others."""
    plan = make_plan(TWO, Actual())
    found = _unsafe(TWO, with_routes_before_rules(plan), Actual())
    theirs = a_network(regions={"eastus": {"admin_rules": False}, "westus": {}})

    assert {item.finding.rule for item in found} == {"undenied"}
    assert _unsafe(theirs, make_plan(theirs, Actual()), Actual()) == []


PLAIN: dict[str, Any] = {"prod": {"environment": "prod"}, "nonprod": {"environment": "nonprod"}}
MORE = {**PLAIN, "more": {"environment": "prod"}}
LESS = {"prod": PLAIN["prod"]}
ELSEWHERE = {**PLAIN, "nonprod": {**PLAIN["nonprod"], "subscription": PROD}}
ONE = "a spoke comes"
CHANGES = {
    ONE: (PLAIN, MORE),
    "the first that is to be kept apart comes": (LESS, PLAIN),
    "the first of all comes": ({}, PLAIN),
    "one moves to another subscription": (PLAIN, ELSEWHERE),
    "one changes its environment": (MORE, {**MORE, "more": {"environment": "nonprod"}}),
}
FIELDS: dict[str, dict[str, Any]] = {
    "in a mesh": {},
    "by peerings": {"interconnect": "peering"},
    "with rules by wave": {"rollout": {"policy": "per-wave"}},
    "with members by tags": {"groups": {"membership": "dynamic"}},
    "without rules in its region": {"regions": {"eastus": {"admin_rules": False}}},
}


def _moves(change: str, **fields: Any) -> tuple[Network, Network]:
    """Return two networks of two regions, where the spokes of the first change."""
    names: dict[str, Any] = {"egress": [{"name": "web", "fqdns": ["*.example.com"]}]}
    one = fields.pop("regions", {}).get("eastus", {})
    before, after = (
        {"eastus": {"spokes": spokes, **one}, "westus": {"spokes": PLAIN}}
        for spokes in CHANGES[change]
    )
    first = a_network(regions=before, **names, **fields)
    lock = allocate(first.topology)
    return first, a_network(regions=after, lock=lock, **names, **fields)


_CASES = [*((change, "in a mesh") for change in CHANGES), *((ONE, name) for name in FIELDS)]


@pytest.mark.parametrize(("change", "fields"), dict.fromkeys(_CASES))
def test_no_moment_is_unsafe_when_a_spoke_comes_to_a_region_or_goes(
    change: str, fields: str
) -> None:
    """There and back, and taken back: nobody reaches it, or is reached, where none denies."""
    one, other = _moves(change, **FIELDS[fields])
    for before, after in ((one, other), (other, one)):
        model = AzureModel(as_deployed(before))
        plan = make_plan(after, model.actual)
        assert on_the_way(after, plan, model.actual).moments == ()
        model.apply_all(plan.steps)
        for region in (None, "eastus"):
            back = plan_roll_back(plan, region, model.actual, after.policies)
            assert on_the_way(before, back, model.actual).moments == ()


def test_an_order_in_which_paths_and_rules_do_not_wait_for_each_other_is_unsafe() -> None:
    """Where a spoke comes, and where it goes."""
    one, other = _moves(ONE)
    for before, after in ((one, other), (other, one)):
        actual = as_deployed(before)
        plan = make_plan(after, actual)
        paths = {s.resource.id for s in plan.work if s.resource.stage is Stage.ROUTES}
        edges = tuple(edge for edge in plan.edges if paths.isdisjoint({edge.step, edge.need}))
        assert _unsafe(after, replace(plan, edges=edges), actual)


def test_an_order_in_which_routes_come_before_firewalls_is_unsafe() -> None:
    """Whatever else would have to wait: what needs a firewall says so in the plan."""
    plan = make_plan(TWO, Actual())
    firewalls = {
        same_id(step.resource.id) for step in plan.work if step.resource.stage is Stage.FIREWALL
    }
    edges = tuple(edge for edge in plan.edges if same_id(edge.need) not in firewalls)
    found = _unsafe(TWO, replace(plan, edges=edges), Actual())

    assert {item.finding.rule for item in found} == {"not-ready"}
    assert all("a firewall that is not made yet" in item.finding.text for item in found)


def test_that_a_firewall_which_is_made_anew_is_not_ready_is_told_and_not_unsafe() -> None:
    """Of another tier: no order would help."""
    actual = as_deployed(TWO)
    standard = _two(firewall={"tier": "Standard"})
    found = on_the_way(standard, make_plan(standard, actual), actual).moments

    assert {item.finding.rule for item in found} == {"not-ready"}
    assert not any(item.is_unsafe for item in found)


def test_the_states_on_the_way_are_told_stage_by_stage_and_wave_by_wave() -> None:
    """In their order: firewalls before what leads to them, denials before paths; each is proved."""
    network = a_network("eastus", "westus", rollout={"at_a_time": 1})
    plan = make_plan(network, Actual())
    way = on_the_way(network, plan, Actual())
    told = {
        part: [it.stage for it in way.stages if it.part == part] for part in ("wave 1", "wave 2")
    }

    joined = ["hub", "firewall", "spoke", "mesh", "security", "routes", "routing"]
    assert told == {"wave 1": ["policy", "global", *joined], "wave 2": joined}
    assert all(item.states and not item.wrong for item in way.stages)
    assert {it.regions for it in way.stages if it.part == "wave 1"} == {(), ("eastus",)}
    assert (way.orders, way.wrong) == (4, 0)  # wave 2 writes in both regions
    groups = [group for order in orders(network, plan) for group in order]
    assert way.states == len(groups)  # nothing is made anew


def test_each_state_that_is_not_as_it_must_be_counts() -> None:
    """Also one in which nothing is wrong that was not told before."""
    plan = with_routes_before_rules(make_plan(TWO, Actual()))
    way = on_the_way(TWO, plan, Actual())

    assert way.wrong > len({item.after for item in way.moments}) > 0
    assert max(item.wrong for item in way.stages) <= way.wrong < way.states


@pytest.mark.parametrize("count", [2, 6, 17])
def test_of_every_two_regions_each_goes_ahead_of_the_other_once(count: int) -> None:
    """All that its own run does is done before the other begins, however many regions there are."""
    network = a_network(*list(AZURE_REGIONS)[:count])
    plan = make_plan(network, Actual())
    place, firsts = places(plan), set[tuple[str, str]]()
    for order in orders(network, plan):
        when = defaultdict[str, list[int]](list)
        for number, group in enumerate(order):
            for step in group.steps:
                when[place[same_id(step.resource.id)]].append(number)
        regions = when.keys() - {GLOBAL, LAST}
        firsts |= {
            pair for pair in permutations(regions, 2) if when[pair[0]][-1] < when[pair[1]][0]
        }

    assert firsts == {*permutations(network.topology.regions, 2)}


def test_a_wave_has_ended_before_the_next_begins() -> None:
    """Also what joins its regions to each other."""
    regions = "eastus", "westus", "northeurope", "westeurope"
    network = a_network(*regions, rollout={"canary": "westus", "at_a_time": 2})
    waves = {region: wave.number for wave in waves_of(network) for region in wave.regions}

    for order in orders(network, make_plan(network, Actual())):
        when: dict[int, list[int]] = {1: [], 2: [], 3: []}
        for number, group in enumerate(order):
            for step in group.steps:
                own = isinstance(step, Commit) or not step.resource.stage.joins_regions
                if own and step.resource.region:
                    when[waves[step.resource.region]].append(number)
        assert max(when[1]) < min(when[2]) <= max(when[2]) < min(when[3])


@pytest.mark.parametrize("interconnect", ["mesh", "peering"])
def test_no_moment_of_a_rollout_in_waves_is_unsafe(interconnect: str) -> None:
    """First, with a region and a spoke more, with other rules, with a region less, and back."""
    two: dict[str, Any] = {"rollout": {"at_a_time": 1}, "interconnect": interconnect}
    networks = [
        a_network("eastus", "westus", **two),
        a_network("eastus", "westus", "northeurope", lock=LOCK, **two),
        a_network("eastus", "westus", isolation="strict", lock=LOCK, **two),
        a_network("westus", lock=LOCK, **two),
        a_network("eastus", "westus", spokes={"prod": {}}, lock=LOCK, **two),
    ]
    actual = Actual()
    for network in [*networks, *reversed(networks)]:
        plan = make_plan(network, actual)
        assert _unsafe(network, plan, actual) == []
        actual = as_deployed(network)


def test_a_wave_that_takes_rules_away_before_a_later_one_brings_others_is_unsafe() -> None:
    """The spokes of the first are then kept apart by firewalls alone."""

    def without_rules(region: str) -> Network:
        regions = {name: {"admin_rules": name != region} for name in ("eastus", "westus")}
        return a_network(lock=LOCK, regions=regions, rollout={"at_a_time": 1})

    before, after = as_deployed(without_rules("westus")), without_rules("eastus")

    found = _unsafe(after, make_plan(after, before), before)
    assert {item.finding.rule for item in found} == {"undenied"}


def test_what_reaches_all_regions_at_once_is_a_moment_of_its_own() -> None:
    """A rule that opens a path is there before the denial that it was told to wait for."""
    egress = {"name": "web", "fqdns": ["*.example.com"], "environments": ["prod"]}
    network = _two(egress=[egress])
    actual = _without_denials(as_deployed(TWO))
    plan = make_plan(network, actual)
    [opening] = at_once(plan).work
    denials = [
        step.resource.id
        for step in plan.work
        if step.resource.body.get("commitType") == "SecurityAdmin"
    ]
    waits = [Edge(opening.resource.id, denial, orders_only=True) for denial in denials]
    careless = replace(
        plan,
        steps=tuple(_opened(step) if step is opening else step for step in plan.steps),
        edges=(*plan.edges, *waits),
    )

    found = _unsafe(network, careless, actual)

    assert denials
    assert _unsafe(network, plan, actual) == []
    assert {(item.finding.rule, item.after) for item in found} == {
        ("isolation", (opening.resource.id,))
    }
    assert {order[0].steps[0].resource.id for order in orders(network, careless)} == {
        opening.resource.id
    }


def test_what_others_opened_for_one_kind_of_traffic_hides_no_other() -> None:
    """All may ping; that a plan lets more through is as unsafe as where nobody may."""
    egress = {"name": "web", "fqdns": ["*.example.com"], "environments": ["prod"]}
    network = _two(egress=[egress])
    actual = with_an_open_firewall(TWO, _without_denials(as_deployed(TWO)), protocol="ICMP")
    plan = make_plan(network, actual)
    [opening] = at_once(plan).work
    careless = replace(
        plan, steps=tuple(_opened(step) if step is opening else step for step in plan.steps)
    )

    assert _unsafe(network, plan, actual) == []
    assert {item.finding.rule for item in _unsafe(network, careless, actual)} == {"isolation"}


def test_what_is_opened_by_name_before_the_denial_is_back_leads_to_nobody_inside() -> None:
    """Others have taken the admin rules away; names come at once, the rules region by region."""
    network = _two(egress=[{"name": "web", "fqdns": ["*.example.com"]}])
    actual = _without_denials(as_deployed(TWO))

    assert _unsafe(network, make_plan(network, actual), actual) == []


def test_a_spoke_that_leaves_with_a_prefix_of_ipv6_before_its_own_is_proved() -> None:
    """Somebody has put it there."""
    before, after = a_network("eastus", "westus"), a_network("eastus")
    actual = as_deployed(before)
    key = same_id(before.names.vnet_id("westus", "prod"))
    item = actual.resources[key]
    space = item.body["properties"]["addressSpace"]["addressPrefixes"]
    mixed = {"addressSpace": {"addressPrefixes": ["fd00:1::/48", *space]}}
    body = {**item.body, "properties": {**item.body["properties"], **mixed}}
    mixed_in = replace(actual, resources={**actual.resources, key: replace(item, body=body)})

    assert _unsafe(after, make_plan(after, mixed_in), mixed_in) == []


def _without_denials(actual: Actual) -> Actual:
    """Return a state in which nobody has committed admin rules."""
    states = {
        manager: tuple(item for item in found if item.commit_type != "SecurityAdmin")
        for manager, found in actual.goal_states.items()
    }
    return replace(actual, goal_states=states)


def _opened(step: Any) -> Any:
    """Return a step that writes the rule of others' that lets everything through."""
    rules = with_an_open_firewall(TWO, as_deployed(TWO)).resources
    body = rules[same_id(f"{TWO.names.policy_id}/ruleCollectionGroups/theirs")].body
    properties = {**body["properties"], "priority": step.resource.body["properties"]["priority"]}
    resource = replace(step.resource, body={**step.resource.body, "properties": properties})
    return replace(step, resource=resource)
