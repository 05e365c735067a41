"""How much Azure takes: every limit in one place, each with its source (facts.md section 8).

A kind says which of them its resources count against; `topology.forecast` counts, and refuses
a plan that would pass one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from topology.naming import AVNM_PEERING, HUBS

Body = Mapping[str, Any]


class Per(StrEnum):
    """Where a limit counts, if not by the resource of a type that an id leads through."""

    REGION = "subscription and region"
    SUBSCRIPTION = "subscription"
    NETWORK = "topology"


def _one(_body: Body) -> int:
    return 1


@dataclass(frozen=True)
class Limit:
    """So many of something: `name` as the topology's `policies.limits` has it.

    `per` is where it counts: a `Per`, or a segment of ids (`virtualNetworks`), which stands
    for each resource of that type, or with a name behind it for that one. `count` says how
    many a resource is, by its body: one, unless said otherwise. One that is not `certain` is
    told and refuses nothing: it depends on what is put into the network, or Azure itself is
    asked before the first write.
    """

    name: str
    what: str
    most: int
    per: str
    source: str
    count: Callable[[Body], int] = _one
    certain: bool = True


@dataclass(frozen=True)
class Tokens:
    """How many tokens a bucket holds, and how many come back in a second."""

    size: float
    per_second: float


# Resource Manager's, for each subscription, principal and sort of call (learn:
# request-limits-and-throttling, text since 2024; facts.md section 7).
BUCKETS = {"read": Tokens(250, 25), "write": Tokens(200, 10), "delete": Tokens(200, 10)}

# Microsoft.Network's own, in any five minutes, for each subscription and region (facts.md
# section 7), by the sorts of calls that it counts together.
PROVIDER_SECONDS = 300.0
PROVIDER_CALLS: dict[frozenset[str], int] = {
    frozenset({"read"}): 10_000,
    frozenset({"write", "delete"}): 1000,
}


def provider_takes(sort: str) -> tuple[frozenset[str], int]:
    """Return the sorts of calls that the provider counts with this one, and how many it takes."""
    return next((sorts, most) for sorts, most in PROVIDER_CALLS.items() if sort in sorts)


@dataclass(frozen=True)
class CallLimit:
    """So many calls of some sorts in any so many seconds, beside Resource Manager's buckets.

    `path` is what the path of a call that counts begins with, a pattern in any case; its group
    is the place for which calls are counted. `by_region` says that this is a resource group,
    which stands for its subscription's part of its region: no path tells a region.
    """

    sorts: frozenset[str]
    path: str
    most: int
    seconds: float
    source: str
    by_region: bool = False

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.path, re.IGNORECASE)

    def place_of(self, path: str) -> str | None:
        """Return the place that a call of this path counts for, in lower case; None for none."""
        found = self._pattern.match(path)
        return found[1].lower() if found else None


_SUBSCRIPTION = r"/subscriptions/[^/]+"
_GROUP = rf"{_SUBSCRIPTION}/resourceGroups/[^/]+"
_ZONES = r"/providers/Microsoft\.Network/privateDnsZones"
_ZONE = rf"{_GROUP}{_ZONES}/[^/]+"


def _of_network() -> Iterator[CallLimit]:
    """Yield the provider's own limits, but for private DNS, which has others.

    A tenth is left to what others do in the region.
    """
    path = rf"({_GROUP})/providers/Microsoft\.Network/(?!privateDns)"
    source, seconds = "facts.md section 7", PROVIDER_SECONDS
    for sorts, most in PROVIDER_CALLS.items():
        yield CallLimit(sorts, path, most * 9 // 10, seconds, source, by_region=True)


def _of_dns(sort: str, path: str, a_minute: int) -> CallLimit:
    return CallLimit(frozenset({sort}), path, a_minute, 60, "Azure limits: DNS")


# All of them count: a link that is read takes from its zone and from its subscription.
CALL_LIMITS: tuple[CallLimit, ...] = (
    *_of_network(),
    *(_of_dns(sort, rf"({_SUBSCRIPTION}).*{_ZONES}/[^/]+$", 40) for sort in ("write", "delete")),
    _of_dns("read", rf"({_ZONE})$", 200),
    _of_dns("read", rf"({_GROUP}){_ZONES}$", 100),
    _of_dns("read", rf"({_SUBSCRIPTION}){_ZONES}$", 60),
    *(_of_dns(sort, rf"({_ZONE})/virtualNetworkLinks/", 60) for sort in ("write", "delete")),
    _of_dns("read", rf"({_ZONE})/virtualNetworkLinks/", 100),
    CallLimit(
        frozenset({"read"}),
        rf"({_SUBSCRIPTION}).*{_ZONES}",
        500,
        300,
        "learn: request-limits-and-throttling, 2020-12",
    ),
    # For one user, "at most 15 queries within every 5-second window".
    CallLimit(
        frozenset({"write"}),
        r"(/providers/Microsoft\.ResourceGraph/resources)$",
        15,
        5,
        "learn: resource-graph/concepts/guidance-for-throttled-requests",
    ),
)


def _items(*path: str) -> Callable[[Body], int]:
    def count(body: Body) -> int:
        here: Any = body
        for step in path:
            here = (here or {}).get(step)
        return len(here or ())

    return count


def _pairs(body: Body) -> int:
    """Return how many sources times destinations the network rules of a group have."""
    collections = (body.get("properties") or {}).get("ruleCollections") or ()
    rules = (rule for collection in collections for rule in collection.get("rules") or ())
    return sum(
        len(rule.get("sourceAddresses") or ()) * len(rule.get("destinationAddresses") or ())
        for rule in rules
    )


def _prefixes(body: Body) -> int:
    properties = body.get("properties") or {}
    return sum(
        item.get("addressPrefixType") == "IPPrefix"
        for side in ("sources", "destinations")
        for item in properties.get(side) or ()
    )


def _is_made_by_avnm(body: Body) -> bool:
    return str(body.get("name", "")).startswith(AVNM_PEERING)


def _dnat_rules(body: Body) -> int:
    collections = (body.get("properties") or {}).get("ruleCollections") or ()
    rules = (rule for collection in collections for rule in collection.get("rules") or ())
    return sum(rule.get("ruleType") == "NatRule" for rule in rules)


def _tagged_routes(body: Body) -> int:
    """Return how many routes lead to a service tag: to what begins with a letter and is no IPv6."""
    routes = (body.get("properties") or {}).get("routes") or ()
    prefixes = (str((route.get("properties") or {}).get("addressPrefix", "")) for route in routes)
    return sum(text[:1].isalpha() and ":" not in text for text in prefixes)


def _registers(body: Body) -> int:
    return int((body.get("properties") or {}).get("registrationEnabled") is True)


def _endpoints_of_hub(body: Body) -> int:
    """Return how many private endpoints stand in a network, if it is a hub of ours."""
    subnets = (body.get("properties") or {}).get("subnets") or ()
    is_hub = any(str(item.get("name")).lower() == "azurefirewallsubnet" for item in subnets)
    if not is_hub or (body.get("tags") or {}).get("managed-by") != "orrery":
        return 0
    held = ((item.get("properties") or {}).get("privateEndpoints") for item in subnets)
    return sum(len(items or ()) for items in held)


def _addresses(body: Body) -> int:
    """Return how many addresses of IPv4 the subnets of a network have to give."""
    subnets = (body.get("properties") or {}).get("subnets") or ()
    # Azure keeps five of each subnet for itself (learn: virtual-networks-faq).
    return sum(size - 5 for subnet in subnets if (size := _held(subnet.get("properties") or {})))


def _held(subnet: Body) -> int:
    """Return how many addresses a subnet has; it has one prefix, or several."""
    one = subnet.get("addressPrefix")
    prefixes = [str(text) for text in ([one] if one else subnet.get("addressPrefixes") or ())]
    return sum(2 ** (32 - int(text.split("/")[1])) for text in prefixes if "." in text)


def _size(body: Body) -> int:
    return len(json.dumps(body.get("properties")))


_NETWORKING = "Azure limits: networking, 2022-12"
_FIREWALL = "Azure limits: firewall, 2023-10"
_AVNM = "learn: virtual-network-manager/concept-limitations, 2026-09"
_DNS = "Azure limits: DNS"

NETWORKS = Limit("networks", "virtual networks", 1000, Per.REGION, _NETWORKING)
SUBNETS = Limit(
    "subnets", "subnets", 3000, "virtualNetworks", _NETWORKING, _items("properties", "subnets")
)
PEERINGS = Limit(
    "peerings",
    "peerings",
    500,
    "virtualNetworks",
    _NETWORKING,
    lambda body: int(not _is_made_by_avnm(body)),
)
# Of a hub with networks that join; how these add up with others nobody says.
AVNM_PEERINGS = Limit(
    "avnm-peerings",
    "peerings that AVNM makes",
    1000,
    "virtualNetworks",
    _AVNM,
    lambda body: int(_is_made_by_avnm(body)),
)
ADDRESSES = Limit(
    "addresses",
    "private addresses, if every subnet were full",
    65_536,
    "virtualNetworks",
    _NETWORKING,
    _addresses,
    certain=False,
)
CONNECTED_ADDRESSES = Limit(
    "connected-addresses",
    "private addresses of networks that are joined, if every subnet were full",
    128_000,
    Per.NETWORK,
    _AVNM,
    _addresses,
    certain=False,
)
ROUTE_TABLES = Limit("route-tables", "route tables", 200, Per.REGION, _NETWORKING)
ROUTES = Limit("routes", "routes", 400, "routeTables", _NETWORKING, _items("properties", "routes"))
TAG_ROUTES = Limit(
    "tag-routes",
    "routes to service tags",
    25,
    "routeTables",
    "learn: virtual-network/virtual-networks-udr-overview",
    _tagged_routes,
)
SECURITY_GROUPS = Limit("security-groups", "security groups", 5000, Per.REGION, _NETWORKING)
SECURITY_RULES = Limit(
    "security-rules",
    "rules of a security group",
    1000,
    "networkSecurityGroups",
    _NETWORKING,
    _items("properties", "securityRules"),
)
# 1,000 under an enterprise agreement: Azure is asked for the quota before the first write.
PUBLIC_ADDRESSES = Limit(
    "public-addresses", "Standard public addresses", 10, Per.REGION, _NETWORKING, certain=False
)
DNS_ZONES = Limit("dns-zones", "private DNS zones", 1000, Per.SUBSCRIPTION, _DNS)
DNS_LINKS = Limit("dns-links", "links", 1000, "privateDnsZones", _DNS)
REGISTERING_LINKS = Limit(
    "registering-links", "links with autoregistration", 100, "privateDnsZones", _DNS, _registers
)
RULE_GROUPS = Limit("rule-groups", "rule collection groups", 60, "firewallPolicies", _FIREWALL)
RULE_GROUP_SIZE = Limit(
    "rule-group-size", "bytes of a group", 2 * 1024**2, "ruleCollectionGroups", _FIREWALL, _size
)
RULE_PAIRS = Limit(
    "rule-pairs",
    "pairs of source and destination in network rules",
    20_000,
    "firewallPolicies",
    _FIREWALL,
    _pairs,
)
DNAT_RULES = Limit("dnat-rules", "DNAT rules", 250, "firewallPolicies", _FIREWALL, _dnat_rules)
FIREWALL_ADDRESSES = Limit(
    "firewall-addresses",
    "public addresses",
    250,
    "azureFirewalls",
    _FIREWALL,
    _items("properties", "ipConfigurations"),
)
IP_GROUPS = Limit(
    "ip-groups", "IP groups", 200, "azureFirewalls", _FIREWALL, _items("properties", "ipGroups")
)
IP_GROUP_PREFIXES = Limit(
    "ip-group-prefixes",
    "prefixes",
    5000,
    "ipGroups",
    _FIREWALL,
    _items("properties", "ipAddresses"),
)
ADMIN_RULES = Limit("admin-rules", "security admin rules", 100, "networkManagers", _AVNM)
ADMIN_PREFIXES = Limit(
    "admin-prefixes",
    "prefixes in security admin rules",
    20_000,
    "networkManagers",
    _AVNM,
    _prefixes,
)
# The default; high scale takes 3,000, more on request (facts.md section 1).
MESHED_NETWORKS = Limit(
    "meshed-networks", "networks of the mesh", 250, f"networkGroups/{HUBS}", _AVNM
)
# 20,000 with high scale (facts.md section 1). Of all hubs: one that no mesh joins counts too.
MESHED_ENDPOINTS = Limit(
    "meshed-endpoints",
    "private endpoints in hubs",
    2000,
    Per.NETWORK,
    _AVNM,
    _endpoints_of_hub,
    certain=False,
)
# AVNM's own tables take more than those of users, and a collection makes one.
MANAGED_ROUTES = Limit(
    "managed-routes",
    "routes of a collection",
    1000,
    "ruleCollections",
    "learn: virtual-network-manager/concept-user-defined-route, 2025-01",
)
ASSIGNMENTS = Limit(
    "assignments",
    "policy assignments",
    200,
    Per.SUBSCRIPTION,
    "Azure limits: Policy",
)

LIMITS: dict[str, Limit] = {
    limit.name: limit for limit in list(vars().values()) if isinstance(limit, Limit)
}
