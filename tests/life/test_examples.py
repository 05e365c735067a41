"""All examples, from nothing to nothing: what holds for one holds for the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azure_api.client import Azure
from azure_api.read import read_one
from simulator.arm.world import World
from simulator.avnm.view import effective
from tasks.read_topology import keep_names
from tests.azure_api.bodies import put
from tests.azure_api.in_process import a_tenant, simulated_azure
from tests.carry_out import apply_network, carry_out, read_network
from topology.addressing import AddressLock, allocate
from topology.network import Network
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.reading import read
from topology.resources import KIND_BY_NAME

EXAMPLES = ["globojava", "branch", "landing-zones"]
FOUR = a_tenant(4)
CONFLICTS = {409, 429}


def _network(name: str, more: str = "", lock: AddressLock | None = None) -> Network:
    path = Path("examples") / f"{name}.yaml"
    network, _ = read(path.read_text() + more, str(path), lock)
    return network


def _writes(azure: Azure) -> list[Any]:
    return [sent for sent in azure.transport.sent if sent.method in {"PUT", "DELETE", "PATCH"}]


@pytest.mark.parametrize("name", [*EXAMPLES, "shared"])
async def test_the_plan_of_what_was_just_applied_is_empty(name: str) -> None:
    """Nothing that Azure adds, reorders or spells otherwise is a difference."""
    network = _network(name)
    async with simulated_azure(settings=FOUR) as (azure, _):
        errors = await apply_network(azure, network)
        plan = make_plan(network, await read_network(azure, network))

    assert (errors, plan.is_empty) == ({}, True)


@pytest.mark.parametrize("name", [*EXAMPLES, "shared"])
async def test_we_never_get_into_our_own_way(name: str) -> None:
    """No write is refused because another write of ours is under way."""
    network = _network(name)
    async with simulated_azure(settings=FOUR) as (azure, _):
        await apply_network(azure, network)
        log = azure.transport.requests.log

    assert log
    assert [entry for entry in log if entry.status in CONFLICTS] == []


@pytest.mark.parametrize("name", [*EXAMPLES, "shared"])
async def test_destroy_leaves_nothing_and_apply_works_again(name: str) -> None:
    """After the end there is nothing of ours, and a new beginning."""
    network = _network(name)
    async with simulated_azure(settings=FOUR) as (azure, _):
        plan = make_plan(network, await read_network(azure, network))
        await carry_out(azure, plan)
        errors = await carry_out(
            azure, plan_removal_of_all(network, await read_network(azure, network))
        )
        left = (await read_network(azure, network)).resources
        again = await apply_network(azure, keep_names(network, plan))

    assert (errors, dict(left), again) == ({}, {}, {})


@pytest.mark.parametrize("name", EXAMPLES)
async def test_every_spoke_goes_to_its_own_firewall(name: str) -> None:
    """The simulator's own view: 0/0 of each workload subnet leads to the hub's firewall."""
    network = _network(name)
    async with simulated_azure(settings=FOUR) as (azure, world):
        await apply_network(azure, network)
        found = await _view(world)

    for hub in network.hubs:
        for spoke in hub.spokes:
            seen = found[network.names.vnet_id(hub.region, spoke.name).lower()]
            hops = {_default(subnet)["nextHopIpAddress"] for subnet in seen["subnets"]}
            assert {str(hub.firewall_prefix[4])} == hops


@pytest.mark.parametrize("name", EXAMPLES)
async def test_every_hub_is_in_the_mesh_with_all_others(name: str) -> None:
    """Each hub's connected group holds the hubs of all other regions."""
    network = _network(name)
    hubs = {network.names.vnet_id(hub.region, "hub").lower() for hub in network.hubs}
    async with simulated_azure(settings=FOUR) as (azure, world):
        await apply_network(azure, network)
        found = await _view(world)

    for hub in hubs:
        assert hubs - {hub} == {other["id"].lower() for other in found[hub]["connectedGroup"]}


@pytest.mark.parametrize("name", EXAMPLES)
async def test_each_firewall_knows_the_way_to_every_other_region(name: str) -> None:
    """The firewall subnet routes each region's block to that region's firewall."""
    network = _network(name)
    ways = {str(hub.block): str(hub.firewall_prefix[4]) for hub in network.hubs}
    async with simulated_azure(settings=FOUR) as (azure, world):
        await apply_network(azure, network)
        found = await _view(world)

    for hub in network.hubs:
        seen = found[network.names.vnet_id(hub.region, "hub").lower()]
        routes = {
            route["addressPrefix"]: route["nextHopIpAddress"]
            for route in seen["subnets"][0]["routes"]
            if route["nextHopType"] == "VirtualAppliance"
        }
        assert {block: way for block, way in ways.items() if block != str(hub.block)} == routes


@pytest.mark.parametrize("name", EXAMPLES)
async def test_peerings_are_connected_both_ways(name: str) -> None:
    """Each spoke has one peering, its hub one for each spoke, all Connected."""
    network = _network(name)
    async with simulated_azure(settings=FOUR) as (azure, world):
        await apply_network(azure, network)
        found = await _view(world)

    states = [item["state"] for seen in found.values() for item in seen["peerings"]]
    assert ["Connected"] * (2 * len(list(network.spokes))) == states


async def test_admin_rules_keep_nonprod_from_prod() -> None:
    """Outbound at nonprod and inbound at prod, in every region."""
    network = _network("globojava")
    async with simulated_azure(settings=FOUR) as (azure, world):
        await apply_network(azure, network)
        found = await _view(world)

    for spoke in network.spokes:
        seen = found[network.names.vnet_id(spoke.region, spoke.name).lower()]
        direction = "Outbound" if spoke.environment == "nonprod" else "Inbound"
        rules = [(rule["access"], rule["direction"]) for rule in seen["adminRules"]]
        assert [("Deny", direction)] == rules


async def test_a_change_of_a_network_keeps_the_route_table_that_avnm_gave() -> None:
    """A PUT of the network after the routing commit repeats the association."""
    network = _network("globojava")
    spoke = network.hubs[0].spokes[0]
    kind, vnet = KIND_BY_NAME["virtual-network"], network.names.vnet_id(spoke.region, spoke.name)
    async with simulated_azure(settings=FOUR) as (azure, _):
        await apply_network(azure, network)
        body = await read_one(azure, kind, vnet)
        assert body is not None
        body["properties"]["dhcpOptions"] = {"dnsServers": ["192.0.2.53"]}
        await put(azure, kind, vnet, body)
        before = await read_one(azure, kind, vnet)
        plan = make_plan(network, await read_network(azure, network))
        await carry_out(azure, plan)
        after = await read_one(azure, kind, vnet)

    assert [step.does for step in plan.work] == ["change"]
    assert _tables(before) == _tables(after)
    assert all(_tables(after))


async def test_a_new_region_is_one_line_and_moves_nobody() -> None:
    """Elsewhere it changes routes, rules and commits only."""
    network = _network("globojava")
    async with simulated_azure(settings=FOUR) as (azure, _):
        await apply_network(azure, network)
        grown = _network("globojava", "  southafricanorth:\n", allocate(network.topology))
        plan = make_plan(grown, await read_network(azure, grown))
        errors = await carry_out(azure, plan)
        rest = make_plan(grown, await read_network(azure, grown))

    elsewhere = {
        step.resource.kind for step in plan.work if step.resource.region != "southafricanorth"
    }
    admin_rules = {kind for kind in elsewhere if kind.startswith("security-admin-")}
    assert {"remote-routes", "rule-collection-group", "commit"} == elsewhere - admin_rules
    assert (errors, rest.is_empty) == ({}, True)


def _tables(body: Any) -> list[str]:
    return [subnet["properties"]["routeTable"]["id"] for subnet in body["properties"]["subnets"]]


def _default(subnet: Any) -> Any:
    return next(
        route
        for route in subnet["routes"]
        if route["addressPrefix"] == "0.0.0.0/0" and route["state"] == "Active"
    )


async def _view(world: World) -> dict[str, Any]:
    """Return the simulator's view of each network, by lower-case id."""
    whole = effective(world, None)
    return {network["id"].lower(): network for network in whole["networks"]}
