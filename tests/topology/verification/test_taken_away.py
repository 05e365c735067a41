"""Peerings that a plan would make and a configuration of AVNM takes away again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import a_network, as_deployed
from topology.kind import same_id
from topology.planning.actual import Actual, Found, GoalState, OthersManagers
from topology.planning.planner import make_plan
from topology.verification.foreseen import foresee
from topology.verification.outlook import look_ahead
from topology.verification.verdict import model_of

ONE = a_network("eastus")
PROD, HUB = (ONE.names.vnet_id("eastus", name) for name in ("prod", "hub"))
THEIRS = PROD.rpartition("/resourceGroups/")[0] + "/resourceGroups/corp/providers/Microsoft.Network"
HUB_OF_CORP = f"{THEIRS}/virtualNetworks/corp-hub"
ELSEWHERE = f"{THEIRS}/networkManagers/corp"
MANAGERS = (ONE.names.manager_id, ELSEWHERE)


def _without_peerings_of_prod(actual: Actual) -> Actual:
    """Return it as AVNM leaves it: neither side is there."""
    kept = {
        key: item
        for key, item in actual.resources.items()
        if not ("/virtualnetworkpeerings/" in key and "-prod-" in key + str(item.body).lower())
    }
    return replace(actual, resources=kept)


def _with_a_star(
    actual: Actual, manager: str, *, takes: str = "True", topology: str = "HubAndSpoke"
) -> Actual:
    """Return it with a configuration of others deployed, which reaches our spoke of prod."""
    group, star = f"{manager}/networkGroups/corp", f"{manager}/connectivityConfigurations/corp-star"
    configuration = {
        "connectivityTopology": topology,
        "hubs": [{"resourceId": HUB_OF_CORP}] if topology == "HubAndSpoke" else [],
        "deleteExistingPeering": takes,
        "appliesToGroups": [{"networkGroupId": group, "groupConnectivity": "None"}],
    }
    space = {"addressSpace": {"addressPrefixes": ["172.30.0.0/22"]}}
    bodies = {
        group: ("network-group", {"memberType": "VirtualNetwork"}),
        f"{group}/staticMembers/m": ("static-member", {"resourceId": PROD}),
        star: ("connectivity-configuration", configuration),
        HUB_OF_CORP: ("virtual-network", space),
    }
    around = {
        same_id(name): Found(kind, name, {"id": name, "location": "eastus", "properties": body})
        for name, (kind, body) in bodies.items()
    }
    state = GoalState("eastus", "Connectivity", (star,))
    if manager == ELSEWHERE:
        others = OthersManagers({same_id(manager): (state,)})
        return replace(actual, around=around, managers=others)
    ours = actual.goal_states[same_id(manager)]
    states = tuple(
        replace(item, configuration_ids=(*item.configuration_ids, star))
        if item.commit_type == "Connectivity"
        else item
        for item in ours
    )
    resources = {**around, **actual.resources}
    return replace(actual, resources=resources, goal_states={same_id(manager): states})


@pytest.mark.parametrize("manager", MANAGERS)
@pytest.mark.parametrize("topology", ["HubAndSpoke", "Mesh"])
def test_a_plan_whose_peerings_would_be_taken_away_is_refused_by_the_configurations_name(
    manager: str, topology: str
) -> None:
    """Whoever's manager it is in; and nobody is told to gain whom they would not."""
    actual = _with_a_star(_without_peerings_of_prod(as_deployed(ONE)), manager, topology=topology)
    plan = make_plan(ONE, actual)
    outlook = look_ahead(ONE, plan, actual)

    assert len([step for step in plan.work if "Peerings" in step.resource.id]) == 2
    assert outlook.refusal == (
        "peerings of this plan would not stay: configuration corp-star of network manager "
        f"{manager.rsplit('/', 1)[-1]} would remove "
        "vnet-sample-prod-eastus/peer-sample-prod-to-hub: nothing was done. Have it deployed "
        "without deleteExistingPeering, or take these networks out of its groups"
    )
    assert outlook.differences == ()


def test_a_configuration_that_leaves_peerings_refuses_nothing() -> None:
    """DeleteExistingPeering is off by default."""
    actual = _without_peerings_of_prod(as_deployed(ONE))
    outlook = look_ahead(ONE, make_plan(ONE, actual), actual)
    left = _with_a_star(actual, ELSEWHERE, takes="False")

    assert outlook.refusal is None
    assert look_ahead(ONE, make_plan(ONE, left), left).refusal is None


def test_what_stands_already_is_believed() -> None:
    """Azure had it there when it was read."""
    actual = _with_a_star(as_deployed(ONE), ELSEWHERE)
    outlook = look_ahead(ONE, make_plan(ONE, actual), actual)
    after = model_of(ONE, foresee(actual, (), ONE.topology.topology))

    assert outlook.refusal is None
    assert same_id(HUB) in after.fabric.networks[same_id(PROD)].peerings
