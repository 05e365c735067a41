"""A network with other names than Orrery's own lives as any other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life import by_hand
from tests.life.by_hand import NAMES, SPOKES
from tests.life.outsider import outsider
from tests.life.rolling_out import roll_out, take_back_all
from topology.addressing import allocate
from topology.kind import same_id
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.planning.roll_back.planner import plan_roll_back

REGIONS = ("eastus", "westus")


async def test_the_plan_of_what_was_applied_is_empty() -> None:
    """Names of our own making or not: what is ours is found again."""
    network = a_network(*REGIONS, names=NAMES, spokes=SPOKES)
    async with simulated_azure() as (azure, _):
        errors = await apply_network(azure, network)
        plan = make_plan(network, await read_network(azure, network))

    assert (errors, plan.work) == ({}, ())


async def test_destroy_leaves_nothing() -> None:
    """Peerings and subnets are known to be ours without a name of ours."""
    network = a_network(*REGIONS, names=NAMES, spokes=SPOKES)
    async with simulated_azure() as (azure, _):
        await apply_network(azure, network)
        plan = plan_removal_of_all(network, await read_network(azure, network))
        errors = await carry_out(azure, plan)
        left = (await read_network(azure, network)).resources

    assert (errors, dict(left)) == ({}, {})


_OTHER_HUBS: dict[str, Any] = {
    "names": {"peering_between_hubs": "to-{other}"},
    "interconnect": "peering",
}


@pytest.mark.parametrize(
    ("regions", "after"),
    [
        (REGIONS, {"interconnect": "mesh"}),  # the peerings go, though no mesh needs their name
        (REGIONS, {"names": {}}),
        (("eastus",), {}),
        (("eastus", "uksouth", "westus"), {}),
    ],
    ids=["meshed", "named by us", "a region less", "a region more"],
)
async def test_hubs_with_peerings_of_other_names_live_as_any(
    regions: tuple[str, ...], after: dict[str, Any]
) -> None:
    """Those that go are ours too, and come back when all of it is taken back."""
    before = a_network(*REGIONS, **_OTHER_HUBS)
    then = a_network(*regions, lock=allocate(before.topology), **_OTHER_HUBS | after)
    async with simulated_azure() as (azure, _):
        await roll_out(azure, before)
        left = [make_plan(before, await read_network(azure, before)).work]
        report = await roll_out(azure, then)
        left.append(make_plan(then, await read_network(azure, then)).work)
        back = await take_back_all(azure, then, report)
        left.append(make_plan(before, await read_network(azure, before)).work)

    assert (report.ending.is_well, back.left) == (True, ())
    assert left == [(), (), ()]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in waves"])
@pytest.mark.parametrize("key", ["peering_to_hub", "peering_to_spoke"])
async def test_one_end_of_a_peering_gets_another_name(key: str, *, at_once: bool) -> None:
    """The other end is Disconnected meanwhile, and is made again."""
    rollout = {} if at_once else {"at_a_time": 1}
    before = a_network(*REGIONS, rollout=rollout)
    then = a_network(
        *REGIONS, lock=allocate(before.topology), names={key: "{spoke}-to"}, rollout=rollout
    )
    async with simulated_azure() as (azure, _):
        await roll_out(azure, before)
        report = await roll_out(azure, then)
        after = make_plan(then, await read_network(azure, then))
        back = await take_back_all(azure, then, report)

    assert (report.ending.is_well, after.work, back.left) == (True, (), ())


@pytest.mark.parametrize(
    "after",
    [
        {"names": {"dns_link": "to-{network}"}},
        {"names": {"policy": "other"}, "firewall": {"tier": "Standard"}},
        {
            "names": {"region_policy": "of-{region}"},
            "firewall": {"tier": "Standard"},
            "rollout": {"policy": "per-wave"},
        },
    ],
    ids=["links", "policy and tier", "policies of regions and tier"],
)
async def test_what_azure_has_room_for_once_goes_before_another_name_of_it_comes(
    after: dict[str, Any],
) -> None:
    """And the other way round when all of it is taken back."""
    before = a_network(*REGIONS, rollout=after.get("rollout", {}))
    then = a_network(*REGIONS, lock=allocate(before.topology), **after)
    async with simulated_azure() as (azure, _):
        await roll_out(azure, before)
        report = await roll_out(azure, then)
        left = make_plan(then, await read_network(azure, then)).work
        back = await take_back_all(azure, then, report)
        again = make_plan(before, await read_network(azure, before)).work

    assert report.ending.is_well
    assert (left, back.left, again) == ((), (), ())


async def test_a_spoke_and_a_subnet_that_leave_go_and_nothing_else() -> None:
    """Though the file no longer names them."""
    network = a_network(*REGIONS, names=NAMES, spokes=SPOKES)
    lock = allocate(network.topology)
    fewer: dict[str, Any] = {"prod": {"subnets": {"data": {}}}}
    smaller = a_network(*REGIONS, lock=lock, names=NAMES, spokes=fewer, isolation="none")
    async with simulated_azure() as (azure, _):
        await apply_network(azure, network)
        errors = await apply_network(azure, smaller)
        actual = await read_network(azure, smaller)

    networks = {
        found.id.rsplit("/", 1)[-1]: [item["name"] for item in found.body["properties"]["subnets"]]
        for found in actual.resources.values()
        if found.kind == "virtual-network"
    }
    peerings = [found for found in actual.resources.values() if found.kind == "peering"]
    assert errors == {}
    assert networks["eastus-prod"] == ["data"]
    assert set(networks) == {"eastus-hub", "eastus-prod", "westus-hub", "westus-prod"}
    assert len(peerings) == 4


async def test_subnet_that_left_is_anybodys_afterwards() -> None:
    """Its name is no longer among those of ours, so who makes it again keeps it."""
    network = a_network(*REGIONS, spokes=SPOKES)
    lock = allocate(network.topology)
    spokes: dict[str, Any] = {"prod": {"subnets": {"data": {}}}, "nonprod": {}}
    smaller = a_network(*REGIONS, lock=lock, spokes=spokes)
    vnet = network.names.vnet_id("eastus", "prod")
    async with simulated_azure() as (azure, world):
        await apply_network(azure, network)
        plan = make_plan(smaller, await read_network(azure, smaller))
        await carry_out(azure, plan)
        async with outsider(azure, world) as client:
            prefix = str(lock.regions["eastus"].spokes["prod"].subnets["web"])
            body = {"properties": {"addressPrefix": prefix}}
            await by_hand.write(client, f"{vnet}/subnets/WebTier", body)
        after = make_plan(smaller, await read_network(azure, smaller))
        back = plan_roll_back(plan, None, await read_network(azure, smaller))

    assert after.work == ()
    assert [
        step.resource.body["tags"]["orrery-subnets"]
        for step in back.work
        if same_id(step.resource.id) == same_id(vnet)
    ] == ["WebTier"]
