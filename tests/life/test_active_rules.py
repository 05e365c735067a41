"""Rules that somebody edits after their commit: what Azure has active is proved on."""

from __future__ import annotations

import asyncio
from typing import Any

from azure_api.client import Azure
from simulator.arm.world import World
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life import by_hand
from tests.life.foreign import described
from tests.life.outsider import outsider
from topology.forecast.calls import Counting
from topology.kind import same_id
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.verification.outlook import look_ahead
from topology.verification.verdict import model_of, proof_of, prove

ONE = a_network("eastus")
ROUTING = "routingConfigurations"
VERSION = {"api-version": "2024-05-01"}


async def test_a_rule_that_was_opened_and_not_committed_denies_as_before() -> None:
    """The plan sees the edit, the proof what is active; both lists are asked for."""
    async with simulated_azure() as (azure, world):
        rule = await _deployed(azure)
        before = azure.transport.paths("POST")
        await _edit(azure, world, rule, access="AlwaysAllow")
        actual = await read_network(azure, ONE)
        asked = azure.transport.paths("POST")

    assert not [path for path in before if "listActive" in path]
    assert len([path for path in asked if "listActive" in path]) == 2
    assert actual.resources[rule].body["properties"]["access"] == "AlwaysAllow"
    assert _access(actual, rule) == {"Deny"}
    assert prove(proof_of(ONE, model_of(ONE, actual, as_read=True))).unread == ()


async def test_who_may_not_list_what_is_active_is_told_so() -> None:
    """Rules are then taken as they are, with a word."""
    async with simulated_azure() as (azure, world):
        rule = await _deployed(azure)
        await _edit(azure, world, rule, access="AlwaysAllow")
        world.faults.add(
            method="POST",
            type="Microsoft.Network/networkManagers/listActiveSecurityAdminRules",
            status=403,
            code="AuthorizationFailed",
            times=None,
        )
        actual = await read_network(azure, ONE)

    [told] = prove(proof_of(ONE, model_of(ONE, actual, as_read=True))).unread
    assert _access(actual, rule) == {"AlwaysAllow"}
    assert told.startswith(f"what {ONE.names.manager_id.rsplit('/', 1)[-1]} has deployed in eastus")


async def test_a_plan_tells_which_edited_routes_of_others_its_commit_deploys() -> None:
    """Their configuration stands beside ours in the goal state; tables say what of it holds.

    Nothing of it is in the plan, whose forecast knows how many calls reading it takes.
    """
    after = a_network("eastus", firewall={"tier": "Standard"})
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, ONE) == {}
        alone = await _calls(azure)
        await _routed_by_others(azure, world)
        beside = await _calls(azure)
        actual = await read_network(azure, after)

    plan = make_plan(after, actual)
    assert beside - alone == Counting(plan).reading_others(actual).total() == 3
    assert not [step for step in plan.work if "/theirs" in step.resource.id]
    outlook = look_ahead(after, plan, actual)
    [routing] = [goal for goal in outlook.goals if goal.what == "routing"]
    assert (routing.keeps, routing.comes) == (("theirs",), ("new of theirs",))
    assert (routing.changes, routing.goes) == (("old of theirs",), ())
    assert "routingConfigurations/theirs/ruleCollections/theirs/rules/" in str(outlook.refusal)


async def _calls(azure: Azure) -> int:
    """Return how many calls reading the network takes."""
    before = len(azure.transport.sent)
    await read_network(azure, ONE)
    return len(azure.transport.sent) - before


async def _routed_by_others(azure: Azure, world: World) -> None:
    """Let others deploy a route for a spoke, then add one to it and change it without a commit."""
    names = ONE.names
    group, theirs = names.network_group_id("theirs"), f"{names.manager_id}/{ROUTING}/theirs"
    collection = f"{theirs}/ruleCollections/theirs"
    goal = {
        "commitType": "Routing",
        "targetLocations": ["eastus"],
        "configurationIds": [names.configuration_id(ROUTING), theirs],
    }
    member = {"resourceId": names.vnet_id("eastus", "prod")}
    async with outsider(azure, world) as client:
        await by_hand.write(client, group, described({"memberType": "VirtualNetwork"}))
        await by_hand.write(client, f"{group}/staticMembers/theirs", {"properties": member})
        await by_hand.write(client, theirs, described({}))
        applies = described({"appliesTo": [{"networkGroupId": group}]})
        await by_hand.write(client, collection, applies)
        await by_hand.write(client, f"{collection}/rules/old", _route("9.9.9.9/32", "NoNextHop"))
        answer = await client.post(f"{names.manager_id}/commit", json=goal)
        assert answer.is_success, answer.text
        await asyncio.sleep(1800)
        await by_hand.write(client, f"{collection}/rules/old", _route("9.9.9.9/32", "Internet"))
        await by_hand.write(client, f"{collection}/rules/new", _route("8.8.8.0/24", "Internet"))


def _route(destination: str, hop: str) -> dict[str, Any]:
    leads = {"type": "AddressPrefix", "destinationAddress": destination}
    return described({"destination": leads, "nextHop": {"nextHopType": hop}})


async def _deployed(azure: Azure) -> str:
    """Roll out, and return the key of an admin rule."""
    assert await apply_network(azure, ONE) == {}
    actual = await read_network(azure, ONE)
    return next(key for key, item in actual.resources.items() if item.kind == "security-admin-rule")


async def _edit(azure: Azure, world: World, name: str, **properties: Any) -> None:
    async with outsider(azure, world) as client:
        body = (await client.get(name, params=VERSION)).json()
        body["properties"] |= properties
        answer = await client.put(name, params=VERSION, json=body)
        assert answer.is_success, answer.text


def _access(actual: Actual, rule: str) -> set[str]:
    rules = model_of(ONE, actual, as_read=True).effects.rules.values()
    return {item.access for several in rules for item in several if same_id(item.id) == rule}
