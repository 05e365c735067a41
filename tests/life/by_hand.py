"""A network with the names that somebody gave it by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from topology.network import Network
from topology.resources import wanted

# In the manner of the Azure portal and of Terraform modules: none holds the topology's name.
NAMES = {
    "global_group": "network-shared",
    "resource_group": "network-{region}",
    "hub": "{region}-hub",
    "spoke": "{region}-{spoke}",
    "subnet": "{subnet}",
    "firewall": "{region}-firewall",
    "firewall_ip_configuration": "configuration",
    "public_address": "{region}-firewall-ip",
    "route_table": "{region}-firewall-routes",
    "security_group": "{region}-{spoke}-rules",
    "peering_to_hub": "to-hub",
    "peering_to_spoke": "to-{spoke}",
    "dns_link": "{network}",
    "policy": "all-firewalls",
    "manager": "manager",
}
SPOKES: dict[str, Any] = {
    "prod": {"subnets": {"web": {"name": "WebTier"}, "data": {}}},
    "nonprod": {},
}

# -- by plain HTTP -----------------------------------------------------------------------

_LOOKS = 360  # an hour of simulated time
_VERSIONS = {"/privatednszones": "2024-06-01", "/microsoft.network/": "2026-03-01"}


def _version(resource_id: str) -> str:
    found = (version for part, version in _VERSIONS.items() if part in resource_id.lower())
    return next(found, "2025-04-01")


async def read(client: httpx.AsyncClient, resource_id: str) -> Any:
    """Return what stands at an id, None where nothing does."""
    answer = await client.get(resource_id, params={"api-version": _version(resource_id)})
    return answer.json() if answer.status_code == httpx.codes.OK else None


async def write(
    client: httpx.AsyncClient, resource_id: str, body: Any, verb: str = "PUT", second: float = 1
) -> None:
    """Write a body and wait until it has succeeded; `second` is how long one of Azure's takes."""
    params = {"api-version": _version(resource_id)}
    answer = await client.request(verb, resource_id, json=body, params=params)
    assert answer.is_success, answer.text
    for _ in range(_LOOKS):
        now = await read(client, resource_id)
        if now is not None and _state(now) == "Succeeded":
            return
        await asyncio.sleep(10 * second)
    raise AssertionError(now)


def _state(body: Any) -> str:
    return str(body.get("properties", {}).get("provisioningState", "Succeeded"))


async def strip(
    client: httpx.AsyncClient, network: Network, tags: dict[str, str], second: float = 1
) -> None:
    """Take every mark of ownership from a network, as if somebody else had made it.

    What takes tags gets these, what has a description another. Goal states are committed
    again, as after any edit.
    """
    for resource in wanted(network):
        found = None if "#" in resource.id else await read(client, resource.id)
        if found is None:
            continue
        if "tags" in found:
            await write(client, resource.id, {"tags": tags}, "PATCH", second)
        elif "description" in found["properties"]:
            properties = {**found["properties"], "description": "made by hand"}
            await write(client, resource.id, {**found, "properties": properties}, second=second)
    await _commit_again(client, network.names.manager_id, second)


async def _commit_again(client: httpx.AsyncClient, manager: str, second: float) -> None:
    answer = await client.post(f"{manager}/listDeploymentStatus", json={})
    for state in answer.json()["value"]:
        body = {
            "commitType": state["deploymentType"],
            "targetLocations": [state["region"]],
            "configurationIds": state["configurationIds"],
        }
        assert (await client.post(f"{manager}/commit", json=body)).is_success
    await asyncio.sleep(1200 * second)
