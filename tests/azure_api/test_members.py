"""Members by tags arrive minutes later: a rule is done when they are there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from azure_api.apply import apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.members import read_members, wait_until_members
from simulator.settings import Settings
from tests.azure_api.bodies import put
from tests.azure_api.in_process import SUBSCRIPTION, simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from topology.kind import same_id
from topology.planning.plan import Create
from topology.resources import KIND_BY_NAME, KINDS, wanted

NETWORK = a_network(
    "eastus", environments=["prod"], isolation="none", groups={"membership": "dynamic"}
)
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-team"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-team"
PROD = same_id(NETWORK.names.network_group_id("prod"))
ASSIGNMENT = next(
    item
    for item in wanted(NETWORK)
    if item.name == "sample-prod-eastus-g1" and item.kind == "policy-assignment"
)
RULES = {"network-manager", "network-group", "policy-definition"}


async def _tag(azure: Azure, **tags: str) -> None:
    space = {"addressSpace": {"addressPrefixes": ["10.0.64.0/20"]}}
    body: dict[str, Any] = {"location": "eastus", "tags": tags, "properties": space}
    await put(azure, KIND_BY_NAME["virtual-network"], VNET, body)


async def _prepare(azure: Azure) -> None:
    """Make a tagged network of others, groups and definitions."""
    groups = KIND_BY_NAME["resource-group"]
    for name in (GROUP, NETWORK.names.group_id(None)):
        await put(azure, groups, name, {"location": "eastus"})
    await _tag(azure, topology="sample", environment="prod")
    for item in wanted(NETWORK):
        if item.kind in RULES:
            await put(azure, KIND_BY_NAME[item.kind], item.id, item.body)


@pytest_asyncio.fixture
async def ready(azure: Azure) -> Azure:
    """Give a subscription in which only the assignments are missing."""
    await _prepare(azure)
    return azure


async def _assigned(azure: Azure) -> float:
    """Assign, and return how long that took."""
    applying = Applying.of(azure, KINDS, "sample")
    began = asyncio.get_running_loop().time()
    await apply_step(applying, Create(ASSIGNMENT))
    return asyncio.get_running_loop().time() - began


async def test_assignment_is_done_when_the_network_is_a_member(ready: Azure) -> None:
    """Commits come after it: the simulator's members need one to four minutes."""
    seconds = await _assigned(ready)

    assert seconds >= Settings().dynamic_membership_lag[0]
    assert (await read_members(ready, [SUBSCRIPTION]))[PROD] == {same_id(VNET)}


async def test_assignment_that_selects_nobody_is_done_at_once(ready: Azure) -> None:
    """Most subscriptions have no network of others."""
    await _tag(ready, topology="other")

    assert await _assigned(ready) < 5


async def test_network_that_loses_its_tag_is_not_waited_for(ready: Azure) -> None:
    """Whoever may tag must not be able to hold a rollout up."""
    waiting = asyncio.create_task(_assigned(ready))
    await asyncio.sleep(1)
    await _tag(ready)

    assert await waiting < Settings().dynamic_membership_lag[0]


async def test_network_that_never_arrives_is_named_in_the_error() -> None:
    """With its group, and what to look at."""
    settings = Settings(dynamic_membership_lag=(90_000, 90_000))
    async with simulated_azure(settings=settings) as (azure, _):
        azure.settings = replace(azure.settings, membership_limit=600)
        await _prepare(azure)
        with pytest.raises(Final, match="after 600 s these are no members of group prod") as late:
            await _assigned(azure)

    assert VNET in late.value.message
    assert "exempts" in late.value.next_step


async def test_definition_waits_only_where_it_is_assigned(ready: Azure) -> None:
    """One that is not does nothing (facts.md section 1)."""
    definition = next(
        item
        for item in wanted(NETWORK)
        if item.id == NETWORK.names.definition_id("prod-eastus", SUBSCRIPTION)
    )
    began = asyncio.get_running_loop().time()

    await wait_until_members(ready, KINDS, definition)
    alone = asyncio.get_running_loop().time() - began
    await put(ready, KIND_BY_NAME["policy-assignment"], ASSIGNMENT.id, ASSIGNMENT.body)
    await wait_until_members(ready, KINDS, definition)

    assert alone < 5
    assert (await read_members(ready, [SUBSCRIPTION]))[PROD] == {same_id(VNET)}


async def test_topology_without_rules_never_asks_who_is_a_member(azure: Azure) -> None:
    """Static members need no right to read Resource Graph, and no time."""
    network = a_network("eastus", environments=["prod"], isolation="none")
    assert await apply_network(azure, network) == {}

    await read_network(azure, network)

    assert [path for path in azure.transport.paths("POST") if "ResourceGraph" in path] == []


async def test_members_are_read_over_all_pages(ready: Azure) -> None:
    """A page that is not the last brings a token."""
    await _assigned(ready)
    other = VNET.replace("vnet-team", "vnet-more")
    body = {
        "location": "eastus",
        "properties": {"addressSpace": {"addressPrefixes": ["10.0.96.0/20"]}},
    }
    await put(ready, KIND_BY_NAME["virtual-network"], other, body)
    member = {"properties": {"resourceId": other}}
    kind = KIND_BY_NAME["static-member"]
    await put(ready, kind, f"{NETWORK.names.network_group_id('prod')}/staticMembers/more", member)
    await asyncio.sleep(60)

    found = await read_members(ready, [SUBSCRIPTION], page=1)

    assert found[PROD] == {same_id(VNET), same_id(other)}
