"""What the firewalls let through: between spokes, and to names on the internet.

Everything else is denied, for a firewall denies what no rule allows (facts.md section 6). Names
lead outside only: a firewall looks at the name in a request and not at its address, so whatever
rules do not open within the topology is denied before names are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from topology.kind import Body, ChildList, Kind, Listing, Ownership, Resource, Severity, Stage
from topology.limits import DNAT_RULES, RULE_GROUP_SIZE, RULE_GROUPS, RULE_PAIRS
from topology.network import Network
from topology.recorded import POLICIES, Seconds
from topology.spec import EgressSpec

SPOKE_TO_SPOKE = "spoke-to-spoke"
EGRESS = "egress"
INSIDE = "inside"
FROM_ELSEWHERE = ".from-elsewhere"  # no environment has a dot in its name


def expand(network: Network) -> Iterable[Resource]:
    """Yield a group of network rules, and one of application rules where egress is named.

    They stand in the policy that all share, or in each region's own. Egress is the last of all
    groups, so what it denies takes nothing from network rules of others: they come before.
    """
    for region in network.policy_regions:
        if between := _between_spokes(network, region):
            yield _group(network, region, SPOKE_TO_SPOKE, 200, between)
        if egress := _egress(network, region):
            yield _group(network, region, EGRESS, _LAST_GROUP, [*_inside(network, region), *egress])


# 100 to 65,000 (facts.md section 6). Network rules of all groups, whatever their priority, are
# processed before application rules (learn: firewall/rule-processing).
_LAST_GROUP = 65_000


def _group(
    network: Network,
    region: str | None,
    name: str,
    priority: int,
    collections: list[dict[str, Any]],
) -> Resource:
    where = network.topology.topology if region is None else f"{network.topology.topology}-{region}"
    return Resource(
        kind=KIND.name,
        id=f"{network.policy_id_of(region)}/ruleCollectionGroups/rcg-{where}-{name}",
        region=region,
        stage=Stage.POLICY,
        body={"properties": {"priority": priority, "ruleCollections": collections}},
    )


def _collection(
    name: str, rules: Iterable[dict[str, Any]], action: str = "Allow", priority: int = 1000
) -> list[dict[str, Any]]:
    collection = {
        "name": name,
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "priority": priority,
        "action": {"type": action},
        "rules": [rule for rule in rules if _has_addresses(rule)],
    }
    return [collection] if collection["rules"] else []


def _has_addresses(rule: dict[str, Any]) -> bool:
    """Say whether no side of a rule is empty: that would mean nothing, or all."""
    return all(rule.get(side, True) for side in ("sourceAddresses", "destinationAddresses"))


def _between_spokes(network: Network, region: str | None) -> list[dict[str, Any]]:
    """Return who may open connections to whom.

    A region's firewall sees what its own spokes open, and what those elsewhere open to
    them: traffic between regions passes both firewalls (facts.md section 5).
    """
    topology = network.topology
    pairs = [
        (source, target)
        for source, target in product(topology.environments, repeat=2)
        if topology.may_open(source, target)
    ]
    everywhere = [hub.region for hub in network.hubs]
    here = everywhere if region is None else [region]
    elsewhere = [name for name in everywhere if name not in here]
    own = [_of_pair(network, pair, "", here, everywhere) for pair in pairs]
    others = [_of_pair(network, pair, FROM_ELSEWHERE, elsewhere, here) for pair in pairs]
    return _collection(SPOKE_TO_SPOKE, [*own, *others])


def _of_pair(
    network: Network, pair: tuple[str, str], suffix: str, sources: list[str], targets: list[str]
) -> dict[str, Any]:
    source, target = pair
    who, whom = network.prefixes_of(source, sources), network.prefixes_of(target, targets)
    return _network_rule(f"{source}-to-{target}{suffix}", who, whom)


def _network_rule(name: str, sources: list[str], targets: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "ruleType": "NetworkRule",
        "ipProtocols": ["Any"],
        "sourceAddresses": sources,
        "destinationAddresses": targets,
        "destinationPorts": ["*"],
    }


def _inside(network: Network, region: str | None) -> list[dict[str, Any]]:
    """Return the denial of all that spokes send within the topology and no rule before allows."""
    spokes = _spokes(network, region, network.topology.environments)
    rule = _network_rule("spokes-to-inside", spokes, [str(network.topology.addresses.space)])
    return _collection(INSIDE, [rule], action="Deny", priority=500)


def _egress(network: Network, region: str | None) -> list[dict[str, Any]]:
    return _collection(
        EGRESS, [_application_rule(network, region, rule) for rule in network.topology.egress]
    )


def _application_rule(network: Network, region: str | None, egress: EgressSpec) -> dict[str, Any]:
    environments = egress.environments or network.topology.environments
    return {
        "name": egress.name,
        "ruleType": "ApplicationRule",
        "protocols": [{"protocolType": egress.protocol, "port": egress.port}],
        "sourceAddresses": _spokes(network, region, environments),
        "targetFqdns": list(egress.fqdns),
    }


def _spokes(network: Network, region: str | None, environments: Iterable[str]) -> list[str]:
    here = None if region is None else {region}
    return [prefix for name in environments for prefix in network.prefixes_of(name, here)]


def as_called(before: Iterable[Body], now: Iterable[Body]) -> Iterator[Body]:
    """Yield those of our collections that stand among others, with rules as these call them.

    Where regions share their rules, one says what two of a region's own say of a pair.
    """
    rules = {item["name"]: {rule["name"] for rule in item["rules"]} for item in now}
    for item in before:
        if (known := rules.get(item["name"])) is not None:
            yield {**item, "rules": [*_called(item["rules"], known)]}


def _called(rules: Iterable[Body], known: set[str]) -> Iterable[Body]:
    found: dict[str, Body] = {}
    for rule in rules:
        shared = rule["name"].removesuffix(FROM_ELSEWHERE)
        name = rule["name"] if rule["name"] in known else shared
        found[name] = _joined(found.get(name, {}), rule) | {"name": name}
    return found.values()


def _joined(rule: Body, other: Body) -> dict[str, Any]:
    """Return a rule that names all that either of two names."""
    lists = {key: value for key, value in rule.items() if isinstance(value, list)}
    more = {key: [item for item in other[key] if item not in lists[key]] for key in lists}
    return {**other, **{key: [*lists[key], *more[key]] for key in lists}}


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
    decides=True,
    child_lists=(
        ChildList("properties.ruleCollections", ours=f"{SPOKE_TO_SPOKE}|{EGRESS}|{INSIDE}"),
    ),
    alone=frozenset({"firewallPolicies"}),
    stage=Stage.POLICY,
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=11, in_use=222, looks=POLICIES, delete_looks=(10,)),
    limits=(
        RULE_GROUPS,
        RULE_GROUP_SIZE,
        RULE_PAIRS,
        DNAT_RULES,
    ),
)
