"""What the interfaces of machines tell of the routes of their subnets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from azure_api.calls import Json, raw
from azure_api.client import Azure
from azure_api.errors import AzureError, from_sdk
from azure_api.ids import parse
from azure_api.retrying import READING, retried
from azure_api.waiting import together
from topology.verification.told_routes import ToldRoutes

# Far below the limits of writes, which a POST counts against (facts.md section 7).
_AT_ONCE = 32

# Only the interface of a running machine answers (facts.md section 9), and nothing that is read
# says which is one: so many of a subnet are asked, one after the other, until one answers.
_TRIES = 3

# How long all may take, in Azure's seconds: more than a thousand subnets need, and a rollout
# waits for it. Our choice.
_PATIENCE = 900.0


async def ask_for_routes(
    azure: Azure, interfaces: Mapping[str, Sequence[str]]
) -> tuple[ToldRoutes, ...]:
    """Ask one interface of each subnet for its effective routes; both are given by their ids.

    It takes the right Microsoft.Network/networkInterfaces/effectiveRouteTable/action. A subnet
    of which none answers is told with what Azure said to the last: nothing is raised for it, and
    after a quarter of an hour none is waited for.
    """
    turns = asyncio.Semaphore(_AT_ONCE)
    end = asyncio.get_running_loop().time() + _PATIENCE * azure.settings.time_scale

    async def ask(subnet: str, several: Sequence[str]) -> ToldRoutes:
        try:
            async with asyncio.timeout_at(end), turns:
                return await _first_told(azure, subnet, several[:_TRIES])
        except TimeoutError:
            text = f"TimedOut: Azure has not answered all within {_PATIENCE:.0f} s"
            return ToldRoutes(subnet, several[0], refused=text)

    return tuple(await together(ask(*item) for item in interfaces.items()))


async def _first_told(azure: Azure, subnet: str, interfaces: Sequence[str]) -> ToldRoutes:
    refused = ""
    for name in interfaces:
        try:
            routes = await retried(partial(_routes, azure, name), azure, READING)
        except AzureError as error:
            refused = f"{error.code}: {error.message}"
        else:
            return ToldRoutes(subnet, name, tuple(routes))
    return ToldRoutes(subnet, interfaces[-1], refused=refused)


async def _routes(azure: Azure, interface: str) -> list[Json]:
    operations = azure.client_of("network", interface).network_interfaces
    try:
        path = parse(interface).path_arguments
        poller = await operations.begin_get_effective_route_table(*path, cls=raw)
        return list((await poller.result()).get("value") or ())
    except Exception as error:
        raise from_sdk(error, interface) from error
