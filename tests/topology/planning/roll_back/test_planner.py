"""A roll-back: one region is taken back to what stood before, and nothing else is touched."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.builders import a_network
from tests.strategies import successions
from tests.topology.azure_model import AzureModel, RefusedError
from tests.topology.planning.networks import deployed, networks_of
from topology.addressing import allocate
from topology.kind import Stage, address_in, late_values, same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.explain import title
from topology.planning.plan import Change, Commit, Create, Delete, Plan, Replace, Step
from topology.planning.planner import make_plan
from topology.planning.policy_names import used_by
from topology.planning.removal import ends_of
from topology.planning.roll_back.planner import plan_roll_back
from topology.spec import Topology


def _until_joined(plan: Plan, region: str) -> list[Step]:
    """Return the steps that run before regions are joined: the global ones, and the region's."""
    return [
        step
        for step in plan.work
        if step.resource.region in {None, region} and not step.resource.stage.joins_regions
    ]


def _own(plan: Plan, region: str) -> set[str]:
    """Return the ids of what belongs to the region."""
    return {
        same_id(step.resource.id.split("#")[0])
        for step in plan.steps
        if step.resource.region == region
    }


def _following(roll_back: Plan) -> set[str]:
    """Return the ids of what is only led to an address that the roll-back has made anew."""
    anew = {same_id(s.resource.id) for s in roll_back.work if isinstance(s, Create | Replace)}
    return {
        same_id(step.resource.id.split("#")[0])
        for step in roll_back.work
        if isinstance(step, Change)
        and all(
            {same_id(value.resource_id) for value in late_values(field.new)} & anew
            for field in step.fields
        )
    }


def _cut(model: AzureModel, steps: list[Step]) -> None:
    """Do steps until Azure refuses one, as it does when other regions are left out."""
    for step in steps:
        try:
            model.apply(step)
        except RefusedError:
            return


def _first_names(value: Any) -> Any:
    """Return bodies as if each policy definition had its first name.

    One that comes back has another: that of a deleted one is used up.
    """
    policies = (
        r'((?:/policy(?:definitions|assignments)/|"name": ")(?!peer-)[^"/]+-[^"/]+-g)[0-9]+(?=["/])'
    )
    text = re.sub(policies, r"\g<1>1", json.dumps(value), flags=re.IGNORECASE)
    return json.loads(text)


def _rolled_back(model: AzureModel, plan: Plan, region: str) -> Plan:
    roll_back = plan_roll_back(plan, region, model.actual)
    model.apply_all(roll_back.steps)
    return roll_back


def _alike(first: Topology, second: Topology) -> tuple[Network, Network]:
    """Return both with one home and tier: a roll-back leaves what is global alone."""
    shared = {"home": first.home, "firewall": first.firewall}
    return networks_of(first, second.model_copy(update=shared))


# -- whatever was done -------------------------------------------------------------------


@given(successions(), st.data())
def test_region_stands_as_before_wherever_the_run_was_cut(
    both: tuple[Topology, Topology], data: st.DataObject
) -> None:
    """What was made is gone, what was changed has its old values, what was deleted is back."""
    before, after = _alike(*both)
    model = deployed(before)
    expected, plan = model.bodies, make_plan(after, model.actual)
    region = data.draw(st.sampled_from([hub.region for hub in after.hubs]))
    steps = _until_joined(plan, region)
    _cut(model, steps[: data.draw(st.integers(min_value=0, max_value=len(steps)))])

    _rolled_back(model, plan, region)

    own, found = _own(plan, region), _first_names(model.bodies)
    assert {key: expected.get(key) for key in own} == {key: found.get(key) for key in own}


@given(successions(), st.data())
def test_nothing_else_is_touched(both: tuple[Topology, Topology], data: st.DataObject) -> None:
    """What is global stays, for other regions use it; so do other regions.

    But for what leads to something that is made anew here: it follows.
    """
    before, after = networks_of(*both)
    model = deployed(before)
    stood, plan = set(model.found), make_plan(after, model.actual)
    region = data.draw(st.sampled_from([hub.region for hub in after.hubs]))
    steps = _until_joined(plan, region)
    _cut(model, steps[: data.draw(st.integers(min_value=0, max_value=len(steps)))])

    roll_back = plan_roll_back(plan, region, model.actual)

    ids = [same_id(step.resource.id.split("#")[0]) for step in roll_back.work]
    written = set(_first_names(ids))
    brought_back = stood - set(model.found)  # something of the region refers to it
    elsewhere = written - _own(plan, region) - _following(roll_back)
    assert set(_first_names([*elsewhere])) - set(_first_names([*brought_back])) == set()


def test_nothing_else_is_touched_when_policies_come_back() -> None:
    """Of the region's own, each under a name that was never used."""
    model = deployed(a_network(groups={"membership": "dynamic"}))
    plan = make_plan(a_network(), model.actual)
    rules = [step for step in plan.work if "policy" in step.resource.kind]
    _cut(model, [step for step in rules if step.resource.region == "eastus"])

    roll_back = _rolled_back(model, plan, "eastus")

    policies = [step.resource for step in roll_back.work if "policy" in step.resource.kind]
    names = {item.name for item in policies if item.kind == "policy-definition"}
    assert names == {f"sample-{serves}-eastus-g2" for serves in ("joined", "nonprod", "prod")}
    assert {item.region for item in policies} == {"eastus"}
    written = [same_id(step.resource.id.split("#")[0]) for step in roll_back.work]
    assert set(_first_names(written)) - _own(plan, "eastus") == set()


@given(successions(), st.data())
def test_only_what_was_created_is_deleted(
    both: tuple[Topology, Topology], data: st.DataObject
) -> None:
    """Nothing that stood before goes, unless it is made anew."""
    before, after = networks_of(*both)
    model = deployed(before)
    stood, plan = set(model.found), make_plan(after, model.actual)
    region = data.draw(st.sampled_from([hub.region for hub in after.hubs]))
    _cut(model, _until_joined(plan, region))

    roll_back = plan_roll_back(plan, region, model.actual)

    deleted = {
        same_id(step.resource.id)
        for step in roll_back.work
        if step.does == "delete" and "#" not in step.resource.id
    }
    assert deleted & stood == set()


@given(successions(), st.data())
def test_second_roll_back_has_nothing_to_do(
    both: tuple[Topology, Topology], data: st.DataObject
) -> None:
    """Once is enough."""
    before, after = _alike(*both)
    model = deployed(before)
    plan = make_plan(after, model.actual)
    region = data.draw(st.sampled_from([hub.region for hub in after.hubs]))
    _cut(model, _until_joined(plan, region))
    _rolled_back(model, plan, region)

    assert plan_roll_back(plan, region, model.actual).work == ()


# -- what joins regions ------------------------------------------------------------------


def _goals_of(model: AzureModel, region: str) -> set[tuple[str, tuple[str, ...]]]:
    """Return what a region has deployed, by type."""
    return {
        (state.commit_type, tuple(sorted(same_id(name) for name in state.configuration_ids)))
        for state in model.goals
        if state.region == region and state.configuration_ids
    }


def _leaves(step: Step, region: str) -> bool:
    """Say whether a region has no admin rules of ours after a step."""
    is_rules = isinstance(step, Commit) and step.resource.stage is Stage.SECURITY
    return (
        is_rules and step.resource.region == region and not step.resource.body["configurationIds"]
    )


@given(successions(), st.data())
def test_goal_states_of_a_region_are_what_they_were(
    both: tuple[Topology, Topology], data: st.DataObject
) -> None:
    """Wherever the run was cut, also in the middle of the commits.

    But for rules that it left: others may go on to a generation that names it again, and it with
    them (`admin_rules.py`).
    """
    before, after = _alike(*both)
    model = deployed(before)
    plan = make_plan(after, model.actual)
    region = data.draw(st.sampled_from([hub.region for hub in after.hubs]))
    assume(not any(_leaves(step, region) for step in plan.work))
    goals = _goals_of(model, region)
    model.apply_all(plan.steps[: data.draw(st.integers(0, len(plan.steps)))])

    _rolled_back(model, plan, region)

    assert _goals_of(model, region) == goals


@given(successions(), st.data())
def test_nothing_of_a_new_region_is_left_and_nobody_leads_to_it(
    both: tuple[Topology, Topology], data: st.DataObject
) -> None:
    """Members, routes of others, goal states and all that stood in it."""
    before, after = _alike(*both)
    new = [hub.region for hub in after.hubs if hub.region not in before.topology.regions]
    assume(new)
    region = data.draw(st.sampled_from(new))
    model = deployed(before)
    plan = make_plan(after, model.actual)
    model.apply_all(plan.steps)

    _rolled_back(model, plan, region)

    names = after.names
    assert not [key for key in model.found if f"{same_id(names.group_id(region))}/" in f"{key}/"]
    tables = [item.body for item in model.found.values() if item.kind == "route-table"]
    routes = [route["name"] for body in tables for route in body["properties"]["routes"]]
    assert f"to-{region}" not in routes
    assert _goals_of(model, region) == set()


@given(successions(), st.data())
def test_whole_run_is_taken_back_wherever_it_was_cut(
    both: tuple[Topology, Topology], data: st.DataObject
) -> None:
    """Azure holds again what it held, to the last goal state."""
    before, after = networks_of(*both)
    model = deployed(before)
    expected, plan = model.bodies, make_plan(after, model.actual)
    goals = {hub.region: _goals_of(model, hub.region) for hub in before.hubs}
    model.apply_all(plan.steps[: data.draw(st.integers(0, len(plan.steps)))])
    unused = {name: number + 1 for name, number in used_by(plan).items()}  # as the lock file says

    model.apply_all(plan_roll_back(plan, None, model.actual, unused).steps)

    assert _first_names(model.bodies) == expected
    assert {hub.region: _goals_of(model, hub.region) for hub in before.hubs} == goals


def test_names_of_spokes_are_no_generations() -> None:
    """What is compared here are the names of policies alone."""
    spokes = {name: {"environment": "prod", "subnets": {"web": {}}} for name in ("g2", "g14q4")}
    bodies = deployed(a_network("eastus", regions={"eastus": {"spokes": spokes}})).bodies

    assert _first_names(bodies) == bodies


@pytest.mark.parametrize("interconnect", ["mesh", "peering"])
def test_a_region_that_was_to_go_is_joined_to_the_others_again(interconnect: str) -> None:
    """Their sides of peerings and their routes to its firewall come back with it."""
    before = a_network("eastus", "westus", "northeurope", interconnect=interconnect)
    after = a_network("eastus", "northeurope", interconnect=interconnect)
    model = deployed(before)
    expected, plan = _joining(model, "westus"), make_plan(after, model.actual)
    model.apply_all(plan.steps)

    _rolled_back(model, plan, "westus")

    assert _joining(model, "westus") == expected != []


_PARTING: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"names": {"hub": "h-{region}"}, "regions": {"eastus": {"zones": ["1"]}}}),
    ({"tags": {"x": "1"}}, {"tags": {"y": "2"}, "environments": ["prod", "nonprod", "dev"]}),
]


@pytest.mark.parametrize(("first", "then"), _PARTING, ids=["hub renamed", "spoke more"])
def test_networks_are_written_before_a_pair_of_theirs_is_parted(
    first: dict[str, Any], then: dict[str, Any]
) -> None:
    """They carry its sides, and one that has lost its other one is refused."""
    model = deployed(before := a_network("eastus", **first))
    after = a_network(lock=allocate(before.topology), **{"regions": {"eastus": {}}, **then})
    plan = make_plan(after, model.actual)
    model.apply_all(plan.steps)

    work = plan_roll_back(plan, None, model.actual).work

    places = {same_id(step.resource.id): place for place, step in enumerate(work)}
    changes = (same_id(step.resource.id) for step in work if isinstance(step, Change))
    written = {key: places[key] for key in changes}
    parted = [
        (end, places[same_id(step.resource.id)])
        for step in work
        if isinstance(step, Delete | Replace) and (found := model.actual.get(step.resource.id))
        for end in ends_of(found) or ()
        if end in written
    ]
    assert parted
    assert [end for end, place in parted if place < written[end]] == []


def test_nothing_is_left_where_one_region_came_and_another_went() -> None:
    """What goes itself with the whole run is nothing that who comes back could be joined to."""
    model = deployed(before := a_network("eastus", "westus"))
    plan = make_plan(a_network("eastus", "uksouth", lock=allocate(before.topology)), model.actual)
    model.apply_all(plan.steps)

    whole, alone = (plan_roll_back(plan, region, model.actual) for region in (None, "westus"))

    assert [title(step) for step in whole.held] == []
    assert [step.reason for step in alone.held] == [
        "it is joined to uksouth, new since, by the next rollout"
    ]


def test_a_region_that_comes_back_brings_no_other_back_that_went() -> None:
    """Nobody asked for that one."""
    model = deployed(a_network("eastus", "westus", "northeurope", interconnect="peering"))
    plan = make_plan(a_network("eastus", interconnect="peering"), model.actual)
    model.apply_all(plan.steps)

    _rolled_back(model, plan, "westus")

    assert [key for key in model.found if "rg-sample-northeurope/" in key] == []


def test_sides_that_lead_to_a_region_go_with_its_own() -> None:
    """One whose other side is gone joins nobody: Azure calls it Disconnected."""
    model = deployed(a_network("eastus", "westus", "northeurope"))
    after = a_network("eastus", "westus", "northeurope", interconnect="peering")
    plan = make_plan(after, model.actual)
    model.apply_all(plan.steps)

    _rolled_back(model, plan, "eastus")

    sides = [key.rsplit("/", 1)[-1] for key in model.found if "hub" in key and "-to-" in key]
    assert sorted(name for name in sides if "eastus" in name) == []
    assert "peer-sample-northeurope-to-westus" in sides


def _joining(model: AzureModel, region: str) -> list[tuple[str, str]]:
    """Return the routes and the sides of peerings by which others lead to a region."""
    others = {key: item for key, item in model.found.items() if f"rg-sample-{region}/" not in key}
    sides = [(key, "") for key in others if key.endswith(f"-to-{region}")]
    tables = [(key, item.body) for key, item in others.items() if item.kind == "route-table"]
    routes = [
        (key, route["name"]) for key, body in tables for route in body["properties"]["routes"]
    ]
    return sorted([*sides, *(item for item in routes if item[1] == f"to-{region}")])


@given(successions(), st.data())
def test_no_step_of_a_region_alone_is_refused(
    both: tuple[Topology, Topology], data: st.DataObject
) -> None:
    """Also where what it shares with others, which stays, was made anew or renamed."""
    before, after = networks_of(*both)
    model = deployed(before)
    plan = make_plan(after, model.actual)
    unused = {name: number + 1 for name, number in used_by(plan).items()}
    region = data.draw(st.sampled_from([hub.region for hub in after.hubs]))
    model.apply_all(plan.steps[: data.draw(st.integers(0, len(plan.steps)))])

    model.apply_all(plan_roll_back(plan, region, model.actual, unused).steps)

    own = [state for state in model.goals if state.region == region]
    assert all(model.actual.get(name) for state in own for name in state.configuration_ids)


# -- in particular -----------------------------------------------------------------------


def _first_run(*regions: str) -> tuple[AzureModel, Plan, Network]:
    network, model = a_network(*regions), AzureModel()
    plan = make_plan(network, Actual())
    return model, plan, network


def test_new_region_leaves_nothing() -> None:
    """Its group goes last."""
    model, plan, _ = _first_run("eastus")
    model.apply_all(_until_joined(plan, "eastus"))

    roll_back = _rolled_back(model, plan, "eastus")

    assert [key for key in model.found if "rg-sample-eastus" in key] == []
    assert title(roll_back.work[-1]) == "eastus: delete resource group rg-sample-eastus"


def test_run_that_did_nothing_is_nothing_to_take_back() -> None:
    """A step that never ran is left alone."""
    _, plan, _ = _first_run("eastus")

    assert plan_roll_back(plan, "eastus", Actual()).work == ()


def test_goal_states_come_back_in_the_order_of_a_rollout() -> None:
    """No path opens before what must not use it is denied again."""
    model = deployed(a_network("eastus", "westus"))
    plan = make_plan(a_network("eastus"), model.actual)
    model.apply_all(plan.steps)

    back = plan_roll_back(plan, None, model.actual)

    titles = [title(step) for step in back.work]
    commits = [name for name in titles if name.startswith("westus: commit")]
    names = ("mesh", "security admin rules", "routing")
    assert commits == [f"westus: commit {name}" for name in names]


def test_changed_tag_gets_its_old_value() -> None:
    """And a tag that someone added since stays."""
    network = a_network("eastus")
    model = deployed(network)
    key = same_id(network.names.vnet_id("eastus", "hub"))
    body = model.found[key].body
    _set_tags(model, key, {**body["tags"], "region": "bent"})
    plan = make_plan(network, model.actual)
    model.apply_all(plan.steps)
    _set_tags(model, key, {**model.found[key].body["tags"], "owner": "alice"})

    _rolled_back(model, plan, "eastus")

    assert model.found[key].body["tags"] == {**body["tags"], "region": "bent", "owner": "alice"}


def _set_tags(model: AzureModel, key: str, tags: dict[str, Any]) -> None:
    found = model.found[key]
    model.found[key] = Found(found.kind, found.id, {**found.body, "tags": tags})


def test_field_that_was_not_there_is_taken_out() -> None:
    """It is None in the plan, and absent in Azure."""
    network = a_network("eastus")
    model = deployed(network)
    key = same_id(network.names.public_ip_id("eastus"))
    bare = {"managed-by": "orrery", "topology": "sample"}
    _set_tags(model, key, bare)
    plan = make_plan(network, model.actual)
    model.apply_all(plan.steps)

    _rolled_back(model, plan, "eastus")

    assert bare == model.found[key].body["tags"]


def test_foreign_resource_in_a_new_group_keeps_the_group() -> None:
    """Someone was quick to use it."""
    model, plan, network = _first_run("eastus")
    model.apply_all(_until_joined(plan, "eastus"))
    theirs = network.names.network_id("eastus", "publicIPAddresses", "theirs")
    model.put_foreign(Found("public-ip", theirs, {"location": "eastus"}))

    _rolled_back(model, plan, "eastus")

    left = sorted(item.id for item in model.found.values() if "rg-sample-eastus" in item.id)
    assert left == sorted([network.names.group_id("eastus"), theirs])


def test_what_someone_else_took_away_is_not_brought_back() -> None:
    """The plan left it alone, so it knows nothing to make it from."""
    network = a_network("eastus")
    model = deployed(network)
    plan = make_plan(network, model.actual)
    del model.found[same_id(network.names.firewall_id("eastus"))]

    assert plan_roll_back(plan, "eastus", model.actual).work == ()


def test_saved_plan_is_rolled_back_like_the_plan() -> None:
    """Its maker is gone."""
    model, plan, _ = _first_run("eastus")
    model.apply_all(_until_joined(plan, "eastus"))

    saved = Plan.from_json(plan.to_json())

    expected = plan_roll_back(plan, "eastus", model.actual)
    assert expected == plan_roll_back(saved, "eastus", model.actual)


def test_roll_back_of_one_region_leaves_another() -> None:
    """Regions fail one by one."""
    model, plan, _ = _first_run("eastus", "westus")
    model.apply_all(_until_joined(plan, "eastus"))
    model.apply_all(step for step in _until_joined(plan, "westus") if isinstance(step, Create))
    west = {key: body for key, body in model.bodies.items() if "westus" in key}

    _rolled_back(model, plan, "eastus")

    assert west == {key: body for key, body in model.bodies.items() if "westus" in key}
    assert [key for key in model.found if "rg-sample-eastus" in key] == []


# -- rules of firewalls ------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["at-once", "per-wave"])
def test_changed_rules_are_restored_in_every_field(mode: str) -> None:
    """Settings, rules and their groups; what others put beside them stays."""
    before, after = (
        a_network("eastus", rollout={"policy": mode}, isolation=isolation, **more)
        for isolation, more in (
            ("none", {"egress": _names("org"), "firewall": {"threat_intelligence": "Alert"}}),
            ("strict", {"egress": _names("com")}),
        )
    )
    model = deployed(before)
    expected = model.bodies
    plan = make_plan(after, model.actual)
    model.apply_all(plan.steps)
    theirs = f"{after.policy_id_of('eastus')}/ruleCollectionGroups/theirs"
    model.put_foreign(Found("rule-collection-group", theirs, {"properties": {"priority": 100}}))

    model.apply_all(plan_roll_back(plan, None, model.actual).steps)

    rules = {key: body for key, body in model.bodies.items() if "/firewallpolicies/" in key}
    assert rules.pop(same_id(theirs)) == {"properties": {"priority": 100}}
    assert rules == {key: body for key, body in expected.items() if "/firewallpolicies/" in key}


def _names(end: str) -> list[dict[str, Any]]:
    return [{"name": "web", "fqdns": [f"*.example.{end}"]}]


@pytest.mark.parametrize("tiers", [("Premium", "Standard"), ("Standard", "Premium")])
@pytest.mark.parametrize("run", ["ended", "cut"])
def test_what_was_made_anew_has_also_what_its_new_self_lacks(
    tiers: tuple[str, str], run: str
) -> None:
    """Intrusion detection of a Premium policy; also where the run was cut when the old one went."""
    before, after = (a_network("eastus", firewall={"tier": tier}) for tier in tiers)
    model = deployed(before)
    expected, plan = model.bodies, make_plan(after, model.actual)
    at = next(n for n, step in enumerate(plan.steps) if step.resource.kind == _POLICY)
    gone = Delete(plan.steps[at].resource)
    model.apply_all([*plan.steps[:at], gone] if run == "cut" else plan.steps)

    model.apply_all(plan_roll_back(plan, None, model.actual).steps)

    assert model.bodies == expected


_POLICY = "firewall-policy"


@pytest.mark.parametrize("region", [None, "eastus"])
def test_firewall_with_another_name_takes_the_place_of_the_first(region: str | None) -> None:
    """Azure has room for one in a hub, on the way and on the way back."""
    before, after = a_network(), a_network(names={"firewall": "{region}-fw"})
    model = deployed(before)
    model.moves_firewalls = True
    plan = make_plan(after, model.actual)
    model.apply_all(plan.steps)
    assert same_id(after.names.firewall_id("eastus")) in model.found

    model.apply_all(plan_roll_back(plan, region, model.actual).steps)

    firewall = model.found[same_id(before.names.firewall_id("eastus"))]
    table = model.found[same_id(before.names.route_table_id("westus"))].body
    assert [
        route["properties"]["nextHopIpAddress"]
        for route in table["properties"]["routes"]
        if route["name"] == "to-eastus"
    ] == [address_in(firewall.body)]
    there = [item.id for item in model.found.values() if item.kind == "firewall"]
    other = before if region is None else after
    assert sorted(there) == [before.names.firewall_id("eastus"), other.names.firewall_id("westus")]


# -- what is shared ----------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["at-once", "per-wave"])
def test_tier_stays_where_the_policy_that_regions_share_has_another(mode: str) -> None:
    """Azure refuses a firewall beside it as it was, so none is tried: that is told."""
    before, after = (
        a_network("eastus", "westus", firewall={"tier": tier}, rollout={"policy": mode})
        for tier in ("Premium", "Standard")
    )
    model = deployed(before)
    plan = make_plan(after, model.actual)
    model.apply_all(plan.steps)

    back = _rolled_back(model, plan, "eastus")

    policy = "afwp-sample" if mode == "at-once" else "afwp-sample-eastus"
    told = [f"{title(step)}: {step.reason}" for step in back.held]
    assert (
        "eastus: leave firewall afw-sample-eastus: properties.sku.tier stays Standard, as that of "
        f"{policy}, and was Premium"
    ) in told
    assert all(step.resource.kind != "firewall" for step in back.work)
    assert plan_roll_back(plan, None, model.actual).held == ()


def test_plan_says_which_regions_cannot_be_taken_back_alone() -> None:
    """Before the first write; one that is new has nothing to come back."""
    before = a_network("eastus", "westus", firewall={"tier": "Standard"})
    after = a_network("eastus", "westus", "northeurope")

    [note] = make_plan(after, deployed(before).actual).notes

    assert note == (
        "eastus, westus cannot be taken back alone, only with the whole run: "
        "properties.sku.tier stays Premium, as that of afwp-sample, and was Standard"
    )


def test_rules_that_were_edited_in_place_stay_when_a_region_is_taken_back() -> None:
    """Made again, they would reach the other region with its next commit. That is told."""
    model, plan, expected = _edited_in_place()
    model.apply_all(plan.steps)

    back = plan_roll_back(plan, "eastus", model.actual)

    assert back.work == ()
    [told] = [f"{title(step)}: {step.reason}" for step in back.held]
    assert told.startswith(
        "eastus: leave security admin configuration security-g1: it was edited in place, and "
    )
    model.apply_all(plan_roll_back(plan, None, model.actual).steps)
    assert model.bodies == expected


def test_rules_that_were_edited_in_place_are_not_deployed_by_a_roll_back() -> None:
    """Cut before the region's commit, it has the old ones deployed, as before."""
    model, plan, _ = _edited_in_place()
    commits = [n for n, step in enumerate(plan.steps) if isinstance(step, Commit)]
    model.apply_all(plan.steps[: commits[0]])

    assert plan_roll_back(plan, "eastus", model.actual).work == ()


def _edited_in_place() -> tuple[AzureModel, Plan, dict[str, Any]]:
    """Return a plan whose rules do not fit beside the old ones, what it meets, and its bodies."""
    before, after = (a_network("eastus", "westus", isolation=it) for it in ("one-way", "strict"))
    model = deployed(before)
    theirs = f"{before.names.manager_id}/securityAdminConfigurations/theirs/ruleCollections/c/rules"
    for number in range(97):
        model.put_foreign(Found("security-admin-rule", f"{theirs}/r{number}", {}))
    expected, plan = model.bodies, make_plan(after, model.actual)
    assert "edited in place" in plan.notes[0]
    return model, plan, expected


def test_firewall_finds_the_policy_that_it_had_before_the_policy_was_renamed() -> None:
    """With all rules: a policy without any lets nothing through."""
    before, after = a_network(), a_network(names={"policy": "another"})
    model = deployed(before)
    expected, plan = model.bodies, make_plan(after, model.actual)
    model.apply_all(plan.steps)
    west = model.bodies[same_id(before.names.firewall_id("westus"))]

    _rolled_back(model, plan, "eastus")

    own = [before.names.firewall_id("eastus"), *(key for key in expected if "/afwp-sample" in key)]
    assert [model.bodies.get(same_id(key)) for key in own] == [expected[same_id(k)] for k in own]
    assert model.bodies[same_id(before.names.firewall_id("westus"))] == west


def test_rules_of_a_region_are_taken_back_with_it() -> None:
    """Where they go by wave; those of another region stay."""
    before, after = (
        a_network(rollout={"policy": "per-wave"}, egress=_names(end)) for end in ("org", "com")
    )
    model = deployed(before)
    plan = make_plan(after, model.actual)
    model.apply_all(plan.steps)

    back = _rolled_back(model, plan, "westus")

    assert [title(step) for step in back.work] == [
        "westus: change rule collection group rcg-sample-westus-egress"
    ]


def test_withdrawn_addresses_come_back_before_what_had_them() -> None:
    """The region is made again, and its rules are there first."""
    before, after = a_network("eastus", "westus"), a_network("eastus")
    model = deployed(before)
    plan = make_plan(after, model.actual)
    model.apply_all(plan.steps)

    titles = [title(step) for step in plan_roll_back(plan, None, model.actual).work]

    rules = titles.index("global: change rule collection group rcg-sample-spoke-to-spoke")
    assert rules < titles.index("westus: create firewall afw-sample-westus")
