"""What is missing is told before the first write, all of it, each with its way out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from azure_api.errors import Final
from azure_api.preflight import PreflightFailed, check, check_rights
from simulator.access.assignments import DEFINITIONS
from simulator.access.assignments import TYPE as ASSIGNMENTS
from simulator.access.roles import OWNER, role_id
from simulator.arm import store
from simulator.arm.ids import parse_id
from simulator.arm.world import World
from simulator.management_groups import ManagementGroup
from simulator.settings import Settings, subscriptions
from tests.azure_api.bodies import GROUP_ID, vnet_body, vnet_id
from tests.azure_api.in_process import SUBSCRIPTION, a_tenant, simulated_azure
from tests.builders import PROD, a_network
from tests.carry_out import apply_network, read_network
from topology.kind import Resource, Stage
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Create, Delete, Plan
from topology.planning.planner import make_plan
from topology.resources import KINDS

CONTOSO = "/providers/Microsoft.Management/managementGroups/contoso"
ADDRESS_ID = f"{GROUP_ID}/providers/Microsoft.Network/publicIPAddresses/pip"


def _plan(*resources: Resource) -> Plan:
    return Plan("globo", (SUBSCRIPTION,), tuple(Create(item) for item in resources), ())


def _vnet(region: str = "westeurope") -> Resource:
    body: dict[str, Any] = {**vnet_body(), "location": region}
    return Resource("virtual-network", vnet_id(), region, Stage.HUB, body)


def _address(number: int) -> Resource:
    body = {"location": "westeurope", "sku": {"name": "Standard"}}
    return Resource("public-ip", f"{ADDRESS_ID}-{number}", "westeurope", Stage.HUB, body)


async def test_a_subscription_that_is_ready_passes_without_a_write() -> None:
    """It only reads."""
    async with simulated_azure() as (azure, _):
        await check(azure, _plan(_vnet(), _address(1)), KINDS)
        assert azure.transport.paths("PUT") == []


async def test_region_that_does_not_offer_a_type_is_named() -> None:
    """Some regions are restricted by subscription (facts.md section 10)."""
    async with simulated_azure() as (azure, _):
        with pytest.raises(PreflightFailed, match="not offered in atlantis"):
            await check(azure, _plan(_vnet("atlantis")), KINDS)


async def test_quota_of_public_addresses_is_compared_with_the_plan() -> None:
    """Ten are the default of a subscription and region (facts.md section 8)."""
    settings = Settings(public_address_limit=1)
    async with simulated_azure(settings=settings) as (azure, _):
        with pytest.raises(PreflightFailed, match="0 of 1 Standard public addresses"):
            await check(azure, _plan(_address(1), _address(2)), KINDS)


async def test_all_that_is_missing_is_told_at_once() -> None:
    """Nobody wants to find the second thing an hour later."""
    settings = Settings(public_address_limit=0)
    async with simulated_azure(settings=settings) as (azure, _):
        with pytest.raises(PreflightFailed) as failed:
            await check(azure, _plan(_vnet("atlantis"), _address(1)), KINDS)
    assert len(failed.value.missing) == 2


def _role(world: World, *actions: str, less: str = "") -> str:
    """Make a role that permits no more than this; return its id."""
    found = parse_id(role_id("", "00000000-0000-4000-8000-00000000b001"))
    assert found is not None
    permissions = [{"actions": list(actions), "notActions": [less]}]
    world.store.save(store.Resource(found, DEFINITIONS, None, None, {"permissions": permissions}))
    return found.text


def _only(world: World, *actions: str, less: str) -> None:
    """Leave the operator with one role, which permits no more than this."""
    role = _role(world, *actions, less=less)
    for item in world.store.of_type(ASSIGNMENTS):
        item.properties["roleDefinitionId"] = role


def _only_in_subscriptions(world: World) -> None:
    """Let the operator own the subscriptions, and read their management group alone."""
    who = {"principalId": world.settings.operator.object_id}
    for item in world.store.of_type(ASSIGNMENTS):
        world.store.remove(item)
    owner = role_id("", OWNER.guid)
    given = {f"/subscriptions/{item}": owner for item in world.settings.subscription_ids}
    for number, (scope, role) in enumerate({**given, CONTOSO: _role(world, "*/read")}.items()):
        found = parse_id(f"{scope}/providers/{ASSIGNMENTS}/{number}")
        assert found is not None
        values = {"roleDefinitionId": role, **who}
        world.store.save(store.Resource(found, ASSIGNMENTS, None, None, values))


async def test_missing_right_names_the_action_and_the_role() -> None:
    """A reader may look and not write."""
    async with simulated_azure() as (azure, world):
        _only(world, "*/read", less="")
        with pytest.raises(PreflightFailed, match="virtualNetworks/write") as failed:
            await check(azure, _plan(_vnet()), KINDS)
    assert "Network Contributor" in str(failed.value)


async def test_what_goes_needs_rights_and_nothing_else() -> None:
    """Half of a network would go without them; what no region offers any more can still go."""
    going = replace(_plan(), steps=(Delete(_vnet("atlantis")),))
    async with simulated_azure() as (azure, world):
        await check_rights(azure, going, KINDS)
        _only(world, "*", less="Microsoft.Network/virtualNetworks/delete")
        with pytest.raises(PreflightFailed, match="virtualNetworks/delete"):
            await check_rights(azure, going, KINDS)


async def test_right_taken_away_by_the_same_role_is_missing() -> None:
    """`notActions` counts."""
    async with simulated_azure() as (azure, world):
        _only(world, "*", less="Microsoft.Network/virtualNetworks/write")
        with pytest.raises(PreflightFailed, match="virtualNetworks/write"):
            await check(azure, _plan(_vnet()), KINDS)


async def test_members_by_tags_need_rights_to_write_policies() -> None:
    """Contributor may not write them, and joining the groups is an action of its own."""
    network = a_network("eastus", groups={"membership": "dynamic"})
    needed = (
        "Microsoft.Authorization/policyAssignments/write",
        "Microsoft.Authorization/policyDefinitions/write",
        "Microsoft.Network/networkManagers/networkGroups/join/action",
    )
    async with simulated_azure() as (azure, world):
        _only(world, "*/read", "Microsoft.Network/*/write", "Microsoft.Resources/*", less="")
        with pytest.raises(PreflightFailed, match="Resource Policy Contributor") as failed:
            await check(azure, make_plan(network, Actual()), KINDS)

    assert [action for action in needed if action not in str(failed.value)] == []


async def test_members_by_tags_need_their_provider() -> None:
    """Azure Policy evaluates nothing in a subscription without it (facts.md section 1)."""
    network = a_network("eastus", groups={"membership": "dynamic"})
    async with simulated_azure() as (azure, _):
        await check(azure, make_plan(network, Actual()), KINDS)

        paths = azure.transport.paths("GET")
    assert f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.PolicyInsights" in paths


async def test_wrong_secret_is_one_error_and_no_list() -> None:
    """It is told in seconds, by the first question."""
    async with simulated_azure(secret="wrong") as (azure, _):
        with pytest.raises(Final) as refused:
            await check(azure, _plan(_vnet()), KINDS)
        assert len(azure.transport.sent) == 1
        assert asyncio.get_running_loop().time() < 5
    assert refused.value.code == "AuthenticationFailed"


async def test_manager_of_another_team_in_the_same_scope_is_named() -> None:
    """Azure would refuse ours after everything else was made."""
    async with simulated_azure() as (azure, _):
        await apply_network(azure, a_network("eastus"))
        other = a_network("eastus", topology="other")
        with pytest.raises(PreflightFailed, match=r"vnm-sample has /subscriptions/.* already"):
            await check(azure, make_plan(other, Actual()), KINDS)


async def test_what_is_missing_says_in_which_subscription() -> None:
    """The quota of the connectivity subscription counts hubs only; each offers its own regions."""
    settings = Settings(subscription_ids=subscriptions(2), public_address_limit=0)
    spoke = replace(_vnet("atlantis"), id=vnet_id().replace(SUBSCRIPTION, PROD))
    async with simulated_azure(settings=settings) as (azure, _):
        with pytest.raises(PreflightFailed) as failed:
            await check(azure, _plan(spoke, _address(1)), KINDS)

    told = sorted(line.split(":")[0] for line in failed.value.missing)
    assert told == [f"subscription {SUBSCRIPTION}", f"subscription {PROD}"]
    assert "not offered in atlantis" in next(t for t in failed.value.missing if PROD in t)


async def test_peering_needs_a_right_in_the_other_subscription() -> None:
    """Who may write a hub's networks and not be peered with a spoke's is told so."""
    network = a_network("eastus", subscriptions={"prod": PROD}, spokes={"prod": {}})
    settings = Settings(subscription_ids=subscriptions(2))
    async with simulated_azure(settings=settings) as (azure, world):
        _only(world, "*", less="Microsoft.Network/virtualNetworks/peer/action")
        with pytest.raises(PreflightFailed) as failed:
            await check(azure, make_plan(network, Actual()), KINDS)

    assert [line.split(" on it;")[0] for line in failed.value.missing] == [
        f"subscription {item}: the identity may not Microsoft.Network/virtualNetworks/peer/action"
        for item in (SUBSCRIPTION, PROD)
    ]


# -- management groups -------------------------------------------------------------------


def _zones(**fields: Any) -> Network:
    """Return a network with a spoke in a subscription of its own, and contoso for its scope."""
    zones = {"subscriptions": {"prod": PROD}, "spokes": {"prod": {}}}
    return a_network("eastus", **{"management_group": "contoso", **zones, **fields})


async def _missing(settings: Settings, network: Network) -> list[str]:
    """Return what a first rollout is told, which has written nothing."""
    async with simulated_azure(settings=settings) as (azure, _):
        with pytest.raises(PreflightFailed) as failed:
            await check(azure, make_plan(network, Actual()), KINDS)
        assert azure.transport.paths("PUT") == []
    return list(failed.value.missing)


async def test_a_management_group_that_holds_all_is_ready() -> None:
    """Also where it holds them through a group below it."""
    groups = (
        ManagementGroup("contoso", subscriptions=(SUBSCRIPTION,)),
        ManagementGroup("landing-zones", "contoso", (PROD,)),
    )
    async with simulated_azure(settings=a_tenant(2, management_groups=groups)) as (azure, _):
        await check(azure, make_plan(_zones(), Actual()), KINDS)


async def test_a_management_group_that_is_not_there_is_told() -> None:
    """Or that the identity cannot see: Azure does not say which of both."""
    [line] = await _missing(a_tenant(2, management_groups=()), _zones())

    assert line.startswith("management group contoso: it is not there, or")
    assert "`az account management-group create --name contoso`" in line


async def test_each_subscription_outside_of_the_management_group_is_told() -> None:
    """Its networks would silently get nothing (facts.md section 1)."""
    lines = await _missing(a_tenant(2, SUBSCRIPTION, PROD), _zones())

    assert [line.split(",")[0] for line in lines] == [
        f"management group contoso: subscription {item} is not in it"
        for item in (SUBSCRIPTION, PROD)
    ]
    move = f"az account management-group subscription add --name contoso --subscription {PROD}"
    assert move in lines[1]


async def test_subscriptions_in_which_others_may_join_belong_into_the_management_group() -> None:
    """Policies would choose networks there that the manager cannot reach."""
    teams = subscriptions(3)[2]
    groups = {"membership": "dynamic", "subscriptions": [teams]}
    [line] = await _missing(a_tenant(3, teams), _zones(groups=groups))

    assert f"subscription {teams} is not in it" in line


async def test_a_new_subscription_is_held_against_a_scope_that_stays() -> None:
    """The manager has no step then, and its scope counts all the same."""
    before = _zones(spokes={}, environments=["prod"])
    async with simulated_azure(settings=a_tenant(2, PROD)) as (azure, _):
        assert await apply_network(azure, before) == {}
        plan = make_plan(_zones(), await read_network(azure, before))
        with pytest.raises(PreflightFailed, match=f"subscription {PROD} is not in it"):
            await check(azure, plan, KINDS)


async def test_a_scope_that_becomes_a_management_group_is_asked_about() -> None:
    """The manager is changed and not made then."""
    before = _zones(management_group=None)
    async with simulated_azure(settings=a_tenant(2, management_groups=())) as (azure, _):
        assert await apply_network(azure, before) == {}
        plan = make_plan(_zones(), await read_network(azure, before))
        with pytest.raises(PreflightFailed, match="contoso: it is not there"):
            await check(azure, plan, KINDS)


async def test_missing_right_at_the_management_group_is_told_beside_all_else() -> None:
    """A role on the subscriptions gives none above them."""
    async with simulated_azure(settings=a_tenant(2, PROD)) as (azure, world):
        _only_in_subscriptions(world)
        with pytest.raises(PreflightFailed) as failed:
            await check(azure, make_plan(_zones(), Actual()), KINDS)

    right, held = failed.value.missing
    assert "may not Microsoft.Network/networkManagers/write at it" in right
    assert f'--role "Network Contributor" --scope {CONTOSO}' in right
    assert f"subscription {PROD} is not in it" in held


async def test_a_management_group_without_the_provider_is_told_by_the_managers_error() -> None:
    """Azure has no question for that (azure-rest-api-specs issue 22041)."""
    groups = (ManagementGroup("contoso", subscriptions=subscriptions(2), registered=False),)
    async with simulated_azure(settings=a_tenant(2, management_groups=groups)) as (azure, _):
        await check(azure, make_plan(_zones(), Actual()), KINDS)
        errors = await apply_network(azure, _zones())

    manager = next(text for name, text in errors.items() if name.endswith("/vnm-sample"))
    register = "az provider register --namespace Microsoft.Network --management-group-id contoso"
    assert register in manager


async def test_manager_of_another_team_in_the_same_management_group_is_named() -> None:
    """Scopes of one level may not be shared, whichever subscription the managers stand in."""
    theirs = a_network("eastus", topology="other", subscription=PROD, management_group="contoso")
    async with simulated_azure(settings=a_tenant(2)) as (azure, _):
        await apply_network(azure, theirs)
        with pytest.raises(PreflightFailed, match=r"vnm-other has .*/managementGroups/contoso"):
            await check(azure, make_plan(_zones(), Actual()), KINDS)
