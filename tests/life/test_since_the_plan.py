"""Others come between the plan and its steps: what is theirs stays, also when all goes back."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from azure_api.client import Azure
from simulator.arm.world import World
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carried_out, read_network
from tests.life import by_hand
from tests.life.foreign import described, security_rule
from tests.life.outsider import outsider
from tests.life.rolling_out import roll_out_plan
from topology.addressing import allocate
from topology.kind import same_id
from topology.network import Network, Spoke
from topology.planning.plan import Commit, Plan
from topology.planning.planner import make_plan
from topology.planning.roll_back.outcome import left_of
from topology.planning.roll_back.planner import plan_roll_back
from topology.resources import wanted

REGIONS = ("eastus", "westus")
THEIRS = {"owner": "theirs"}
BEFORE = a_network("eastus")
AFTER = a_network(*REGIONS, lock=allocate(BEFORE.topology))
NAMES = AFTER.names


async def _write(azure: Azure, world: World, bodies: dict[str, Any], verb: str = "PUT") -> None:
    """Write as others do; a PATCH of tags leaves no other tag."""
    async with outsider(azure, world) as client:
        for name, body in bodies.items():
            await by_hand.write(client, name, body, verb)


async def _tags(azure: Azure, world: World, *names: str) -> list[Any]:
    """Return the tags of each, None for what is not there."""
    async with outsider(azure, world) as client:
        bodies = [await by_hand.read(client, name) for name in names]
    return [body and body["tags"] for body in bodies]


async def _take_back(azure: Azure, plan: Plan, region: str | None) -> dict[str, str]:
    """Take a plan back; return what is left, with the reasons."""
    actual = await read_network(azure, AFTER)
    back = await carried_out(azure, plan_roll_back(plan, region, actual))
    return dict(left_of(back.plan, back.schedule, back.errors))


async def test_what_others_made_where_ours_should_be_is_neither_taken_nor_deleted() -> None:
    """As while a run waits for its approval: its group and a table in it are theirs to the end."""
    group, table = NAMES.group_id("westus"), NAMES.route_table_id("westus")
    theirs = {
        group: {"location": "westus", "tags": THEIRS},
        table: {"location": "westus", "tags": THEIRS, "properties": {"routes": []}},
    }
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, BEFORE) == {}
        plan = make_plan(AFTER, await read_network(azure, AFTER))
        await _write(azure, world, theirs)
        run = await carried_out(azure, plan)
        assert "not ours, and where ours should be" in run.errors[same_id(group)]
        left = await _take_back(azure, plan, None)
        tags = await _tags(azure, world, group, table)

    assert left == {}
    assert tags == [THEIRS, THEIRS]


async def test_what_a_run_could_not_make_is_not_deleted_when_it_is_taken_back_later() -> None:
    """Others stood there first; that it is made ours afterwards is no work of that run."""
    network = NAMES.vnet_id("westus", "prod")
    space = {"addressSpace": {"addressPrefixes": ["192.168.0.0/24"]}}
    theirs = {"location": "westus", "tags": THEIRS, "properties": space}
    group = {"location": "westus", "tags": AFTER.tags("westus")}
    async with simulated_azure() as (azure, world):
        found = await read_network(azure, AFTER)
        plan = make_plan(AFTER, found)
        await _write(azure, world, {NAMES.group_id("westus"): group, network: theirs})
        report = await roll_out_plan(azure, AFTER, plan, found)
        assert "not ours" in report.errors[same_id(network)]
        ours = AFTER.tags("westus", "prod")
        await _write(azure, world, {network: {"tags": ours}}, "PATCH")
        left = await _take_back(azure, report.saved["wave-1"], None)
        tags = await _tags(azure, world, network)

    assert left == {
        "westus: leave resource group rg-sample-westus": (
            "it holds vnet-sample-prod-westus, which this run did not make"
        )
    }
    assert tags == [ours]


async def test_what_others_took_over_since_is_not_changed_nor_taken_back() -> None:
    """The roll-back goes on with the rest, and tells what it leaves to them."""
    spokes: dict[str, Any] = {"prod": {"subnets": {"workload": {}, "more": {}}}, "nonprod": {}}
    wider = a_network(*REGIONS, lock=allocate(AFTER.topology), spokes=spokes)
    taken, other = (NAMES.vnet_id(region, "prod") for region in REGIONS)
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, AFTER) == {}
        plan = make_plan(wider, await read_network(azure, wider))
        await _write(azure, world, {taken: {"tags": THEIRS}}, "PATCH")
        run = await carried_out(azure, plan)
        assert [*run.errors] == [same_id(taken)]
        left = await _take_back(azure, plan, None)
        [tags] = await _tags(azure, world, taken)
        async with outsider(azure, world) as client:
            subnets = (await by_hand.read(client, other))["properties"]["subnets"]

    assert left == {
        "eastus: leave virtual network vnet-sample-prod-eastus": (
            "it is not ours any more, and stays as it is"
        )
    }
    assert tags == THEIRS
    assert len(subnets) == 1


async def test_what_others_took_over_since_is_not_deleted() -> None:
    """Neither is the group that holds it; all else of the region goes."""
    group, rules = NAMES.group_id("westus"), NAMES.nsg_id("westus", "prod")
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, AFTER) == {}
        plan = make_plan(BEFORE, await read_network(azure, BEFORE))
        await _write(azure, world, {rules: {"tags": THEIRS}}, "PATCH")
        run = await carried_out(azure, plan)
        tags = await _tags(azure, world, rules, group, NAMES.firewall_id("westus"))

    assert "left as it is" in run.errors[same_id(rules)]
    assert tags[0] == THEIRS
    assert tags[1] is not None
    assert tags[2] is None


async def test_what_others_put_into_what_goes_stays_with_what_holds_it() -> None:
    """Into its body and beside: its region is taken back, and the next plan holds these at once."""
    spoke, rules = NAMES.vnet_id("westus", "prod"), NAMES.nsg_id("westus", "nonprod")
    group, [prod] = NAMES.network_group_id("spokes-westus"), _spokes(AFTER, "prod", "westus")
    free = str(list(prod.prefix.subnets(new_prefix=28))[-1])
    theirs = {
        f"{spoke}/subnets/theirs": {"properties": {"addressPrefix": free}},
        f"{rules}/securityRules/theirs": {"properties": security_rule()},
        f"{group}/staticMembers/theirs": {
            "properties": {"resourceId": NAMES.vnet_id("eastus", "prod")}
        },
    }
    holding = {same_id(name) for name in (spoke, rules, group)}
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, AFTER) == {}
        found = await read_network(azure, BEFORE, wanted(AFTER))
        plan = make_plan(BEFORE, found)
        await _write(azure, world, theirs)
        report = await roll_out_plan(azure, BEFORE, plan, found)
        async with outsider(azure, world) as client:
            left = [await by_hand.read(client, name) for name in theirs]
        again = make_plan(BEFORE, await read_network(azure, BEFORE))

    assert None not in left
    assert {key for key, error in report.errors.items() if "it holds theirs" in error} == holding
    assert report.ending.message == "westus rolled back; 1 other region in place"
    assert holding == {same_id(step.resource.id) for step in again.held if step.held == "by others"}


async def test_subnet_that_others_add_while_a_rollout_is_refused_for_pace_stays() -> None:
    """They write between two tries of ours, and the network ends with both."""
    network, [spoke] = NAMES.vnet_id("eastus", "prod"), _spokes(BEFORE, "prod")
    free = str(list(spoke.prefix.subnets(new_prefix=28))[-1])
    spokes: dict[str, Any] = {"prod": {"subnets": {"workload": {}, "more": {}}}, "nonprod": {}}
    wider = a_network("eastus", lock=allocate(BEFORE.topology), spokes=spokes)
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, BEFORE) == {}
        plan = make_plan(wider, await read_network(azure, wider))
        world.faults.add(method="PUT", type=_VNET, status=429, retry_after=60)
        running = asyncio.create_task(carried_out(azure, plan))
        await asyncio.sleep(30)
        subnet = {"properties": {"addressPrefix": free}}
        await _write(azure, world, {f"{network}/subnets/theirs": subnet})
        assert (await running).errors == {}
        async with outsider(azure, world) as client:
            subnets = (await by_hand.read(client, network))["properties"]["subnets"]

    assert {item["name"] for item in subnets} == {
        "snet-sample-workload",
        "snet-sample-more",
        "theirs",
    }


async def test_what_others_withdraw_and_delete_after_the_plan_neither_comes_back_nor_fails() -> (
    None
):
    """Our commit is planned with theirs, and is made of what is deployed when it is sent."""
    theirs = f"{NAMES.manager_id}/routingConfigurations/theirs"
    first = NAMES.configuration_id("routingConfigurations")
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, BEFORE) == {}
        async with outsider(azure, world) as client:
            await by_hand.write(client, theirs, described({}))
            await _deploy(client, first, theirs)
            [rule] = [item for item in world.store.of_type(_RULES) if "routing-g1" in item.id.text]
            await _delete(client, rule.id.text)  # so that a commit is due
        plan = make_plan(BEFORE, await read_network(azure, BEFORE))
        [planned] = [step for step in plan.work if isinstance(step, Commit)]
        async with outsider(azure, world) as client:
            await _deploy(client, first)
            await _delete(client, theirs)
        run = await carried_out(azure, plan)
        [states] = (await read_network(azure, BEFORE)).goal_states.values()

    assert planned.theirs == (theirs,)
    assert run.errors == {}
    [routing] = [state for state in states if state.commit_type == "Routing"]
    assert [name.rsplit("/", 1)[-1] for name in routing.configuration_ids] == ["routing-g2"]


_VNET = "Microsoft.Network/virtualNetworks"
_RULES = "Microsoft.Network/networkManagers/routingConfigurations/ruleCollections/rules"


def _spokes(network: Network, name: str, region: str = "eastus") -> list[Spoke]:
    return [
        spoke
        for hub in network.hubs
        for spoke in hub.spokes
        if (spoke.name, spoke.region) == (name, region)
    ]


async def _deploy(client: httpx.AsyncClient, *configuration_ids: str) -> None:
    """Let others tell the goal state of routing in eastus."""
    body = {
        "commitType": "Routing",
        "targetLocations": ["eastus"],
        "configurationIds": list(configuration_ids),
    }
    answer = await client.post(f"{NAMES.manager_id}/commit", json=body)
    assert answer.is_success, answer.text
    await asyncio.sleep(1200)


async def _delete(client: httpx.AsyncClient, resource_id: str) -> None:
    version = {"api-version": "2026-03-01", "force": "true"}
    assert (await client.delete(resource_id, params=version)).is_success
    await asyncio.sleep(100)
