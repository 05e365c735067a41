"""Admin rules that somebody edits after their commit: what Azure has active is proved on."""

from __future__ import annotations

from typing import Any

from azure_api.client import Azure
from simulator.arm.world import World
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life.outsider import outsider
from topology.kind import same_id
from topology.planning.actual import Actual
from topology.verification.verdict import model_of, proof_of, prove

ONE = a_network("eastus")
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
