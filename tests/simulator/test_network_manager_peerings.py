"""Peerings that hub-and-spoke configurations make."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.simulator.azure import (
    A_WHILE,
    NETWORK,
    Azure,
    a_network,
    a_peering,
    an_address,
    code_of,
)
from tests.simulator.manager import (
    MANAGER,
    a_group,
    a_member,
    commit,
    deployed,
    forced,
    group_id,
    network_id,
    put,
    statuses,
)

PEERINGS = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
STAR = f"{MANAGER}/connectivityConfigurations/star"


def a_star(*groups: str, hub: str = "hub", **changes: Any) -> dict[str, Any]:
    """Return the body of hub and spokes; `changes` of a group begin with a small letter."""
    ours = {
        key: changes.pop(key) for key in ("groupConnectivity", "useHubGateway") & changes.keys()
    }
    return {
        "properties": {
            "connectivityTopology": "HubAndSpoke",
            "hubs": [{"resourceId": network_id(hub)}],
            "appliesToGroups": [{"networkGroupId": group_id(group), **ours} for group in groups],
            **changes,
        }
    }


def _inside(name: str, part: int) -> str:
    """Return a prefix in the network of this name."""
    return f"10.{sum(map(ord, name)) % 200}.{part}.0/24"


async def _networks(azure: Azure, *names: str, region: str = "westeurope") -> None:
    for name in names:
        body = a_network(_inside(name, 0).replace("/24", "/16"), a=_inside(name, 1))
        await azure.made(f"virtualNetworks/{name}", {**body, "location": region})


async def _star(azure: Azure, *spokes: str, **changes: Any) -> None:
    """Make a hub and spokes, and deploy the configuration to West Europe."""
    await _networks(azure, "hub", *spokes)
    await a_group(azure, "g", *spokes)
    await put(azure, STAR, a_star("g", **changes))
    await deployed(azure, "Connectivity", STAR)


async def _peerings(azure: Azure, network: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await azure.get(f"virtualNetworks/{network}/virtualNetworkPeerings")
    )["value"]
    return found


async def _peers(azure: Azure, network: str) -> dict[str, str]:
    """Return the peers of a network with the state of the peering."""
    return {
        item["properties"]["remoteVirtualNetwork"]["id"].rsplit("/", 1)[-1]: item["properties"][
            "peeringState"
        ]
        for item in await _peerings(azure, network)
    }


async def test_hub_and_spoke_are_peered_on_both_sides(azure: Azure) -> None:
    """Named after the service, in full sync, in the lists and in the networks' bodies."""
    await _star(azure, "spoke")
    (ours,) = await _peerings(azure, "spoke")
    prefix, _, spoke, hub, number = ours["name"].split("_")
    assert (prefix, spoke, hub, number.isdigit()) == ("ANM", "spoke", "hub", True)
    assert ours["properties"]["peeringState"] == "Connected"
    assert ours["properties"]["peeringSyncLevel"] == "FullyInSync"
    assert ours["properties"]["allowForwardedTraffic"] is True
    body = await azure.get("virtualNetworks/hub")
    (theirs,) = body["properties"]["virtualNetworkPeerings"]
    assert theirs["properties"]["peeringState"] == "Connected"
    assert theirs["properties"]["resourceGuid"] == ours["properties"]["resourceGuid"]


async def test_names_are_the_same_in_every_run(azure: Azure) -> None:
    """They do not change when the configuration is deployed again."""
    await _star(azure, "spoke")
    before = [item["id"] for item in await _peerings(azure, "spoke")]
    await deployed(azure, "Connectivity")
    await deployed(azure, "Connectivity", STAR)
    assert [item["id"] for item in await _peerings(azure, "spoke")] == before


async def test_nothing_is_peered_before_the_deployment_takes_effect(azure: Azure) -> None:
    """Accepted is not deployed."""
    await _networks(azure, "hub", "spoke")
    await a_group(azure, "g", "spoke")
    await put(azure, STAR, a_star("g"))
    await commit(azure, "Connectivity", STAR)
    assert await _peerings(azure, "spoke") == []


async def test_undeploying_takes_the_peerings_away(azure: Azure) -> None:
    """From both sides."""
    await _star(azure, "spoke")
    await deployed(azure, "Connectivity")
    assert await _peers(azure, "spoke") == {}
    assert await _peers(azure, "hub") == {}


async def test_a_forced_delete_of_the_configuration_takes_them_away(azure: Azure) -> None:
    """The service cleans up in the background."""
    await _star(azure, "spoke")
    assert (await forced(azure, STAR)).status_code == 202
    azure.clock.advance(A_WHILE)
    assert await _peers(azure, "hub") == {}


async def test_a_new_member_is_peered_without_a_commit(azure: Azure) -> None:
    """In a while."""
    await _star(azure, "spoke")
    await _networks(azure, "later")
    await a_member(azure, "g", network_id("later"))
    azure.clock.advance(A_WHILE)
    assert await _peers(azure, "hub") == {"spoke": "Connected", "later": "Connected"}


async def test_a_member_taken_out_is_peered_no_more(azure: Azure) -> None:
    """On neither side."""
    await _star(azure, "spoke", "other")
    await azure.gone(f"{MANAGER}/networkGroups/g/staticMembers/spoke")
    azure.clock.advance(A_WHILE)
    assert await _peers(azure, "hub") == {"other": "Connected"}
    assert await _peers(azure, "spoke") == {}


async def test_a_hub_that_is_a_member_is_not_peered_with_itself(azure: Azure) -> None:
    """The recorded configuration names one network as both."""
    await _star(azure, "spoke")
    await a_member(azure, "g", network_id("hub"))
    azure.clock.advance(A_WHILE)
    assert await _peers(azure, "hub") == {"spoke": "Connected"}


async def test_a_spoke_in_a_region_without_the_commit_gets_nothing(azure: Azure) -> None:
    """Not even the hub's side."""
    await _networks(azure, "far", region="eastus")
    await _star(azure, "spoke")
    await a_member(azure, "g", network_id("far"))
    azure.clock.advance(A_WHILE)
    assert await _peers(azure, "hub") == {"spoke": "Connected"}
    await deployed(azure, "Connectivity", STAR, regions=("eastus",))
    assert await _peers(azure, "far") == {"hub": "Connected"}


@pytest.mark.parametrize("side", ["hub", "spoke"])
async def test_a_peering_deleted_by_hand_comes_back(azure: Azure, side: str) -> None:
    """After a while, on both sides."""
    await _star(azure, "spoke")
    (ours,) = await _peerings(azure, side)
    await azure.delete(ours["id"])
    azure.clock.advance(A_WHILE)
    assert await _peers(azure, "hub") == {"spoke": "Connected"}
    assert await _peers(azure, "spoke") == {"hub": "Connected"}


async def test_a_peering_changed_by_hand_is_set_right(azure: Azure) -> None:
    """It allows forwarded traffic again."""
    await _star(azure, "spoke")
    (ours,) = await _peerings(azure, "spoke")
    response = await azure.put(ours["id"], a_peering("hub"))
    assert response.status_code == 200
    azure.clock.advance(A_WHILE)
    (ours,) = await _peerings(azure, "spoke")
    assert ours["properties"]["allowForwardedTraffic"] is True


async def test_an_enforced_peering_is_left_to_the_manager(azure: Azure) -> None:
    """Nobody else may change or delete it."""
    capabilities = {
        "connectedGroupPrivateEndpointsScale": "Standard",
        "connectedGroupAddressOverlap": "Allowed",
        "peeringEnforcement": "Enforced",
    }
    await _star(azure, "spoke", connectivityCapabilities=capabilities)
    (ours,) = await _peerings(azure, "spoke")
    for response in (await azure.put(ours["id"], a_peering("hub")), await azure.delete(ours["id"])):
        assert response.status_code == 403
        assert code_of(response) == "PeeringEnforcedByNetworkManager"
    await deployed(azure, "Connectivity")
    assert await _peers(azure, "spoke") == {}


async def test_peerings_made_by_hand_stay(azure: Azure) -> None:
    """A peering with a third network, and one between hub and spoke."""
    await _networks(azure, "hub", "spoke", "third")
    for near, far in (("spoke", "third"), ("third", "spoke"), ("spoke", "hub"), ("hub", "spoke")):
        await azure.made(f"virtualNetworks/{near}/virtualNetworkPeerings/to-{far}", a_peering(far))
    await a_group(azure, "g", "spoke")
    await put(azure, STAR, a_star("g"))
    await deployed(azure, "Connectivity", STAR)
    names = [item["name"] for item in await _peerings(azure, "spoke")]
    assert names == ["to-third", "to-hub"]


async def test_delete_existing_peering_removes_what_does_not_match(azure: Azure) -> None:
    """Also what is made later by hand."""
    await _networks(azure, "third")
    await _star(azure, "spoke", deleteExistingPeering="True")
    await azure.put("virtualNetworks/spoke/virtualNetworkPeerings/to-third", a_peering("third"))
    azure.clock.advance(A_WHILE)
    azure.clock.advance(A_WHILE)
    assert await _peers(azure, "spoke") == {"hub": "Connected"}


async def test_without_a_gateway_in_the_hub_only_the_hubs_side_is_made(azure: Azure) -> None:
    """It is not connected."""
    await _star(azure, "spoke", useHubGateway="True")
    assert await _peers(azure, "spoke") == {}
    assert await _peers(azure, "hub") == {"spoke": "Initiated"}


async def test_with_a_gateway_in_the_hub_the_spoke_uses_it(azure: Azure) -> None:
    """The side that was missing comes when the gateway is ready, and both connect."""
    await _star(azure, "spoke", useHubGateway="True")
    await azure.made(
        "virtualNetworks/hub/subnets/GatewaySubnet",
        {"properties": {"addressPrefix": _inside("hub", 9)}},
    )
    await azure.made("publicIPAddresses/pip", an_address())
    links = {
        "subnet": {"id": f"{network_id('hub')}/subnets/GatewaySubnet"},
        "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/pip"},
    }
    configurations = [{"name": "one", "properties": links}]
    gateway = {"gatewayType": "Vpn", "ipConfigurations": configurations}
    body = {"location": "westeurope", "properties": gateway}
    await azure.made("virtualNetworkGateways/gw", body)
    azure.clock.advance(A_WHILE)
    (ours,) = await _peerings(azure, "spoke")
    assert ours["properties"]["peeringState"] == "Connected"
    assert ours["properties"]["useRemoteGateways"] is True
    (theirs,) = await _peerings(azure, "hub")
    assert theirs["properties"]["allowGatewayTransit"] is True


async def test_overlapping_hub_and_spoke_let_the_deployment_fail(azure: Azure) -> None:
    """No peering is made."""
    await _networks(azure, "hub", "spoke")
    body = await azure.get("virtualNetworks/hub")
    twin = a_network(body["properties"]["addressSpace"]["addressPrefixes"][0])
    await azure.made("virtualNetworks/twin", twin)
    await a_group(azure, "g", "spoke", "twin")
    await put(azure, STAR, a_star("g"))
    await deployed(azure, "Connectivity", STAR)
    (status,) = await statuses(azure)
    assert status["deploymentStatus"] == "Failed"
    assert "overlap" in status["errorMessage"]
    assert await _peers(azure, "hub") == {}


async def test_a_hub_takes_so_many_spokes(azure: Azure, app: Starlette) -> None:
    """More let the deployment fail."""
    world = app.state.world
    world.settings = replace(world.settings, spokes_per_hub=1)
    await _star(azure, "spoke", "other")
    (status,) = await statuses(azure)
    assert status["deploymentStatus"] == "Failed"


async def test_a_hub_has_more_spokes_than_peerings_by_hand(azure: Azure, app: Starlette) -> None:
    """The limit of peerings is one for clients."""
    world = app.state.world
    world.settings = replace(world.settings, limits={PEERINGS: 1})
    await _star(azure, "spoke", "later")
    assert await _peers(azure, "hub") == {"spoke": "Connected", "later": "Connected"}


async def test_a_busy_network_is_peered_when_it_is_done(azure: Azure) -> None:
    """What is being changed is left alone."""
    await _star(azure, "spoke")
    await azure.put("virtualNetworks/later", a_network("172.16.0.0/16"))
    await a_member(azure, "g", network_id("later"))
    azure.clock.advance(30)
    await azure.put(
        "virtualNetworks/hub/subnets/b", {"properties": {"addressPrefix": "10.25.2.0/24"}}
    )
    azure.clock.advance(A_WHILE)
    assert (await _peers(azure, "later")) == {"hub": "Connected"}


async def test_a_changed_address_space_reaches_the_other_side(azure: Azure) -> None:
    """The service copies it."""
    await _star(azure, "spoke")
    body = await azure.get("virtualNetworks/spoke")
    body["properties"]["addressSpace"]["addressPrefixes"].append("172.20.0.0/16")
    await azure.made("virtualNetworks/spoke", body)
    azure.clock.advance(A_WHILE)
    (theirs,) = await _peerings(azure, "hub")
    assert "172.20.0.0/16" in theirs["properties"]["remoteAddressSpace"]["addressPrefixes"]


async def test_directly_connected_spokes_meet_without_the_hub(azure: Azure) -> None:
    """They are a connected group; the hub is not in it."""
    await _star(azure, "spoke", "other", groupConnectivity="DirectlyConnected")
    view = await azure.get("/_simulator/effective")
    found = {item["id"].rsplit("/", 1)[-1]: item for item in view["networks"]}
    neighbours = {key: len(item["connectedGroup"]) for key, item in found.items()}
    assert neighbours == {"hub": 0, "spoke": 1, "other": 1}


async def test_a_deleted_manager_leaves_no_peerings(azure: Azure) -> None:
    """Everything deployed is undone."""
    await _star(azure, "spoke")
    await forced(azure, MANAGER)
    azure.clock.advance(A_WHILE)
    assert await _peers(azure, "hub") == {}
