"""A commit is done when AVNM says Deployed of this very commit, and its effect shows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.goal_state import (
    not_effective,
    wait_until_deployed,
    wait_until_effective,
    wait_until_withdrawn,
)
from tests.azure_api.bodies import GROUP_ID, commit, vnet_id
from tests.azure_api.scripted import ScriptedManager, scripted_azure

MANAGER_ID = f"{GROUP_ID}/providers/Microsoft.Network/networkManagers/vnm-globo"
MESH = f"{MANAGER_ID}/connectivityConfigurations/mesh-g1"
OTHER = f"{MANAGER_ID}/connectivityConfigurations/other"


def _body(*ids: str) -> dict[str, Any]:
    return {
        "commitType": "Connectivity",
        "targetLocations": ["westeurope"],
        "configurationIds": list(ids),
    }


def _status(status: str, at: int, *ids: str, error: str = "") -> list[dict[str, Any]]:
    entry = {
        "commitTime": f"2026-01-01T00:00:{at:02}Z",
        "region": "westeurope",
        "deploymentStatus": status,
        "deploymentType": "Connectivity",
        "configurationIds": list(ids),
        "errorMessage": error,
    }
    return [entry]


async def _deploy(azure: Azure, *ids: str, limit: float | None = None) -> float:
    committed = await commit(azure, MANAGER_ID, _body(*ids))
    began = asyncio.get_running_loop().time()
    await wait_until_deployed(azure, committed, limit)
    return asyncio.get_running_loop().time() - began


async def test_commit_sends_the_whole_goal_once_and_polls_no_operation() -> None:
    """The end of the operation is not the end of the deployment (facts.md section 2)."""
    manager = ScriptedManager()
    async with scripted_azure(manager) as azure:
        await commit(azure, MANAGER_ID, _body(MESH, OTHER))
        assert azure.transport.paths("GET") == []
    assert manager.commits == [_body(MESH, OTHER)]


async def test_deployment_is_waited_for() -> None:
    """Empty, then deploying, then deployed."""
    script = [[], [], _status("Deploying", 1, MESH), _status("Deployed", 1, MESH)]
    async with scripted_azure(ScriptedManager(script)) as azure:
        assert await _deploy(azure, MESH) == 30


async def test_ids_compare_without_case() -> None:
    """Azure may spell them its own way."""
    script = [[], _status("Deployed", 1, MESH.upper())]
    async with scripted_azure(ScriptedManager(script)) as azure:
        assert await _deploy(azure, MESH) == 10


async def test_older_success_of_the_same_configurations_is_not_ours() -> None:
    """The stale success trap: the commit time tells (facts.md section 2)."""
    old, new = _status("Deployed", 1, MESH), _status("Deployed", 2, MESH)
    async with scripted_azure(ScriptedManager([old, old, old, new])) as azure:
        assert await _deploy(azure, MESH) == 30


async def test_older_success_of_other_configurations_is_not_ours() -> None:
    """The commit adds one: until it shows, the old goal stands."""
    old, new = _status("Deployed", 1, OTHER), _status("Deployed", 2, MESH, OTHER)
    async with scripted_azure(ScriptedManager([old, old, new])) as azure:
        assert await _deploy(azure, MESH, OTHER) == 20


async def test_failed_deployment_stops_with_the_words_of_azure() -> None:
    """Waiting on for a day would not help."""
    script = [[], _status("Failed", 1, MESH, error="Overlapping address spaces.")]
    async with scripted_azure(ScriptedManager(script)) as azure:
        with pytest.raises(Final, match="Overlapping address spaces") as failed:
            await _deploy(azure, MESH)
    assert failed.value.code == "DeploymentFailed"


async def test_older_failure_is_not_ours() -> None:
    """A second try must not fail by the first."""
    old, new = _status("Failed", 1, MESH, error="Old."), _status("Deployed", 2, MESH)
    async with scripted_azure(ScriptedManager([old, old, new])) as azure:
        assert await _deploy(azure, MESH) == 20


async def test_commit_that_never_shows_is_an_error_after_twenty_looks() -> None:
    """Somebody else's commit may have taken its place: one survives (facts.md section 2)."""
    script = [[], _status("Deployed", 1, OTHER)]
    async with scripted_azure(ScriptedManager(script)) as azure:
        with pytest.raises(Final, match="somebody else") as failed:
            await _deploy(azure, MESH)
    assert failed.value.code == "CommitNotShown"
    assert OTHER in failed.value.message


async def test_deployment_that_takes_too_long_is_an_error() -> None:
    """The limit is a setting: nobody measured what is usual."""
    script = [[], _status("Deploying", 1, MESH)]
    async with scripted_azure(ScriptedManager(script)) as azure:
        with pytest.raises(Final, match="not deployed within 600 s"):
            await _deploy(azure, MESH, limit=600)


@pytest.mark.parametrize("after", [[], _status("Deployed", 2)])
async def test_commit_of_nothing_ends_when_the_entry_is_empty_or_gone(
    after: list[dict[str, Any]],
) -> None:
    """Both mean undeployed (facts.md section 2)."""
    async with scripted_azure(ScriptedManager([_status("Deployed", 1, MESH), after])) as azure:
        assert await _deploy(azure) <= 60


# -- effects -----------------------------------------------------------------------------


async def test_connectivity_is_effective_when_the_network_lists_it() -> None:
    """Deployed comes first, the effect later."""
    manager = ScriptedManager(effective=[[], [{"id": OTHER}], [{"id": OTHER}, {"id": MESH}]])
    async with scripted_azure(manager) as azure:
        await wait_until_effective(azure, "Connectivity", [vnet_id()], [MESH])
        assert asyncio.get_running_loop().time() == 20


async def test_security_is_effective_when_the_network_lists_a_rule_of_it() -> None:
    """The list holds rules, whose ids begin with the configuration's."""
    configuration = f"{MANAGER_ID}/securityAdminConfigurations/security-g1"
    rule = f"{configuration}/ruleCollections/from-prod/rules/deny-to-nonprod"
    manager = ScriptedManager(effective=[[], [{"id": rule}]])
    async with scripted_azure(manager) as azure:
        await wait_until_effective(azure, "SecurityAdmin", [vnet_id()], [configuration])
        assert asyncio.get_running_loop().time() == 10


async def test_routing_is_effective_when_workload_subnets_have_a_table() -> None:
    """AVNM leaves Azure's own subnets alone (facts.md section 4)."""
    bare = {"name": "snet-globo-a", "properties": {}}
    routed = {"name": "snet-globo-a", "properties": {"routeTable": {"id": "/t"}}}
    gateway = {"name": "GatewaySubnet", "properties": {}}
    networks = [{"properties": {"subnets": [item, gateway]}} for item in (bare, routed)]
    async with scripted_azure(ScriptedManager(networks=networks)) as azure:
        await wait_until_effective(azure, "Routing", [vnet_id()], ["/c"])
        assert asyncio.get_running_loop().time() == 10


async def test_networks_of_others_that_never_show_the_effect_are_returned() -> None:
    """A region of ours does not fail for them."""
    async with scripted_azure(ScriptedManager()) as azure:
        assert await not_effective(azure, "Connectivity", [vnet_id()], [MESH]) == [vnet_id()]
        assert asyncio.get_running_loop().time() == 1200


async def test_networks_that_never_show_the_effect_are_named() -> None:
    """They may be outside of the manager's scope: nothing says so (facts.md section 1)."""
    async with scripted_azure(ScriptedManager()) as azure:
        with pytest.raises(Final, match=r"without effect on .*vnet-a"):
            await wait_until_effective(azure, "Connectivity", [vnet_id()], [MESH])
        assert asyncio.get_running_loop().time() == 1200


async def test_what_is_withdrawn_is_waited_for_until_the_network_has_let_go() -> None:
    """What another manager deploys there is none of it."""
    manager = ScriptedManager(effective=[[{"id": OTHER}, {"id": MESH}], [{"id": OTHER}]])
    async with scripted_azure(manager) as azure:
        await wait_until_withdrawn(azure, "Connectivity", [vnet_id()], [MESH])
        assert asyncio.get_running_loop().time() == 10


async def test_routing_is_withdrawn_when_no_subnet_has_a_table_of_avnm() -> None:
    """A table of one's own may stay."""
    managed = "/subscriptions/s/resourceGroups/AVNM_Managed_ResourceGroup_s/providers/N/t/a"
    tables = [{"id": managed}, {"id": "/subscriptions/s/resourceGroups/g/providers/N/t/own"}]
    networks = [
        {"properties": {"subnets": [{"name": "a", "properties": {"routeTable": table}}]}}
        for table in tables
    ]
    async with scripted_azure(ScriptedManager(networks=networks)) as azure:
        await wait_until_withdrawn(azure, "Routing", [vnet_id()], ["/c"])
        assert asyncio.get_running_loop().time() == 10


async def test_what_is_never_let_go_is_left_to_azures_own_refusals() -> None:
    """Others' routes keep a managed table for good (facts.md section 4)."""
    manager = ScriptedManager(effective=[[{"id": MESH}]])
    async with scripted_azure(manager) as azure:
        await wait_until_withdrawn(azure, "Connectivity", [vnet_id()], [MESH])
        assert 600 <= asyncio.get_running_loop().time() <= 610
