"""How much a firewall policy may hold (facts.md section 6); the codes are `assumed`."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.firewall_policies import GROUPS
from simulator.providers.ip_groups import ip_groups_of
from simulator.providers.policy_size import megabytes_of

Rule = Mapping[str, Any]


def rules_of(properties: Mapping[str, Any]) -> Iterator[Rule]:
    """Yield the rules of a rule collection group, one collection after the other."""
    for collection in properties.get("ruleCollections") or ():
        yield from collection.get("rules") or ()


def refuse_excess(group: Draft, world: World) -> None:
    """Refuse a rule collection group that is too large, or that makes its policy so.

    A firewall has the rules of its policy and, DNAT apart, those of the policy's base.
    """
    settings = world.settings
    if megabytes_of(group.properties) > settings.rule_collection_group_megabytes:
        limit = f"{settings.rule_collection_group_megabytes} MB"
        raise _refused(group, "SizeExceeded", "size", limit)
    own = [*rules_of(group.properties), *_rules_beside(group, world)]
    everything = [*own, *_inherited(group.id.root.key, world)]
    if sum(rule.get("ruleType") == "NatRule" for rule in own) > settings.dnat_rule_limit:
        raise _refused(group, "DnatRulesExceeded", "DNAT rules", settings.dnat_rule_limit)
    if len(ip_groups_of(everything)) > settings.ip_groups_per_firewall:
        raise _refused(group, "IpGroupsExceeded", "IP groups", settings.ip_groups_per_firewall)
    network_rules = [rule for rule in everything if rule.get("ruleType") == "NetworkRule"]
    if has_more_pairs(network_rules, settings.network_rule_pair_limit):
        name = "unique sources and destinations of network rules"
        raise _refused(group, "NetworkRulesExceeded", name, settings.network_rule_pair_limit)


def _refused(group: Draft, code: str, what: str, limit: object) -> ArmError:
    return invalid_request(
        f"Rule collection group {group.id.text} cannot be written: the limit of {what} is {limit}.",
        f"FirewallPolicyRuleCollectionGroup{code}",
    )


def _rules_beside(group: Draft, world: World) -> Iterator[Rule]:
    for other in world.store.children(group.id.root.key, GROUPS):
        if other.key != group.key:
            yield from rules_of(other.properties)


def _inherited(policy_key: str, world: World) -> Iterator[Rule]:
    policy: Resource | None = world.store.get(policy_key)
    for base in linked_ids(policy.properties.get("basePolicy")) if policy else ():
        for group in world.store.children(base.lower(), GROUPS):
            yield from rules_of(group.properties)
        yield from _inherited(base.lower(), world)


def has_more_pairs(network_rules: Iterable[Rule], limit: int) -> bool:
    """Tell whether rules name more pairs; an IP group is one source or destination."""
    seen: set[tuple[str, str]] = set()
    for rule in network_rules:
        sources = [*rule.get("sourceAddresses", ()), *rule.get("sourceIpGroups", ())]
        names = ("destinationAddresses", "destinationIpGroups", "destinationFqdns")
        seen.update(product(sources, [item for name in names for item in rule.get(name, ())]))
        if len(seen) > limit:
            return True
    return False
