"""The rule collections that a firewall without a policy carries in its own body."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulator.arm.draft import Draft, arranged
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.ip_groups import ip_groups_of
from simulator.providers.policy_limits import has_more_pairs

Body = dict[str, Any]

# The order of a rule's keys and the lists that it shows when they are empty, by collection:
# recorded for network and NAT rules (test_azure_firewall_rules), for application rules
# `assumed` from these and from the swagger.
_RULES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "networkRuleCollections": (
        (
            "name",
            "description",
            "protocols",
            "sourceAddresses",
            "destinationAddresses",
            "sourceIpGroups",
            "destinationIpGroups",
            "destinationFqdns",
            "destinationPorts",
        ),
        (
            "sourceAddresses",
            "destinationAddresses",
            "sourceIpGroups",
            "destinationIpGroups",
            "destinationFqdns",
            "destinationPorts",
        ),
    ),
    "applicationRuleCollections": (
        (
            "name",
            "description",
            "protocols",
            "fqdnTags",
            "targetFqdns",
            "sourceAddresses",
            "sourceIpGroups",
        ),
        ("protocols", "fqdnTags", "targetFqdns", "sourceAddresses", "sourceIpGroups"),
    ),
    "natRuleCollections": (
        (
            "name",
            "description",
            "protocols",
            "translatedAddress",
            "translatedFqdn",
            "translatedPort",
            "sourceAddresses",
            "sourceIpGroups",
            "destinationAddresses",
            "destinationPorts",
        ),
        ("sourceAddresses", "sourceIpGroups", "destinationAddresses", "destinationPorts"),
    ),
}
_COLLECTION = ("priority", "action", "rules")


def complete(properties: Body) -> None:
    """Write the collections of a body as Azure keeps them."""
    for kind in _RULES:
        properties[kind] = [_kept(kind, item) for item in properties.get(kind) or ()]


def _kept(kind: str, collection: Mapping[str, Any]) -> Body:
    given = collection.get("properties") or {}
    rules = [_rule(kind, item) for item in given.get("rules") or ()]
    values = {**given, "rules": rules}
    values.pop("provisioningState", None)
    return {"name": collection.get("name"), "properties": arranged(values, _COLLECTION)}


def _rule(kind: str, given: Mapping[str, Any]) -> Body:
    order, lists = _RULES[kind]
    said = {key: value for key, value in given.items() if value is not None}
    return arranged({**{key: [] for key in lists}, **said}, order)


def rules_of(properties: Mapping[str, Any], *kinds: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rules of all collections, or of those of some kinds."""
    for kind in kinds or _RULES:
        for collection in properties.get(kind) or ():
            yield from collection["properties"]["rules"]


def ip_groups(properties: Mapping[str, Any]) -> list[str]:
    """Return the ids of the IP groups that the rules name."""
    return ip_groups_of(rules_of(properties))


def shown(firewall: Resource, world: World) -> Body:
    """Return the collections as a read shows them: with ids, and the firewall's etag and state."""
    state = world.state_of(firewall)
    return {
        kind: [_shown(firewall, kind, item, state) for item in firewall.properties[kind]]
        for kind in _RULES
    }


def _shown(firewall: Resource, kind: str, collection: Body, state: str) -> Body:
    return {
        "name": collection["name"],
        "id": f"{firewall.id.text}/{kind}/{collection['name']}",
        "etag": firewall.etag,
        "properties": {"provisioningState": state, **collection["properties"]},
        "type": f"{firewall.type}/{kind}",
    }


def check(firewall: Draft, world: World) -> None:
    """Refuse rules beside a policy, bad priorities and too many rules; codes `assumed`."""
    collections = [item for kind in _RULES for item in firewall.properties[kind]]
    if collections and firewall.properties.get("firewallPolicy"):
        raise invalid_request(
            f"Azure Firewall {firewall.id.text} cannot have both a firewall policy and rule "
            "collections.",
            "AzureFirewallPolicyAndRuleCollectionsConflict",
        )
    for kind in _RULES:
        _check_priorities(firewall, kind, firewall.properties[kind])
    _check_limits(firewall, world)


def _check_priorities(firewall: Draft, kind: str, collections: Iterable[Body]) -> None:
    names: set[str] = set()
    priorities: set[int] = set()
    for item in collections:
        name, priority = str(item["name"]).lower(), item["properties"].get("priority")
        if priority is None:
            raise _refused(firewall, kind, "a priority is missing", "InvalidPriorityValue")
        if name in names or priority in priorities:
            raise _refused(
                firewall,
                kind,
                f"name {item['name']} and priority {priority} must be unique",
                "MustBeUnique",
            )
        names.add(name)
        priorities.add(priority)


def _check_limits(firewall: Draft, world: World) -> None:
    settings, properties = world.settings, firewall.properties
    network_rules = rules_of(properties, "networkRuleCollections")
    nat_rules = list(rules_of(properties, "natRuleCollections"))
    excess = {
        "DNAT rules": len(nat_rules) > settings.dnat_rule_limit,
        "IP groups": len(ip_groups(properties)) > settings.ip_groups_per_firewall,
        "network rules": has_more_pairs(network_rules, settings.network_rule_pair_limit),
    }
    for what, is_too_much in excess.items():
        if is_too_much:
            raise _refused(firewall, "rules", f"too many {what}", "LimitExceeded")


def _refused(firewall: Draft, where: str, why: str, code: str) -> ArmError:
    return invalid_request(
        f"Azure Firewall {firewall.id.text} cannot be written: {where}: {why}.",
        f"AzureFirewallRuleCollection{code}",
    )
