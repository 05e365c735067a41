"""Resource groups."""

from tests.simulator.azure import GROUP, SUBSCRIPTION, Azure, a_network, code_of


async def test_a_group_is_created_once_and_then_updated(azure: Azure) -> None:
    """201 for the first PUT, 200 for the second."""
    response = await azure.put(GROUP, {"location": "westeurope", "tags": {"a": "b"}})
    assert response.status_code == 200
    assert response.json() == {
        "id": GROUP,
        "name": "rg",
        "type": "Microsoft.Resources/resourceGroups",
        "location": "westeurope",
        "tags": {"a": "b"},
        "properties": {"provisioningState": "Succeeded"},
    }


async def test_head_tells_whether_a_group_exists(azure: Azure) -> None:
    """204 or 404, without a body."""
    found = await azure.ask("HEAD", GROUP)
    missing = await azure.ask("HEAD", GROUP + "x")
    assert (found.status_code, missing.status_code, missing.content) == (204, 404, b"")


async def test_a_group_in_a_bad_region_is_refused_in_its_own_words(azure: Azure) -> None:
    """The code differs from that of other types."""
    response = await azure.put(GROUP + "2", {"location": "BadLocation"})
    assert code_of(response) == "LocationNotAvailableForResourceGroup"


async def test_a_group_cannot_move(azure: Azure) -> None:
    """The region is fixed."""
    response = await azure.put(GROUP, {"location": "northeurope"})
    assert (response.status_code, code_of(response)) == (409, "InvalidResourceLocation")


async def test_deleting_a_group_takes_its_resources_along(azure: Azure) -> None:
    """202, then 202 at the Location, then 200; the group reads Deleting meanwhile."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    response = await azure.delete(GROUP)
    location = response.headers["location"]
    assert (response.status_code, response.headers["retry-after"]) == (202, "15")
    assert (await azure.get(GROUP))["properties"]["provisioningState"] == "Deleting"
    assert (await azure.ask("GET", location)).status_code == 202
    azure.clock.advance(100)
    assert (await azure.ask("GET", location)).status_code == 200
    assert code_of(await azure.ask("GET", "virtualNetworks/v")) == "ResourceGroupNotFound"
    assert (await azure.get(f"{SUBSCRIPTION}/resourceGroups"))["value"] == []


async def test_a_group_that_is_going_takes_no_more_resources(azure: Azure) -> None:
    """Azure refuses at once."""
    await azure.delete(GROUP)
    response = await azure.put("virtualNetworks/v", a_network())
    assert (response.status_code, code_of(response)) == (409, "ResourceGroupBeingDeleted")


async def test_a_group_whose_content_is_used_elsewhere_stays(azure: Azure) -> None:
    """The job fails and the group is rolled back."""
    other = f"{SUBSCRIPTION}/resourceGroups/other"
    await azure.put(other, {"location": "westeurope"})
    table = f"{other}/providers/Microsoft.Network/routeTables/t"
    await azure.made(table, {"location": "westeurope"})
    network = a_network(a="10.0.0.0/24")
    network["properties"]["subnets"][0]["properties"]["routeTable"] = {"id": table}
    await azure.made("virtualNetworks/v", network)
    location = (await azure.delete(other)).headers["location"]
    azure.clock.advance(100)
    assert code_of(await azure.ask("GET", location)) == "ResourceGroupDeletionBlocked"
    assert (await azure.get(other))["properties"]["provisioningState"] == "Succeeded"
