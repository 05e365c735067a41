"""Networks of others come by their tags and go with them; the names of policies are used once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from azure_api.client import Azure
from azure_api.effects import shows
from azure_api.read import read_one
from simulator.arm.world import World
from simulator.avnm.view import effective
from simulator.settings import Settings
from tasks.read_topology import keep_names, load
from tests.azure_api.bodies import put
from tests.azure_api.in_process import SUBSCRIPTION, simulated_azure
from tests.carry_out import carry_out, read_network
from topology.kind import same_id
from topology.network import Network
from topology.planning.plan import Commit, Plan
from topology.planning.planner import make_plan, plan_removal_of_all
from topology.planning.roll_back.planner import plan_roll_back
from topology.resources import KIND_BY_NAME

_WEST = "westeurope"
A_WHILE = 900  # longer than members take to arrive, and AVNM to follow
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-team"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-team"
TAGS = {"topology": "sample", "environment": "prod"}
FILE = f"""\
topology: sample
subscription: {SUBSCRIPTION}
home: eastus
dns_zone: sample.internal
groups:
  membership: dynamic
regions:
  eastus:
  westeurope:
    spokes: {{}}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a topology file of a folder of its own."""
    found = tmp_path / "sample.yaml"
    found.write_text(FILE)
    return found


async def theirs(azure: Azure, **tags: str) -> None:
    """Put a network of others into westeurope, with one subnet; or give it other tags."""
    await put(azure, KIND_BY_NAME["resource-group"], GROUP, {"location": "westeurope"})
    subnet = {"name": "a", "properties": {"addressPrefix": "10.1.64.0/24"}}
    properties = {"addressSpace": {"addressPrefixes": ["10.1.64.0/20"]}, "subnets": [subnet]}
    body = {"location": "westeurope", "tags": tags, "properties": properties}
    await put(azure, KIND_BY_NAME["virtual-network"], VNET, body)


async def _run(azure: Azure, path: Path) -> tuple[Plan, dict[str, str]]:
    """Read, plan, keep names and carry out, as the flow does; return the errors too."""
    network, _ = load(path)
    plan = make_plan(network, await read_network(azure, network))
    keep_names(network, plan)
    return plan, await carry_out(azure, plan)


async def _destroyed(azure: Azure, path: Path) -> dict[str, str]:
    network, _ = load(path)
    actual = await read_network(azure, network)
    return await carry_out(azure, plan_removal_of_all(network, actual))


async def _seen(azure: Azure, world: World) -> dict[str, Any]:
    """Return what holds for the network of others after a while, as the simulator tells."""
    await asyncio.sleep(A_WHILE)
    await read_one(azure, KIND_BY_NAME["virtual-network"], VNET)  # what is due happens now
    networks = effective(world, SUBSCRIPTION)["networks"]
    return next(item for item in networks if item["id"] == VNET)


def _hops(seen: dict[str, Any]) -> set[str]:
    [subnet] = seen["subnets"]
    routes = [item for item in subnet["routes"] if item["addressPrefix"] == "0.0.0.0/0"]
    return {item["nextHopIpAddress"] for item in routes if item["state"] == "Active"}


def _firewall(network: Network) -> str:
    [hub] = [hub for hub in network.hubs if hub.region == "westeurope"]
    return str(hub.firewall_prefix[4])


@pytest.fixture
def alone(path: Path) -> Path:
    """Give a topology file with one region, in which nothing of ours stands but the hub."""
    path.write_text(FILE.replace("home: eastus", f"home: {_WEST}").replace("  eastus:\n", ""))
    return path


async def test_rollout_ends_when_networks_of_others_show_what_was_deployed(alone: Path) -> None:
    """The routes are for theirs alone: nothing of ours shows them."""
    slow = Settings(effect_lag=(600, 600))
    async with simulated_azure(settings=slow) as (azure, _world):
        await theirs(azure, **TAGS)
        plan, errors = await _run(azure, alone)
        bodies = [step.resource.body for step in plan.work if isinstance(step, Commit)]
        [routing] = [body for body in bodies if body["commitType"] == "Routing"]
        shown = await shows(azure, "Routing", VNET, routing["configurationIds"])

    assert errors == {}
    assert shown


async def test_network_with_the_tags_is_routed_through_its_hubs_firewall(path: Path) -> None:
    """It was there before: peered, denied and routed when the rollout ends."""
    async with simulated_azure() as (azure, world):
        await theirs(azure, **TAGS)
        _, errors = await _run(azure, path)
        seen = await _seen(azure, world)

    groups = {name.rsplit("/", 1)[-1] for name in seen["groups"]}
    rules = [(rule["access"], rule["direction"]) for rule in seen["adminRules"]]
    assert errors == {}
    assert groups == {"prod", "joined-westeurope"}
    assert [item["state"] for item in seen["peerings"]] == ["Connected"]
    assert rules == [("Deny", "Inbound")]
    assert _hops(seen) == {_firewall(load(path)[0])}


async def test_network_that_gets_the_tags_later_joins_without_a_rollout(path: Path) -> None:
    """Nobody has to do anything at the manager; and the next plan has nothing to do."""
    async with simulated_azure() as (azure, world):
        await _run(azure, path)
        await theirs(azure, **TAGS)
        seen = await _seen(azure, world)
        network, _ = load(path)
        plan = make_plan(network, await read_network(azure, network))

    assert _hops(seen) == {_firewall(network)}
    assert plan.is_empty
    assert "group prod: 1 static, 1 by tags (rg-team/vnet-team)" in plan.notes


async def test_network_that_loses_its_tags_leaves(path: Path) -> None:
    """With its peering, its rules and its routes; the plan told so before Azure did it."""
    async with simulated_azure() as (azure, world):
        await theirs(azure, **TAGS)
        await _run(azure, path)
        await theirs(azure)
        network, _ = load(path)
        plan = make_plan(network, await read_network(azure, network))
        seen = await _seen(azure, world)

    assert plan.is_empty
    assert "group prod: 1 static, 1 by tags, rg-team/vnet-team leaves" in plan.notes
    assert (seen["groups"], seen["peerings"], seen["adminRules"]) == ([], [], [])
    assert _hops(seen) == {None}


async def test_destroy_leaves_their_network_and_takes_all_of_ours_from_it(path: Path) -> None:
    """No table, no peering, no rule is left on it."""
    async with simulated_azure() as (azure, world):
        await theirs(azure, **TAGS)
        await _run(azure, path)
        errors = await _destroyed(azure, path)
        seen = await _seen(azure, world)
        left = (await read_network(azure, load(path)[0])).resources

    assert (errors, dict(left)) == ({}, {})
    assert (seen["groups"], seen["peerings"], seen["adminRules"]) == ([], [], [])
    assert [subnet["routeTable"] for subnet in seen["subnets"]] == [None]


async def test_apply_destroy_apply(path: Path) -> None:
    """Azure refuses the names of the first time; the lock file knows them."""
    async with simulated_azure() as (azure, _):
        first, _ = await _run(azure, path)
        await _destroyed(azure, path)
        second, errors = await _run(azure, path)
        rest, _ = await _run(azure, path)

    assert errors == {}
    assert rest.is_empty
    assert {_last(plan) for plan in (first, second)} == {"g1", "g2"}


async def test_without_its_lock_file_a_second_life_is_refused_with_the_way_out(path: Path) -> None:
    """So the simulator, whose rule and words are assumed."""
    lock = path.with_name("sample.lock.yaml")
    async with simulated_azure() as (azure, _):
        await _run(azure, path)
        await _destroyed(azure, path)
        lock.unlink()
        _, errors = await _run(azure, path)

    refused = [text for text in errors.values() if "PolicyDefinitionNameNotAvailable" in text]
    assert refused
    assert all("lock file of the last run" in text for text in refused)


async def test_run_that_died_after_its_names_were_kept_is_followed_by_one_that_works(
    path: Path,
) -> None:
    """Nothing was made under them, or something was and went: it is the same to the next."""
    async with simulated_azure() as (azure, _):
        network, _ = load(path)
        keep_names(network, make_plan(network, await read_network(azure, network)))
        plan, errors = await _run(azure, path)

    assert (errors, _last(plan)) == ({}, "g2")


async def test_region_that_is_taken_back_joins_again_under_new_names(path: Path) -> None:
    """A roll-back deletes definitions too, and their names are used up with them.

    The hub goes though AVNM has peered it with a network of others, which is let go.
    """
    async with simulated_azure() as (azure, world):
        await theirs(azure, **TAGS)
        first, _ = await _run(azure, path)
        network, _ = load(path)
        actual = await read_network(azure, network)
        back = plan_roll_back(first, "westeurope", actual, network.policies)
        undone = await carry_out(azure, back)
        left = [key for key in (await read_network(azure, network)).resources if _WEST in key]
        out, again, errors = await _seen(azure, world), *await _run(azure, path)
        inside = await _seen(azure, world)

    made = {step.resource.name for step in again.work if step.resource.kind == "policy-definition"}
    assert (undone, left, errors) == ({}, [], {})
    assert out["peerings"] == []
    assert _hops(out) == {None}
    assert _hops(inside) == {_firewall(network)}
    assert made == {f"sample-{name}-westeurope-g2" for name in ("joined", "nonprod", "prod")}


async def test_region_that_leaves_lets_networks_of_others_go(path: Path) -> None:
    """Nothing of ours is left on them, and nothing of theirs keeps the region."""
    async with simulated_azure() as (azure, world):
        await theirs(azure, **TAGS)
        await _run(azure, path)
        text = FILE.replace("  westeurope:\n    spokes: {}\n", "")
        await asyncio.to_thread(path.write_text, text)
        _, errors = await _run(azure, path)
        seen = await _seen(azure, world)
        network, _ = load(path)
        left = [key for key in (await read_network(azure, network)).resources if _WEST in key]

    assert (errors, left) == ({}, [])
    assert (seen["groups"], seen["peerings"], seen["adminRules"]) == ([], [], [])
    assert _hops(seen) == {None}


async def test_membership_can_be_switched_on_and_off_in_a_network_that_stands(path: Path) -> None:
    """Their network is in while it is on; each time there is nothing left to do."""
    static = FILE.replace("dynamic", "static")
    async with simulated_azure() as (azure, world):
        await theirs(azure, **TAGS)
        hops, errors = [], []
        for text in (static, FILE, static, FILE):
            await asyncio.to_thread(path.write_text, text)
            errors.append((await _run(azure, path))[1])
            rest, _ = await _run(azure, path)
            errors.append({same_id(step.resource.id): step.does for step in rest.work})
            hops.append(_hops(await _seen(azure, world)))

    inside = {_firewall(load(path)[0])}
    assert errors == [{}] * 8
    assert hops == [{None}, inside, {None}, inside]


def _last(plan: Plan) -> str:
    """Return the generation of the definitions that a plan makes."""
    names = [step.resource.name for step in plan.work if step.resource.kind == "policy-definition"]
    [generation] = {name.rsplit("-", 1)[-1] for name in names}
    return generation
