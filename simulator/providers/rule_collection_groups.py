"""Microsoft.Network/firewallPolicies/ruleCollectionGroups."""

from collections.abc import Iterable
from typing import Any

from simulator.arm.busy import another_operation
from simulator.arm.call import Call
from simulator.arm.draft import Draft, arranged
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.families import RULE_COLLECTION_GROUP
from simulator.arm.operations import Operation
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.firewall_policies import GROUPS, attached_keys
from simulator.providers.ip_groups import ip_groups_of
from simulator.providers.policy_limits import refuse_excess, rules_of
from simulator.providers.policy_size import size_of

# The order of a rule's keys and the lists it shows when they are empty, by its type
# (recorded bodies of the az firewall policy tests; recordings.md section 6).
_RULES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "NetworkRule": (
        (
            "ruleType",
            "ipv6Rule",
            "name",
            "description",
            "ipProtocols",
            "sourceAddresses",
            "sourceIpGroups",
            "destinationAddresses",
            "destinationIpGroups",
            "destinationFqdns",
            "destinationPorts",
        ),
        (
            "sourceAddresses",
            "sourceIpGroups",
            "destinationAddresses",
            "destinationIpGroups",
            "destinationFqdns",
            "destinationPorts",
        ),
    ),
    "ApplicationRule": (
        (
            "ruleType",
            "name",
            "description",
            "protocols",
            "fqdnTags",
            "webCategories",
            "targetFqdns",
            "targetUrls",
            "terminateTLS",
            "sourceAddresses",
            "destinationAddresses",
            "sourceIpGroups",
            "httpHeadersToInsert",
        ),
        (
            "fqdnTags",
            "webCategories",
            "targetFqdns",
            "targetUrls",
            "sourceAddresses",
            "destinationAddresses",
            "sourceIpGroups",
            "httpHeadersToInsert",
        ),
    ),
    "NatRule": (
        (
            "ruleType",
            "name",
            "description",
            "translatedAddress",
            "translatedFqdn",
            "translatedPort",
            "ipProtocols",
            "sourceAddresses",
            "sourceIpGroups",
            "destinationAddresses",
            "destinationPorts",
        ),
        ("sourceAddresses", "sourceIpGroups", "destinationAddresses", "destinationPorts"),
    ),
}
_COLLECTION = ("ruleCollectionType", "action", "rules", "name", "priority")


class RuleCollectionGroups(Provider):
    """Groups of rules; one write at a time under a policy and its firewalls."""

    type = GROUPS
    shown_type = "Microsoft.Network/FirewallPolicies/RuleCollectionGroups"
    family = RULE_COLLECTION_GROUP
    operation_name = "FirewallPolicyRuleCollectionGroup"
    locations = "none"
    has_guid = False
    layout = ("size", "priority", "ruleCollections", "provisioningState")
    read_only = frozenset({"size"})

    def adjust(self, draft: Draft) -> None:
        """Complete collections and rules, in the order Azure writes them."""
        given = draft.properties.get("ruleCollections") or []
        draft.properties["ruleCollections"] = [_collection(item) for item in given]

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the IP groups that the rules name."""
        return ip_groups_of(rules_of(draft.properties))

    def regional_references(self, draft: Draft) -> Iterable[str]:  # noqa: ARG002
        """Return nothing: an IP group serves every region (the ip-groups page of Azure's docs)."""
        return ()

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check the priorities (in range, and each once; the codes are `assumed`) and the size."""
        _require_priority(draft.properties.get("priority"), draft.id.text)
        for other in call.world.store.children(call.id.root.key, GROUPS):
            same = other.properties["priority"] == draft.properties["priority"]
            if same and other.key != draft.key:
                raise _not_unique(draft.id.text, draft.properties["priority"])
        seen: set[int] = set()
        for collection in draft.properties["ruleCollections"]:
            priority = collection.get("priority")
            _require_priority(priority, draft.id.text)
            if priority in seen:
                raise _not_unique(draft.id.text, priority)
            seen.add(priority)
        refuse_excess(draft, call.world)

    def locks(self, call: Call) -> frozenset[str]:
        """Return the group, its policy and the firewalls the policy is attached to."""
        return frozenset(
            {call.id.key, call.id.root.key, *attached_keys(call.id.root.key, call.world)}
        )

    def busy_keys(self, call: Call) -> Iterable[str]:
        """Return the same: parallel updates are not supported (facts.md section 6)."""
        return self.locks(call)

    def busy(self, call: Call, operation: Operation) -> ArmError:  # noqa: ARG002
        """Return the 409; which of 409 and 429 a policy answers is `assumed`."""
        return another_operation(operation)

    def duration(self, call: Call, resource: Resource, operation: str) -> float:
        """Return minutes when firewalls have to follow (recordings.md section 9)."""
        if attached_keys(call.id.root.key, call.world):
            operation = "attached-delete" if operation == "delete" else "attached"
        return super().duration(call, resource, operation)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:  # noqa: ARG002
        """Return the size."""
        return {"size": size_of(resource.properties)}


def _collection(given: dict[str, Any]) -> dict[str, Any]:
    action = dict(given.get("action") or {})
    if str(action.get("type", "")).lower() == "dnat":
        action["type"] = "Dnat"
    rules = [_rule(item) for item in given.get("rules") or []]
    shown = {**given, "rules": rules}
    if action:
        shown["action"] = action
    return arranged(shown, _COLLECTION)


def _rule(given: dict[str, Any]) -> dict[str, Any]:
    order, lists = _RULES.get(str(given.get("ruleType")), ((), ()))
    values: dict[str, Any] = {key: [] for key in lists}
    values.update({key: value for key, value in given.items() if value is not None})
    if given.get("ruleType") == "NetworkRule":
        values["ipv6Rule"] = any(":" in item for item in values["sourceAddresses"])
    if given.get("ruleType") == "ApplicationRule":
        values.setdefault("terminateTLS", False)
        values["protocols"] = [
            arranged(item, ("protocolType", "port")) for item in given.get("protocols") or []
        ]
    return arranged(values, order)


def _require_priority(priority: Any, group: str) -> None:
    # Its range is the swagger's; that it must be there at all is `assumed`.
    if priority is None:
        raise invalid_request(
            f"Rule collection group {group}: a priority is missing.",
            "FirewallPolicyRuleCollectionGroupInvalidPriorityValue",
        )


def _not_unique(group: str, priority: int) -> ArmError:
    return invalid_request(
        f"Rule collection group {group}: priority {priority} is used already; each must be unique.",
        "FirewallPolicyRuleCollectionGroupPriorityMustBeUnique",
    )
