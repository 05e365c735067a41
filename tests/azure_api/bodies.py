"""Ids and bodies for tests of writes and reads: as small as Azure takes them."""

from __future__ import annotations

from typing import Any

from azure_api.client import Azure
from azure_api.write import put
from tests.azure_api.in_process import SUBSCRIPTION
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


async def a_group(azure: Azure, group_id: str = GROUP_ID, **tags: str) -> str:
    """Make a resource group, ours unless tags say otherwise; return its id."""
    await put(azure, GROUP, group_id, {"location": "westeurope", "tags": tags or OURS})
    return group_id


async def a_vnet(azure: Azure, name: str = "vnet-a", **properties: Any) -> str:
    """Make a network in a group that exists; return its id."""
    await put(azure, VNET, vnet_id(name), vnet_body(**properties))
    return vnet_id(name)
