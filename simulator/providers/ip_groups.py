"""Microsoft.Network/ipGroups: lists of addresses that the rules of firewalls refer to."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any, ClassVar

from simulator.arm.busy import another_operation
from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.families import FIREWALL_POLICY
from simulator.arm.operations import Operation
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.firewall_policies import FIREWALLS, GROUPS, attached_keys

TYPE = "Microsoft.Network/ipGroups"
_RULE_PROPERTIES = ("sourceIpGroups", "destinationIpGroups")


class IpGroups(Provider):
    """Groups of addresses; a change of one goes to every firewall whose rules name it."""

    type = TYPE
    shown_type = "Microsoft.Network/IpGroups"
    # As firewall policies in all that was recorded (recordings.md sections 4 and 5).
    family = FIREWALL_POLICY
    operation_name = "IpGroups"
    has_guid = False
    synchronous_delete = True
    layout = ("firewalls", "firewallPolicies", "ipAddresses", "provisioningState")
    defaults: ClassVar[Mapping[str, Any]] = {"ipAddresses": []}
    read_only = frozenset({"firewalls", "firewallPolicies"})

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Refuse what is no address, and more of them than a group holds; codes `assumed`."""
        given = draft.properties["ipAddresses"]
        limit = call.world.settings.ip_group_address_limit
        if len(given) > limit:
            raise invalid_request(
                f"IpGroups {draft.id.text} has {len(given)} addresses, the limit is {limit}.",
                "IpGroupsMaximumIpAddressesExceeded",
            )
        for item in given:
            if not _is_address(item):
                raise invalid_request(
                    f"IpGroups {draft.id.text} has an invalid address: {item}.",
                    "IpGroupsInvalidIpAddress",
                )

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while rules name the group.

        Both codes are public: azure-rest-api-specs issue 25739 and azure-cli-extensions
        issue 1670.
        """
        start = f"IpGroups '{resource.id.text}' cannot be deleted since there are "
        if call.world.store.referrers(resource.key, GROUPS):
            raise invalid_request(
                start + "firewall policies using this resource.",
                "IpGroupsHasFirewallPolicyReferences",
            )
        if call.world.store.referrers(resource.key):
            raise invalid_request(
                start + "other Azure Resources using this resource.",
                "IpGroupsHasResourceReferences",
            )

    def locks(self, call: Call) -> frozenset[str]:
        """Return the group and the firewalls that its change goes to."""
        return frozenset({call.id.key, *_firewalls_behind(call.id.key, call.world)})

    def busy_keys(self, call: Call) -> Iterable[str]:
        """Return the group alone: a write while its firewalls are busy is accepted and fails."""
        return (call.id.key,)

    def busy(self, call: Call, operation: Operation) -> ArmError:  # noqa: ARG002
        """Return the 409; which of 409 and 429 a group answers is `assumed`."""
        return another_operation(operation)

    def doomed(self, call: Call, resource: Resource) -> dict[str, Any] | None:
        """Return the failure of a change that comes while its firewalls take another.

        facts.md section 6 and azurerm issue 19843: two groups written side by side.
        """
        holders = call.world.operations
        behind = _firewalls_behind(resource.key, call.world)
        faulted = [key for key in behind if holders.holder(key) is not None]
        if not faulted:
            return None
        return {
            "code": "IpGroupsUpdateFailed",
            "message": f"Put on IP Groups {resource.name} Failed with {len(faulted)} faulted "
            "referenced firewalls",
        }

    def on_failed(self, resource: Resource, world: World) -> None:
        """Leave the firewalls behind the group faulted until they are written again."""
        for key in _firewalls_behind(resource.key, world):
            firewall = world.store.get(key)
            if firewall is not None:
                firewall.state = "Failed"

    def duration(self, call: Call, resource: Resource, operation: str) -> float:
        """Return minutes when firewalls have to follow."""
        behind = _firewalls_behind(resource.key, call.world)
        return super().duration(call, resource, "attached" if behind else operation)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the firewalls and the policies whose own rules name the group."""
        firewalls = world.store.referrers(resource.key, FIREWALLS)
        policies = dict.fromkeys(
            group.id.root.text for group in world.store.referrers(resource.key, GROUPS)
        )
        return {
            "firewalls": [{"id": item.id.text} for item in firewalls],
            "firewallPolicies": [{"id": item} for item in policies],
        }


def _firewalls_behind(group_key: str, world: World) -> list[str]:
    """Return the keys of the firewalls whose rules, their own or a policy's, name a group."""
    found = [item.key for item in world.store.referrers(group_key, FIREWALLS)]
    for item in world.store.referrers(group_key, GROUPS):
        found += attached_keys(item.id.root.key, world)
    return list(dict.fromkeys(found))


def _is_address(text: Any) -> bool:
    """Tell whether a text is an IPv4 address, a prefix or a range of addresses."""
    try:
        first, is_range, last = str(text).partition("-")
        if is_range:
            return _ipv4(first) <= _ipv4(last)
        return ip_network(first, strict=False).version == IPv4Address(0).version
    except ValueError:
        return False


def _ipv4(text: str) -> IPv4Address:
    found = ip_address(text.strip())
    if not isinstance(found, IPv4Address):
        raise ValueError(text)  # noqa: TRY004 - the same as an unreadable one
    return found


def ip_groups_of(rules: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of the groups that rules name, each once."""
    named = [item for rule in rules for key in _RULE_PROPERTIES for item in rule.get(key) or ()]
    return list(dict.fromkeys(named))
