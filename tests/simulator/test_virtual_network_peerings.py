"""Peerings, whose two sides are two resources."""

from typing import Any

import pytest

from tests.simulator.azure import Azure, a_network, a_peering, code_of

AB = "virtualNetworks/a/virtualNetworkPeerings/to-b"
BA = "virtualNetworks/b/virtualNetworkPeerings/to-a"


@pytest.fixture
async def pair(azure: Azure) -> Azure:
    """Two networks, a and b."""
    await azure.made("virtualNetworks/a", a_network("10.0.0.0/16"))
    await azure.made("virtualNetworks/b", a_network("10.1.0.0/16"))
    return azure


def _state(body: Any) -> tuple[str, str]:
    return body["properties"]["peeringState"], body["properties"]["peeringSyncLevel"]


async def test_the_first_side_is_initiated(pair: Azure) -> None:
    """It waits for the other, and shows its address space."""
    made = await pair.made(AB, a_peering("b"))
    assert _state(made) == ("Initiated", "RemoteNotInSync")
    assert made["properties"]["remoteAddressSpace"] == {"addressPrefixes": ["10.1.0.0/16"]}


async def test_the_second_side_connects_both(pair: Azure) -> None:
    """Both sides share one GUID."""
    await pair.made(AB, a_peering("b"))
    second = await pair.made(BA, a_peering("a"))
    first = await pair.get(AB)
    assert _state(first) == _state(second) == ("Connected", "FullyInSync")
    assert first["properties"]["resourceGuid"] == second["properties"]["resourceGuid"]


async def test_a_peering_to_a_busy_network_is_a_passing_400(pair: Azure) -> None:
    """Not a 429, as everywhere else (facts.md section 7)."""
    await pair.put("virtualNetworks/b/subnets/s", {"properties": {"addressPrefix": "10.1.0.0/24"}})
    response = await pair.put(AB, a_peering("b"))
    assert (response.status_code, code_of(response)) == (400, "ReferencedResourceNotProvisioned")
    assert response.json()["error"]["message"].endswith("is PutSubnetOperation.")


async def test_overlapping_networks_cannot_be_peered(pair: Azure) -> None:
    """The overlap is named."""
    await pair.made("virtualNetworks/c", a_network("10.0.128.0/17"))
    response = await pair.put(AB, a_peering("c"))
    assert code_of(response) == "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet"
    assert "Overlapping address prefixes: 10.0.128.0/17" in response.json()["error"]["message"]


async def test_two_peers_of_one_network_may_not_overlap(pair: Azure) -> None:
    """The third network is the one already peered."""
    await pair.made(AB, a_peering("b"))
    await pair.made("virtualNetworks/c", a_network("10.1.0.0/24"))
    response = await pair.put("virtualNetworks/a/virtualNetworkPeerings/to-c", a_peering("c"))
    assert code_of(response) == "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet"


async def test_a_side_that_lost_its_partner_must_be_made_again(pair: Azure) -> None:
    """Disconnected, and no new partner is accepted until it is deleted."""
    await pair.made(AB, a_peering("b"))
    await pair.made(BA, a_peering("a"))
    await pair.gone(AB)
    assert (await pair.get(BA))["properties"]["peeringState"] == "Disconnected"
    assert code_of(await pair.put(AB, a_peering("b"))) == "RemotePeeringIsDisconnected"
    await pair.gone(BA)
    assert _state(await pair.made(AB, a_peering("b")))[0] == "Initiated"


async def test_a_changed_address_space_is_out_of_step_until_synced(pair: Azure) -> None:
    """The other side must be put again."""
    await pair.made(AB, a_peering("b"))
    await pair.made(BA, a_peering("a"))
    grown = a_network("10.0.0.0/16")
    grown["properties"]["addressSpace"]["addressPrefixes"].append("10.7.0.0/16")
    await pair.made("virtualNetworks/a", grown)
    assert _state(await pair.get(BA)) == ("Connected", "LocalNotInSync")
    assert _state(await pair.get(AB)) == ("Connected", "RemoteNotInSync")
    synced = await pair.made(BA, a_peering("a"))
    assert _state(synced) == ("Connected", "FullyInSync")


async def test_a_network_shows_its_peerings_and_keeps_them_over_a_put(pair: Azure) -> None:
    """A PUT that does not mention them leaves them alone."""
    await pair.made(AB, a_peering("b"))
    network = await pair.made("virtualNetworks/a", {**a_network("10.0.0.0/16"), "tags": {"x": "y"}})
    assert [item["name"] for item in network["properties"]["virtualNetworkPeerings"]] == ["to-b"]


async def test_an_empty_list_of_peerings_removes_them(pair: Azure) -> None:
    """A PUT that does mention them is the whole wanted state."""
    await pair.made(AB, a_peering("b"))
    body = a_network("10.0.0.0/16")
    body["properties"]["virtualNetworkPeerings"] = []
    await pair.made("virtualNetworks/a", body)
    assert (await pair.get("virtualNetworks/a/virtualNetworkPeerings"))["value"] == []
