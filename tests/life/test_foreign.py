"""Nothing that we did not make is changed: a foreign sibling of every kind survives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from azure_api.client import Azure
from tests.azure_api.bodies import put
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life.foreign import children_left, missing, put_children, put_siblings
from topology.addressing import allocate
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import InTheWayError, make_plan, plan_removal_of_all
from topology.planning.roll_back.planner import plan_roll_back
from topology.resources import KIND_BY_NAME

REGIONS = ("eastus", "westus", "northeurope")
WHERE = "westus"
ALL_THERE = {"subnets": True, "securityRules": True, "routes": True}


@dataclass
class Shared:
    """A network that others share, and what they put there."""

    azure: Azure
    network: Network
    siblings: dict[str, tuple[str, str]]

    async def check(self) -> tuple[list[str], dict[str, bool]]:
        """Return which siblings are gone, and which children are still there."""
        gone = await missing(self.azure, self.siblings)
        return gone, await children_left(self.azure, self.network, WHERE)


@pytest_asyncio.fixture
async def shared() -> AsyncIterator[Shared]:
    """Apply a network of three regions; then others come."""
    network = a_network(*REGIONS)
    async with simulated_azure() as (azure, _):
        assert await apply_network(azure, network) == {}
        siblings = await put_siblings(azure, network, WHERE)
        await put_children(azure, network, WHERE)
        yield Shared(azure, network, siblings)


async def test_foreign_things_are_no_difference(shared: Shared) -> None:
    """A plan says nothing of what is not ours."""
    plan = make_plan(shared.network, await read_network(shared.azure, shared.network))

    assert plan.work == ()


async def test_a_change_leaves_them(shared: Shared) -> None:
    """Every resource of ours is written anew, and nothing foreign is lost."""
    lock = allocate(shared.network.topology)
    spokes: dict[str, Any] = {"prod": {"subnets": {"workload": {}, "more": {}}}, "nonprod": {}}
    changed = a_network(*REGIONS, lock=lock, spokes=spokes)
    assert await apply_network(shared.azure, changed) == {}

    assert await shared.check() == ([], ALL_THERE)


async def test_removing_their_region_leaves_them(shared: Shared) -> None:
    """What holds something foreign stays, the rest of the region goes."""
    lock = allocate(shared.network.topology)
    smaller = a_network("eastus", "northeurope", lock=lock)
    errors = await apply_network(shared.azure, smaller)

    assert errors == {}
    assert await shared.check() == ([], ALL_THERE)


async def test_taking_their_region_back_leaves_them(shared: Shared) -> None:
    """A roll-back of a rollout that made the region deletes only what it made."""
    made = make_plan(shared.network, Actual())
    back = plan_roll_back(made, WHERE, await read_network(shared.azure, shared.network))
    errors = await carry_out(shared.azure, back)

    assert await shared.check() == ([], ALL_THERE)
    assert errors == {}


async def test_destroy_leaves_them(shared: Shared) -> None:
    """At the end only what is theirs is left, and what it stands in."""
    actual = await read_network(shared.azure, shared.network)
    errors = await carry_out(shared.azure, plan_removal_of_all(shared.network, actual))

    assert await shared.check() == ([], ALL_THERE)
    assert errors == {}


async def test_what_is_not_ours_is_never_written_though_it_has_our_name() -> None:
    """A network by hand where ours should be: the plan is refused, with the way out."""
    network = a_network("eastus")
    names = network.names
    group, vnet = names.group_id("eastus"), names.vnet_id("eastus", "hub")
    theirs = {
        "location": "eastus",
        "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}},
    }
    async with simulated_azure() as (azure, _):
        await put(azure, KIND_BY_NAME["resource-group"], group, {"location": "eastus"})
        await put(azure, KIND_BY_NAME["virtual-network"], vnet, theirs)
        with pytest.raises(InTheWayError, match="`orrery adopt` takes over") as refused:
            make_plan(network, await read_network(azure, network))

    assert group in str(refused.value)
    assert vnet in str(refused.value)
