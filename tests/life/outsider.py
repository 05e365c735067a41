"""A reader of its own: plain HTTP, nothing of the product, no fault in its way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from azure_api.client import Azure
from simulator.arm.world import World
from simulator.faults import Faults
from tests.simulator.azure import signed_in


@asynccontextmanager
async def outsider(azure: Azure, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client whose requests neither meet faults nor use them up."""
    kept, world.faults = world.faults, Faults()
    try:
        with world.throttling.lifted():
            async with signed_in(azure.transport.app) as client:
                yield client
    finally:
        world.faults = kept


async def bodies(client: httpx.AsyncClient, ids: list[str]) -> dict[str, Any]:
    """Return what stands at these ids, None where nothing does, without what moves by itself."""
    found = {}
    for name in ids:
        answer = await client.get(name)
        found[name] = _told(answer.json()) if answer.status_code == httpx.codes.OK else None
    return found


async def deployed(client: httpx.AsyncClient, manager: str, region: str) -> set[str]:
    """Return the configurations that are deployed in a region, in lower case."""
    answer = await client.post(
        f"{manager}/listDeploymentStatus",
        json={"regions": [region], "deploymentTypes": ["Connectivity"]},
    )
    return {
        name.lower()
        for state in answer.json().get("value", [])
        for name in state.get("configurationIds", [])
    }


def _told(body: Any) -> Any:
    """Return a body without etags."""
    if isinstance(body, dict):
        return {key: _told(value) for key, value in body.items() if key != "etag"}
    return [_told(item) for item in body] if isinstance(body, list) else body
