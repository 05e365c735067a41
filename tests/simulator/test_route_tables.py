"""Route tables, routes and security groups."""

from typing import Any

from tests.simulator.azure import NETWORK, Azure, a_network, a_table, code_of

DEFAULT = ("0.0.0.0/0", "Internet")


async def _associated(azure: Azure, subnet: str, kind: str, path: str) -> Any:
    body = a_network(**{subnet: "10.0.0.0/24"})
    body["properties"]["subnets"][0]["properties"][kind] = {"id": f"{NETWORK}/{path}"}
    return await azure.made("virtualNetworks/v", body)


async def test_a_table_shows_its_routes_and_defaults(azure: Azure) -> None:
    """Routes are children with the table's etag."""
    body = await azure.made("routeTables/t", a_table(("10.5.0.0/16", "None")))
    assert body["properties"]["disableBgpRoutePropagation"] is False
    route = body["properties"]["routes"][0]
    assert route["etag"] == body["etag"]
    assert route["properties"] == {
        "provisioningState": "Succeeded",
        "addressPrefix": "10.5.0.0/16",
        "nextHopType": "None",
        "hasBgpOverride": False,
    }


async def test_routes_come_and_go_alone(azure: Azure) -> None:
    """One list, one resource each."""
    await azure.made("routeTables/t", a_table())
    route = {"properties": {"addressPrefix": "10.5.0.0/16", "nextHopType": "VnetLocal"}}
    await azure.made("routeTables/t/routes/r", route)
    assert len((await azure.get("routeTables/t/routes"))["value"]) == 1
    await azure.gone("routeTables/t/routes/r")
    assert (await azure.get("routeTables/t"))["properties"]["routes"] == []


async def test_two_routes_of_one_table_are_written_one_after_the_other(azure: Azure) -> None:
    """The recorded 429 names PutRouteOperation."""
    await azure.made("routeTables/t", a_table())
    route = {"properties": {"addressPrefix": "10.5.0.0/16", "nextHopType": "VnetLocal"}}
    await azure.put("routeTables/t/routes/r", route)
    response = await azure.put("routeTables/t/routes/s", route)
    assert response.status_code == 429
    assert "PutRouteOperation" in response.json()["error"]["details"][0]["message"]


async def test_an_appliance_needs_an_address(azure: Azure) -> None:
    """And no other next hop may have one."""
    response = await azure.put("routeTables/t", a_table(("10.5.0.0/16", "VirtualAppliance")))
    assert code_of(response) == "InvalidNextHopIpAddress"


async def test_a_used_table_names_its_subnets_and_cannot_go(azure: Azure) -> None:
    """The association must be undone first."""
    await azure.made("routeTables/t", a_table())
    network = await _associated(azure, "a", "routeTable", "routeTables/t")
    subnet = network["properties"]["subnets"][0]["id"]
    assert (await azure.get("routeTables/t"))["properties"]["subnets"] == [{"id": subnet}]
    response = await azure.delete("routeTables/t")
    assert (response.status_code, code_of(response)) == (400, "InUseRouteTableCannotBeDeleted")


async def test_a_subnet_put_without_its_table_undoes_the_association(azure: Azure) -> None:
    """A PUT is the whole wanted state (facts.md section 0)."""
    await azure.made("routeTables/t", a_table())
    await _associated(azure, "a", "routeTable", "routeTables/t")
    await azure.made(
        "virtualNetworks/v/subnets/a", {"properties": {"addressPrefix": "10.0.0.0/24"}}
    )
    assert "subnets" not in (await azure.get("routeTables/t"))["properties"]
    await azure.gone("routeTables/t")


async def test_a_firewalls_table_keeps_its_default_route(azure: Azure) -> None:
    """Neither a PUT of the table nor a DELETE of the route may take it."""
    await azure.made("routeTables/t", a_table(DEFAULT))
    await _associated(azure, "AzureFirewallSubnet", "routeTable", "routeTables/t")
    code = "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet"
    assert code_of(await azure.put("routeTables/t", a_table())) == code
    assert code_of(await azure.delete("routeTables/t/routes/r0")) == code


async def test_a_security_group_has_six_rules_of_its_own(azure: Azure) -> None:
    """They read Updating while the group does."""
    response = await azure.put("networkSecurityGroups/n", {"location": "westeurope"})
    rules = response.json()["properties"]["defaultSecurityRules"]
    assert [item["properties"]["priority"] for item in rules] == [65000, 65001, 65500] * 2
    assert {item["properties"]["provisioningState"] for item in rules} == {"Updating"}


_EVERYWHERE = (
    "sourceAddressPrefix",
    "sourcePortRange",
    "destinationAddressPrefix",
    "destinationPortRange",
)


async def test_two_rules_may_not_share_priority_and_direction(azure: Azure) -> None:
    """Both inline and alone."""
    await azure.made("networkSecurityGroups/n", {"location": "westeurope"})
    properties = {"priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp"}
    anything = dict.fromkeys(_EVERYWHERE, "*")
    rule = {"properties": {**properties, **anything}}
    made = await azure.made("networkSecurityGroups/n/securityRules/one", rule)
    assert list(made) == ["name", "id", "etag", "type", "properties"]
    response = await azure.put("networkSecurityGroups/n/securityRules/two", rule)
    assert code_of(response) == "SecurityRuleConflict"


async def test_a_used_security_group_cannot_go(azure: Azure) -> None:
    """The recorded refusal names the user."""
    await azure.made("networkSecurityGroups/n", {"location": "westeurope"})
    await _associated(azure, "a", "networkSecurityGroup", "networkSecurityGroups/n")
    response = await azure.delete("networkSecurityGroups/n")
    assert code_of(response) == "InUseNetworkSecurityGroupCannotBeDeleted"
