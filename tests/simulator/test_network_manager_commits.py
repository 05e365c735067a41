"""Commits, their status and goal states."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from simulator.faults import Faults
from tests.simulator.azure import A_WHILE, NETWORK, Azure, a_network, code_of
from tests.simulator.manager import (
    ADMIN,
    ADMIN_COLLECTION,
    MANAGER,
    MANAGER_ID,
    MESH,
    ROUTING,
    a_group,
    a_mesh,
    an_admin_rule,
    commit,
    deployed,
    forced,
    network_id,
    of_groups,
    put,
    statuses,
)

ZERO = "00000000-0000-0000-0000-000000000000"


async def _mesh(azure: Azure) -> None:
    await azure.made("virtualNetworks/v", a_network())
    await a_group(azure, "g", "v")
    await put(azure, MESH, a_mesh("g"))


async def _asked(azure: Azure, path: str, action: str) -> list[dict[str, Any]]:
    response = await azure.ask("POST", f"{path}/{action}", {})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["value"]
    return found


async def _active(azure: Azure) -> list[dict[str, Any]]:
    return await _asked(azure, MANAGER, "listActiveConnectivityConfigurations")


async def test_a_commit_echoes_the_request_and_is_accepted(azure: Azure) -> None:
    """202, a Location with the zero GUID and no wait; its first poll answers 204."""
    await _mesh(azure)
    response = await commit(azure, "Connectivity", MESH)
    body = response.json()
    assert response.status_code == 202
    assert list(body) == ["configurationIds", "targetLocations", "commitType", "commitId"]
    assert f"{MANAGER_ID}/operationResults/{ZERO}" in response.headers["location"]
    assert "retry-after" not in response.headers
    assert (await azure.ask("GET", response.headers["location"])).status_code == 204


async def test_a_commit_is_counted_as_a_write(azure: Azure) -> None:
    """It changes the network like a PUT."""
    await _mesh(azure)
    await commit(azure, "Connectivity", MESH)
    log = (await azure.get("/_simulator/log?since=0"))["value"]
    assert log[-1]["type"] == "Microsoft.Network/networkManagers/commit"


async def test_nothing_was_ever_deployed(azure: Azure) -> None:
    """The list is empty."""
    await _mesh(azure)
    response = await azure.ask("POST", f"{MANAGER}/listDeploymentStatus", {})
    assert response.text == '{"skipToken":"","value":[]}'


async def test_the_status_is_empty_then_deploying_then_deployed(azure: Azure) -> None:
    """Accepted is not deployed."""
    await _mesh(azure)
    await commit(azure, "Connectivity", MESH)
    seen = [await statuses(azure)]
    azure.clock.advance(30)
    seen.append(await statuses(azure))
    azure.clock.advance(180)
    seen.append(await statuses(azure))
    told = [[entry["deploymentStatus"] for entry in entries] for entries in seen]
    assert told == [[], ["Deploying"], ["Deployed"]]


async def test_an_entry_has_the_recorded_keys(azure: Azure) -> None:
    """CommitTime is the second of the commit."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH)
    entry = (await statuses(azure, regions=["West Europe"], deploymentTypes=["Connectivity"]))[0]
    moment = entry.pop("commitTime")
    assert moment.startswith("2026-01-01T01:0")
    assert list(entry.items()) == [
        ("deploymentType", "Connectivity"),
        ("configurationIds", [f"{NETWORK}/{MESH}"]),
        ("region", "westeurope"),
        ("deploymentStatus", "Deployed"),
        ("errorMessage", ""),
    ]


async def test_the_status_of_an_older_success_may_hide_a_new_commit(azure: Azure) -> None:
    """A client must compare the time."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH)
    before = await statuses(azure)
    await commit(azure, "Connectivity", MESH)
    assert await statuses(azure) == before


async def test_statuses_are_asked_by_region_and_type(azure: Azure) -> None:
    """Others are left out."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH, regions=("westeurope", "eastus"))
    found = await statuses(azure, regions=["eastus"], deploymentTypes=["Connectivity"])
    assert [entry["region"] for entry in found] == ["eastus"]
    assert await statuses(azure, deploymentTypes=["Routing"]) == []


async def test_a_commit_replaces_the_goal_state_of_its_region_and_type(azure: Azure) -> None:
    """What it leaves out is removed."""
    await _mesh(azure)
    other = f"{MANAGER}/connectivityConfigurations/other"
    await put(azure, other, a_mesh("g"))
    await deployed(azure, "Connectivity", MESH)
    await deployed(azure, "Connectivity", other)
    assert [item["id"] for item in await _active(azure)] == [f"{NETWORK}/{other}"]


async def test_a_commit_of_nothing_undeploys(azure: Azure) -> None:
    """The entry vanishes."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH)
    await deployed(azure, "Connectivity")
    assert await statuses(azure) == []
    assert await _active(azure) == []


async def test_of_parallel_commits_the_last_survives(azure: Azure) -> None:
    """The first is never deployed."""
    await _mesh(azure)
    other = f"{MANAGER}/connectivityConfigurations/other"
    await put(azure, other, a_mesh("g"))
    await commit(azure, "Connectivity", MESH)
    await commit(azure, "Connectivity", other)
    azure.clock.advance(A_WHILE)
    assert [item["id"] for item in await _active(azure)] == [f"{NETWORK}/{other}"]


async def test_an_edit_does_nothing_until_it_is_committed(azure: Azure) -> None:
    """A goal state is a snapshot."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH)
    await put(azure, MESH, a_mesh("g", is_global="False"))
    azure.clock.advance(A_WHILE)
    assert (await _active(azure))[0]["properties"]["isGlobal"] == "True"
    await deployed(azure, "Connectivity", MESH)
    assert (await _active(azure))[0]["properties"]["isGlobal"] == "False"


async def test_effects_come_after_deployed(azure: Azure) -> None:
    """A client that trusts the status is early."""
    await _mesh(azure)
    await commit(azure, "Connectivity", MESH)
    while not [e for e in await statuses(azure) if e["deploymentStatus"] == "Deployed"]:
        assert await _active(azure) == []
        azure.clock.advance(1)
    assert await _active(azure) == []
    azure.clock.advance(20)
    assert len(await _active(azure)) == 1


async def test_a_deployment_can_be_made_to_fail_in_one_region(azure: Azure, faults: Faults) -> None:
    """The message is in its entry; the other region is deployed."""
    await _mesh(azure)
    faults.add(
        type="Microsoft.Network/networkManagers/commits",
        region="eastus",
        when="deployment",
        message="No capacity.",
    )
    await deployed(azure, "Connectivity", MESH, regions=("westeurope", "eastus"))
    found = {e["region"]: (e["deploymentStatus"], e["errorMessage"]) for e in await statuses(azure)}
    assert found == {"westeurope": ("Deployed", ""), "eastus": ("Failed", "No capacity.")}


async def test_a_failed_deployment_leaves_what_was_there(azure: Azure, faults: Faults) -> None:
    """Effects are those of the goal state before."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH)
    faults.add(type="Microsoft.Network/networkManagers/commits", when="deployment")
    await deployed(azure, "Connectivity")
    assert [e["deploymentStatus"] for e in await statuses(azure)] == ["Failed"]
    assert len(await _active(azure)) == 1


async def test_an_overfull_connected_group_fails(azure: Azure, app: Starlette) -> None:
    """Assumed; the entry says why."""
    await _mesh(azure)
    world = app.state.world
    world.settings = replace(world.settings, connected_group_limit=0)
    await deployed(azure, "Connectivity", MESH)
    entry = (await statuses(azure))[0]
    assert entry["deploymentStatus"] == "Failed"
    assert "has 1 members" in entry["errorMessage"]


@pytest.mark.parametrize("kind", ["Routing", "SecurityAdmin"])
async def test_a_configuration_of_another_type_is_not_found(azure: Azure, kind: str) -> None:
    """A commit has one type."""
    await _mesh(azure)
    response = await commit(azure, kind, MESH)
    assert code_of(response) == "InvalidResourceReference"


async def test_a_configuration_that_is_not_there_is_refused(azure: Azure) -> None:
    """Nothing is accepted then."""
    await _mesh(azure)
    assert code_of(await commit(azure, "Routing", ROUTING)) == "InvalidResourceReference"


async def test_an_unknown_region_is_refused(azure: Azure) -> None:
    """The code is assumed."""
    await _mesh(azure)
    response = await commit(azure, "Connectivity", MESH, regions=("atlantis",))
    assert code_of(response) == "LocationNotAvailable"


async def test_a_deployed_configuration_stays_unless_forced(azure: Azure) -> None:
    """The refusal is assumed."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH)
    assert code_of(await azure.delete(MESH)) == "ResourceInUse"


async def test_a_forced_delete_undeploys_in_the_background(azure: Azure) -> None:
    """202 first, then gone from the goal state and from the network."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH)
    assert (await forced(azure, MESH)).status_code == 202
    azure.clock.advance(60)
    assert await statuses(azure) == []
    assert await _active(azure) == []
    assert (await azure.ask("GET", MESH)).status_code == 404


async def test_a_network_tells_its_connectivity_and_groups(azure: Azure) -> None:
    """Only in a region that has it deployed."""
    await _mesh(azure)
    question = "listNetworkManagerEffectiveConnectivityConfigurations"
    await deployed(azure, "Connectivity", MESH, regions=("eastus",))
    assert await _asked(azure, "virtualNetworks/v", question) == []
    await deployed(azure, "Connectivity", MESH)
    found = await _asked(azure, "virtualNetworks/v", question)
    assert found[0]["id"] == f"{NETWORK}/{MESH}"
    assert found[0]["configurationGroups"][0]["id"].endswith("/networkGroups/g")


async def _admin(azure: Azure, **rule: Any) -> None:
    option = {"networkGroupAddressSpaceAggregationOption": "Manual"}
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    await a_group(azure, "g", "v")
    await put(azure, ADMIN, {"properties": {"description": "ours", **option}})
    await put(azure, ADMIN_COLLECTION, of_groups("g"))
    await put(azure, f"{ADMIN_COLLECTION}/rules/r", an_admin_rule(**rule))


async def test_a_network_tells_its_admin_rules(azure: Azure) -> None:
    """With the configuration's description and the groups they come by."""
    await _admin(azure)
    await deployed(azure, "SecurityAdmin", ADMIN)
    question = "listNetworkManagerEffectiveSecurityAdminRules"
    found = await _asked(azure, "virtualNetworks/v", question)
    assert [(item["kind"], item["configurationDescription"]) for item in found] == [
        ("Custom", "ours")
    ]
    assert found[0]["ruleGroups"][0]["id"].endswith("/networkGroups/g")


async def test_a_manager_tells_its_active_rules(azure: Azure) -> None:
    """With region and time of the commit."""
    await _admin(azure)
    await deployed(azure, "SecurityAdmin", ADMIN)
    found = await _asked(azure, MANAGER, "listActiveSecurityAdminRules")
    assert [item["region"] for item in found] == ["westeurope"]


async def test_a_region_takes_one_security_admin_configuration(azure: Azure) -> None:
    """A second one in the same commit is refused."""
    await _admin(azure)
    other = f"{MANAGER}/securityAdminConfigurations/other"
    await put(azure, other, {"properties": {}})
    response = await commit(azure, "SecurityAdmin", ADMIN, other)
    assert response.status_code == 400


async def test_groups_as_addresses_are_those_of_the_commit(azure: Azure) -> None:
    """A changed address space needs another commit."""
    group = f"{MANAGER_ID}/networkGroups/g"
    sources = [{"addressPrefix": group, "addressPrefixType": "NetworkGroup"}]
    await _admin(azure, sources=sources)
    await deployed(azure, "SecurityAdmin", ADMIN)
    await azure.made("virtualNetworks/w", a_network("10.9.0.0/16"))
    path = f"{MANAGER}/networkGroups/g/staticMembers/w"
    await put(azure, path, {"properties": {"resourceId": network_id("w")}})
    azure.clock.advance(A_WHILE)
    view = await azure.get("/_simulator/effective")
    rules = {item["id"]: item["adminRules"] for item in view["networks"]}
    assert rules[network_id("w")][0]["sources"] == ["10.0.0.0/16"]
