"""Commits as steps, on a simulator that deploys, lags behind and fails as AVNM does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from azure_api.apply import apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from azure_api.deployment_status import read_goal_states
from azure_api.effects import affected_networks
from azure_api.errors import Final
from azure_api.read import read_one
from simulator.arm.world import World
from tests.azure_api import bodies
from tests.azure_api.bodies import delete, put
from tests.azure_api.in_process import AsgiTransport, connected_by
from tests.azure_api.rollout import apply, plan_for, read
from tests.builders import a_network
from topology.kind import Resource
from topology.naming import HUBS
from topology.ownership import our_description
from topology.planning.actual import GoalState
from topology.planning.plan import Commit
from topology.resources import KIND_BY_NAME, KINDS, commit

NETWORK = a_network("westeurope", "northeurope")
MANAGER_ID = NETWORK.names.manager_id
MESH = NETWORK.names.configuration_id("connectivityConfigurations")
COMMITS = "Microsoft.Network/networkManagers/commits"
COMMIT = "Microsoft.Network/networkManagers/commit"
BUSY: dict[str, Any] = {"status": 429, "code": "TooManyRequests", "retry_after": 60}


@pytest_asyncio.fixture
async def applied(azure: Azure) -> Azure:
    """Give a connection to a subscription that holds the network."""
    await apply(azure, await plan_for(azure, NETWORK))
    return azure


def _step(commit_type: str, *configuration_ids: str) -> Commit:
    found = next(item for item in commit.expand(NETWORK) if item.body["commitType"] == commit_type)
    body = {**found.body, "configurationIds": list(configuration_ids)}
    resource = Resource(found.kind, found.id, found.region, found.stage, body)
    return Commit(resource, before=(), reason="a test")


async def _apply(azure: Azure, step: Commit) -> float:
    began = asyncio.get_running_loop().time()
    await apply_step(Applying.of(azure, KINDS, NETWORK.topology.topology), step)
    return asyncio.get_running_loop().time() - began


def _commits(transport: AsgiTransport) -> int:
    return sum(path.endswith("/commit") for path in transport.paths("POST"))


async def test_goal_states_of_all_regions_and_types_are_read_together(applied: Azure) -> None:
    """The plan compares them: a commit is no resource."""
    states = (await read(applied, NETWORK)).goal_states[MANAGER_ID.lower()]
    assert {(item.region, item.commit_type) for item in states} == {
        (region, commit_type)
        for region in ("westeurope", "northeurope")
        for commit_type in ("Connectivity", "SecurityAdmin", "Routing")
    }


async def test_commit_of_the_same_goal_is_waited_for_anew(applied: Azure) -> None:
    """The old success still shows, and is not taken for the new one."""
    assert await _apply(applied, _step("Connectivity", MESH)) >= 60


async def test_commit_of_nothing_undeploys(applied: Azure) -> None:
    """It ends when the region has no goal of this type."""
    step = _step("Connectivity")
    await _apply(applied, step)
    region = step.resource.region or ""
    states = await read_goal_states(applied, MANAGER_ID, [region], ["Connectivity"])
    assert [item.configuration_ids for item in states if item.configuration_ids] == []


async def test_deployment_that_fails_is_final_and_in_the_words_of_azure(
    applied: Azure, world: World
) -> None:
    """It is not waited for until the limit."""
    world.faults.add(method="POST", type=COMMITS, when="deployment", message="Overlap found.")
    with pytest.raises(Final, match=r"Overlap found\."):
        await _apply(applied, _step("Connectivity", MESH))
    assert asyncio.get_running_loop().time() < 3600


@pytest.mark.parametrize(("drop", "told"), [("after", 1), ("before", 2)])
async def test_commit_whose_answer_was_lost_is_told_again_only_where_it_does_not_show(
    applied: Azure, world: World, transport: AsgiTransport, drop: str, told: int
) -> None:
    """The deployment status tells: a second commit would meet the first one's deployment."""
    before = _commits(transport)
    world.faults.add(method="POST", type="Microsoft.Network/networkManagers/commit", drop=drop)
    await _apply(applied, _step("Connectivity", MESH))
    assert _commits(transport) - before == told
    assert (await plan_for(applied, NETWORK)).is_empty


async def test_commit_of_nothing_whose_answer_was_lost_is_not_told_again(
    applied: Azure, world: World, transport: AsgiTransport
) -> None:
    """Its entry vanishes from the deployment status."""
    before = _commits(transport)
    world.faults.add(method="POST", type="Microsoft.Network/networkManagers/commit", drop="after")
    await _apply(applied, _step("Connectivity"))
    assert _commits(transport) - before == 1


async def test_manager_without_any_deployment_has_no_goal_states(azure: Azure) -> None:
    """The answer is an empty list (recordings.md section 7)."""
    for kind in ("resource-group", "network-manager"):
        resource = next(iter(KIND_BY_NAME[kind].expand(NETWORK)))
        await put(azure, KIND_BY_NAME[kind], resource.id, resource.body)
    assert await read_goal_states(azure, MANAGER_ID) == ()


async def test_manager_that_is_gone_has_no_goal_states(azure: Azure) -> None:
    """A roll-back may find it deleted."""
    assert await read_goal_states(azure, MANAGER_ID) == ()


async def test_only_the_networks_of_the_region_are_waited_for(applied: Azure) -> None:
    """A commit reaches the members of one region, whatever the group."""
    found = await affected_networks(applied, "Connectivity", [MESH], "westeurope")
    assert found == [NETWORK.names.vnet_id("westeurope", "hub")]


@pytest.mark.parametrize(
    ("commit_type", "kind"),
    [("SecurityAdmin", "securityAdminConfigurations"), ("Routing", "routingConfigurations")],
)
async def test_spokes_are_reached_through_rule_collections(
    applied: Azure, commit_type: str, kind: str
) -> None:
    """These configurations name no group themselves: their collections do."""
    configuration = NETWORK.names.configuration_id(kind)
    found = await affected_networks(applied, commit_type, [configuration], "westeurope")
    spokes = {NETWORK.names.vnet_id("westeurope", name) for name in ("prod", "nonprod")}
    assert set(found) == spokes


async def test_foreign_member_of_a_group_of_ours_is_read(applied: Azure) -> None:
    """Others may add a network by hand: the planner must see it to leave it alone."""
    member = f"{NETWORK.names.network_group_id(HUBS)}/staticMembers/by-hand"
    spoke = NETWORK.names.vnet_id("westeurope", "prod")
    body = {"properties": {"resourceId": spoke}}
    await put(applied, KIND_BY_NAME["static-member"], member, body)
    assert (await read(applied, NETWORK)).get(member) is not None


async def test_commits_of_an_apply_are_sent_once_each(
    applied: Azure, transport: AsgiTransport
) -> None:
    """Of parallel commits for one region and type one would survive (facts.md section 2)."""
    assert applied.transport is transport
    assert _commits(transport) == len(list(commit.expand(NETWORK)))


# -- what others have deployed -----------------------------------------------------------


async def _theirs(azure: Azure, kind: str, name: str = "theirs") -> str:
    """Let others make a configuration; return its id."""
    where = KIND_BY_NAME[kind].arm_type.rsplit("/", 1)[-1]
    theirs = f"{MANAGER_ID}/{where}/{name}"
    properties: dict[str, Any] = {"description": "another team's"}
    if kind == "connectivity-configuration":
        group = {"networkGroupId": NETWORK.names.network_group_id(HUBS)}
        mesh = [group | {"groupConnectivity": "DirectlyConnected"}]
        properties |= {"connectivityTopology": "Mesh", "appliesToGroups": mesh}
    await put(azure, KIND_BY_NAME[kind], theirs, {"properties": properties})
    return theirs


async def _deploy(azure: Azure, commit_type: str, *configuration_ids: str) -> None:
    """Let others deploy configurations, and nothing else, in the region of the first commit."""
    await bodies.commit(azure, MANAGER_ID, _step(commit_type, *configuration_ids).resource.body)
    await asyncio.sleep(1200)


async def _deploy_theirs(azure: Azure, kind: str, commit_type: str) -> str:
    theirs = await _theirs(azure, kind)
    await _deploy(azure, commit_type, theirs)
    return theirs


async def _state(azure: Azure, step: Commit) -> GoalState:
    [region], kind = step.resource.body["targetLocations"], step.resource.body["commitType"]
    [state] = await read_goal_states(azure, MANAGER_ID, [region], [kind])
    return state


async def test_what_others_deployed_since_the_plan_is_carried_along(applied: Azure) -> None:
    """Hours may lie between a plan and its commit, and a commit drops what it leaves out."""
    planned = replace(_step("Connectivity", MESH), before=(MESH,))
    theirs = await _deploy_theirs(applied, "connectivity-configuration", "Connectivity")
    await _apply(applied, planned)

    state = await _state(applied, planned)
    assert {name.lower() for name in state.configuration_ids} == {MESH.lower(), theirs.lower()}


async def test_rules_that_others_deployed_since_the_plan_are_not_replaced(applied: Azure) -> None:
    """A region takes one configuration of security admin rules: theirs stays."""
    rules = NETWORK.names.configuration_id("securityAdminConfigurations")
    planned = replace(_step("SecurityAdmin", rules), before=(rules,))
    theirs = await _deploy_theirs(applied, "security-admin-configuration", "SecurityAdmin")
    with pytest.raises(Final, match="theirs was deployed in"):
        await _apply(applied, planned)

    state = await _state(applied, planned)
    assert [name.lower() for name in state.configuration_ids] == [theirs.lower()]


async def test_what_others_deploy_between_two_tries_is_carried_along(
    applied: Azure, world: World
) -> None:
    """A commit that is refused for pace is made anew before it is told again."""
    planned = replace(_step("Connectivity", MESH), before=(MESH,))
    theirs = await _theirs(applied, "connectivity-configuration")
    world.faults.add(method="POST", type=COMMIT, **BUSY)

    await asyncio.gather(_apply(applied, planned), _meanwhile(applied, "Connectivity", theirs))

    state = await _state(applied, planned)
    assert {name.lower() for name in state.configuration_ids} == {MESH.lower(), theirs.lower()}


async def test_rules_that_others_deploy_between_two_tries_are_not_replaced(
    applied: Azure, world: World
) -> None:
    """Ours is refused then, as it is where they came before the first try."""
    rules = NETWORK.names.configuration_id("securityAdminConfigurations")
    planned = replace(_step("SecurityAdmin", rules), before=(rules,))
    theirs = await _theirs(applied, "security-admin-configuration")
    world.faults.add(method="POST", type=COMMIT, **BUSY)

    came, _ = await asyncio.gather(
        _apply(applied, planned),
        _meanwhile(applied, "SecurityAdmin", theirs),
        return_exceptions=True,
    )

    assert "theirs was deployed in" in str(came)
    state = await _state(applied, planned)
    assert [name.lower() for name in state.configuration_ids] == [theirs.lower()]


async def _meanwhile(azure: Azure, commit_type: str, *configuration_ids: str) -> None:
    """Deploy between our tries, by a connection of others'."""
    await asyncio.sleep(30)
    async with connected_by(azure.transport) as others:
        await _deploy(others, commit_type, *configuration_ids)


async def test_what_others_have_named_as_we_would_is_carried_along(applied: Azure) -> None:
    """Whose a configuration is its description says, and no name."""
    planned = replace(_step("Connectivity", MESH), before=(MESH,))
    theirs = await _theirs(applied, "connectivity-configuration", "mesh-g3")
    await _deploy(applied, "Connectivity", MESH, theirs)
    await _apply(applied, planned)

    state = await _state(applied, planned)
    assert {name.lower() for name in state.configuration_ids} == {MESH.lower(), theirs.lower()}


async def test_what_is_ours_and_was_deployed_since_the_plan_is_not_carried_along(
    applied: Azure,
) -> None:
    """Another generation, as of a run that was cut, goes where the plan does not name it."""
    ours = await _theirs(applied, "connectivity-configuration", "mesh-g3")
    body = await read_one(applied, KIND_BY_NAME["connectivity-configuration"], ours)
    assert body is not None
    body["properties"]["description"] = our_description(NETWORK.topology.topology)
    await put(applied, KIND_BY_NAME["connectivity-configuration"], ours, body)
    await _deploy(applied, "Connectivity", MESH, ours)
    planned = replace(_step("Connectivity", MESH), before=(MESH,))
    await _apply(applied, planned)

    assert (await _state(applied, planned)).configuration_ids == (MESH,)


@pytest.mark.parametrize("how", ["withdrawn", "deleted"])
async def test_what_others_have_withdrawn_since_the_plan_does_not_come_back(
    applied: Azure, how: str
) -> None:
    """Neither does what they have deleted fail our region."""
    theirs = await _deploy_theirs(applied, "connectivity-configuration", "Connectivity")
    goal = _step("Connectivity", MESH, theirs)
    planned = replace(goal, before=(MESH, theirs), theirs=(theirs,))
    await _deploy(applied, "Connectivity", MESH)
    if how == "deleted":
        await delete(applied, KIND_BY_NAME["connectivity-configuration"], theirs)
    await _apply(applied, planned)

    assert (await _state(applied, planned)).configuration_ids == (MESH,)


async def test_what_is_ours_and_gone_since_the_plan_is_an_error(applied: Azure) -> None:
    """A region without its rules must not read as done."""
    rules = NETWORK.names.configuration_id("securityAdminConfigurations").replace("-g1", "-g7")
    planned = replace(_step("SecurityAdmin", rules), before=(rules,))
    with pytest.raises(Final, match="InvalidResourceReference"):
        await _apply(applied, planned)
