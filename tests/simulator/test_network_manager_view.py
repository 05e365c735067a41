"""`/_simulator/effective`: what the whole network comes to."""

from typing import Any

import pytest

from tests.simulator.azure import A_WHILE, NETWORK, SUBSCRIPTION, Azure, a_network, a_peering
from tests.simulator.manager import (
    ADMIN,
    ADMIN_COLLECTION,
    MESH,
    ROUTING,
    a_group,
    a_mesh,
    a_routing_rule,
    an_admin_rule,
    deployed,
    network_id,
    of_groups,
    put,
    routing,
)

REGIONS = ("westeurope", "eastus", "spaincentral")


async def _view(azure: Azure) -> dict[str, dict[str, Any]]:
    body = await azure.get("/_simulator/effective")
    return {item["id"].rsplit("/", 1)[-1]: item for item in body["networks"]}


def _active(subnet: dict[str, Any]) -> dict[str, str]:
    return {
        route["addressPrefix"]: route["nextHopType"]
        for route in subnet["routes"]
        if route["state"] == "Active"
    }


async def _hubs(azure: Azure, regions: tuple[str, ...] = REGIONS, is_global: str = "True") -> None:
    """Make a hub in each region and a mesh of them, deployed to `regions`."""
    for number, region in enumerate(regions):
        body = a_network(f"10.{number}.0.0/16", AzureFirewallSubnet=f"10.{number}.0.0/26")
        await azure.made(f"virtualNetworks/{region}", {**body, "location": region})
    await a_group(azure, "hubs", *regions)
    await put(azure, MESH, a_mesh("hubs", is_global=is_global))


def _neighbours(network: dict[str, Any]) -> list[str]:
    return [item["region"] for item in network["connectedGroup"]]


async def test_a_lone_subnet_has_the_system_routes(azure: Azure) -> None:
    """Private ranges that nothing routes are dropped."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    assert _active((await _view(azure))["v"]["subnets"][0]) == {
        "10.0.0.0/16": "VnetLocal",
        "0.0.0.0/0": "Internet",
        "10.0.0.0/8": "None",
        "172.16.0.0/12": "None",
        "192.168.0.0/16": "None",
        "100.64.0.0/10": "None",
    }


async def test_a_mesh_joins_hubs_of_regions_that_offer_it(azure: Azure) -> None:
    """Spain Central does not."""
    await _hubs(azure)
    await deployed(azure, "Connectivity", MESH, regions=REGIONS)
    view = await _view(azure)
    assert _neighbours(view["westeurope"]) == ["eastus"]
    assert _neighbours(view["spaincentral"]) == []
    assert _active(view["westeurope"]["subnets"][0])["10.1.0.0/16"] == "ConnectedGroup"


async def test_a_region_without_the_commit_is_not_in_the_mesh(azure: Azure) -> None:
    """Its hub is alone, and so is the other."""
    await _hubs(azure)
    await deployed(azure, "Connectivity", MESH)
    view = await _view(azure)
    assert [_neighbours(view[region]) for region in REGIONS] == [[], [], []]


async def test_a_mesh_that_is_not_global_ends_at_its_region(azure: Azure) -> None:
    """Two hubs in two regions do not meet."""
    await _hubs(azure, is_global="False")
    await deployed(azure, "Connectivity", MESH, regions=REGIONS)
    assert _neighbours((await _view(azure))["westeurope"]) == []


async def test_overlapping_prefixes_drop_out_of_a_mesh(azure: Azure) -> None:
    """Both of them."""
    await _hubs(azure, ("westeurope", "eastus"))
    body = a_network("10.1.0.0/16")
    await azure.made("virtualNetworks/northeurope", {**body, "location": "northeurope"})
    await a_group(azure, "hubs", "northeurope")
    await deployed(azure, "Connectivity", MESH, regions=("westeurope", "eastus", "northeurope"))
    view = await _view(azure)
    assert len(view["westeurope"]["connectedGroup"]) == 2
    assert "10.1.0.0/16" not in _active(view["westeurope"]["subnets"][0])


async def test_a_mesh_may_refuse_overlapping_members(azure: Azure) -> None:
    """Who comes later stays out, and the others keep their prefixes."""
    await _hubs(azure, ("westeurope", "eastus"))
    body = a_network("10.1.0.0/16")
    await azure.made("virtualNetworks/northeurope", {**body, "location": "northeurope"})
    await a_group(azure, "hubs", "northeurope")
    mesh = a_mesh("hubs")
    mesh["properties"]["connectivityCapabilities"] = {
        "connectedGroupPrivateEndpointsScale": "Standard",
        "connectedGroupAddressOverlap": "Disallowed",
        "peeringEnforcement": "Unenforced",
    }
    await put(azure, MESH, mesh)
    await deployed(azure, "Connectivity", MESH, regions=("westeurope", "eastus", "northeurope"))
    view = await _view(azure)
    assert _neighbours(view["westeurope"]) == ["eastus"]
    assert _active(view["westeurope"]["subnets"][0])["10.1.0.0/16"] == "ConnectedGroup"


async def test_peerings_bring_the_peers_prefixes(azure: Azure) -> None:
    """Once both sides are connected."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    far = a_network("10.1.0.0/16", a="10.1.1.0/24")
    await azure.made("virtualNetworks/w", {**far, "location": "eastus"})
    await azure.made("virtualNetworks/v/virtualNetworkPeerings/p", a_peering("w"))
    assert "10.1.0.0/16" not in _active((await _view(azure))["v"]["subnets"][0])
    await azure.made("virtualNetworks/w/virtualNetworkPeerings/p", a_peering("v"))
    routes = _active((await _view(azure))["v"]["subnets"][0])
    assert routes["10.1.0.0/16"] == "GlobalVNetPeering"


async def test_a_users_default_route_wins_and_frees_the_private_ranges(azure: Azure) -> None:
    """Everything goes to the appliance then."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    await a_group(azure, "g", "v")
    await routing(azure, "g", a_routing_rule(address="10.0.0.4"))
    await deployed(azure, "Routing", ROUTING)
    subnet = (await _view(azure))["v"]["subnets"][0]
    assert _active(subnet) == {"0.0.0.0/0": "VirtualAppliance", "10.0.0.0/16": "VnetLocal"}
    invalid = [route for route in subnet["routes"] if route["state"] == "Invalid"]
    assert [(route["source"], route["nextHopType"]) for route in invalid] == [
        ("Default", "Internet")
    ]


async def test_a_next_hop_out_of_reach_is_told(azure: Azure) -> None:
    """It lies in no network that is directly connected."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    await a_group(azure, "g", "v")
    await routing(azure, "g", a_routing_rule(address="10.77.0.4"))
    await deployed(azure, "Routing", ROUTING)
    route = (await _view(azure))["v"]["subnets"][0]["routes"][0]
    assert route["nextHopIsReachable"] is False


async def test_admin_rules_are_told_but_not_for_a_firewalls_subnet(azure: Azure) -> None:
    """Lowest number first."""
    subnets = {"AzureFirewallSubnet": "10.0.0.0/26", "a": "10.0.1.0/24"}
    await azure.made("virtualNetworks/v", a_network(**subnets))
    await a_group(azure, "g", "v")
    await put(azure, ADMIN, {"properties": {}})
    await put(azure, ADMIN_COLLECTION, of_groups("g"))
    for priority in (200, 100):
        path = f"{ADMIN_COLLECTION}/rules/r{priority}"
        await put(azure, path, an_admin_rule(priority))
    await deployed(azure, "SecurityAdmin", ADMIN)
    network = (await _view(azure))["v"]
    assert [rule["priority"] for rule in network["adminRules"]] == [100, 200]
    assert [item["adminRulesApply"] for item in network["subnets"]] == [False, True]


async def test_a_subnet_tells_the_rules_of_its_security_group(azure: Azure) -> None:
    """In the form of admin rules, lowest number first."""
    await azure.made("networkSecurityGroups/g", {"location": "westeurope", "properties": {}})
    body = a_network(a="10.0.1.0/24")
    subnet = body["properties"]["subnets"][0]["properties"]
    subnet["networkSecurityGroup"] = {"id": f"{NETWORK}/networkSecurityGroups/g"}
    await azure.made("virtualNetworks/v", body)
    (rules,) = [item["securityRules"] for item in (await _view(azure))["v"]["subnets"]]
    assert [rule["priority"] for rule in rules] == [65000, 65000, 65001, 65001, 65500, 65500]
    assert rules[0]["sources"] == ["VirtualNetwork"]


async def test_an_own_private_range_is_not_dropped(azure: Azure) -> None:
    """A network that is all of 192.168/16 leads there."""
    await azure.made("virtualNetworks/v", a_network("192.168.0.0/16", a="192.168.1.0/24"))
    routes = (await _view(azure))["v"]["subnets"][0]["routes"]
    hops = [item["nextHopType"] for item in routes if item["addressPrefix"] == "192.168.0.0/16"]
    assert hops == ["VnetLocal"]


@pytest.mark.parametrize(
    ("option", "expected"), [(None, []), ("All", [100, 200]), ("AllowRulesOnly", [200])]
)
async def test_networks_of_managed_services_are_spared(
    azure: Azure, option: str | None, expected: list[int]
) -> None:
    """Unless the configuration says otherwise."""
    body = a_network(a="10.0.1.0/24")
    delegation = {"name": "d", "properties": {"serviceName": "Microsoft.Sql/managedInstances"}}
    body["properties"]["subnets"][0]["properties"]["delegations"] = [delegation]
    await azure.made("virtualNetworks/v", body)
    await a_group(azure, "g", "v")
    services = {"applyOnNetworkIntentPolicyBasedServices": [option]} if option else {}
    await put(azure, ADMIN, {"properties": services})
    await put(azure, ADMIN_COLLECTION, of_groups("g"))
    await put(azure, f"{ADMIN_COLLECTION}/rules/deny", an_admin_rule(100))
    await put(azure, f"{ADMIN_COLLECTION}/rules/allow", an_admin_rule(200, access="Allow"))
    await deployed(azure, "SecurityAdmin", ADMIN)
    network = (await _view(azure))["v"]
    assert [rule["priority"] for rule in network["adminRules"]] == expected


async def test_a_network_tells_its_groups(azure: Azure) -> None:
    """As ids."""
    await _hubs(azure, ("westeurope",))
    view = await _view(azure)
    assert [item.rsplit("/", 1)[-1] for item in view["westeurope"]["groups"]] == ["hubs"]


async def test_the_view_is_of_one_subscription_if_asked(azure: Azure) -> None:
    """Another one has nothing."""
    await azure.made("virtualNetworks/v", a_network())
    response = await azure.client.get(
        "/_simulator/effective", params={"subscription": "00000000-0000-4000-8000-000000000002"}
    )
    assert response.json() == {"networks": []}


async def test_a_manager_out_of_scope_touches_nothing(azure: Azure) -> None:
    """Silently."""
    await _hubs(azure, ("westeurope", "eastus"))
    scope = {"subscriptions": ["/subscriptions/00000000-0000-4000-8000-000000000002"]}
    body = {"location": "westeurope", "properties": {"networkManagerScopes": scope}}
    await put(azure, "networkManagers/nm", body)
    await deployed(azure, "Connectivity", MESH, regions=("westeurope", "eastus"))
    assert (await _view(azure))["westeurope"]["connectedGroup"] == []


async def test_resources_are_listed_by_subscription(azure: Azure) -> None:
    """Top-level ones, with type and place."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    azure.clock.advance(A_WHILE)
    body = await azure.get(f"{SUBSCRIPTION}/resources")
    assert body["value"] == [
        {
            "id": network_id("v"),
            "name": "v",
            "type": "Microsoft.Network/virtualNetworks",
            "location": "westeurope",
        }
    ]
