"""Ids and bodies for tests of writes and reads, as small as Azure takes them; and the writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from azure_api import goal_state, write
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.retrying import WRITING, RetryBudget
from tests.azure_api.in_process import SUBSCRIPTION
from topology.kind import Kind
from topology.planning.actual import GoalState
from topology.resources import KIND_BY_NAME

GROUP = KIND_BY_NAME["resource-group"]
VNET = KIND_BY_NAME["virtual-network"]
PEERING = KIND_BY_NAME["peering"]

OURS = {"managed-by": "orrery", "topology": "globo"}
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-globo-westeurope"


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
