"""Network interfaces: addresses, and the questions on what reaches them."""

from typing import Any

import pytest

from tests.simulator.azure import (
    A_WHILE,
    NETWORK,
    Azure,
    a_firewall,
    a_network,
    a_nic,
    a_peering,
    a_policy,
    a_table,
    an_address,
    code_of,
)

NIC = "networkInterfaces/nic"


async def _nic(azure: Azure, **changes: Any) -> dict[str, Any]:
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    found: dict[str, Any] = await azure.made(NIC, a_nic("v", **changes))
    return found


async def _answer(azure: Azure, question: str) -> list[dict[str, Any]]:
    """Ask an interface and wait for the answer."""
    response = await azure.ask("POST", f"{NIC}/{question}", {})
    assert response.status_code == 202
    location = response.headers["location"]
    assert (await azure.ask("GET", location)).status_code == 202
    azure.clock.advance(A_WHILE)
    answer = await azure.ask("GET", location)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["value"]
    return found


def _address(body: dict[str, Any]) -> str:
    (configuration,) = body["properties"]["ipConfigurations"]
    return str(configuration["properties"]["privateIPAddress"])


async def test_an_interface_gets_the_first_free_address(azure: Azure) -> None:
    """Azure keeps four of each subnet; the next interface gets the next."""
    body = await _nic(azure)
    assert _address(body) == "10.0.1.4"
    assert _address(await azure.made("networkInterfaces/other", a_nic("v"))) == "10.0.1.5"


async def test_an_address_that_was_given_stays(azure: Azure) -> None:
    """Also when a lower one becomes free."""
    await _nic(azure)
    await azure.made("networkInterfaces/other", a_nic("v"))
    await azure.gone(NIC)
    body = a_nic("v")
    body["properties"]["enableIPForwarding"] = True
    assert _address(await azure.made("networkInterfaces/other", body)) == "10.0.1.5"


async def test_a_static_address_is_taken_as_asked(azure: Azure) -> None:
    """If it is free and in the subnet."""
    static = {"privateIPAllocationMethod": "Static"}
    body = await _nic(azure, **static, privateIPAddress="10.0.1.77")
    assert _address(body) == "10.0.1.77"
    taken = a_nic("v", **static, privateIPAddress="10.0.1.77")
    response = await azure.put("networkInterfaces/other", taken)
    assert code_of(response) == "PrivateIPAddressIsAllocated"
    outside = a_nic("v", **static, privateIPAddress="10.9.9.9")
    response = await azure.put("networkInterfaces/other", outside)
    assert code_of(response) == "PrivateIPAddressNotInSubnet"


async def test_a_firewalls_address_is_not_given_away(azure: Azure) -> None:
    """No interface may live in its subnet at all."""
    await azure.made("publicIPAddresses/pip", an_address())
    await azure.made("firewallPolicies/policy", a_policy())
    await azure.made("virtualNetworks/hub", a_network(AzureFirewallSubnet="10.0.0.0/26"))
    await azure.made("azureFirewalls/fw", a_firewall())
    response = await azure.put(NIC, a_nic("hub", "AzureFirewallSubnet"))
    assert code_of(response) == "SubnetIsReserved"


async def test_a_full_subnet_takes_no_more(azure: Azure) -> None:
    """A /29 holds three."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/29"))
    for number in range(3):
        await azure.made(f"networkInterfaces/n{number}", a_nic("v"))
    assert code_of(await azure.put(NIC, a_nic("v"))) == "SubnetIsFull"


async def test_a_subnet_with_an_interface_is_in_use(azure: Azure) -> None:
    """It shows in capitals whom it holds (recording test_network_vnet), and cannot be deleted."""
    await _nic(azure)
    subnet = await azure.get("virtualNetworks/v/subnets/a")
    (user,) = subnet["properties"]["ipConfigurations"]
    assert user["id"].endswith(
        "/RG/providers/Microsoft.Network/networkInterfaces/NIC/ipConfigurations/IP"
    )
    response = await azure.delete("virtualNetworks/v/subnets/a")
    assert code_of(response) == "InUseSubnetCannotBeDeleted"
    await azure.gone(NIC)
    await azure.gone("virtualNetworks/v/subnets/a")


async def test_effective_routes_have_azures_form(azure: Azure) -> None:
    """The answer comes from the Location, in lists where Azure has lists."""
    await _nic(azure)
    routes = await _answer(azure, "effectiveRouteTable")
    assert routes[0] == {
        "disableBgpRoutePropagation": False,
        "source": "Default",
        "state": "Active",
        "addressPrefix": ["10.0.0.0/16"],
        "nextHopType": "VnetLocal",
        "nextHopIpAddress": [],
    }


async def test_a_far_peering_is_global(azure: Azure) -> None:
    """As tools print it."""
    await _nic(azure)
    await azure.made("virtualNetworks/w", {**a_network("10.1.0.0/16"), "location": "eastus"})
    for near, far in (("v", "w"), ("w", "v")):
        await azure.made(f"virtualNetworks/{near}/virtualNetworkPeerings/p", a_peering(far))
    routes = await _answer(azure, "effectiveRouteTable")
    hops = {route["addressPrefix"][0]: route["nextHopType"] for route in routes}
    assert hops["10.1.0.0/16"] == "VNetGlobalPeering"


@pytest.mark.parametrize(
    ("address", "hop"),
    [
        ("10.0.9.9", "VnetLocal"),
        ("10.7.0.1", "None"),
        ("10.9.0.1", "Internet"),
        ("8.8.8.8", "Internet"),
    ],
)
async def test_one_question_has_one_answer(azure: Azure, address: str, hop: str) -> None:
    """The longest prefix of those that are active."""
    await azure.made("routeTables/rt", a_table(("10.9.0.0/16", "Internet")))
    body = a_network(a="10.0.1.0/24")
    subnet = body["properties"]["subnets"][0]["properties"]
    subnet["routeTable"] = {"id": f"{NETWORK}/routeTables/rt"}
    await azure.made("virtualNetworks/v", body)
    response = await azure.client.get(
        "/_simulator/effective/routes",
        params={"subnet": f"{NETWORK}/virtualNetworks/v/subnets/a", "address": address},
    )
    assert [route["nextHopType"] for route in response.json()["value"]] == [hop]


async def test_a_subnet_that_is_not_there_is_told(azure: Azure) -> None:
    """With a 404."""
    response = await azure.client.get("/_simulator/effective/routes", params={"subnet": "x"})
    assert response.status_code == 404


async def test_effective_groups_are_those_of_subnet_and_interface(azure: Azure) -> None:
    """With their own rules and the six of each."""
    await azure.made("networkSecurityGroups/g", {"location": "westeurope", "properties": {}})
    group = {"networkSecurityGroup": {"id": f"{NETWORK}/networkSecurityGroups/g"}}
    body = a_network(a="10.0.1.0/24")
    body["properties"]["subnets"][0]["properties"].update(group)
    await azure.made("virtualNetworks/v", body)
    nic = a_nic("v")
    nic["properties"].update(group)
    await azure.made(NIC, nic)
    found = await _answer(azure, "effectiveNetworkSecurityGroups")
    assert [list(item["association"]) for item in found] == [["subnet"], ["networkInterface"]]
    first = found[0]["effectiveSecurityRules"][0]
    assert (first["name"], first["protocol"]) == ("defaultSecurityRules/AllowVnetInBound", "All")
    assert len(found[0]["effectiveSecurityRules"]) == 6
