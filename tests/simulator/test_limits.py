"""How much there may be of everything: each limit is a setting that a test makes small."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.settings import LIMITS, Settings
from tests.simulator.azure import (
    GROUP,
    NETWORK,
    Azure,
    a_network,
    a_peering,
    a_policy,
    a_rule_group,
    a_table,
    code_of,
)

Body = Callable[[int], Any]
HERE = {"location": "westeurope"}
GLOBAL = {"location": "global"}


def a_rule(number: int) -> dict[str, Any]:
    """Return the body of a security rule."""
    properties = {
        "priority": 100 + number,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    }
    return {"properties": properties}


def a_route(number: int) -> dict[str, Any]:
    """Return the body of a route."""
    return {"properties": {"addressPrefix": f"10.{number}.0.0/16", "nextHopType": "Internet"}}


def a_link(number: int) -> dict[str, Any]:
    """Return the body of a link with the network of this number."""
    target = {"id": f"{NETWORK}/virtualNetworks/v{number}"}
    return {**GLOBAL, "properties": {"virtualNetwork": target}}


# The type, what must be there first, the path up to the number, and the body.
COUNTED: tuple[tuple[str, dict[str, Any], str, Body], ...] = (
    ("virtualNetworks", {}, "virtualNetworks/v", lambda _: a_network()),
    ("networkSecurityGroups", {}, "networkSecurityGroups/n", lambda _: HERE),
    ("routeTables", {}, "routeTables/t", lambda _: HERE),
    ("publicIPAddresses", {}, "publicIPAddresses/p", lambda _: {**HERE, "properties": {}}),
    ("privateDnsZones", {}, "privateDnsZones/zone.", lambda _: GLOBAL),
    (
        "virtualNetworks/subnets",
        {"virtualNetworks/v": a_network()},
        "virtualNetworks/v/subnets/s",
        lambda n: {"properties": {"addressPrefix": f"10.0.{n}.0/24"}},
    ),
    (
        "virtualNetworks/virtualNetworkPeerings",
        {f"virtualNetworks/v{n}": a_network(f"10.{n}.0.0/16") for n in range(4)},
        "virtualNetworks/v3/virtualNetworkPeerings/p",
        lambda n: a_peering(f"v{n}"),
    ),
    (
        "networkSecurityGroups/securityRules",
        {"networkSecurityGroups/n": HERE},
        "networkSecurityGroups/n/securityRules/r",
        a_rule,
    ),
    ("routeTables/routes", {"routeTables/t": HERE}, "routeTables/t/routes/r", a_route),
    (
        "firewallPolicies/ruleCollectionGroups",
        {"firewallPolicies/policy": a_policy()},
        "firewallPolicies/policy/ruleCollectionGroups/g",
        lambda n: a_rule_group(200 + n),
    ),
    (
        "privateDnsZones/virtualNetworkLinks",
        {
            "privateDnsZones/zone": GLOBAL,
            **{f"virtualNetworks/v{n}": a_network() for n in range(3)},
        },
        "privateDnsZones/zone/virtualNetworkLinks/l",
        a_link,
    ),
)


@asynccontextmanager
async def small(**changes: Any) -> AsyncIterator[Azure]:
    """Yield a simulator with these settings and the resource group `rg`."""
    settings, clock = dataclasses.replace(Settings(), **changes), ManualClock()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(clock, settings=settings)),
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {bearer_token(settings)}"},
        params={"api-version": "2026-03-01"},
    ) as client:
        azure = Azure(client, clock)
        await azure.put(GROUP, HERE)
        yield azure


def test_every_counted_type_is_in_the_table() -> None:
    """So that a new limit gets its row."""
    assert {f"Microsoft.Network/{row[0]}" for row in COUNTED} == set(LIMITS)


@pytest.mark.parametrize(
    ("type_name", "first", "path", "body"), COUNTED, ids=[str(row[0]) for row in COUNTED]
)
async def test_one_more_than_the_limit_is_refused(
    type_name: str, first: dict[str, Any], path: str, body: Body
) -> None:
    """Two are welcome, may be written again, and a third may not come."""
    limits = {**LIMITS, f"Microsoft.Network/{type_name}": 2}
    async with small(limits=limits) as azure:
        for needed, content in first.items():
            await azure.made(needed, content)
        for number in (0, 1, 1):
            await azure.made(f"{path}{number}", body(number))
        response = await azure.put(f"{path}2", body(2))
    assert response.status_code == 400
    assert code_of(response).endswith("CountLimitReached")
    assert "Cannot create more than 2" in response.text


async def test_children_in_the_body_of_their_parent_count_too() -> None:
    """A table with three routes comes with none."""
    limits = {**LIMITS, "Microsoft.Network/routeTables/routes": 2}
    routes = [(f"10.{number}.0.0/16", "Internet") for number in range(3)]
    async with small(limits=limits) as azure:
        response = await azure.put("routeTables/t", a_table(*routes))
        assert code_of(response) == "RouteCountLimitReached"
        assert (await azure.put("routeTables/t", a_table(*routes[:2]))).status_code == 201


async def test_another_region_has_a_limit_of_its_own() -> None:
    """Limits are per subscription and region."""
    async with small(limits={**LIMITS, "Microsoft.Network/routeTables": 1}) as azure:
        await azure.made("routeTables/here", HERE)
        response = await azure.put("routeTables/there", {"location": "northeurope"})
        assert response.status_code == 201
        assert code_of(await azure.put("routeTables/more", HERE)) == "RouteTableCountLimitReached"


async def test_a_table_holds_few_routes_to_service_tags() -> None:
    """Inline or alone."""
    async with small(service_tag_route_limit=1) as azure:
        await azure.made("routeTables/t", a_table(("Storage", "Internet"), ("10.0.0.0/8", "None")))
        tag = {"properties": {"addressPrefix": "Sql.WestEurope", "nextHopType": "Internet"}}
        alone = await azure.put("routeTables/t/routes/more", tag)
        both = await azure.put(
            "routeTables/t", a_table(("Storage", "Internet"), ("Sql", "Internet"))
        )
    assert code_of(alone) == code_of(both) == "ServiceTagRouteCountLimitReached"


async def test_a_network_is_linked_to_few_zones() -> None:
    """Zones a network, the other way round than links a zone."""
    async with small(zones_per_network=1) as azure:
        await azure.made("virtualNetworks/v0", a_network())
        for zone in ("one", "two"):
            await azure.made(f"privateDnsZones/{zone}", GLOBAL)
        await azure.made("privateDnsZones/one/virtualNetworkLinks/l", a_link(0))
        response = await azure.put("privateDnsZones/two/virtualNetworkLinks/l", a_link(0))
    assert (response.status_code, code_of(response)) == (409, "Conflict")


def _rules(**changes: Any) -> dict[str, Any]:
    body = a_rule_group()
    body["properties"]["ruleCollections"][0]["rules"][0].update(changes)
    return body


@pytest.mark.parametrize(
    ("setting", "value", "body", "code"),
    [
        ("rule_collection_group_megabytes", 0.001, a_rule_group(), "SizeExceeded"),
        (
            "network_rule_pair_limit",
            5,
            _rules(sourceAddresses=["10.0.0.1", "10.0.0.2"], destinationAddresses=["a", "b", "c"]),
            "NetworkRulesExceeded",
        ),
        ("dnat_rule_limit", 0, _rules(ruleType="NatRule"), "DnatRulesExceeded"),
        (
            "ip_groups_per_firewall",
            0,
            _rules(sourceIpGroups=[f"{NETWORK}/ipGroups/one"]),
            "IpGroupsExceeded",
        ),
    ],
)
async def test_a_policy_holds_only_so_much(
    setting: str, value: float, body: dict[str, Any], code: str
) -> None:
    """What is too much for its firewalls is refused with the group that brings it."""
    async with small(**{setting: value}) as azure:
        await azure.made("ipGroups/one", {**HERE, "properties": {"ipAddresses": ["10.0.0.1"]}})
        await azure.made("firewallPolicies/policy", a_policy())
        response = await azure.put("firewallPolicies/policy/ruleCollectionGroups/g", body)
    assert code_of(response) == f"FirewallPolicyRuleCollectionGroup{code}"


async def test_a_firewall_has_the_rules_of_the_base_policy_too() -> None:
    """They count in the child's limits."""
    async with small(network_rule_pair_limit=1) as azure:
        await azure.made("firewallPolicies/base", a_policy())
        base = {"id": f"{NETWORK}/firewallPolicies/base"}
        await azure.made("firewallPolicies/policy", a_policy(basePolicy=base))
        await azure.made("firewallPolicies/base/ruleCollectionGroups/g", a_rule_group())
        body = _rules(sourceAddresses=["192.168.0.0/16"])
        response = await azure.put("firewallPolicies/policy/ruleCollectionGroups/g", body)
    assert code_of(response) == "FirewallPolicyRuleCollectionGroupNetworkRulesExceeded"


async def test_an_ip_group_holds_only_so_many_addresses() -> None:
    """The limit is per group."""
    async with small(ip_group_address_limit=1) as azure:
        body = {**HERE, "properties": {"ipAddresses": ["10.0.0.1", "10.0.0.2"]}}
        response = await azure.put("ipGroups/one", body)
    assert code_of(response) == "IpGroupsMaximumIpAddressesExceeded"


async def test_a_zone_holds_only_so_many_record_sets() -> None:
    """Of all types together, the start of authority included."""
    async with small(zone_record_set_limit=2) as azure:
        await azure.made("privateDnsZones/zone", GLOBAL)
        await azure.put("privateDnsZones/zone/A/one", {"properties": {"ttl": 60}})
        response = await azure.put("privateDnsZones/zone/TXT/two", {"properties": {"ttl": 60}})
    assert (response.status_code, response.json()["code"]) == (400, "BadRequest")


async def test_a_firewall_holds_only_so_much() -> None:
    """Public addresses, and what its own rules name."""
    empty = {"name": "x", "properties": {}}
    async with small(addresses_per_firewall=1, dnat_rule_limit=0) as azure:
        many = {**HERE, "properties": {"ipConfigurations": [empty, {**empty, "name": "y"}]}}
        addresses = await azure.put("azureFirewalls/f", many)
        action = {"type": "Dnat"}
        nat = {
            "name": "d",
            "properties": {"priority": 100, "action": action, "rules": [{"name": "r"}]},
        }
        body = {**HERE, "properties": {"natRuleCollections": [nat]}}
        rules = await azure.put("azureFirewalls/f", body)
    assert code_of(addresses) == "AzureFirewallPublicIPCountLimitReached"
    assert code_of(rules) == "AzureFirewallRuleCollectionLimitExceeded"


def an_interface(network: str) -> dict[str, Any]:
    """Return the body of a network interface in the subnet `s` of a network."""
    links = {"subnet": {"id": f"{NETWORK}/virtualNetworks/{network}/subnets/s"}}
    configuration = {"name": "one", "properties": links}
    return {**HERE, "properties": {"ipConfigurations": [configuration]}}


@pytest.mark.parametrize(
    ("setting", "networks", "code"),
    [
        ("addresses_per_network", ("one", "one"), "VirtualNetworkAddressLimitReached"),
        ("addresses_of_peers", ("one", "two"), "PeeredVirtualNetworksAddressLimitReached"),
    ],
)
async def test_networks_hold_only_so_many_private_addresses(
    setting: str, networks: tuple[str, str], code: str
) -> None:
    """One alone, and peers together."""
    async with small(**{setting: 1}) as azure:
        await azure.made("virtualNetworks/one", a_network("10.1.0.0/16", s="10.1.0.0/24"))
        await azure.made("virtualNetworks/two", a_network("10.2.0.0/16", s="10.2.0.0/24"))
        await azure.made("virtualNetworks/two/virtualNetworkPeerings/p", a_peering("one"))
        first, second = networks
        await azure.made("networkInterfaces/a", an_interface(first))
        response = await azure.put("networkInterfaces/b", an_interface(second))
    assert code_of(response) == code
