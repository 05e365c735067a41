"""Microsoft.Network/networkSecurityGroups and their securityRules."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from simulator.arm.call import Call, Reply
from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import invalid_request
from simulator.arm.provider import Inline, Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers import security_rule_values

TYPE = "Microsoft.Network/networkSecurityGroups"
RULES = TYPE + "/securityRules"
SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
INTERFACES = "Microsoft.Network/networkInterfaces"

_LISTS = (
    "sourcePortRanges",
    "destinationPortRanges",
    "sourceAddressPrefixes",
    "destinationAddressPrefixes",
)
_GROUPS = ("sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups")
_LOWEST, _HIGHEST = 100, 4096

# Name, description, source, destination, access, priority, direction
# (recordings.md section 6; texts from the recorded bodies it describes).
_DEFAULT_RULES = (
    (
        "AllowVnetInBound",
        "Allow inbound traffic from all VMs in VNET",
        ("VirtualNetwork", "VirtualNetwork", "Allow", 65000, "Inbound"),
    ),
    (
        "AllowAzureLoadBalancerInBound",
        "Allow inbound traffic from azure load balancer",
        ("AzureLoadBalancer", "*", "Allow", 65001, "Inbound"),
    ),
    (
        "DenyAllInBound",
        "Deny all inbound traffic",
        ("*", "*", "Deny", 65500, "Inbound"),
    ),
    (
        "AllowVnetOutBound",
        "Allow outbound traffic from all VMs to all VMs in VNET",
        ("VirtualNetwork", "VirtualNetwork", "Allow", 65000, "Outbound"),
    ),
    (
        "AllowInternetOutBound",
        "Allow outbound traffic from all VMs to Internet",
        ("*", "Internet", "Allow", 65001, "Outbound"),
    ),
    (
        "DenyAllOutBound",
        "Deny all outbound traffic",
        ("*", "*", "Deny", 65500, "Outbound"),
    ),
)


class NetworkSecurityGroups(Provider):
    """Security groups with their rules and the six rules that each has anyway."""

    type = TYPE
    operation_name = "NetworkSecurityGroup"
    layout = ("securityRules", "defaultSecurityRules", "networkInterfaces", "subnets")
    read_only = frozenset({"defaultSecurityRules", "subnets", "networkInterfaces", "flowLogs"})
    inline = (Inline("securityRules", RULES),)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Refuse two rules of the body with one priority and direction."""
        rules = draft.children.get(RULES, [])
        for position, rule in enumerate(rules):
            _refuse_conflict(rule, rules[:position])

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while a subnet uses the group (recordings.md section 8)."""
        used_by = call.world.store.referrers(resource.key)
        if used_by:
            ids = ", ".join(item.id.text for item in used_by)
            raise invalid_request(
                f"Network security group {resource.id.text} cannot be deleted because it is in use "
                f"by the following resources: {ids}. In order to delete the Network security "
                "group, remove the association with the resource(s). To learn how to do this, see "
                "aka.ms/deletensg.",
                "InUseNetworkSecurityGroupCannotBeDeleted",
            )

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the default rules, and the interfaces and subnets that use the group (swagger)."""
        state = world.state_of(resource)
        shown: dict[str, Any] = {
            "defaultSecurityRules": [
                _default_rule(resource, state, name, text, rest)
                for name, text, rest in _DEFAULT_RULES
            ]
        }
        for name, kind in (("networkInterfaces", INTERFACES), ("subnets", SUBNETS)):
            if users := world.store.referrers(resource.key, kind):
                shown[name] = [{"id": item.id.text} for item in users]
        return shown


class DefaultSecurityRules(Provider):
    """The rules that every group has anyway, to be read one by one and as a list."""

    type = TYPE + "/defaultSecurityRules"
    operation_name = "DefaultSecurityRule"
    locations = "none"
    has_guid = False

    @property
    def verbs(self) -> tuple[str, ...]:
        """Return those that read: nobody writes these rules."""
        return ("GET", "HEAD")

    def get(self, call: Call) -> Reply:
        """Answer with one rule as its group shows it."""
        for rule in self._rules(call):
            if rule["name"].lower() == call.id.name.lower():
                return Reply(200, rule, {"ETag": rule["etag"]})
        raise self.absent(call.id)

    def listed(self, call: Call) -> Sequence[Resource]:  # noqa: ARG002
        """Return nothing: these rules are no resources of their own."""
        return ()

    def list_reply(self, call: Call, resources: Sequence[Resource]) -> Reply:  # noqa: ARG002
        """Answer with all of them."""
        return Reply(200, {"value": self._rules(call)})

    def _rules(self, call: Call) -> list[dict[str, Any]]:
        self.require_parent(call)
        group = call.world.store.get(call.id.root.key)
        if group is None:
            raise self.absent(call.id)
        shown = call.world.provider(TYPE).computed(group, call.world)
        rules: list[dict[str, Any]] = shown["defaultSecurityRules"]
        return rules


def _default_rule(
    group: Resource, state: str, name: str, text: str, rest: tuple[str, str, str, int, str]
) -> dict[str, Any]:
    source, destination, access, priority, direction = rest
    return {
        "name": name,
        "id": f"{group.id.text}/defaultSecurityRules/{name}",
        "etag": group.etag,
        "type": TYPE + "/defaultSecurityRules",
        "properties": {
            "provisioningState": state,
            "description": text,
            "protocol": "*",
            "sourcePortRange": "*",
            "destinationPortRange": "*",
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": destination,
            "access": access,
            "priority": priority,
            "direction": direction,
            **{item: [] for item in _LISTS},
        },
    }


class SecurityRules(Provider):
    """The rules of a security group, inline or alone."""

    type = RULES
    operation_name = "SecurityRule"
    locations = "none"
    has_guid = False
    key_order = ("name", "id", "etag", "type", "properties")
    layout = (
        "description",
        "protocol",
        "sourcePortRange",
        "destinationPortRange",
        "sourceAddressPrefix",
        "destinationAddressPrefix",
        "access",
        "priority",
        "direction",
        *_LISTS,
    )
    defaults: ClassVar[Mapping[str, Any]] = {item: [] for item in _LISTS}

    def adjust(self, draft: Draft) -> None:
        """Keep of application security groups their ids."""
        for name in _GROUPS:
            if name in draft.properties:
                ids = linked_ids(draft.properties[name])
                draft.properties[name] = [{"id": item} for item in ids]

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the application security groups that the rule names."""
        for name in _GROUPS:
            yield from linked_ids(draft.properties.get(name))

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check addresses and ports; refuse a priority out of range, and another rule's."""
        security_rule_values.check(draft)
        priority = draft.properties.get("priority")
        if not isinstance(priority, int) or not _LOWEST <= priority <= _HIGHEST:
            # From general knowledge of Azure, not from a recording: `assumed`.
            raise invalid_request(
                f"Security rule {draft.name} has invalid priority. Priority must be between "
                f"{_LOWEST} and {_HIGHEST}. Value provided: {priority}.",
                "SecurityRuleInvalidPriority",
            )
        if call.id.key == draft.key:
            _refuse_conflict(draft, call.world.store.children(call.id.root.key, RULES))


def _refuse_conflict(rule: Draft, others: list[Draft] | list[Resource]) -> None:
    """Refuse the priority and direction of another rule; the words are `assumed`."""
    for other in others:
        same = all(
            rule.properties.get(key) == other.properties.get(key)
            for key in ("priority", "direction")
        )
        if same and other.id.key != rule.key:
            raise invalid_request(
                f"Security rule {rule.name} conflicts with rule {other.id.name}. Rules cannot have "
                "the same Priority and Direction. To learn more, see aka.ms/nsgrules.",
                "SecurityRuleConflict",
            )
