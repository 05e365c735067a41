"""What the firewalls let through: between spokes, and to names on the internet.

Everything else is denied, for a firewall denies what no rule allows (facts.md
section 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

from topology.kind import ChildList, Kind, Listing, Ownership, Resource, Stage
from topology.network import Network
from topology.spec import EgressSpec

SPOKE_TO_SPOKE = "spoke-to-spoke"
EGRESS = "egress"


def expand(network: Network) -> Iterable[Resource]:
    """Yield a group of network rules, and one of application rules where egress is named."""
    if between := _between_spokes(network):
        yield _group(network, SPOKE_TO_SPOKE, 200, between)
    if egress := _egress(network):
        yield _group(network, EGRESS, 300, egress)


def _group(
    network: Network, name: str, priority: int, collections: list[dict[str, Any]]
) -> Resource:
    group = f"rcg-{network.topology.topology}-{name}"
    return Resource(
        kind=KIND.name,
        id=f"{network.names.policy_id}/ruleCollectionGroups/{group}",
        region=None,
        stage=Stage.GLOBAL,
        body={"properties": {"priority": priority, "ruleCollections": collections}},
    )


def _collection(name: str, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    collection = {
        "name": name,
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "priority": 1000,
        "action": {"type": "Allow"},
        "rules": rules,
    }
    return [collection] if rules else []


def _between_spokes(network: Network) -> list[dict[str, Any]]:
    topology = network.topology
    pairs = product(topology.environments, repeat=2)
    rules = [
        {
            "name": f"{source}-to-{target}",
            "ruleType": "NetworkRule",
            "ipProtocols": ["Any"],
            "sourceAddresses": network.prefixes_of(source),
            "destinationAddresses": network.prefixes_of(target),
            "destinationPorts": ["*"],
        }
        for source, target in pairs
        if topology.may_open(source, target)
        and network.prefixes_of(source)
        and network.prefixes_of(target)
    ]
    return _collection(SPOKE_TO_SPOKE, rules)


def _egress(network: Network) -> list[dict[str, Any]]:
    rules = [_application_rule(network, rule) for rule in network.topology.egress]
    return _collection(EGRESS, [rule for rule in rules if rule["sourceAddresses"]])


def _application_rule(network: Network, egress: EgressSpec) -> dict[str, Any]:
    environments = egress.environments or network.topology.environments
    return {
        "name": egress.name,
        "ruleType": "ApplicationRule",
        "protocols": [{"protocolType": egress.protocol, "port": egress.port}],
        "sourceAddresses": [
            prefix for environment in environments for prefix in network.prefixes_of(environment)
        ],
        "targetFqdns": list(egress.fqdns),
    }


KIND = Kind(
    name="rule-collection-group",
    arm_type="Microsoft.Network/firewallPolicies/ruleCollectionGroups",
    client="network",
    operations="firewall_policy_rule_collection_groups",
    listing=Listing.PARENT,
    list_method="list",
    parent="firewall-policy",
    owned_by=Ownership.NAME,
    our_names="rcg-{topology}-.*",
    expand=expand,
    read_only=frozenset({"size", "ipv6Rule"}),
    child_lists=(ChildList("properties.ruleCollections", ours=f"{SPOKE_TO_SPOKE}|{EGRESS}"),),
    alone=frozenset({"firewallPolicies"}),
    expected_seconds=11,
)
