"""What AVNM's configurations do: whom they reach, and whether a network shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from azure_api import calls
from azure_api.calls import Json, raw
from azure_api.client import Azure
from azure_api.errors import from_sdk
from azure_api.ids import parse
from azure_api.members import members_in
from azure_api.retrying import retried
from topology.kind import Kind, at, same_id
from topology.verification.bodies import delegated
from topology.verification.fabric import SHUTTING

_EFFECTIVE = {
    "Connectivity": "list_network_manager_effective_connectivity_configurations",
    "SecurityAdmin": "list_network_manager_effective_security_admin_rules",
}
_COLLECTIONS = {"SecurityAdmin": "admin_rule_collections", "Routing": "routing_rule_collections"}

# Far below the read limits (facts.md section 7).
_AT_ONCE = 16

# Subnets that are Azure's own services': AVNM's routes are for workloads.
_SERVICE_SUBNETS = {
    "azurefirewallsubnet",
    "azurefirewallmanagementsubnet",
    "azurebastionsubnet",
    "gatewaysubnet",
    "routeserversubnet",
}


async def affected_networks(
    azure: Azure, commit_type: str, configuration_ids: Sequence[str], region: str
) -> list[str]:
    """Return the ids of the networks in one region that the configurations reach.

    They are the static members of the groups that the configurations apply to, read
    from Azure. Subnets count as their networks. Raises Passing or Final.
    """
    groups = await _all_groups(azure, commit_type, configuration_ids)
    vnets: dict[str, str] = {}
    for group in sorted(groups):
        for member in await _children(azure, "static_members", group):
            if _region(member) == region:
                vnet = str(at(member, "properties.resourceId")).split("/subnets/", 1)[0]
                vnets.setdefault(same_id(vnet), vnet)
    return list(vnets.values())


async def joined_networks(
    azure: Azure,
    kinds: Iterable[Kind],
    commit_type: str,
    configuration_ids: Sequence[str],
    region: str,
) -> list[str]:
    """Return the networks in one region that the configurations reach, whatever put them there.

    Those that rules put into groups are known to Azure Resource Graph alone; it lists the others
    too. Raises Passing or Final.
    """
    groups = await _all_groups(azure, commit_type, configuration_ids)
    return await members_in(azure, kinds, groups, region)


async def effective_ids(
    azure: Azure, vnet_ids: Iterable[str]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the ids that Azure lists as effective for networks, by type of configuration.

    Of security they are those of rules, of connectivity those of configurations. Routing
    has no such list (facts.md section 9). Raises Passing or Final.
    """
    turns, vnets = asyncio.Semaphore(_AT_ONCE), list(vnet_ids)

    async def of(commit_type: str, vnet: str) -> tuple[str, ...]:
        async with turns:
            items = await _effective(azure, commit_type, vnet)
        return tuple(str(item.get("id")) for item in items)

    found = {}
    for commit_type in _EFFECTIVE:
        lists = await asyncio.gather(*(of(commit_type, vnet) for vnet in vnets))
        found[commit_type] = dict(zip(vnets, lists, strict=True))
    return found


async def shows(
    azure: Azure, commit_type: str, vnet_id: str, configuration_ids: Sequence[str]
) -> bool:
    """Say whether a network shows the effect of every configuration, as far as it takes it.

    One with a service that shuts admin rules out shows none of them, whoever waits.
    """
    if commit_type == "Routing":
        return _is_routed(await _network(azure, vnet_id))
    if await _lists(azure, commit_type, vnet_id, configuration_ids):
        return True
    is_of_rules = commit_type == "SecurityAdmin"
    return is_of_rules and _shuts_rules_out(await _network(azure, vnet_id))


async def shows_any(
    azure: Azure, commit_type: str, vnet_id: str, configuration_ids: Sequence[str]
) -> bool:
    """Say whether a network shows the effect of one of these configurations.

    Of routing it shows a table of AVNM's, and not by which configuration.
    """
    if commit_type == "Routing":
        return _has_table_of_avnm(await _network(azure, vnet_id))
    for name in configuration_ids:
        if await _lists(azure, commit_type, vnet_id, [name]):
            return True
    return False


# -- whom they reach ---------------------------------------------------------------------


async def _all_groups(azure: Azure, commit_type: str, configuration_ids: Sequence[str]) -> set[str]:
    """Return the groups that configurations apply to, by lower-case ids."""
    groups: set[str] = set()
    for configuration in configuration_ids:
        groups |= {item async for item in _groups(azure, commit_type, configuration)}
    return groups


async def _groups(azure: Azure, commit_type: str, configuration: str) -> Any:
    """Yield the groups of a configuration, or of its rule collections."""
    if commit_type in _COLLECTIONS:
        for body in await _children(azure, _COLLECTIONS[commit_type], configuration):
            for group in _applies_to(body):
                yield group
        return
    client = azure.client_of("network", configuration)
    found = await _read(client.connectivity_configurations.get, azure, configuration)
    for group in _applies_to(found or {}):
        yield group


def _applies_to(body: Json) -> Iterator[str]:
    for name in ("appliesToGroups", "appliesTo"):
        for item in at(body, f"properties.{name}") or []:
            yield same_id(item["networkGroupId"])


async def _children(azure: Azure, operations: str, parent: str) -> list[Json]:
    method = getattr(azure.client_of("network", parent), operations).list
    arguments = parse(parent).path_arguments
    return await retried(lambda: calls.list_all(method, *arguments, about=parent), azure)


def _region(member: Json) -> str:
    """Return a member's region; Azure fills it in seconds later (recordings.md section 6)."""
    properties = member.get("properties") or {}
    return str(properties.get("region") or properties.get("location") or "")


# -- what a network shows ----------------------------------------------------------------


def _is_routed(network: Json | None) -> bool:
    """Say whether AVNM has given every workload subnet a table (facts.md section 4)."""
    workload = [
        item for item in _subnets(network) if str(item["name"]).lower() not in _SERVICE_SUBNETS
    ]
    return all(at(item, "properties.routeTable.id") for item in workload)


def _shuts_rules_out(network: Json | None) -> bool:
    return any(delegated(subnet) & SHUTTING for subnet in _subnets(network))


def _has_table_of_avnm(network: Json | None) -> bool:
    """Say whether a subnet has a table in AVNM's own group (facts.md section 4)."""
    tables = (at(item, "properties.routeTable.id") for item in _subnets(network))
    return any("/resourcegroups/avnm_managed_" in same_id(str(name)) for name in tables)


def _subnets(network: Json | None) -> list[Json]:
    return at(network or {}, "properties.subnets") or []


async def _lists(
    azure: Azure, commit_type: str, vnet_id: str, configuration_ids: Sequence[str]
) -> bool:
    """Say whether Azure lists every configuration as effective for a network."""
    effective = [
        same_id(str(item.get("id"))) for item in await _effective(azure, commit_type, vnet_id)
    ]
    return all(
        any(f"{item}/".startswith(f"{same_id(wanted)}/") for item in effective)
        for wanted in configuration_ids
    )


async def _network(azure: Azure, vnet_id: str) -> Json | None:
    return await _read(azure.client_of("network", vnet_id).virtual_networks.get, azure, vnet_id)


async def _effective(azure: Azure, commit_type: str, vnet_id: str) -> list[Json]:
    """Return all pages; a page's skipToken is "" on the last (recordings.md section 6)."""
    method = getattr(azure.client_of("network", vnet_id), _EFFECTIVE[commit_type])
    items: list[Json] = []
    query: dict[str, Any] = {}
    while True:
        page = await _read(method, azure, vnet_id, dict(query)) or {}
        items += page.get("value") or []
        query["skipToken"] = page.get("skipToken") or ""
        if not query["skipToken"]:
            return items


async def _read(method: Any, azure: Azure, resource_id: str, *arguments: Any) -> Json | None:
    async def once() -> Json | None:
        try:
            path = parse(resource_id).path_arguments
            return dict(await method(*path, *arguments, cls=raw))
        except Exception as error:
            if calls.is_absent(error):
                return None
            raise from_sdk(error, resource_id) from error

    return await retried(once, azure)
