"""A small network under a network manager, and words for what tests do with it."""

from typing import Any

import httpx

from tests.simulator.azure import A_WHILE, NETWORK, SUBSCRIPTION, Azure

MANAGER = "networkManagers/nm"
MANAGER_ID = f"{NETWORK}/{MANAGER}"
MESH = f"{MANAGER}/connectivityConfigurations/mesh"
ADMIN = f"{MANAGER}/securityAdminConfigurations/admin"
ADMIN_COLLECTION = f"{ADMIN}/ruleCollections/c"
USER = f"{MANAGER}/securityUserConfigurations/user"
USER_COLLECTION = f"{USER}/ruleCollections/c"
MANAGER_CONNECTION = "Microsoft.Network/networkManagerConnections"
ROUTING = f"{MANAGER}/routingConfigurations/routing"
ROUTING_COLLECTION = f"{ROUTING}/ruleCollections/c"
MANAGED_GROUP = f"AVNM_Managed_ResourceGroup_{SUBSCRIPTION.rsplit('/', 1)[-1]}"

A_MANAGER: dict[str, Any] = {
    "location": "westeurope",
    "properties": {
        "networkManagerScopes": {"subscriptions": [SUBSCRIPTION]},
        "networkManagerScopeAccesses": ["Connectivity", "SecurityAdmin", "Routing"],
    },
}


def group_id(name: str) -> str:
    """Return the id of a group."""
    return f"{MANAGER_ID}/networkGroups/{name}"


def network_id(name: str) -> str:
    """Return the id of a network."""
    return f"{NETWORK}/virtualNetworks/{name}"


def a_mesh(*groups: str, is_global: str = "True") -> dict[str, Any]:
    """Return the body of a mesh of groups."""
    return {
        "properties": {
            "connectivityTopology": "Mesh",
            "isGlobal": is_global,
            "appliesToGroups": [
                {"networkGroupId": group_id(group), "groupConnectivity": "DirectlyConnected"}
                for group in groups
            ],
        }
    }


def an_admin_rule(priority: int = 100, **properties: Any) -> dict[str, Any]:
    """Return the body of an admin rule that denies ssh."""
    return {
        "kind": "Custom",
        "properties": {
            "protocol": "Tcp",
            "access": "Deny",
            "direction": "Inbound",
            "priority": priority,
            "sources": [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}],
            "destinationPortRanges": ["22"],
            **properties,
        },
    }


def a_user_rule() -> dict[str, Any]:
    """Return the body of a user rule about ssh."""
    return {
        "properties": {
            "protocol": "Tcp",
            "direction": "Inbound",
            "sources": [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}],
            "destinationPortRanges": ["22"],
        }
    }


def a_commit(kind: str, *configurations: str, regions: tuple[str, ...] = ("westeurope",)) -> Any:
    """Return the body of a commit as a resource."""
    return {
        "properties": {
            "commitType": kind,
            "targetLocations": list(regions),
            "configurationIds": [f"{NETWORK}/{item}" for item in configurations],
        }
    }


def a_scope_connection() -> dict[str, Any]:
    """Return the body of a manager's wish for a subscription."""
    return {"properties": {"tenantId": "t", "resourceId": SUBSCRIPTION, "description": "far"}}


def a_manager_connection(manager: str = MANAGER_ID) -> dict[str, Any]:
    """Return the body of a scope's consent to a manager."""
    return {"properties": {"networkManagerId": manager, "description": "ours"}}


def a_routing_rule(
    destination: str = "0.0.0.0/0", hop: str = "VirtualAppliance", address: str = "10.0.0.4"
) -> dict[str, Any]:
    """Return the body of a routing rule."""
    next_hop = {"nextHopType": hop, "nextHopAddress": address}
    where = {"type": "AddressPrefix", "destinationAddress": destination}
    return {"properties": {"destination": where, "nextHop": next_hop}}


def of_groups(*groups: str, key: str = "appliesToGroups") -> dict[str, Any]:
    """Return the body of a rule collection that applies to groups."""
    return {"properties": {key: [{"networkGroupId": group_id(group)} for group in groups]}}


async def put(azure: Azure, path: str, body: Any) -> Any:
    """Put what is synchronous and return the answer's body."""
    response = await azure.put(path, body)
    assert response.status_code == 200, response.text
    return response.json()


async def forced(azure: Azure, path: str) -> httpx.Response:
    """Delete with `force=true`."""
    return await azure.client.delete(f"{NETWORK}/{path}", params={"force": "true"})


async def a_group(azure: Azure, name: str, *networks: str) -> None:
    """Make a manager, if there is none, and a group with these networks."""
    await put(azure, MANAGER, A_MANAGER)
    await put(azure, f"{MANAGER}/networkGroups/{name}", {"properties": {}})
    for network in networks:
        await a_member(azure, name, network_id(network))


async def a_member(azure: Azure, group: str, member: str) -> None:
    """Add a member and wait until it counts."""
    name = member.rsplit("/", 1)[-1]
    path = f"{MANAGER}/networkGroups/{group}/staticMembers/{name}"
    await put(azure, path, {"properties": {"resourceId": member}})
    azure.clock.advance(3)


async def commit(
    azure: Azure, kind: str, *configurations: str, regions: tuple[str, ...] = ("westeurope",)
) -> httpx.Response:
    """Commit configurations given as paths."""
    body = {
        "commitType": kind,
        "targetLocations": list(regions),
        "configurationIds": [f"{NETWORK}/{item}" for item in configurations],
    }
    return await azure.ask("POST", f"{MANAGER}/commit", body)


async def deployed(
    azure: Azure, kind: str, *configurations: str, regions: tuple[str, ...] = ("westeurope",)
) -> None:
    """Commit and wait until the effects are there."""
    response = await commit(azure, kind, *configurations, regions=regions)
    assert response.status_code == 202, response.text
    azure.clock.advance(A_WHILE)


async def statuses(azure: Azure, **body: Any) -> list[dict[str, Any]]:
    """Return the entries of listDeploymentStatus."""
    response = await azure.ask("POST", f"{MANAGER}/listDeploymentStatus", body)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["value"]
    return found


async def routing(azure: Azure, group: str, *rules: dict[str, Any]) -> None:
    """Make a routing configuration with one collection for a group."""
    await put(azure, ROUTING, {"properties": {}})
    await put(azure, ROUTING_COLLECTION, of_groups(group, key="appliesTo"))
    for number, rule in enumerate(rules):
        await put(azure, f"{ROUTING_COLLECTION}/rules/r{number}", rule)
