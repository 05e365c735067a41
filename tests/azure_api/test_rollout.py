"""A network rolled out: planned, applied and read again, with realistic durations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from azure_api.client import Azure
from simulator.arm.world import World
from tests.azure_api.in_process import AsgiTransport
from tests.azure_api.rollout import apply, plan_for, read
from tests.builders import a_network
from topology.planning.planner import plan_removal_of_all

NETWORK = a_network("westeurope", "northeurope")


@pytest_asyncio.fixture
async def applied(azure: Azure) -> AsyncIterator[Azure]:
    """Give a connection to a subscription that holds the network."""
    await apply(azure, await plan_for(azure, NETWORK))
    yield azure


async def test_second_plan_after_an_apply_is_empty(applied: Azure) -> None:
    """What was planned is what stands there, as Azure returns it."""
    plan = await plan_for(applied, NETWORK)
    assert [(step.does, step.resource.id) for step in plan.work] == []


async def test_apply_leaves_nothing_out(azure: Azure) -> None:
    """Each late value is there when its step's turn comes."""
    outcomes = await apply(azure, await plan_for(azure, NETWORK))
    assert [item.left_out for item in outcomes if item.left_out] == []


async def test_apply_without_locks_ends_well_by_retries_alone(
    azure: Azure, transport: AsgiTransport
) -> None:
    """Writes get into each other's way, and each refusal passes."""
    await apply(azure, await plan_for(azure, NETWORK))
    refused = [item.code for item in transport.requests.log if item.code]
    assert "ReferencedResourceNotProvisioned" in refused
    assert set(refused) <= {
        "ReferencedResourceNotProvisioned",
        "RetryableError",
        "AnotherOperationInProgress",
    }


async def test_apply_takes_about_as_long_as_its_firewalls_and_commits(azure: Azure) -> None:
    """Nothing of ours waits in vain: regions run side by side."""
    await apply(azure, await plan_for(azure, NETWORK))
    assert asyncio.get_running_loop().time() < 1500


async def test_apply_that_was_cut_off_is_ended_by_a_new_plan(azure: Azure, world: World) -> None:
    """A resume is simply a new plan."""
    plan = await plan_for(azure, NETWORK)
    rollout = asyncio.create_task(apply(azure, plan))
    await asyncio.sleep(300)
    rollout.cancel()
    await asyncio.wait([rollout])
    await asyncio.sleep(1000)  # Azure goes on with what it had begun
    await apply(azure, await plan_for(azure, NETWORK))
    assert (await plan_for(azure, NETWORK)).is_empty
    assert world.store.get(NETWORK.names.manager_id.lower()) is not None


async def test_removal_leaves_nothing_behind(applied: Azure) -> None:
    """Groups, manager, zone and all that stood in them are gone."""
    plan = plan_removal_of_all(NETWORK, await read(applied, NETWORK))
    await apply(applied, plan)
    assert (await read(applied, NETWORK)).resources == {}


async def test_reading_a_network_takes_few_requests(
    applied: Azure, transport: AsgiTransport
) -> None:
    """One list a type or parent: it does not grow with networks, subnets or peerings."""
    before = len(transport.sent)
    actual = await read(applied, NETWORK)
    assert len(transport.sent) - before < len(actual.resources) / 2
