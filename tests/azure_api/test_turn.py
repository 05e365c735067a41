"""What is sent is made when Azure takes it: a write may wait for its turn for minutes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from azure_api import goal_state
from azure_api.apply import Outcome, apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from azure_api.deployment_status import read_goal_states
from azure_api.errors import Final
from azure_api.read import read_one
from simulator.arm.world import World
from tests.azure_api.bodies import (
    GROUP_ID,
    OURS,
    TABLE,
    TABLE_ID,
    VNET,
    a_group,
    a_table,
    a_vnet,
    put,
    vnet_body,
    vnet_id,
)
from tests.azure_api.rollout import apply, plan_for
from tests.builders import a_network
from tests.life import by_hand
from tests.life.foreign import described
from tests.life.outsider import outsider
from topology.kind import Resource, Stage, same_id
from topology.planning.actual import GoalState
from topology.planning.plan import Change, Commit, Delete, FieldChange, Step
from topology.resources import KINDS, commit

# For so long the network provider takes no writes, in seconds: as long as it counts calls for
# (facts.md section 7), and longer than what was read of parents is believed.
CLOSED = 300
THEIRS = {"owner": "theirs"}
NETWORK = a_network("westeurope")
MANAGER = NETWORK.names.manager_id


@asynccontextmanager
async def _closed(azure: Azure, world: World, group_id: str) -> AsyncIterator[None]:
    """Let a write of ours in this group be refused, so that all of ours there wait."""
    table = f"{group_id}/providers/Microsoft.Network/routeTables/rt-refused"
    world.faults.add(
        method="PUT", type=TABLE.arm_type, status=429, code="TooManyRequests", retry_after=CLOSED
    )
    body = {"location": "westeurope", "tags": OURS, "properties": {"routes": []}}
    refused = asyncio.create_task(put(azure, TABLE, table, body))
    await asyncio.sleep(1)
    yield
    await refused


async def _with_others(azure: Azure, step: Step, others: Coroutine[Any, Any, None]) -> Outcome:
    """Do a step that waits for its turn; others come while it does."""
    began = asyncio.get_running_loop().time()

    async def come() -> None:
        await asyncio.sleep(CLOSED / 3)
        await others

    came = asyncio.create_task(come())
    topology = NETWORK.topology.topology if isinstance(step, Commit) else "globo"
    try:
        return await apply_step(Applying.of(azure, KINDS, topology), step)
    finally:
        await came
        assert asyncio.get_running_loop().time() - began >= CLOSED - 1


def _vnet(**more: Any) -> Resource:
    body = {**vnet_body(), **more}
    return Resource(VNET.name, vnet_id(), "westeurope", Stage.HUB, body)


async def _write(azure: Azure, world: World, name: str, body: Any, verb: str = "PUT") -> None:
    async with outsider(azure, world) as client:
        await by_hand.write(client, name, body, verb)


async def _found(azure: Azure) -> dict[str, Any]:
    found = await read_one(azure, VNET, vnet_id())
    assert found is not None
    return found


async def test_subnet_that_others_add_while_a_write_waits_stays(azure: Azure, world: World) -> None:
    """A PUT of a network deletes the subnets that it leaves out (facts.md section 0.5)."""
    await a_group(azure)
    await a_vnet(azure)
    subnet = {"properties": {"addressPrefix": "10.0.9.0/24"}}
    theirs = _write(azure, world, f"{vnet_id()}/subnets/theirs", subnet)
    ours = [{"name": "snet-globo-a", "properties": {"addressPrefix": "10.0.1.0/24"}}]
    async with _closed(azure, world, GROUP_ID):
        step = Change(_vnet(properties=vnet_body(subnets=ours)["properties"]), ())
        await _with_others(azure, step, theirs)
    names = {item["name"] for item in (await _found(azure))["properties"]["subnets"]}
    assert names == {"snet-globo-a", "theirs"}


async def test_tag_that_others_set_while_a_write_of_tags_waits_stays(
    azure: Azure, world: World
) -> None:
    """A PATCH names all tags."""
    await a_group(azure)
    await a_vnet(azure)
    tags = {**OURS, "region": "westeurope"}
    step = Change(_vnet(tags=tags), (FieldChange("tags.region", None, "westeurope"),))
    theirs = _write(azure, world, vnet_id(), {"tags": {**OURS, **THEIRS}}, "PATCH")
    async with _closed(azure, world, GROUP_ID):
        await _with_others(azure, step, theirs)
    assert (await _found(azure))["tags"] == {**tags, **THEIRS}


async def test_what_others_take_over_while_its_deletion_waits_stays(
    azure: Azure, world: World
) -> None:
    """It is looked at when its turn has come."""
    await a_group(azure)
    await a_vnet(azure)
    theirs = _write(azure, world, vnet_id(), {"tags": THEIRS}, "PATCH")
    async with _closed(azure, world, GROUP_ID):
        with pytest.raises(Final, match="not ours"):
            await _with_others(azure, Delete(_vnet()), theirs)
    assert (await _found(azure))["tags"] == THEIRS


async def test_what_others_deploy_while_a_commit_waits_is_carried_along(
    azure: Azure, world: World
) -> None:
    """A commit drops what it leaves out (facts.md section 0.2)."""
    await apply(azure, await plan_for(azure, NETWORK))
    [resource] = [item for item in commit.expand(NETWORK) if item.body["commitType"] == "Routing"]
    ours, theirs = resource.body["configurationIds"], f"{MANAGER}/routingConfigurations/theirs"
    await _write(azure, world, theirs, described({}))
    group = MANAGER.split("/providers/")[0]
    async with _closed(azure, world, group):
        step = Commit(resource, before=tuple(ours), reason="a test")
        await _with_others(azure, step, _deploy(azure, world, *ours, theirs))
    [state] = await read_goal_states(azure, MANAGER, ["westeurope"], ["Routing"])
    assert {same_id(name) for name in state.configuration_ids} == {
        same_id(name) for name in (*ours, theirs)
    }


async def test_commit_is_told_at_once_when_its_goal_is_made(azure: Azure, world: World) -> None:
    """Also where Azure takes no more writes from then on: the turn was taken before."""
    await apply(azure, await plan_for(azure, NETWORK))
    [resource] = [item for item in commit.expand(NETWORK) if item.body["commitType"] == "Routing"]
    made: list[float] = []
    async with AsyncExitStack() as stack:

        async def goal(_state: GoalState | None) -> list[str]:
            await stack.enter_async_context(_closed(azure, world, MANAGER.split("/providers/")[0]))
            made.append(asyncio.get_running_loop().time())
            return list(resource.body["configurationIds"])

        await goal_state.commit(azure, MANAGER, "Routing", "westeurope", goal)
        assert asyncio.get_running_loop().time() - made[0] < 1


async def _deploy(azure: Azure, world: World, *configuration_ids: str) -> None:
    async with outsider(azure, world) as client:
        body = {
            "commitType": "Routing",
            "targetLocations": ["westeurope"],
            "configurationIds": list(configuration_ids),
        }
        answer: httpx.Response = await client.post(f"{MANAGER}/commit", json=body)
        assert answer.is_success, answer.text


async def test_write_of_nothing_gives_its_turn_back(azure: Azure) -> None:
    """What is gone needs no emptying, and no answer comes of what was not sent."""
    await a_group(azure)
    await a_table(azure)
    async with azure.turn("PUT", TABLE_ID) as turn:
        assert turn.bucket.unanswered == 1
    assert turn.bucket.unanswered == 0
