"""What can be asked about the addresses, delegations and endpoints of a network."""

from tests.simulator.azure import (
    GROUP,
    NETWORK,
    SUBSCRIPTION,
    Azure,
    a_firewall,
    a_network,
    a_policy,
    an_address,
    code_of,
)

CHECK = "virtualNetworks/v/CheckIPAddressAvailability?ipAddress="


async def test_an_address_is_free_unless_azure_keeps_it(azure: Azure) -> None:
    """Recorded (test_network_vnet); the five that follow are offered instead."""
    await azure.made("virtualNetworks/v", a_network(default="10.0.0.0/24"))
    free = await azure.get(CHECK + "10.0.0.50")
    assert free == {"available": True, "isPlatformReserved": False}
    assert await azure.get(CHECK + "10.0.0.0") == {
        "available": False,
        "availableIPAddresses": ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.8"],
        "isPlatformReserved": True,
    }
    assert (await azure.get(CHECK + "10.0.0.255"))["isPlatformReserved"]


async def test_a_firewall_has_its_address(azure: Azure) -> None:
    """And counts in the usages of its subnet."""
    await azure.made("virtualNetworks/hub", a_network(AzureFirewallSubnet="10.0.0.0/26"))
    await azure.made("publicIPAddresses/pip", an_address())
    await azure.made("firewallPolicies/policy", a_policy())
    await azure.made("azureFirewalls/hub", a_firewall())
    found = await azure.get(CHECK.replace("/v/", "/hub/") + "10.0.0.4")
    assert (found["available"], found["isPlatformReserved"]) == (False, False)
    assert found["availableIPAddresses"][0] == "10.0.0.5"
    usage = (await azure.get("virtualNetworks/hub/usages"))["value"][0]
    assert (usage["currentValue"], usage["limit"]) == (1, 59)


async def test_an_address_outside_of_all_subnets_cannot_be_asked_about(azure: Azure) -> None:
    """Nor what is no address."""
    await azure.made("virtualNetworks/v", a_network(default="10.0.0.0/24"))
    outside = await azure.ask("GET", CHECK + "10.9.0.1")
    assert code_of(outside) == "IPAddressNotInAnySubnet"
    assert code_of(await azure.ask("GET", CHECK + "here")) == "InvalidIPAddress"


async def test_usages_tell_the_size_of_subnets(azure: Azure) -> None:
    """Less the five that Azure keeps; of a gateway's subnet nothing is told (swagger)."""
    network = a_network(small="10.0.0.0/29", GatewaySubnet="10.0.1.0/24")
    await azure.made("virtualNetworks/v", network)
    small, gateway = (await azure.get("virtualNetworks/v/usages"))["value"]
    assert small == {
        "currentValue": 0.0,
        "id": f"{NETWORK}/virtualNetworks/v/subnets/small",
        "limit": 3.0,
        "name": {"localizedValue": "Subnet size and usage", "value": "SubnetSpace"},
        "unit": "Count",
    }
    assert (gateway["currentValue"], gateway["limit"]) == (-1, -1)


async def test_an_unknown_question_is_an_unknown_type(azure: Azure) -> None:
    """As an unknown action is."""
    await azure.made("virtualNetworks/v", a_network())
    response = await azure.ask("GET", "virtualNetworks/v/moods")
    assert (response.status_code, code_of(response)) == (404, "InvalidResourceType")


async def test_a_region_offers_delegations(azure: Azure) -> None:
    """Their ids in a group lack an s, as recorded."""
    path = "providers/Microsoft.Network/locations/westus/availableDelegations"
    everywhere = (await azure.get(f"{SUBSCRIPTION}/{path}"))["value"]
    assert len(everywhere) == 60
    assert everywhere[0] == {
        "name": "Microsoft.Web.serverFarms",
        "id": f"{SUBSCRIPTION}/providers/Microsoft.Network/availableDelegations/"
        "Microsoft.Web.serverFarms",
        "type": "Microsoft.Network/availableDelegations",
        "serviceName": "Microsoft.Web/serverFarms",
        "actions": ["Microsoft.Network/virtualNetworks/subnets/action"],
    }
    within = (await azure.get(f"{GROUP}/{path}"))["value"]
    assert within[0]["id"].startswith(f"{SUBSCRIPTION}/resourceGroup/rg/providers/")
    missing = await azure.ask("GET", f"{GROUP}x/{path}")
    assert code_of(missing) == "ResourceGroupNotFound"


async def test_a_delegation_lists_what_its_service_may_do(azure: Azure) -> None:
    """Three actions for managed instances (recorded)."""
    await azure.made("virtualNetworks/v", a_network())
    wanted = [{"name": "0", "properties": {"serviceName": "Microsoft.Sql/managedInstances"}}]
    subnet = await azure.made(
        "virtualNetworks/v/subnets/s",
        {"properties": {"addressPrefix": "10.0.0.0/24", "delegations": wanted}},
    )
    actions = subnet["properties"]["delegations"][0]["properties"]["actions"]
    assert [item.rsplit("/", 2)[1] for item in actions] == [
        "join",
        "prepareNetworkPolicies",
        "unprepareNetworkPolicies",
    ]


async def test_a_service_endpoint_says_where_it_reaches(azure: Azure) -> None:
    """Everywhere, in the order recorded; what was read can be written again."""
    await azure.made("virtualNetworks/v", a_network())
    properties = {
        "addressPrefix": "10.0.0.0/24",
        "serviceEndpoints": [{"service": "Microsoft.Storage"}],
    }
    subnet = await azure.made("virtualNetworks/v/subnets/s", {"properties": properties})
    assert subnet["properties"]["serviceEndpoints"] == [
        {"provisioningState": "Succeeded", "service": "Microsoft.Storage", "locations": ["*"]}
    ]
    again = await azure.put("virtualNetworks/v/subnets/s", subnet)
    assert again.json()["etag"] == subnet["etag"]
