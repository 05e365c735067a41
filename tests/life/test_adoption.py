"""A network that exists already is taken over with an empty plan, or the plan says why not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from azure_api.client import Azure
from simulator.arm.world import World
from tasks.read_actual import read_to_adopt
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life import by_hand
from tests.life.outsider import outsider
from topology.network import Network
from topology.planning.adoption import Adoption, plan_adoption
from topology.planning.explain import title
from topology.planning.generations import deployed_or_newest
from topology.planning.planner import InTheWayError, make_plan
from topology.planning.roll_back.planner import plan_roll_back
from topology.reading import read
from topology.resources import wanted

THEIRS = {"owner": "network team", "cost-centre": "4711"}


def globojava() -> Network:
    """Return the example, with Orrery's own names."""
    path = Path("examples/globojava.yaml")
    return read(path.read_text(), str(path), None)[0]


def with_other_names() -> Network:
    """Return a network that is named as people do."""
    return a_network("eastus", "westus", names=by_hand.NAMES, spokes=by_hand.SPOKES)


NETWORKS = {"globojava": globojava, "with other names": with_other_names}


@asynccontextmanager
async def somebody_elses(network: Network) -> AsyncIterator[tuple[Azure, World]]:
    """Give a simulator that holds this network, without a mark of ours on anything."""
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, network) == {}
        async with outsider(azure, world) as client:
            await by_hand.strip(client, network, THEIRS)
        yield azure, world


async def adoption_of(azure: Azure, network: Network) -> Adoption:
    """Plan an adoption of what Azure holds."""
    return plan_adoption(network, await read_network(azure, network))


async def bodies(azure: Azure, world: World, network: Network) -> dict[str, Any]:
    """Read the whole network by plain HTTP."""
    ids = [item.id for item in wanted(network) if "#" not in item.id and item.kind != "commit"]
    async with outsider(azure, world) as client:
        return {name: _told(await by_hand.read(client, name)) for name in ids}


def _told(body: Any) -> Any:
    """Return a body without marks of ownership and what each write moves by itself."""
    if isinstance(body, dict):
        moves = {"etag", "tags", "description", "systemData"}
        return {key: _told(value) for key, value in body.items() if key not in moves}
    return [_told(item) for item in body] if isinstance(body, list) else body


@pytest.mark.parametrize("name", NETWORKS)
async def test_plan_after_the_adoption_is_empty(name: str) -> None:
    """Only marks were missing, so only marks are written: nothing else moves."""
    network = NETWORKS[name]()
    async with somebody_elses(network) as (azure, world):
        with pytest.raises(InTheWayError, match="orrery adopt"):
            make_plan(network, await read_network(azure, network))
        before = await bodies(azure, world, network)
        adoption = await adoption_of(azure, network)
        errors = await carry_out(azure, adoption.plan)
        after = await bodies(azure, world, network)
        plan = make_plan(network, await read_network(azure, network))

    assert (adoption.hindrances, adoption.to_come, errors) == ((), (), {})
    assert plan.work == ()
    assert after == before


async def test_tags_are_patched_and_those_of_others_stay() -> None:
    """A PUT of a firewall would take minutes; a PATCH is done when it is answered."""
    network = with_other_names()
    async with somebody_elses(network) as (azure, world):
        adoption = await adoption_of(azure, network)
        azure.transport.sent.clear()
        await carry_out(azure, adoption.plan)
        put = [path for path in azure.transport.paths("PUT") if "/networkManagers/" not in path]
        firewall = network.names.firewall_id("eastus")
        async with outsider(azure, world) as client:
            tags = (await by_hand.read(client, firewall))["tags"]

    assert put == []
    assert tags == {**THEIRS, "managed-by": "orrery", "topology": "sample", "region": "eastus"}


async def test_adopting_again_does_nothing() -> None:
    """What is ours already has all of its marks."""
    network = with_other_names()
    async with somebody_elses(network) as (azure, _):
        await carry_out(azure, (await adoption_of(azure, network)).plan)
        again = await adoption_of(azure, network)

    assert (again.plan.work, again.hindrances, again.to_come) == ((), (), ())


async def test_adoption_can_be_taken_back() -> None:
    """Its marks go, and nothing else."""
    network = with_other_names()
    async with somebody_elses(network) as (azure, world):
        before = await bodies(azure, world, network)
        plan = (await adoption_of(azure, network)).plan
        await carry_out(azure, plan)
        back = plan_roll_back(plan, None, await read_network(azure, network))
        errors = await carry_out(azure, back)
        after = await bodies(azure, world, network)
        again = await adoption_of(azure, network)

    assert errors == {}
    assert {step.does for step in back.work} == {"change", "commit"}
    assert after == before
    assert [title(step) for step in again.plan.work] == [title(step) for step in plan.work]


async def test_generation_that_is_deployed_is_taken_over() -> None:
    """The second one, where the rules were changed once."""
    network = a_network("eastus", isolation="strict")
    async with simulated_azure() as (azure, world):
        await apply_network(azure, a_network("eastus"))
        await apply_network(azure, network)
        second = deployed_or_newest(network, await read_network(azure, network))
        async with outsider(azure, world) as client:
            await by_hand.strip(client, second, THEIRS)
        adoption = plan_adoption(network, await read_to_adopt.fn(azure, network))
        await carry_out(azure, adoption.plan)
        plan = make_plan(network, await read_network(azure, network))

    assert second.generations["securityAdminConfigurations"] == 2
    assert (adoption.hindrances, adoption.to_come, plan.work) == ((), (), ())


async def test_adoption_that_was_cut_is_finished_by_the_next() -> None:
    """Half of the marks are written, and the rest follows.

    AVNM does not tell what was edited, so the next apply commits what the cut has left so.
    """
    network = with_other_names()
    async with somebody_elses(network) as (azure, _):
        whole = (await adoption_of(azure, network)).plan
        marks = tuple(step for step in whole.work if step.does == "change")
        await carry_out(azure, replace(whole, steps=marks[::2], edges=()))
        second = await adoption_of(azure, network)
        errors = await carry_out(azure, second.plan)
        plan = make_plan(network, await read_network(azure, network))

    assert errors == {}
    assert {step.does for step in plan.work} <= {"commit"}
    assert tuple(title(step) for step in plan.work) == second.to_come


# -- a hub and a spoke that were made by hand ----------------------------------------------


def made_by_hand(**changes: Any) -> Network:
    """Return the topology that says what `by_hand.make` makes."""
    spokes = {"prod": {"subnets": {"web": {"name": "WebTier"}, "data": {}}}}
    return a_network("eastus", names=by_hand.NAMES, spokes=spokes, **changes)


@asynccontextmanager
async def by_somebody() -> AsyncIterator[tuple[Azure, World]]:
    """Give a simulator in which somebody has made a hub and a spoke."""
    async with simulated_azure() as (azure, world):
        async with outsider(azure, world) as client:
            await by_hand.make(client, made_by_hand())
        yield azure, world


async def test_what_was_made_otherwise_is_told_field_by_field() -> None:
    """What the topology insists on, and somebody did without; all the rest is to come."""
    async with by_somebody() as (azure, _):
        adoption = await adoption_of(azure, made_by_hand())

    told = {item.what: item.lines for item in adoption.hindrances}
    spoke = "properties.subnets.{}.properties.{}: found nothing, wanted {}"
    names = made_by_hand().names
    table = f'{{"id": "{names.route_table_id("eastus")}"}}'
    group = f'{{"id": "{names.nsg_id("eastus", "prod")}"}}'
    assert told == {
        "eastus: change virtual network eastus-hub": (
            spoke.format("AzureFirewallSubnet", "routeTable", table),
        ),
        "eastus: change virtual network eastus-prod": tuple(
            spoke.format(subnet, field, wanted)
            for subnet in ("data", "WebTier")
            for field, wanted in (
                ("networkSecurityGroup", group),
                ("defaultOutboundAccess", "false"),
            )
        ),
    }
    refusal = adoption.refusal(accept_differences=False)
    assert refusal is not None
    assert "Nothing was written" in refusal
    assert adoption.refusal(accept_differences=True) is None
    assert "global: create network manager manager" in adoption.to_come


async def test_what_was_made_by_hand_is_brought_to_the_topology_by_the_next_apply() -> None:
    """The rules and routes of others stay, and nothing was made anew."""
    network = made_by_hand()
    names = network.names
    stays = [
        f"{names.policy_id}/ruleCollectionGroups/by-hand",
        names.network_id("eastus", "routeTables", "spoke-routes"),
    ]
    async with by_somebody() as (azure, world):
        adoption = await adoption_of(azure, network)
        assert await carry_out(azure, adoption.plan) == {}
        plan = make_plan(network, await read_network(azure, network))
        assert await carry_out(azure, plan) == {}
        rest = make_plan(network, await read_network(azure, network))
        async with outsider(azure, world) as client:
            left = [await by_hand.read(client, name) for name in stays]

    assert {step.does for step in plan.work} == {"create", "change", "commit"}
    assert [title(step) for step in plan.work if step.does == "change"] == [
        item.what for item in adoption.hindrances
    ]
    assert rest.work == ()
    assert all(left)


_MOVED = 'properties.addressSpace.addressPrefixes: found ["10.0.0.0/22"], wanted ["10.0.4.0/22"]'
_HELD = "properties.sku.tier would have to be made anew, but it holds by-hand, which is not ours"


@pytest.mark.parametrize(
    ("changes", "what", "line"),
    [
        (
            {"firewall": {"tier": "Standard"}},
            "global: leave firewall policy all-firewalls",
            _HELD,
        ),
        (
            {"regions": {"eastus": {"zones": ["1"]}}},
            "eastus: replace public ip eastus-firewall-ip",
            'zones: found ["1", "2", "3"], wanted ["1"]',
        ),
        (
            {"regions": {"eastus": {"hub": {"prefix": "10.0.4.0/22"}}}},
            "eastus: change virtual network eastus-hub",
            _MOVED,
        ),
    ],
)
async def test_what_would_be_taken_away_or_made_anew_is_never_taken_over(
    changes: dict[str, Any], what: str, line: str
) -> None:
    """Nobody expects that taking a firewall over is the end of it."""
    async with by_somebody() as (azure, _):
        adoption = await adoption_of(azure, made_by_hand(**changes))

    [found] = [item for item in adoption.hindrances if item.what == what]
    assert line in found.lines
    assert adoption.refusal(accept_differences=True) is not None


async def test_peering_under_another_name_is_told() -> None:
    """Azure takes one peering a pair: ours could not be made beside it."""
    other = made_by_hand()
    names = {**by_hand.NAMES, "peering_to_hub": "up"}
    spokes = {"prod": {"subnets": {"web": {"name": "WebTier"}, "data": {}}}}
    network = a_network("eastus", names=names, spokes=spokes)
    async with by_somebody() as (azure, _):
        adoption = await adoption_of(azure, network)

    assert other.names.vnet_id("eastus", "prod") == network.names.vnet_id("eastus", "prod")
    assert "eastus: delete peering to-hub" in {item.what for item in adoption.hindrances}
    assert adoption.refusal(accept_differences=True) is not None


async def test_what_only_gives_way_to_its_next_generation_is_no_hindrance() -> None:
    """Other rules are told where they stand, and not as the end of the configuration."""
    there = a_network("eastus", "westus")
    network = a_network("eastus", "westus", isolation="strict")
    async with somebody_elses(there) as (azure, _):
        adoption = await adoption_of(azure, network)

    told = {item.what for item in adoption.hindrances}
    assert "global: change security admin rule deny-to-prod" in told
    assert not [what for what in told if "delete" in what]


async def test_a_peering_that_lost_its_other_side_is_made_again_by_the_next_apply() -> None:
    """It carries nothing any more: nobody loses by that."""
    network = a_network("eastus")
    spoke = network.names.vnet_id("eastus", "prod")
    side = f"{spoke}/virtualNetworkPeerings/peer-sample-prod-to-hub"
    async with somebody_elses(network) as (azure, world):
        async with outsider(azure, world) as client:
            assert (await client.delete(side, params={"api-version": "2024-05-01"})).is_success
            await asyncio.sleep(60)
        adoption = await adoption_of(azure, network)

    [found] = adoption.hindrances
    assert found.what == "eastus: replace peering peer-sample-hub-to-prod"
    assert adoption.refusal(accept_differences=True) is None
