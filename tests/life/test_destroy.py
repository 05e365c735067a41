"""One region goes alone, all goes, and what others have in it is seen before anything does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from azure_api.apply import apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from simulator.arm.world import World
from simulator.settings import Settings
from tests.azure_api.bodies import put
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life.outsider import outsider
from topology.network import Network
from topology.planning.destroy import foreign_in, plan_destroy, what_stays
from topology.planning.plan import Delete, Plan
from topology.planning.planner import make_plan
from topology.resources import KIND_BY_NAME, KINDS, wanted

WEST = "westus"
NETWORK = a_network("eastus", WEST, "northeurope", spokes={"prod": {}})
NAMES = NETWORK.names
# Types that Orrery has no kind for, or never makes.
FOREIGN: dict[str, tuple[str, dict[str, Any]]] = {
    "nic-web": (
        NAMES.network_id(WEST, "networkInterfaces", "nic-web"),
        {
            "location": WEST,
            "properties": {
                "ipConfigurations": [
                    {
                        "name": "ip",
                        "properties": {
                            "subnet": {
                                "id": NAMES.subnet_id(
                                    WEST, "prod", NAMES.subnet_name(WEST, "prod", "workload")
                                )
                            }
                        },
                    }
                ]
            },
        },
    ),
    "lgw-branch": (
        NAMES.network_id(WEST, "localNetworkGateways", "lgw-branch"),
        {"location": WEST, "properties": {"gatewayIpAddress": "192.0.2.1"}},
    ),
}
SHARED: dict[str, tuple[str, dict[str, Any]]] = {
    "user-rules": (
        f"{NAMES.manager_id}/securityUserConfigurations/user-rules",
        {"properties": {"description": "another team's"}},
    ),
    "pool": (
        f"{NAMES.manager_id}/ipamPools/pool",
        {"location": "eastus", "properties": {"addressPrefixes": ["172.16.0.0/16"]}},
    ),
    "far": (
        f"{NAMES.manager_id}/scopeConnections/far",
        {
            "properties": {
                "tenantId": "10000000-0000-4000-8000-000000000000",
                "resourceId": "/subscriptions/10000000-0000-4000-8000-000000000001",
            }
        },
    ),
}


@dataclass
class Live:
    """A network of three regions that was applied, its simulator, and a reader of its own."""

    azure: Azure
    world: World
    http: httpx.AsyncClient

    async def plan(self, region: str | None) -> Plan:
        """Plan a destroy against what Azure holds."""
        actual = await read_network(self.azure, NETWORK, what_stays(NETWORK, region))
        return plan_destroy(NETWORK, region, actual)

    async def holds(self, ids: list[str]) -> dict[str, Any]:
        """Return what stands at these ids, by plain HTTP."""
        found: dict[str, Any] = {}
        for name in ids:
            answer = await self.http.get(name)
            found[name] = _without_etags(answer.json()) if answer.is_success else None
        return found

    async def put(self, resource_id: str, body: dict[str, Any]) -> None:
        """Make something as others do."""
        (await self.http.put(resource_id, json=body)).raise_for_status()
        await asyncio.sleep(600)  # virtual: until it has succeeded

    async def written(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the simulator's log of writes."""
        answer = await self.http.get("/_simulator/log", params={"since": since})
        log: list[dict[str, Any]] = answer.json()["value"]
        return log


@pytest_asyncio.fixture
async def live() -> AsyncIterator[Live]:
    """Apply the network."""
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, NETWORK) == {}
        async with outsider(azure, world) as http:
            yield Live(azure, world, http)


def _without_etags(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _without_etags(item) for key, item in body.items() if key != "etag"}
    return [_without_etags(item) for item in body] if isinstance(body, list) else body


def _ids(network: Network, region: str) -> list[str]:
    found = (item for item in wanted(network) if item.region == region)
    return [item.id for item in found if "#" not in item.id and "/commits/" not in item.id]


def _elsewhere(network: Network) -> list[str]:
    return [
        name
        for region in ("eastus", "northeurope")
        for name in _ids(network, region)
        if "/routeTables/" not in name and "/networkManagers/" not in name
    ]


async def test_a_region_goes_and_others_lose_only_their_routes_and_rules_for_it(
    live: Live,
) -> None:
    """Read before and after by plain HTTP; and nothing else was written, says the log."""
    before = await live.holds(_elsewhere(NETWORK))
    since = len(await live.written())

    errors = await carry_out(live.azure, await live.plan(WEST))

    assert errors == {}
    assert await live.holds(_elsewhere(NETWORK)) == before
    assert set((await live.holds(_ids(NETWORK, WEST))).values()) == {None}
    written = {entry["path"].rstrip("/").rsplit("/", 1)[-1] for entry in await live.written(since)}
    names = {name for name in written if "eastus" in name or "northeurope" in name}
    assert names == {NAMES.route_table_name(region) for region in ("eastus", "northeurope")}


async def test_a_region_leaves_mesh_and_routes_before_anything_of_it_is_deleted(
    live: Live,
) -> None:
    """Then spokes, firewall and hub, in the log's own order."""
    since = len(await live.written())
    await carry_out(live.azure, await live.plan(WEST))

    log = [f"{e['method']} {e['path'].rstrip('/')}".lower() for e in await live.written(since)]

    def last(*ends: str) -> int:
        wanted = tuple(end.lower() for end in ends)
        return max(number for number, entry in enumerate(log) if entry.endswith(wanted))

    tables = tuple(NAMES.route_table_name(region) for region in ("eastus", "northeurope"))
    order = [
        max(last(*tables), last("/commit")),
        last(f"DELETE {NAMES.vnet_id(WEST, 'prod')}"),
        last(f"DELETE {NAMES.firewall_id(WEST)}"),
        last(f"DELETE {NAMES.vnet_id(WEST, 'hub')}"),
        last(f"DELETE {NAMES.group_id(WEST)}"),
    ]
    assert order == sorted(order)


async def test_the_next_apply_makes_the_region_again_with_the_same_addresses(live: Live) -> None:
    """The file and its lock have kept them."""
    before = _addresses(await live.holds(_ids(NETWORK, WEST)))
    assert await carry_out(live.azure, await live.plan(WEST)) == {}

    assert await apply_network(live.azure, NETWORK) == {}

    assert _addresses(await live.holds(_ids(NETWORK, WEST))) == before
    assert make_plan(NETWORK, await read_network(live.azure, NETWORK)).is_empty


def _addresses(found: dict[str, Any]) -> dict[str, Any]:
    return {
        name: body["properties"]["addressSpace"]["addressPrefixes"]
        for name, body in found.items()
        if "addressSpace" in (body or {}).get("properties", {})
    }


async def test_foreign_things_of_unknown_types_are_told_before_the_first_write(
    live: Live,
) -> None:
    """In the group, and in the spoke that one of them lives in."""
    for name, body in FOREIGN.values():
        await live.put(name, body)

    told = foreign_in(await live.plan(WEST))

    assert told is not None
    assert f"resource-group {NAMES.group_name(WEST)}: it holds " in told
    assert "lgw-branch" in told
    assert (
        f"{NAMES.vnet_name(WEST, 'prod')}: it is used by nic-web, which is not ours" in told.lower()
    )


async def test_they_stay_with_what_they_need_when_they_are_to_be_kept(live: Live) -> None:
    """The spoke of the machine, its rules and the group; all else of the region goes."""
    for name, body in FOREIGN.values():
        await live.put(name, body)
    theirs = await live.holds([name for name, _ in FOREIGN.values()])

    errors = await carry_out(live.azure, await live.plan(WEST))

    left = {name for name, body in (await live.holds(_ids(NETWORK, WEST))).items() if body}
    assert errors == {}
    assert await live.holds(list(theirs)) == theirs
    assert left == {
        NAMES.group_id(WEST),
        NAMES.vnet_id(WEST, "prod"),
        NAMES.nsg_id(WEST, "prod"),
    }


async def test_what_others_keep_in_the_manager_is_told_before_the_first_write(live: Live) -> None:
    """Kinds of configuration, pool and connection that Orrery never makes."""
    for name, body in SHARED.values():
        await live.put(name, body)

    told = foreign_in(await live.plan(None))

    assert told is not None
    assert f"network-manager {NAMES.manager_name}: it holds " in told
    assert [name for name in SHARED if name not in told] == []


async def test_the_manager_is_never_forced(live: Live) -> None:
    """What came between the plan and the deletion would go along; Azure is to refuse."""
    since = len(await live.written())
    assert await carry_out(live.azure, await live.plan(None)) == {}

    gone = [
        "force" in sent.query.lower()
        for sent in live.azure.transport.sent
        if sent.method == "DELETE" and sent.path.endswith(NAMES.manager_name)
    ]
    assert gone == [False]
    assert await live.written(since)
    assert set((await live.holds(_ids(NETWORK, WEST))).values()) == {None}


async def test_a_manager_waits_after_its_last_scope_connection_went() -> None:
    """One that went at once would make the subscription useless as a scope for good."""
    manager = next(item for item in wanted(NETWORK) if item.id == NAMES.manager_id)
    kind = KIND_BY_NAME[manager.kind]
    async with simulated_azure(settings=Settings(scope_wedges_within=30)) as (azure, world):
        group = next(item for item in wanted(NETWORK) if item.id == NAMES.group_id(None))
        await put(azure, KIND_BY_NAME[group.kind], group.id, group.body)
        await put(azure, kind, manager.id, manager.body)
        async with outsider(azure, world) as http:
            name, body = SHARED["far"]
            (await http.put(name, json=body)).raise_for_status()
            (await http.delete(name)).raise_for_status()

        await apply_step(Applying.of(azure, KINDS, "sample"), Delete(manager))

        assert (await put(azure, kind, manager.id, manager.body))["name"] == NAMES.manager_name
