"""What public addresses add and refuse."""

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.settings import Settings, subscriptions
from tests.simulator.azure import NETWORK, Azure, an_address, code_of, signed_in


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


async def test_each_subscription_has_a_quota_of_its_own(clock: ManualClock) -> None:
    """Ten Standard addresses a subscription and region, by default (facts.md section 8)."""
    ids = subscriptions(2)
    app = create_app(clock, settings=Settings(subscription_ids=ids, public_address_limit=1))
    async with signed_in(app) as client:
        answers = [await _address_in(Azure(client, clock), item, "one") for item in ids]
        answers.append(await _address_in(Azure(client, clock), ids[1], "two"))

    assert answers == ["", "", "PublicIPCountLimitReached"]


async def _address_in(azure: Azure, subscription: str, name: str) -> str:
    """Put a Standard address into a subscription; return the code of a refusal."""
    group = f"/subscriptions/{subscription}/resourceGroups/rg"
    await azure.put(group, {"location": "westeurope"})
    path = f"{group}/providers/Microsoft.Network/publicIPAddresses/{name}"
    response = await azure.put(path, an_address())
    return "" if response.is_success else code_of(response)
