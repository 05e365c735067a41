"""Commits as resources, and pages of what is asked of a manager."""

from typing import Any

import pytest

from simulator.faults import Faults
from tests.simulator.azure import A_WHILE, Azure, a_network, code_of
from tests.simulator.manager import (
    ADMIN,
    MANAGER,
    MESH,
    a_commit,
    a_group,
    a_mesh,
    deployed,
    forced,
    put,
    statuses,
)

COMMIT = f"{MANAGER}/commits/c"
BOTH = ("westeurope", "eastus")


async def _mesh(azure: Azure) -> None:
    await azure.made("virtualNetworks/v", a_network())
    await a_group(azure, "g", "v")
    await put(azure, MESH, a_mesh("g"))


async def _deployed_regions(azure: Azure) -> list[str]:
    return [item["region"] for item in await statuses(azure)]


async def test_a_commit_is_made_by_an_operation(azure: Azure) -> None:
    """It says Updating until all regions are deployed, and then where it is active."""
    await _mesh(azure)
    response = await azure.put(COMMIT, a_commit("Connectivity", MESH, regions=BOTH))
    assert response.status_code == 201
    assert response.json()["properties"]["provisioningState"] == "Updating"
    assert response.json()["properties"]["activeLocations"] == []
    assert (await azure.poll(response)).json() == {"status": "InProgress"}
    azure.clock.advance(A_WHILE)
    assert (await azure.poll(response)).json() == {"status": "Succeeded"}
    properties = (await azure.get(COMMIT))["properties"]
    assert properties["provisioningState"] == "Succeeded"
    assert properties["activeLocations"] == list(BOTH)


async def test_it_leads_to_the_goal_states_of_the_post(azure: Azure) -> None:
    """ListDeploymentStatus tells them."""
    await _mesh(azure)
    await azure.made(COMMIT, a_commit("Connectivity", MESH))
    (status,) = await statuses(azure)
    assert (status["deploymentType"], status["deploymentStatus"]) == ("Connectivity", "Deployed")


async def test_the_same_again_deploys_nothing(azure: Azure) -> None:
    """Only another forceUpdateTag does."""
    await _mesh(azure)
    body = a_commit("Connectivity", MESH)
    await azure.made(COMMIT, body)
    before = await statuses(azure)
    response = await azure.put(COMMIT, body)
    assert response.status_code == 200
    assert response.json()["properties"]["provisioningState"] == "Succeeded"
    assert await statuses(azure) == before
    body["properties"]["forceUpdateTag"] = "2"
    await azure.made(COMMIT, body)
    assert (await statuses(azure))[0]["commitTime"] > before[0]["commitTime"]


async def test_a_later_commit_takes_the_region(azure: Azure) -> None:
    """The resource is active there no more."""
    await _mesh(azure)
    await azure.made(COMMIT, a_commit("Connectivity", MESH, regions=BOTH))
    await deployed(azure, "Connectivity", MESH, regions=("eastus",))
    assert (await azure.get(COMMIT))["properties"]["activeLocations"] == ["westeurope"]


async def test_a_region_left_out_is_undeployed(azure: Azure) -> None:
    """As with any resource: what is not in the body is not wanted."""
    await _mesh(azure)
    await azure.made(COMMIT, a_commit("Connectivity", MESH, regions=BOTH))
    await azure.made(COMMIT, a_commit("Connectivity", MESH))
    assert await _deployed_regions(azure) == ["westeurope"]


async def test_a_deleted_commit_is_undeployed_where_it_is_still_its_own(azure: Azure) -> None:
    """What a later commit put there stays."""
    await _mesh(azure)
    await azure.made(COMMIT, a_commit("Connectivity", MESH, regions=BOTH))
    await deployed(azure, "Connectivity", MESH, regions=("eastus",))
    assert (await azure.delete(COMMIT)).status_code == 202
    azure.clock.advance(A_WHILE)
    azure.clock.advance(A_WHILE)
    assert await _deployed_regions(azure) == ["eastus"]
    assert (await azure.delete(COMMIT)).status_code == 204


async def test_a_failed_deployment_fails_the_operation(azure: Azure, faults: Faults) -> None:
    """With the reason of the region."""
    await _mesh(azure)
    kind = "Microsoft.Network/networkManagers/commits"
    faults.add(type=kind, when="deployment", message="No capacity.")
    response = await azure.put(COMMIT, a_commit("Connectivity", MESH))
    azure.clock.advance(A_WHILE)
    body = (await azure.poll(response)).json()
    assert body["status"] == "Failed"
    assert "No capacity." in body["error"]["message"]
    assert (await azure.get(COMMIT))["properties"]["provisioningState"] == "Failed"


@pytest.mark.parametrize(
    "change",
    [{"commitType": "Other"}, {"targetLocations": []}, {"targetLocations": ["atlantis"]}],
)
async def test_it_is_checked_as_the_post_is(azure: Azure, change: dict[str, Any]) -> None:
    """Nothing is stored."""
    await _mesh(azure)
    body = a_commit("Connectivity", MESH)
    body["properties"].update(change)
    assert (await azure.put(COMMIT, body)).status_code == 400
    assert (await azure.ask("GET", COMMIT)).status_code == 404


async def test_user_configurations_can_be_committed(azure: Azure) -> None:
    """Their status is told; they do nothing to networks."""
    await _mesh(azure)
    path = f"{MANAGER}/securityUserConfigurations/u"
    await put(azure, path, {"properties": {}})
    await deployed(azure, "SecurityUser", path)
    assert [item["deploymentType"] for item in await statuses(azure)] == ["SecurityUser"]


async def test_statuses_come_in_pages(azure: Azure) -> None:
    """Each names the next; the last does not."""
    await _mesh(azure)
    await deployed(azure, "Connectivity", MESH, regions=BOTH)
    path = f"{MANAGER}/listDeploymentStatus"
    first = (await azure.ask("POST", f"{path}?$top=1", {})).json()
    second = (await azure.ask("POST", f"{path}?$top=1", {"skipToken": first["skipToken"]})).json()
    assert [item["region"] for item in (*first["value"], *second["value"])] == list(BOTH)
    assert second["skipToken"] == ""


async def test_a_page_takes_at_most_twenty(azure: Azure) -> None:
    """The specification says so."""
    await _mesh(azure)
    response = await azure.ask("POST", f"{MANAGER}/listDeploymentStatus?$top=21", {})
    assert response.status_code == 400


async def test_a_group_that_a_rule_names_cannot_be_forced(azure: Azure) -> None:
    """The rule has to go first."""
    await _mesh(azure)
    manual = {"networkGroupAddressSpaceAggregationOption": "Manual"}
    await put(azure, ADMIN, {"properties": manual})
    collection = f"{ADMIN}/ruleCollections/c"
    group = f"{MANAGER}/networkGroups/g"
    target = {"addressPrefix": (await azure.get(group))["id"], "addressPrefixType": "NetworkGroup"}
    await put(
        azure,
        collection,
        {"properties": {"appliesToGroups": [{"networkGroupId": target["addressPrefix"]}]}},
    )
    rule = {"protocol": "Any", "access": "Deny", "direction": "Inbound", "priority": 1}
    body = {"kind": "Custom", "properties": {**rule, "sources": [target]}}
    await put(azure, f"{collection}/rules/r", body)
    assert code_of(await forced(azure, group)) == "ResourceInUse"
    await forced(azure, f"{collection}/rules/r")
    assert (await forced(azure, group)).status_code == 202
