"""What public addresses add and refuse."""

from tests.simulator.azure import NETWORK, Azure, an_address, code_of


async def test_an_address_from_a_missing_prefix_is_not_found(azure: Azure) -> None:
    """A 404 and not the 400 of other references (recordings.md section 8)."""
    prefix = f"{NETWORK}/publicIPPrefixes/prefix"
    body = an_address()
    body["properties"]["publicIPPrefix"] = {"id": prefix}
    response = await azure.put("publicIPAddresses/pip", body)
    assert (response.status_code, code_of(response)) == (404, "NotFound")
    assert response.json()["error"]["message"] == f"Resource {prefix} not found."
    assert "x-ms-failure-cause" not in response.headers


async def test_a_label_makes_a_name(azure: Azure) -> None:
    """In the zone that Azure has for each region."""
    body = an_address()
    body["properties"]["dnsSettings"] = {"domainNameLabel": "shop"}
    made = await azure.made("publicIPAddresses/pip", body)
    assert made["properties"]["dnsSettings"] == {
        "domainNameLabel": "shop",
        "fqdn": "shop.westeurope.cloudapp.azure.com",
    }


async def test_a_global_address_is_standard(azure: Azure) -> None:
    """Recording test_network_public_ip_sku."""
    body = {"location": "westeurope", "sku": {"name": "Basic", "tier": "Global"}}
    response = await azure.put("publicIPAddresses/pip", {**body, "properties": {}})
    assert code_of(response) == "GlobalPublicIPAddressNotSupportedForBasicPublicIpAddress"
