"""The consequences of a plan, and the sentences by which one is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.builders import a_network, as_deployed
from tests.topology.verification.test_moments import (
    with_an_open_firewall,
    with_routes_before_rules,
)
from tests.topology.verification.written import written
from topology.addressing import allocate
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.plan import Commit, Plan
from topology.planning.planner import make_plan
from topology.verification.goals import Goal
from topology.verification.outlook import (
    IN_THIS_ORDER,
    in_this_order,
    look_ahead,
    markdown,
    order_rows,
    summary,
)

TWO = a_network("eastus", "westus")
LOCK = allocate(TWO.topology)
OTHERS = f"{TWO.names.manager_id}/connectivityConfigurations/partners"


def _two(**fields: Any) -> Network:
    return a_network("eastus", "westus", lock=LOCK, **fields)


def _with_a_configuration_of_others(actual: Actual, members: tuple[str, ...] = ()) -> Actual:
    """Return a state in which others have deployed a mesh, of hubs of ours or of nobody."""
    manager, group = same_id(TWO.names.manager_id), f"{TWO.names.manager_id}/networkGroups/theirs"
    applies = [{"networkGroupId": group, "isGlobal": "True"}]
    mesh = {"connectivityTopology": "Mesh", "isGlobal": "True", "appliesToGroups": applies}
    bodies: dict[str, tuple[str, Any]] = {
        OTHERS: ("connectivity-configuration", mesh),
        group: ("network-group", {"memberType": "VirtualNetwork"}),
    }
    for region in members:
        member = {"resourceId": TWO.names.vnet_id(region, "hub")}
        bodies[f"{group}/staticMembers/{region}"] = ("static-member", member)
    found = [
        Found(kind, name, {"id": name, "properties": body}) for name, (kind, body) in bodies.items()
    ]
    regions = members or ("eastus",)
    states = tuple(
        replace(state, configuration_ids=(*state.configuration_ids, OTHERS))
        if state.region in regions and state.commit_type == "Connectivity"
        else state
        for state in actual.goal_states[manager]
    )
    resources = {**actual.resources, **{same_id(item.id): item for item in found}}
    return replace(actual, resources=resources, goal_states={manager: states})


def test_a_plan_tells_what_may_decide_and_was_not_read() -> None:
    """Somebody has put a rule with a service tag into a security group of ours."""
    actual = as_deployed(TWO)
    key = next(key for key in actual.resources if "/networksecuritygroups/" in key)
    found = actual.resources[key]
    rule = {"priority": 4000, "access": "Allow", "direction": "Inbound", "protocol": "*"}
    ends = {"sourceAddressPrefix": "Storage", "destinationAddressPrefix": "*"}
    theirs = {"name": "backups", "properties": {**rule, **ends}}
    rules = [*found.body["properties"]["securityRules"], theirs]
    body = {**found.body, "properties": {**found.body["properties"], "securityRules": rules}}
    state = replace(actual, resources={**actual.resources, key: replace(found, body=body)})
    strict = _two(isolation="strict")

    outlook = look_ahead(strict, make_plan(strict, state), state)

    group = found.id.rpartition("/")[2]
    assert outlook.unread == (f"whom these rules of {group} are about: backups (Storage)",)
    assert f"### Not read\n\n- whom these rules of {group}" in markdown(outlook)


def test_a_plan_tells_who_loses_whom_and_what_commits_make_of_each_region() -> None:
    """In its artifact as in the terminal."""
    strict, actual = _two(isolation="strict"), as_deployed(TWO)

    told = markdown(look_ahead(strict, make_plan(strict, actual), actual))

    assert "Proved: what comes of it is as it must be" in told
    names = ("prod", "nonprod")
    networks = [f"vnet-sample-{name}-eastus, vnet-sample-{name}-westus" for name in names]
    assert " can no longer open connections to ".join(networks) in told
    assert (
        "eastus: security admin rules: + security-g2, - security-g1; reaches 2 networks; "
        "in effect: + deny-from-prod, + deny-to-nonprod, ~ deny-from-nonprod, ~ deny-to-prod"
    ) in told


def test_a_plan_tells_its_order_and_that_each_state_on_the_way_is_safe() -> None:
    """A line a wave, and how much was looked at; whole as JSON and as rows."""
    network = a_network("eastus", "westus", rollout={"canary": "westus"})
    outlook = look_ahead(network, make_plan(network, Actual()), Actual())
    *_, second, last = in_this_order(outlook)
    way = json.loads(json.dumps(outlook.as_json()))["on_the_way"]

    assert second.startswith("wave 2 (eastus, westus): hub (7) -> firewall (1) -> spoke (8)")
    assert last == f"{way['states']} states in 4 orders looked at: each safe"
    assert f"### {IN_THIS_ORDER}\n\n- wave 1 (westus): policy (2) -> " in markdown(outlook)
    row = order_rows(outlook)[-1]
    assert (row["part"], row["stage"], row["found"]) == ("wave 2", "routes", "each safe")
    assert way["stages"][-1]["states"] == row["states after them"]


def test_a_commit_tells_the_rules_routes_and_members_that_come_and_go_with_it() -> None:
    """Of its region alone, by name: a region comes, and goes again."""
    three = a_network("eastus", "westus", "northeurope", lock=LOCK)
    two, full = as_deployed(TWO), as_deployed(three)
    comes = look_ahead(three, make_plan(three, two), two).goals
    goes = look_ahead(TWO, make_plan(TWO, full), full).goals
    expected = {
        "mesh": ("vnet-sample-hub-northeurope",),
        "security admin rules": ("deny-from-nonprod", "deny-to-prod"),
        "routing": ("default-to-firewall",),
    }

    north = [item for item in comes if item.region == "northeurope"]
    assert {item.what: item.comes for item in north} == expected
    north = [item for item in goes if item.region == "northeurope"]
    assert {item.what: item.goes for item in north} == expected
    # Denials name the addresses of the region that came or went.
    changed = {(item.region, item.changes) for item in comes if item.region != "northeurope"}
    assert changed == {
        (region, expected["security admin rules"]) for region in ("eastus", "westus")
    }


def test_a_goal_is_told_in_a_line_and_whole_as_json() -> None:
    """Of many names the first few."""
    rules = tuple(f"rule-{number}" for number in range(7))
    goal = Goal("eastus", "security admin rules", ("new",), (), (), (), ("a",), comes=rules)

    told = "eastus: security admin rules: + new; reaches 1 network; in effect: + rule-0, + rule-1, "
    assert str(goal) == f"{told}+ rule-2, + rule-3, + 3 more"
    outlook = look_ahead(TWO, make_plan(TWO, Actual()), Actual())
    again = json.loads(json.dumps(replace(outlook, goals=(goal,)).as_json()))
    assert again["refusal"] is None
    assert again["goals"][0]["comes"] == list(rules)


def test_many_networks_are_told_by_their_environments() -> None:
    """Nobody reads the names of a hundred."""
    three = a_network("eastus", "westus", "northeurope")

    told = markdown(look_ahead(three, make_plan(three, Actual()), Actual()))

    assert "3 networks of nonprod can now open connections to 3 networks of nonprod" in told
    assert "3 networks of prod can now open connections to 3 networks of nonprod and 3" in told


def test_a_commit_tells_what_of_others_it_keeps() -> None:
    """A goal state is whole: what it does not name is gone."""
    actual = _with_a_configuration_of_others(as_deployed(TWO))
    moved = replace(actual, goal_states=_without_mesh(actual))
    goals = look_ahead(TWO, make_plan(TWO, moved), moved).goals

    assert [(goal.region, goal.adds, goal.keeps) for goal in goals] == [
        ("eastus", ("mesh-g1",), ("partners",))
    ]


def _without_mesh(actual: Actual) -> dict[str, Any]:
    """Return the goal states, those of connectivity in eastus without what is ours."""
    return {
        manager: tuple(
            replace(state, configuration_ids=(OTHERS,))
            if state.region == "eastus" and OTHERS in state.configuration_ids
            else state
            for state in states
        )
        for manager, states in actual.goal_states.items()
    }


def test_a_commit_that_would_undo_what_others_have_deployed_is_refused() -> None:
    """As a plan would that was made otherwise than ours are."""
    actual = _with_a_configuration_of_others(as_deployed(TWO))
    moved = replace(actual, goal_states=_without_mesh(actual))
    plan = make_plan(TWO, moved)
    careless = replace(plan, steps=tuple(_ours_alone(plan)))

    refusal = look_ahead(TWO, careless, moved).refusal

    assert refusal is not None
    assert "a commit would undo what others have deployed: eastus: partners" in refusal


def test_a_commit_that_drops_what_others_have_deployed_tells_what_goes_with_it() -> None:
    """The members of their mesh, by its name."""
    actual = _with_a_configuration_of_others(as_deployed(TWO), members=("eastus", "westus"))
    plan = make_plan(TWO, moved := replace(actual, goal_states=_without_mesh(actual)))
    careless = replace(plan, steps=tuple(_ours_alone(plan)))

    [kept] = look_ahead(TWO, plan, moved).goals
    [dropped] = look_ahead(TWO, careless, moved).goals

    assert kept.goes == ()
    assert (dropped.drops, dropped.goes) == (("partners",), ("vnet-sample-hub-eastus of partners",))


def _ours_alone(plan: Plan) -> Any:
    for step in plan.steps:
        if isinstance(step, Commit):
            ids = [name for name in step.resource.body["configurationIds"] if name != OTHERS]
            body = {**step.resource.body, "configurationIds": ids}
            yield replace(step, resource=replace(step.resource, body=body))
        else:
            yield step


def test_a_file_that_asserts_what_its_network_does_not_hold_is_refused() -> None:
    """Before anything is there, and when all is."""
    item = {"name": "apart", "from": "prod", "to": "nonprod", "expect": "denied"}
    network = _two(verify={"assertions": [item]})
    for actual in (Actual(), as_deployed(TWO)):
        refusal = look_ahead(network, make_plan(network, actual), actual).refusal
        assert refusal is not None
        assert "not as it must be: apart: is reached, and must not be" in refusal
        assert "`verify.without`" in refusal


def test_what_others_made_so_before_is_told_and_refuses_nothing() -> None:
    """Our plan neither brings it about nor could end it."""
    actual = _with_a_deny_of_others(as_deployed(TWO))
    strict = _two(isolation="strict")

    outlook = look_ahead(strict, make_plan(strict, actual), actual)

    assert outlook.refusal is None
    assert {item.rule for item in outlook.remains} == {"reach"}
    assert not outlook.is_clean
    assert summary(outlook).startswith(
        f"Proved in part: what it changes is as it must be, but {len(outlook.remains)} things stay "
        f"as before, not as it must be: {outlook.remains[0].text}"
    )


def _publishing(address: str) -> Actual:
    """Return a state in which others have a DNAT rule in our policy that leads to an address."""
    rules = {"rules": [f"dnat tcp 443 from * to 203.0.113.4 on {address}:443"]}
    found = written({"policies": {TWO.names.policy_id: rules}}).resources
    kind = "rule-collection-group"
    groups = {k: replace(v, kind=kind) for k, v in found.items() if "/rulecollectiongroups/" in k}
    actual = as_deployed(TWO)
    return replace(actual, resources={**actual.resources, **groups})


def test_what_firewalls_publish_already_is_told_and_what_a_plan_builds_there_is_refused() -> None:
    """The one is of a spoke that stands, the other of one that comes."""
    three = a_network("eastus", "westus", "northeurope", lock=LOCK)
    prefix = next(item.prefix for item in three.spokes if item.region == "northeurope")
    looks = {}
    for address in ("10.0.32.4", str(prefix[4])):
        actual = _publishing(address)
        looks[address] = look_ahead(three, make_plan(three, actual), actual)
    known, new = looks.values()

    assert known.refusal is None
    assert ["firewalls publish" in item.text for item in known.remains] == [True]
    assert "firewalls publish vnet-sample-" in str(new.refusal)


def _with_a_deny_of_others(actual: Actual) -> Actual:
    """Return a state in which others deny all that comes to prod in eastus, as first rule."""
    key = same_id(TWO.names.nsg_id("eastus", "prod"))
    group = actual.resources[key]
    rule = {
        "name": "theirs",
        "properties": {
            "access": "Deny",
            "direction": "Inbound",
            "priority": 100,
            "protocol": "*",
            "sourceAddressPrefix": "*",
            "destinationAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationPortRange": "*",
        },
    }
    rules = [*(group.body.get("properties") or {}).get("securityRules", ()), rule]
    body = {
        **group.body,
        "properties": {**(group.body.get("properties") or {}), "securityRules": rules},
    }
    found = Found(group.kind, group.id, body)
    return replace(actual, resources={**actual.resources, key: found})


def test_an_order_in_which_only_firewalls_keep_apart_is_refused() -> None:
    """It says between whom."""
    plan = with_routes_before_rules(make_plan(TWO, Actual()))
    refusal = look_ahead(TWO, plan, Actual()).refusal

    assert refusal is not None
    assert refusal.startswith("the order of this plan is unsafe: after ")
    assert "only firewalls keep nonprod from prod" in refusal


def test_a_plan_that_makes_firewalls_anew_is_proved_except_the_moments_until_they_are_ready() -> (
    None
):
    """It says how many these are, and of which routes; it is not refused."""
    actual = as_deployed(TWO)
    standard = _two(firewall={"tier": "Standard"})
    outlook = look_ahead(standard, make_plan(standard, actual), actual)
    count = len(outlook.moments)

    assert outlook.refusal is None
    assert summary(outlook).startswith(f"Proved except {count} moments: what comes of it is as ")
    assert "where no firewall is ready" in summary(outlook)


def test_a_plan_names_the_assumption_that_what_comes_of_it_stands_on() -> None:
    """The mesh's; with peerings in its place, none."""
    for interconnect, names in (("mesh", ["mesh_forwards"]), ("peering", [])):
        network = a_network("eastus", "westus", interconnect=interconnect)
        outlook = look_ahead(network, make_plan(network, Actual()), Actual())
        assert [line.split()[2] for line in outlook.stands_on] == names
    assert "stands on" not in markdown(outlook)


def test_an_order_that_opens_a_path_before_its_denial_is_refused() -> None:
    """The sentence says after which step, and who reaches whom."""
    three = a_network("eastus", "westus", "northeurope", lock=LOCK)
    actual = with_an_open_firewall(TWO, as_deployed(TWO))
    plan = make_plan(three, actual)
    refusal = look_ahead(three, with_routes_before_rules(plan), actual).refusal

    assert refusal is not None
    assert refusal.startswith("the order of this plan is unsafe: after ")
    assert "nonprod reaches prod" in refusal


def test_spokes_that_leave_are_told_by_their_environment() -> None:
    """They are none of others; who is alone reaches the others and not itself."""
    three = a_network("eastus", "westus", "northeurope")
    two = a_network("eastus", "westus", lock=allocate(three.topology))
    actual = as_deployed(three)

    told = markdown(look_ahead(two, make_plan(two, actual), actual))

    assert "can no longer open connections to 3 networks of nonprod and 2 networks of prod" in told
    assert "of others" not in told
