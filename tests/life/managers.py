"""A network manager of others, as another team makes one by hand beside ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import httpx

from azure_api.client import Azure
from simulator.arm.world import World
from tests.life import by_hand
from tests.life.outsider import outsider

ABOVE = "/providers/Microsoft.Management/managementGroups/contoso"
FOLLOWED = 1200  # seconds: longer than AVNM takes to deploy and to follow
_VERSION = {"api-version": "2026-03-01"}


def manager_id(subscription: str, name: str = "corp") -> str:
    """Return the id of a manager of others."""
    group = f"/subscriptions/{subscription}/resourceGroups/rg-corp"
    return f"{group}/providers/Microsoft.Network/networkManagers/{name}"


async def deploy(
    azure: Azure,
    world: World,
    manager: str,
    members: Iterable[str],
    scope: str = ABOVE,
    **connectivity: Any,
) -> None:
    """Have a manager mesh networks and always allow whatever reaches them or leaves them.

    Its scope is the management group contoso, or another one or a subscription. It is in effect
    in eastus at the end. `connectivity` are properties of the mesh that are to be others.
    """
    scopes = {"managementGroups" if "/managementGroups/" in scope else "subscriptions": [scope]}
    async with outsider(azure, world) as client:
        await by_hand.write(client, manager.partition("/providers/")[0], {"location": "eastus"})
        for name, body in _bodies(manager, scopes, members, connectivity):
            await by_hand.write(client, name, body)
        for kind, configuration in (
            ("Connectivity", "connectivityConfigurations/corp-mesh"),
            ("SecurityAdmin", "securityAdminConfigurations/corp-rules"),
        ):
            await _commit(client, manager, kind, f"{manager}/{configuration}")
    await asyncio.sleep(FOLLOWED)


def _bodies(
    manager: str,
    scopes: dict[str, list[str]],
    members: Iterable[str],
    connectivity: dict[str, Any],
) -> Iterable[tuple[str, dict[str, Any]]]:
    group, rules = (
        f"{manager}/networkGroups/all",
        f"{manager}/securityAdminConfigurations/corp-rules",
    )
    applies = {"networkGroupId": group}
    features = {
        "networkManagerScopes": scopes,
        "networkManagerScopeAccesses": ["Connectivity", "SecurityAdmin"],
    }
    yield manager, {"location": "eastus", "properties": features}
    yield group, {"properties": {"memberType": "VirtualNetwork"}}
    for number, member in enumerate(members):
        yield f"{group}/staticMembers/m{number}", {"properties": {"resourceId": member}}
    yield (
        f"{manager}/connectivityConfigurations/corp-mesh",
        {
            "properties": {
                "connectivityTopology": "Mesh",
                "isGlobal": "True",
                "deleteExistingPeering": "False",
                "hubs": [],
                "appliesToGroups": [
                    {
                        **applies,
                        "groupConnectivity": "DirectlyConnected",
                        "isGlobal": "True",
                        "useHubGateway": "False",
                    }
                ],
                **connectivity,
            }
        },
    )
    yield rules, {"properties": {}}
    yield f"{rules}/ruleCollections/c", {"properties": {"appliesToGroups": [applies]}}
    for number, direction in enumerate(("Inbound", "Outbound")):
        yield (
            f"{rules}/ruleCollections/c/rules/{direction.lower()}",
            {
                "kind": "Custom",
                "properties": {
                    "access": "AlwaysAllow",
                    "direction": direction,
                    "priority": 1 + number,
                    "protocol": "Any",
                    "sources": [],
                    "destinations": [],
                    "sourcePortRanges": ["0-65535"],
                    "destinationPortRanges": ["0-65535"],
                },
            },
        )


async def _commit(client: httpx.AsyncClient, manager: str, kind: str, configuration: str) -> None:
    body = {
        "commitType": kind,
        "targetLocations": ["eastus"],
        "configurationIds": [configuration],
    }
    answer = await client.post(f"{manager}/commit", params=_VERSION, json=body)
    assert answer.is_success, answer.text
