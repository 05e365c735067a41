"""The list of all resources of a subscription or of a group."""

from tests.simulator.azure import GROUP, SUBSCRIPTION, Azure, a_network, an_address, code_of

ZONE = "privateDnsZones/corp.internal"


async def _names(azure: Azure, path: str) -> list[str]:
    return [item["name"] for item in (await azure.get(path))["value"]]


async def test_a_list_holds_what_has_tags_of_its_own(azure: Azure) -> None:
    """Subnets and records are not in it, links of a zone are."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    await azure.made(ZONE, {"location": "global"})
    link = {"virtualNetwork": {"id": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"}}
    await azure.made(f"{ZONE}/virtualNetworkLinks/l", {"location": "global", "properties": link})
    names = ["v", "corp.internal", "corp.internal/l"]
    assert await _names(azure, f"{SUBSCRIPTION}/resources") == names
    assert await _names(azure, f"{GROUP}/resources") == names


async def test_an_entry_says_what_the_resource_is(azure: Azure) -> None:
    """With its SKU, and without properties."""
    await azure.made("publicIPAddresses/p", an_address(tags={"a": "b"}))
    entry = (await azure.get(f"{GROUP}/resources"))["value"][0]
    assert list(entry) == ["id", "name", "type", "sku", "location", "tags"]
    assert entry["sku"] == {"name": "Standard", "tier": "Regional"}


async def test_a_list_can_be_asked_for_more(azure: Azure) -> None:
    """$expand adds times and the state."""
    await azure.put("virtualNetworks/v", a_network())
    path = f"{GROUP}/resources?$expand=createdTime,changedTime,provisioningState"
    entry = (await azure.get(path))["value"][0]
    assert entry["provisioningState"] == "Updating"
    assert entry["createdTime"] == entry["changedTime"] == "2026-01-01T00:00:00.000000Z"
    azure.clock.advance(60)
    entry = (await azure.get(path))["value"][0]
    assert entry["createdTime"] < entry["changedTime"]


async def test_a_list_by_the_value_of_a_tag_shows_no_tags(azure: Azure) -> None:
    """As the swagger says; a list by type shows them."""
    await azure.made("routeTables/t", {"location": "westeurope", "tags": {"a": "b"}})
    await azure.made("virtualNetworks/v", a_network())
    by_tag = await azure.get(f"{GROUP}/resources?$filter=tagName eq 'a' and tagValue eq 'b'")
    by_type = await azure.get(
        f"{GROUP}/resources?$filter=resourceType eq 'microsoft.network/routetables'"
    )
    assert [item["name"] for item in by_tag["value"]] == ["t"]
    assert "tags" not in by_tag["value"][0]
    assert by_type["value"][0]["tags"] == {"a": "b"}


async def test_a_list_comes_in_pages_when_asked_for_few(azure: Azure) -> None:
    """$top is the size of a page."""
    for name in ("one", "two", "three"):
        await azure.made(f"routeTables/{name}", {"location": "westeurope"})
    first = await azure.get(f"{SUBSCRIPTION}/resources?$top=2")
    assert [item["name"] for item in first["value"]] == ["one", "two"]
    rest = await azure.get(first["nextLink"])
    assert [item["name"] for item in rest["value"]] == ["three"]


async def test_a_list_of_an_absent_group_is_not_found(azure: Azure) -> None:
    """In the group's own words."""
    response = await azure.ask("GET", f"{GROUP}x/resources")
    assert code_of(response) == "ResourceGroupNotFound"
