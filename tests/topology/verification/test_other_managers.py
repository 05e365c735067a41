"""Managers of others: what of theirs is read, and what it comes to where it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.builders import a_network, as_deployed
from topology.compliance.reachability import report_of_proof
from topology.kind import same_id
from topology.planning.actual import Found, GoalState, OthersManagers
from topology.verification.effective import Heard, after_hearing, disagreements
from topology.verification.foreseen import foresee
from topology.verification.other_managers import Deployed, may_reach, reaching
from topology.verification.proof import Proof
from topology.verification.verdict import model_of, prove

ONE = a_network("eastus")
HUB, PROD, NONPROD = (ONE.names.vnet_id("eastus", name) for name in ("hub", "prod", "nonprod"))
SUBSCRIPTION = PROD.split("/")[2]
THEIRS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/corp/providers/Microsoft.Network"
CORP = same_id(f"{THEIRS}/networkManagers/corp")
MESH, STAR = (f"{CORP}/connectivityconfigurations/{name}" for name in ("mesh", "star"))
RULES = f"{CORP}/securityadminconfigurations/rules"
NEAR, FAR, LAB = (f"{CORP}/networkgroups/{name}" for name in ("near", "far", "lab"))
LAB_NETWORK = same_id(f"{THEIRS}/virtualNetworks/lab")


def _found(name: str, **properties: Any) -> Found:
    return Found("", name, {"id": name, "properties": properties})


def _manager(**scopes: Any) -> Found:
    return _found(CORP, networkManagerScopes=scopes)


def _applied(name: str, group: str, **properties: Any) -> Found:
    return _found(name, appliesToGroups=[{"networkGroupId": group}], **properties)


def _read(*states: GoalState, **content: Found) -> tuple[OthersManagers, dict[str, Found]]:
    """Return what is kept of what corp has deployed, PROD being near."""
    items = {same_id(item.id): item for item in content.values()}
    deployed = Deployed({CORP: _manager(managementGroups=["g"])}, {CORP: states}, items)
    members = {NEAR: {same_id(PROD), LAB_NETWORK}, FAR: {f"{THEIRS}/far"}, LAB: {LAB_NETWORK}}
    groups = {name: frozenset(names) for name, names in members.items()}
    return reaching(deployed, groups, [same_id(PROD)], [SUBSCRIPTION])


def test_a_manager_may_reach_what_is_in_its_scope() -> None:
    """A management group is taken to hold all (facts.md section 1)."""
    near = [same_id(PROD)]

    assert may_reach(_manager(managementGroups=["g"]), near)
    assert may_reach(_manager(subscriptions=[f"/subscriptions/{SUBSCRIPTION}"]), near)
    assert not may_reach(_manager(subscriptions=["/subscriptions/of-others"]), near)


def test_what_reaches_nobody_near_is_left_out() -> None:
    """With its group; a goal state of it alone is none."""
    managers, content = _read(
        GoalState("eastus", "Connectivity", (MESH, STAR)),
        GoalState("westus", "Connectivity", (STAR,)),
        mesh=_applied(MESH, NEAR),
        star=_applied(STAR, FAR),
    )

    assert managers.goal_states == {CORP: (GoalState("eastus", "Connectivity", (MESH,)),)}
    assert managers.members.keys() == {NEAR}
    assert content.keys() == {CORP, MESH}


def test_a_deployment_that_failed_is_told_where_it_may_have_left_what_was_deployed_before() -> None:
    """Also where it would reach nobody near: what was deployed before it may have."""
    states = [
        GoalState(region, "Connectivity", (STAR,), "Failed") for region in ("eastus", "uksouth")
    ]
    managers, content = _read(*states, star=_applied(STAR, FAR))
    actual = replace(as_deployed(ONE), managers=managers, around=content)

    [told] = prove(Proof(ONE, model_of(ONE, actual))).unread

    assert told.startswith("what network manager corp has in effect by Connectivity in eastus: ")


def test_rules_of_whom_a_mesh_brings_along_are_kept() -> None:
    """The lab is joined with a spoke of ours, so what holds in it counts."""
    managers, content = _read(
        GoalState("eastus", "Connectivity", (MESH,)),
        GoalState("eastus", "SecurityAdmin", (RULES,)),
        mesh=_applied(MESH, NEAR),
        rules=_found(RULES),
        collection=_applied(f"{RULES}/rulecollections/c", LAB),
    )

    assert len(managers.goal_states[CORP]) == 2
    assert f"{RULES}/rulecollections/c" in content
    assert managers.members.keys() == {NEAR, LAB}


def test_a_configuration_that_may_not_be_read_stays_named() -> None:
    """Whom it reaches nobody knows, so the verdict tells of it."""
    managers, content = _read(GoalState("eastus", "SecurityAdmin", (RULES,)))
    actual = replace(as_deployed(ONE), managers=managers, around=content)

    assert prove(Proof(ONE, model_of(ONE, actual))).unread == (
        "what configuration rules of network manager corp does in eastus, which may not be read",
    )


def test_a_peering_that_another_manager_makes_stays_as_a_plan_is_foreseen() -> None:
    """A hub of theirs is peered with a spoke of ours before and after."""
    wheel = {"connectivityTopology": "HubAndSpoke", "hubs": [{"resourceId": LAB_NETWORK}]}
    managers, content = _read(
        GoalState("eastus", "Connectivity", (STAR,)), star=_applied(STAR, NEAR, **wheel)
    )
    lab = {
        "location": "eastus",
        "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}},
    }
    around = {**content, LAB_NETWORK: Found("virtual-network", LAB_NETWORK, lab)}
    actual = replace(as_deployed(ONE), managers=managers, around=around)

    after = foresee(actual, (), ONE.topology.topology)

    assert LAB_NETWORK in model_of(ONE, after).fabric.networks[same_id(PROD)].peerings


def test_a_manager_that_azure_names_and_nobody_read_can_be_exempted() -> None:
    """One finding for the manager, in whatever networks; an exemption answers for it."""
    model = model_of(ONE, as_deployed(ONE))
    rule = f"{RULES}/ruleCollections/c/rules/open"
    listed = {
        "SecurityAdmin": {
            name: [*(item.id for item in model.effects.rules[same_id(name)]), rule]
            for name in (PROD, NONPROD)
        }
    }
    differing = tuple(disagreements(model, listed))
    verdict = after_hearing(prove(Proof(ONE, model)), Heard(2, differing, ()))
    exemption = {
        "rule": "effective",
        "name": "network manager corp",
        "owner": "corp",
        "reason": "rules of all",
        "until": date(2030, 1, 1),
    }
    exempting = a_network("eastus", compliance={"exemptions": [exemption]})
    reports = [report_of_proof(at, verdict.findings, date(2029, 1, 1)) for at in (ONE, exempting)]

    assert len(differing) == 2
    assert len(verdict.findings) == 1
    assert [report.fails for report in reports] == [True, False]
    assert any("corp/rules/c/open" in told for told in verdict.unread)


def test_what_is_lag_or_of_a_machines_routes_is_no_finding() -> None:
    """Only what lists of networks say otherwise, and go on saying, is one."""
    model = model_of(ONE, as_deployed(ONE))
    [differs, _] = disagreements(model, {"SecurityAdmin": {PROD: [], NONPROD: []}})
    lag, route = replace(differs, whose="Azure's lag"), replace(differs, region="")
    heard = [Heard(1, (item,), ()) for item in (differs, lag, route)]
    found = [after_hearing(prove(Proof(ONE, model)), item).findings for item in heard]

    assert [len(findings) for findings in found] == [1, 0, 0]
    assert [item.told_otherwise for item in heard] == [
        "",
        "",
        "; machines tell other routes in 1 subnet",
    ]
