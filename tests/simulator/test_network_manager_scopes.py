"""Scopes of managers: connections across tenants, and two managers side by side."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.simulator.azure import MANAGEMENT_GROUP, SUBSCRIPTION, Azure, a_network, code_of
from tests.simulator.manager import (
    A_MANAGER,
    MANAGER,
    MANAGER_CONNECTION,
    a_group,
    a_manager_connection,
    a_mesh,
    a_routing_rule,
    a_scope_connection,
    an_admin_rule,
    forced,
    network_id,
    put,
)

CONNECTION = f"{MANAGER}/scopeConnections/far"
TENANT_WIDE: dict[str, Any] = {
    "location": "westeurope",
    "properties": {
        "networkManagerScopes": {"managementGroups": [MANAGEMENT_GROUP]},
        "networkManagerScopeAccesses": ["Connectivity", "SecurityAdmin", "Routing"],
    },
}


@pytest.mark.parametrize("scope", [SUBSCRIPTION, MANAGEMENT_GROUP])
async def test_a_connection_needs_both_halves(azure: Azure, scope: str) -> None:
    """Pending until the scope names the manager too."""
    await put(azure, MANAGER, A_MANAGER)
    wish = a_scope_connection()
    wish["properties"]["resourceId"] = scope
    body = await put(azure, CONNECTION, wish)
    assert body["properties"]["connectionState"] == "Pending"
    ours = f"{scope}/providers/{MANAGER_CONNECTION}/ours"
    body = await put(azure, ours, a_manager_connection())
    assert body["properties"]["connectionState"] == "Connected"
    assert (await azure.get(CONNECTION))["properties"]["connectionState"] == "Connected"
    await azure.gone(ours)
    assert (await azure.get(CONNECTION))["properties"]["connectionState"] == "Pending"


async def test_a_connection_shows_neither_etag_nor_state_of_provisioning(azure: Azure) -> None:
    """As recorded."""
    await put(azure, MANAGER, A_MANAGER)
    body = await put(azure, CONNECTION, a_scope_connection())
    assert list(body) == ["name", "id", "type", "properties", "systemData"]
    names = ["tenantId", "resourceId", "connectionState", "description"]
    assert list(body["properties"]) == names


async def test_connections_of_a_subscription_are_listed(azure: Azure) -> None:
    """With those of no other scope."""
    await put(azure, MANAGER, A_MANAGER)
    for scope in (SUBSCRIPTION, MANAGEMENT_GROUP):
        path = f"{scope}/providers/{MANAGER_CONNECTION}/of"
        await put(azure, path, a_manager_connection())
    listed = await azure.get(f"{SUBSCRIPTION}/providers/{MANAGER_CONNECTION}")
    assert [item["id"] for item in listed["value"]] == [
        f"{SUBSCRIPTION}/providers/{MANAGER_CONNECTION}/of"
    ]


@pytest.mark.parametrize(("seconds", "status"), [(0.5, 409), (5, 200)])
async def test_a_hasty_delete_may_wedge_the_subscription(
    azure: Azure, app: Starlette, seconds: float, status: int
) -> None:
    """When the setting says so."""
    world = app.state.world
    world.settings = replace(world.settings, scope_wedges_within=1)
    await put(azure, MANAGER, A_MANAGER)
    await put(azure, CONNECTION, a_scope_connection())
    await azure.delete(CONNECTION)
    azure.clock.advance(seconds)
    await azure.delete(MANAGER)
    assert (await azure.put(MANAGER, A_MANAGER)).status_code == status


async def test_two_managers_of_one_level_do_not_share_a_feature(azure: Azure) -> None:
    """Another feature or another level may be had."""
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.put("networkManagers/second", A_MANAGER)
    assert (response.status_code, code_of(response)) == (409, "NetworkManagerScopeOverlap")
    scopes = A_MANAGER["properties"]["networkManagerScopes"]
    other = {"networkManagerScopes": scopes, "networkManagerScopeAccesses": ["SecurityUser"]}
    await put(azure, "networkManagers/second", {"location": "westeurope", "properties": other})
    await put(azure, "networkManagers/third", TENANT_WIDE)


async def _rules(azure: Azure, manager: str, priority: int) -> str:
    """Give a manager a group with the network v and an admin rule; return the configuration."""
    group = f"{manager}/networkGroups/g"
    await put(azure, group, {"properties": {}})
    member = {"properties": {"resourceId": network_id("v")}}
    await put(azure, f"{group}/staticMembers/v", member)
    configuration = f"{manager}/securityAdminConfigurations/admin"
    await put(azure, configuration, {"properties": {}})
    collection = f"{configuration}/ruleCollections/c"
    reach = [{"networkGroupId": (await azure.get(group))["id"]}]
    await put(azure, collection, {"properties": {"appliesToGroups": reach}})
    await put(azure, f"{collection}/rules/r", an_admin_rule(priority))
    azure.clock.advance(3)
    return str((await azure.get(configuration))["id"])


async def _commit(azure: Azure, manager: str, kind: str, configuration: str) -> None:
    body = {
        "commitType": kind,
        "targetLocations": ["westeurope"],
        "configurationIds": [configuration],
    }
    response = await azure.ask("POST", f"{manager}/commit", body)
    assert response.status_code == 202, response.text
    azure.clock.advance(3600)


async def test_rules_of_the_higher_scope_come_first(azure: Azure) -> None:
    """Whatever their numbers."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    await put(azure, MANAGER, A_MANAGER)
    await put(azure, "networkManagers/top", TENANT_WIDE)
    for manager, priority in ((MANAGER, 1), ("networkManagers/top", 1000)):
        configuration = await _rules(azure, manager, priority)
        await _commit(azure, manager, "SecurityAdmin", configuration)
    (network,) = (await azure.get("/_simulator/effective"))["networks"]
    assert [rule["priority"] for rule in network["adminRules"]] == [1000, 1]


async def test_what_a_manager_says_of_services_holds_where_it_has_rules(azure: Azure) -> None:
    """One with a higher scope that reaches a network with nothing says nothing of it."""
    body = a_network(a="10.0.1.0/24")
    service = {"name": "d", "properties": {"serviceName": "Microsoft.Sql/managedInstances"}}
    body["properties"]["subnets"][0]["properties"]["delegations"] = [service]
    await azure.made("virtualNetworks/v", body)
    await put(azure, MANAGER, A_MANAGER)
    configuration = await _rules(azure, MANAGER, 1)
    services = {"properties": {"applyOnNetworkIntentPolicyBasedServices": ["All"]}}
    await put(azure, configuration, services)
    await _commit(azure, MANAGER, "SecurityAdmin", configuration)
    await put(azure, "networkManagers/top", TENANT_WIDE)
    empty = "networkManagers/top/securityAdminConfigurations/empty"
    await put(azure, empty, {"properties": {}})
    there = str((await azure.get(empty))["id"])
    await _commit(azure, "networkManagers/top", "SecurityAdmin", there)
    (network,) = (await azure.get("/_simulator/effective"))["networks"]
    assert [rule["priority"] for rule in network["adminRules"]] == [1]


async def test_a_forced_delete_of_a_manager_leaves_the_other_alone(azure: Azure) -> None:
    """Its group and mesh go on."""
    await azure.made("virtualNetworks/v", a_network())
    await a_group(azure, "g", "v")
    mesh = f"{MANAGER}/connectivityConfigurations/mesh"
    await put(azure, mesh, a_mesh("g"))
    await put(azure, "networkManagers/top", TENANT_WIDE)
    await forced(azure, "networkManagers/top")
    azure.clock.advance(3600)
    assert (await azure.ask("GET", mesh)).status_code == 200


async def _routing(azure: Azure, manager: str, hop: str) -> str:
    """Give a manager a group with the network v and a default route; return the configuration."""
    group = f"{manager}/networkGroups/r"
    await put(azure, group, {"properties": {}})
    member = {"properties": {"resourceId": network_id("v")}}
    await put(azure, f"{group}/staticMembers/v", member)
    configuration = f"{manager}/routingConfigurations/routing"
    await put(azure, configuration, {"properties": {}})
    collection = f"{configuration}/ruleCollections/c"
    reach = [{"networkGroupId": (await azure.get(group))["id"]}]
    await put(azure, collection, {"properties": {"appliesTo": reach}})
    await put(azure, f"{collection}/rules/r", a_routing_rule(address=hop))
    azure.clock.advance(3)
    return str((await azure.get(configuration))["id"])


@pytest.mark.parametrize("first", [MANAGER, "networkManagers/top"])
async def test_routes_of_the_higher_scope_win(azure: Azure, first: str) -> None:
    """Whoever came first; when they go, the others are served."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.1.0/24"))
    await put(azure, MANAGER, A_MANAGER)
    await put(azure, "networkManagers/top", TENANT_WIDE)
    hops = {MANAGER: "10.0.0.4", "networkManagers/top": "10.0.0.5"}
    for manager in sorted(hops, key=lambda item: item != first):
        await _commit(azure, manager, "Routing", await _routing(azure, manager, hops[manager]))
    azure.clock.advance(3600)
    assert await _hop(azure) == "10.0.0.5"
    body = {"commitType": "Routing", "targetLocations": ["westeurope"], "configurationIds": []}
    await azure.ask("POST", "networkManagers/top/commit", body)
    for _ in range(3):
        azure.clock.advance(3600)
        await azure.get("virtualNetworks/v")
    assert await _hop(azure) == "10.0.0.4"


async def _hop(azure: Azure) -> str:
    subnet = await azure.get("virtualNetworks/v/subnets/a")
    (route,) = (await azure.get(subnet["properties"]["routeTable"]["id"]))["properties"]["routes"]
    return str(route["properties"]["nextHopIpAddress"])
