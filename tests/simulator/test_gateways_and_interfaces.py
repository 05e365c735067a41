"""What else lives in subnets: gateways and network interfaces."""

import pytest

from tests.simulator.azure import NETWORK, Azure, a_network, a_peering, an_address

SUBNETS = f"{NETWORK}/virtualNetworks/hub/subnets"


@pytest.fixture
async def hub(azure: Azure) -> Azure:
    """Return a network with room for a gateway and for machines, and a public address."""
    body = a_network("10.0.0.0/16", GatewaySubnet="10.0.0.0/24", machines="10.0.1.0/24")
    await azure.made("virtualNetworks/hub", body)
    await azure.made("publicIPAddresses/pip", an_address())
    return azure


def _gateway() -> dict[str, object]:
    links = {
        "subnet": {"id": f"{SUBNETS}/GatewaySubnet"},
        "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/pip"},
    }
    configuration = {"name": "one", "properties": links}
    properties = {"gatewayType": "Vpn", "ipConfigurations": [configuration]}
    return {"location": "westeurope", "properties": properties}


def _interface() -> dict[str, object]:
    links = {"subnet": {"id": f"{SUBNETS}/machines"}}
    properties = {"ipConfigurations": [{"name": "one", "properties": links}]}
    return {"location": "westeurope", "properties": properties}


async def test_a_gateway_speaks_bgp_from_the_end_of_its_subnet(hub: Azure) -> None:
    """Once it is there (recording test_network_vnet_peering)."""
    response = await hub.put("virtualNetworkGateways/gw", _gateway())
    assert response.json()["properties"]["bgpSettings"]["asn"] == 0
    hub.clock.advance(3600)
    found = (await hub.get("virtualNetworkGateways/gw"))["properties"]["bgpSettings"]
    assert (found["asn"], found["bgpPeeringAddress"]) == (65515, "10.0.0.254")


async def test_a_peering_shows_the_gateways_it_uses(hub: Azure) -> None:
    """Those of the other network (recording test_network_vnet_peering)."""
    await hub.made("virtualNetworkGateways/gw", _gateway())
    await hub.made("virtualNetworks/spoke", a_network("10.1.0.0/16"))
    body = a_peering("hub")
    body["properties"]["useRemoteGateways"] = True
    made = await hub.made("virtualNetworks/spoke/virtualNetworkPeerings/hub", body)
    assert made["properties"]["remoteGateways"] == [{"id": f"{NETWORK}/virtualNetworkGateways/gw"}]


async def test_whoever_moves_into_a_subnet_gives_its_network_another_etag(hub: Azure) -> None:
    """Seen with a gateway (recording test_network_vnet_peering)."""
    before = (await hub.get("virtualNetworks/hub"))["etag"]
    await hub.made("virtualNetworkGateways/gw", _gateway())
    assert (await hub.get("virtualNetworks/hub"))["etag"] != before


async def test_interfaces_take_the_first_free_addresses(hub: Azure) -> None:
    """Azure keeps the first four of a subnet."""
    for name in ("one", "two"):
        await hub.made(f"networkInterfaces/{name}", _interface())
    found = (await hub.get("networkInterfaces/two"))["properties"]["ipConfigurations"][0]
    assert found["properties"]["privateIPAddress"] == "10.0.1.5"


async def test_an_interface_is_done_when_it_is_accepted(hub: Azure) -> None:
    """Its answer reads Succeeded (recording test_cli_mgmt_network_virtual_network)."""
    response = await hub.put("networkInterfaces/one", _interface())
    assert response.json()["properties"]["provisioningState"] == "Succeeded"
    assert (await hub.poll(response)).json() == {"status": "Succeeded"}


async def test_a_subnet_with_an_interface_cannot_be_deleted(hub: Azure) -> None:
    """The refusal spells its users as they are (test_delete_dependent_resources)."""
    await hub.made("networkInterfaces/one", _interface())
    response = await hub.delete("virtualNetworks/hub/subnets/machines")
    assert response.status_code == 400
    assert (
        f"in use by {NETWORK}/networkInterfaces/one/ipConfigurations/one and"
        in response.json()["error"]["message"]
    )


async def test_a_gateway_takes_a_quarter_of_an_hour(hub: Azure) -> None:
    """981 to 1,082 seconds (recording test_network_vnet_peering)."""
    response = await hub.put("virtualNetworkGateways/gw", _gateway())
    hub.clock.advance(980)
    assert (await hub.poll(response)).json() == {"status": "InProgress"}
    hub.clock.advance(103)
    assert (await hub.poll(response)).json() == {"status": "Succeeded"}


async def test_security_groups_of_applications_ask_for_a_second(hub: Azure) -> None:
    """Recordings.md section 4."""
    response = await hub.put("applicationSecurityGroups/web", {"location": "westeurope"})
    assert response.headers["retry-after"] == "1"
