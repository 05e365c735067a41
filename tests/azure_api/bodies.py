"""Ids and bodies for tests of writes and reads, as small as Azure takes them; and the writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from azure_api import goal_state, write
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.retrying import WRITING, RetryBudget
from tests.azure_api.in_process import SUBSCRIPTION
from topology.kind import Kind, Resource, Stage
from topology.planning.actual import GoalState
from topology.resources import KIND_BY_NAME

GROUP = KIND_BY_NAME["resource-group"]
VNET = KIND_BY_NAME["virtual-network"]
PEERING = KIND_BY_NAME["peering"]
TABLE = KIND_BY_NAME["route-table"]

OURS = {"managed-by": "orrery", "topology": "globo"}
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-globo-westeurope"
TABLE_ID = f"{GROUP_ID}/providers/Microsoft.Network/routeTables/rt-globo-afw-westeurope"


def vnet_id(name: str = "vnet-a", group_id: str = GROUP_ID) -> str:
    """Return the id of a network."""
    return f"{group_id}/providers/Microsoft.Network/virtualNetworks/{name}"


def vnet_body(prefix: str = "10.0.0.0/16", **properties: Any) -> dict[str, Any]:
    """Return the body of a network that is ours."""
    space = {"addressSpace": {"addressPrefixes": [prefix]}}
    return {"location": "westeurope", "tags": OURS, "properties": {**space, **properties}}


async def put(
    azure: Azure,
    kind: Kind,
    resource_id: str,
    body: Mapping[str, Any],
    budget: RetryBudget = WRITING,
) -> Json:
    """Write a body as it is, whatever stands there, as others do."""

    async def making() -> Json:
        return dict(body)

    after = await write.put(azure, kind, resource_id, making, budget)
    assert after is not None
    return after


async def delete(azure: Azure, kind: Kind, resource_id: str, budget: RetryBudget = WRITING) -> None:
    """Delete a resource whatever it is, as others do."""

    async def looking() -> str:
        return ""

    assert await write.delete(azure, kind, resource_id, looking, budget) == ""


async def commit(azure: Azure, manager_id: str, body: Mapping[str, Any]) -> goal_state.Committed:
    """Tell AVNM a goal as it is, whatever stands there, as others do."""

    async def goal(_state: GoalState | None) -> Sequence[str]:
        return tuple(body["configurationIds"])

    [region] = body["targetLocations"]
    return await goal_state.commit(azure, manager_id, body["commitType"], region, goal)


async def a_group(azure: Azure, group_id: str = GROUP_ID, **tags: str) -> str:
    """Make a resource group, ours unless tags say otherwise; return its id."""
    await put(azure, GROUP, group_id, {"location": "westeurope", "tags": tags or OURS})
    return group_id


async def a_vnet(azure: Azure, name: str = "vnet-a", **properties: Any) -> str:
    """Make a network in a group that exists; return its id."""
    await put(azure, VNET, vnet_id(name), vnet_body(**properties))
    return vnet_id(name)


async def a_table(azure: Azure) -> None:
    """Make a route table of ours in a group that exists, with its route to the internet."""
    route = {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}
    routes = [{"name": "default-to-internet", "properties": route}]
    body = {"location": "westeurope", "tags": OURS, "properties": {"routes": routes}}
    await put(azure, TABLE, TABLE_ID, body)


def remote_routes(*hops: str) -> Resource:
    """Return the part of that table that leads to eastus by the first hop, to westus by another."""
    regions = ("eastus", "westus")  # ours are known by these names
    routes = [
        {
            "name": f"to-{regions[number]}",
            "properties": {
                "addressPrefix": f"10.{number}.0.0/16",
                "nextHopType": "VirtualAppliance",
                "nextHopIpAddress": hop,
            },
        }
        for number, hop in enumerate(hops)
    ]
    part, body = f"{TABLE_ID}#remote-routes", {"properties": {"routes": routes}}
    return Resource("remote-routes", part, "westeurope", Stage.HUB, body)
