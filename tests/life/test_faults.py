"""Seeded schedules of faults: whatever goes wrong, a rollout ends well or says what did not.

Each seed draws faults and a small network, new or grown from one that stands. The rollout meets
the faults, and regions that failed are taken back while the faults last; then these end, and one
undisturbed run must lead to what is planned. What is said to be done, and what others have made,
is looked at by plain HTTP.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from azure_api.client import Azure
from azure_api.deployment_status import read_goal_states
from azure_api.errors import AzureError
from azure_api.goal_state import commit, wait_until_deployed
from azure_api.write import put
from simulator.arm.world import World
from simulator.fault import Fault
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life.outsider import bodies, deployed, outsider
from tests.virtual_time import run
from topology.addressing import allocate
from topology.kind import same_id
from topology.network import Network
from topology.planning.plan import Commit, Delete, Plan, Step
from topology.planning.planner import make_plan
from topology.planning.rollback import plan_roll_back
from topology.resources import KIND_BY_NAME, KINDS

# A sample in every run; `make soak` asks for more, and gets ten lives an example.
_EXAMPLES = int(os.environ.get("ORRERY_EXAMPLES", "3"))
_SEEDS = range(10 * _EXAMPLES)
_PARTS = 10

REGIONS = ("eastus", "westus", "northeurope")
HOME = REGIONS[0]
_GROWN = 0.4  # of all lives begin with a network that stands
_TYPES = sorted({kind.arm_type for kind in KINDS})
# Azure never takes longer than this to let a run end, in simulated seconds.
_LONGEST = 12 * 3600.0

# What a write can meet (errors_seen.jsonl and facts.md section 7): status and code.
PASSING = (
    (429, "RetryableError"),
    (429, "TooManyRequests"),
    (429, "SubscriptionRequestsThrottled"),
    (429, "ResourceRequestsThrottled"),
    (400, "ReferencedResourceNotProvisioned"),
    (409, "AnotherOperationInProgress"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
    (504, "GatewayTimeout"),
    (409, "FirewallPolicyUpdateFailed"),
    (409, "IpGroupsUpdateFailed"),
)
FINAL = (
    (400, "InvalidResourceReference"),
    (400, "BadRequest"),
    (400, "ParentResourceIsInFailedState"),
    (400, "InvalidAddressPrefixFormat"),
    (400, "LocationNotAvailableForResourceGroup"),
    (403, "AuthorizationFailed"),
    (403, "RequestDisallowedByPolicy"),
    (404, "ParentResourceNotFound"),
    (409, "CannotDeleteResource"),
    (409, "ScopeLocked"),
    (412, "PreconditionFailed"),
)


def draw_faults(chance: random.Random) -> list[dict[str, Any]]:
    """Return two to eight faults, of all sorts there are."""
    return [_fault(chance) for _ in range(chance.randint(2, 8))]


def _fault(chance: random.Random) -> dict[str, Any]:
    where: dict[str, Any] = {
        "method": chance.choice(["PUT", "PUT", "PUT", "DELETE", "GET", None]),
        "type": chance.choice([*_TYPES, *_TYPES, "operations", None, None]),
        "after": float(chance.choice([0, 0, 60, 300, 600])),
    }
    times = {"times": chance.choice([1, 2, 5])}
    status, code = chance.choice(PASSING + FINAL)
    error = {"status": status, "code": code, "message": "drawn by a seed"}
    region = chance.choice(REGIONS)
    sorts: list[dict[str, Any]] = [
        where | times | error,
        where | times | error | {"region": region},
        where | times | {"method": "PUT", "status": 429, "code": "RetryableError"},
        where | times | {"drop": chance.choice(["before", "after"])},
        where | {"hang": chance.choice(["before", "after"])},
        where | times | {"method": "PUT", "when": "provisioning", "region": region},
        times | {"when": "deployment", "region": region},
        {"region": region, "outage": True, "after": where["after"], "until": 3000.0},
        {"throttle": chance.choice(["empty", 5.0, 20.0])},
        {"method": "PUT", "stale": float(chance.choice([2, 20, 60]))},
        {"stale": 20.0},
        {"latency": 5.0, "slower": 3.0, "region": region},
    ]
    drawn = chance.choice(sorts)
    return {name: value for name, value in drawn.items() if value is not None}


@dataclass
class Life:
    """What became of one seed."""

    seed: int
    faults: list[dict[str, Any]]
    errors: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


@dataclass
class _Theirs:
    """What others have made: ids, and the configuration they have deployed in a region, if any."""

    ids: list[str]
    manager: str
    deployed: str | None = None


async def _live(seed: int) -> Life:
    chance = random.Random(seed)  # noqa: S311  a schedule is no secret
    life = Life(seed, draw_faults(chance))
    network = a_network(*REGIONS[: chance.choice([2, 2, 2, 3])], spokes={"prod": {}})
    async with simulated_azure() as (azure, world):
        theirs = await _put_theirs(azure, network)
        if grows := chance.random() < _GROWN:
            assert await apply_network(azure, network) == {}
            await _deploy_theirs(azure, theirs, network)
            network = _grown(network)
        async with outsider(azure, world) as client:
            before = await bodies(client, theirs.ids)
        world.faults.extend([Fault(**fault) for fault in life.faults])
        try:
            async with asyncio.timeout(_LONGEST):
                await _disturbed(life, azure, world, network)
        except TimeoutError:
            life.wrong.append("the disturbed run does not end")
        world.faults.clear()
        await asyncio.sleep(7200)  # Azure ends what it began
        await _undisturbed(life, azure, network)
        async with outsider(azure, world) as client:
            if await bodies(client, theirs.ids) != before:
                life.wrong.append("what others made is not as it was")
            there = await deployed(client, theirs.manager, HOME) if grows else {theirs.deployed}
            if theirs.deployed not in there:
                life.wrong.append("what others deployed is deployed no more")
    return life


def _grown(network: Network) -> Network:
    """Return the network with a region and a spoke's subnet more."""
    spokes: dict[str, Any] = {"prod": {"subnets": {"workload": {}, "more": {}}}}
    return a_network(*REGIONS, lock=allocate(network.topology), spokes=spokes)


async def _put_theirs(azure: Azure, network: Network) -> _Theirs:
    """Make a network of others in a group of their own."""
    group = network.names.group_id(HOME).replace("rg-sample", "rg-theirs")
    vnet = f"{group}/providers/Microsoft.Network/virtualNetworks/theirs"
    space = {"addressSpace": {"addressPrefixes": ["192.168.77.0/24"]}}
    await put(azure, KIND_BY_NAME["resource-group"], group, {"location": HOME})
    body = {"location": HOME, "properties": {**space, "subnets": []}}
    await put(azure, KIND_BY_NAME["virtual-network"], vnet, body)
    return _Theirs([group, vnet], network.names.manager_id)


async def _deploy_theirs(azure: Azure, theirs: _Theirs, network: Network) -> None:
    """Deploy a mesh of others beside ours, in a manager that both use."""
    group = network.names.network_group_id("theirs")
    mesh = f"{theirs.manager}/connectivityConfigurations/theirs"
    told = {"description": "another team's"}
    applies = [{"networkGroupId": group, "groupConnectivity": "DirectlyConnected"}]
    shape = {"connectivityTopology": "Mesh", "appliesToGroups": applies}
    group_body = {"properties": {**told, "memberType": "VirtualNetwork"}}
    await put(azure, KIND_BY_NAME["network-group"], group, group_body)
    configuration = KIND_BY_NAME["connectivity-configuration"]
    await put(azure, configuration, mesh, {"properties": {**told, **shape}})
    states = await read_goal_states(azure, theirs.manager, [HOME], ["Connectivity"])
    ids = [*(name for state in states for name in state.configuration_ids), mesh]
    goal = {"commitType": "Connectivity", "targetLocations": [HOME], "configurationIds": ids}
    await wait_until_deployed(azure, await commit(azure, theirs.manager, goal))
    theirs.ids += [group, mesh]
    theirs.deployed = mesh.lower()


async def _disturbed(life: Life, azure: Azure, world: World, network: Network) -> None:
    """Roll out, compare the report with what Azure holds, take back what failed."""
    try:
        plan = make_plan(network, await read_network(azure, network))
    except AzureError as error:
        life.errors["plan"] = str(error)
        return
    life.errors = await carry_out(azure, plan)
    life.wrong += await _untrue(azure, world, plan, life.errors)
    for region in _failed(plan, life.errors):
        try:
            back = plan_roll_back(plan, region, await read_network(azure, network))
        except AzureError as error:
            life.errors[f"back {region}"] = str(error)
        else:
            await carry_out(azure, back)


async def _untrue(azure: Azure, world: World, plan: Plan, errors: dict[str, str]) -> list[str]:
    """Return what is said to be done and is not."""
    done = [step for step in plan.work if not _is_behind(step, plan, errors)]
    ids = [step.resource.id.split("#")[0] for step in done if not isinstance(step, Commit)]
    async with outsider(azure, world) as client:
        found = await bodies(client, ids)
    return [
        f"said to be done, and is not: {step.does} {step.resource.id}"
        for step in done
        if not isinstance(step, Commit)
        and (found[step.resource.id.split("#")[0]] is None) != isinstance(step, Delete)
    ]


def _is_behind(step: Step, plan: Plan, errors: dict[str, str]) -> bool:
    """Say whether a step failed, or something that it needs."""
    needs: dict[str, list[str]] = {}
    for edge in plan.edges:
        needs.setdefault(same_id(edge.step), []).append(same_id(edge.need))
    waiting, seen = [same_id(step.resource.id)], set[str]()
    while waiting:
        key = waiting.pop()
        if key in errors:
            return True
        waiting += [need for need in needs.get(key, []) if need not in seen]
        seen.update(waiting)
    return False


def _failed(plan: Plan, errors: dict[str, str]) -> list[str]:
    wrong = {step.resource.region for step in plan.work if same_id(step.resource.id) in errors}
    return sorted(region for region in wrong if region)


async def _undisturbed(life: Life, azure: Azure, network: Network) -> None:
    """Plan and carry out anew: all is as planned after it."""
    errors = await apply_network(azure, network)
    life.wrong += [f"the next run: {error}" for error in errors.values()]
    again = make_plan(network, await read_network(azure, network))
    life.wrong += [f"still to do: {step.does} {step.resource.id}" for step in again.work]


@pytest.mark.parametrize("part", range(_PARTS))
def test_any_schedule_of_faults_ends_well(part: int) -> None:
    """At least after the next run; others' things are untouched, and reports are true."""
    lives = [run(_live(seed)) for seed in _SEEDS[part::_PARTS]]

    assert [life for life in lives if life.wrong] == []
