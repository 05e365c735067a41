"""Hubs in one subscription, prod and nonprod in two others: a life of three regions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from azure_api.client import Azure
from simulator.arm.world import World
from simulator.avnm.view import effective
from tests.azure_api.in_process import a_tenant, simulated_azure
from tests.builders import NONPROD, PROD, SUBSCRIPTION, a_network
from tests.carry_out import apply_network, carry_out, read_network
from topology.addressing import allocate
from topology.kind import Stage
from topology.network import Network
from topology.planning.plan import Delete, Plan
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.planning.roll_back.planner import plan_roll_back

ZONES = {"prod": PROD, "nonprod": NONPROD}
REGIONS = ("eastus", "westus", "northeurope")
every_scope = pytest.mark.parametrize("management_group", [None, "contoso"])


def _network(*regions: str, **fields: Any) -> Network:
    return a_network(*regions, subscriptions=ZONES, **fields)


@asynccontextmanager
async def _applied(network: Network, count: int = 3) -> AsyncIterator[tuple[Azure, World]]:
    async with simulated_azure(settings=a_tenant(count)) as (azure, world):
        assert await apply_network(azure, network) == {}
        yield azure, world


def _left(world: World, region: str = "") -> list[str]:
    """Return what the simulator holds of a network, or of one of its regions, by its groups."""
    groups = world.store.of_type("Microsoft.Resources/resourceGroups")
    return sorted(group.key for group in groups if group.name.startswith(f"rg-sample-{region}"))


@every_scope
async def test_second_plan_is_empty(management_group: str | None) -> None:
    """Three subscriptions are read as one network."""
    network = _network(*REGIONS, management_group=management_group)
    async with _applied(network) as (azure, _):
        plan = make_plan(network, await read_network(azure, network))

    assert plan.work == ()


@every_scope
async def test_avnm_reaches_spokes_in_their_own_subscriptions(management_group: str | None) -> None:
    """Routes and rules hold there, and the managed tables stand in the spoke's subscription."""
    network = _network(*REGIONS, management_group=management_group)
    async with _applied(network) as (_, world):
        found = {item["id"].lower(): item for item in effective(world, None)["networks"]}
        tables = world.store.of_type("Microsoft.Network/routeTables")
        managed = {item.id.subscription for item in tables if "managed" in item.hidden}

    for spoke in network.spokes:
        seen = found[network.names.vnet_id(spoke.region, spoke.name).lower()]
        assert [rule["access"] for rule in seen["adminRules"]] == ["Deny"]
        assert [item["state"] for item in seen["peerings"]] == ["Connected"]
    assert managed == {PROD, NONPROD}


async def test_writes_of_two_subscriptions_are_never_in_each_others_way() -> None:
    """A hub's network is busy while a spoke of another subscription is peered with it."""
    async with _applied(_network(*REGIONS)) as (azure, _):
        log = azure.transport.requests.log

    assert [entry for entry in log if entry.status in {409, 429}] == []


async def test_a_new_region_comes_in_all_subscriptions() -> None:
    """One more line; afterwards nothing is left to do."""
    network = _network("eastus", "westus")
    async with _applied(network) as (azure, world):
        grown = _network(*REGIONS, lock=allocate(network.topology))
        errors = await apply_network(azure, grown)
        rest = make_plan(grown, await read_network(azure, grown))
        groups = {name.split("/")[2] for name in _left(world, "northeurope")}

    assert (errors, rest.work, groups) == ({}, (), {SUBSCRIPTION, PROD, NONPROD})


async def test_a_region_taken_back_leaves_none_of_them() -> None:
    """The roll-back of a region that a rollout made deletes it in every subscription."""
    network = _network("eastus", "westus")
    async with _applied(network) as (azure, world):
        grown = _network(*REGIONS, lock=allocate(network.topology))
        plan = make_plan(grown, await read_network(azure, grown))
        assert await carry_out(azure, plan) == {}
        back = plan_roll_back(plan, "northeurope", await read_network(azure, grown))
        errors = await carry_out(azure, back)
        left = _left(world, "northeurope")
        others = _left(world, "westus")

    assert (errors, left, len(others)) == ({}, [], 3)


@every_scope
async def test_destroy_leaves_nothing_in_any_subscription(management_group: str | None) -> None:
    """Nor the manager's scope: another manager may have it."""
    network = _network(*REGIONS, management_group=management_group)
    async with _applied(network) as (azure, world):
        actual = await read_network(azure, network)
        errors = await carry_out(azure, plan_removal_of_all(network, actual))
        left = _left(world)

    assert (errors, left) == ({}, [])


MOVED = "00000000-0000-4000-8000-000000000004"


def _after_a_move(network: Network) -> Network:
    """Return the network when prod stands in another subscription, and the old one is not used."""
    lock, regions = allocate(network.topology), tuple(network.topology.regions)
    return a_network(*regions, lock=lock, subscriptions={**ZONES, "prod": MOVED})


async def test_a_spoke_that_moves_is_removed_where_it_stood() -> None:
    """The lock file knows the old subscription, which the topology no longer names."""
    network = _network("eastus", "westus")
    async with _applied(network, 4) as (azure, world):
        moved = _after_a_move(network)
        plan = make_plan(moved, await read_network(azure, moved))
        errors = await carry_out(azure, plan)
        rest = make_plan(moved, await read_network(azure, moved))
        stands = {name.split("/")[2] for name in _left(world, "eastus")}

    assert (errors, rest.work, stands) == ({}, (), {SUBSCRIPTION, NONPROD, MOVED})


async def test_a_subscription_leaves_the_scope_after_its_networks() -> None:
    """They would be without admin rules while they are peered; a new one comes in first."""
    network = _network("eastus")
    async with _applied(network, 4) as (azure, _):
        already = len(azure.transport.sent)
        assert await apply_network(azure, _after_a_move(network)) == {}
        sent = azure.transport.sent[already:]

    manager = [at for at, item in enumerate(sent) if _writes(item, "PUT", "/vnm-sample")]
    gone = [at for at, item in enumerate(sent) if _writes(item, "DELETE", PROD)]
    member = next(at for at, item in enumerate(sent) if _writes(item, "PUT", "/staticMembers/"))
    assert len(manager) == 2
    assert manager[0] < member
    assert max(gone) < manager[1]


def _writes(sent: Any, method: str, part: str) -> bool:
    ends = sent.path.endswith(part) if part.startswith("/vnm") else part in sent.path
    return bool(sent.method == method and ends)


async def test_a_move_can_be_taken_back() -> None:
    """The spoke stands again where it stood, and the plan of before is empty."""
    network = _network("eastus", "westus")
    async with _applied(network, 4) as (azure, world):
        moved = _after_a_move(network)
        plan = make_plan(moved, await read_network(azure, moved))
        assert await carry_out(azure, plan) == {}
        errors = await carry_out(
            azure, plan_roll_back(plan, None, await read_network(azure, moved))
        )
        rest = make_plan(network, await read_network(azure, network))
        stands = {name.split("/")[2] for name in _left(world, "eastus")}

    assert (errors, rest.work, stands) == ({}, (), {SUBSCRIPTION, NONPROD, PROD})


async def test_a_region_of_a_move_can_be_taken_back_alone() -> None:
    """Its spoke stands where it stood, in the scope again; the other region has moved."""
    network = _network("eastus", "westus")
    async with _applied(network, 4) as (azure, world):
        moved = _after_a_move(network)
        plan = make_plan(moved, await read_network(azure, moved))
        assert await carry_out(azure, plan) == {}
        back = plan_roll_back(plan, "eastus", await read_network(azure, moved))
        errors = await carry_out(azure, back)
        found = {item["id"].lower(): item for item in effective(world, None)["networks"]}

    seen = found[network.names.vnet_id("eastus", "prod").lower()]
    assert errors == {}
    assert [item["state"] for item in seen["peerings"]] == ["Connected"]
    assert [rule["access"] for rule in seen["adminRules"]] == ["Deny"]
    assert moved.names.vnet_id("westus", "prod").lower() in found


async def test_a_move_that_fails_in_its_midst_can_be_taken_back() -> None:
    """The hub has let go of the old network already, and takes it again."""
    network = _network("eastus")
    async with _applied(network, 4) as (azure, world):
        moved = _after_a_move(network)
        plan = make_plan(moved, await read_network(azure, moved))
        world.faults.add(method="PUT", name="peer-sample-prod-to-hub", status=403, code="No")
        first = _without_deletes(plan)
        assert len(await carry_out(azure, first)) == 1
        back = plan_roll_back(plan, "eastus", await read_network(azure, moved))
        errors = await carry_out(azure, back)
        found = {item["id"].lower(): item for item in effective(world, None)["networks"]}

    seen = found[network.names.vnet_id("eastus", "prod").lower()]
    assert errors == {}
    assert [item["state"] for item in seen["peerings"]] == ["Connected"]
    assert moved.names.vnet_id("eastus", "prod").lower() not in found


def _without_deletes(plan: Plan) -> Plan:
    """Return what a rollout has done of a plan when a region's own run fails."""
    gone = {step.resource.id for step in plan.steps if isinstance(step, Delete)}
    last = {step.resource.id for step in plan.steps if step.resource.stage is Stage.SCOPE}
    left_out = gone | last
    return replace(
        plan,
        steps=tuple(step for step in plan.steps if step.resource.id not in left_out),
        edges=tuple(edge for edge in plan.edges if not {edge.step, edge.need} & left_out),
    )
