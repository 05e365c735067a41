"""Microsoft.Network/firewallPolicies."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.busy import another_operation
from simulator.arm.call import Call
from simulator.arm.draft import Draft, arranged, linked_ids
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.families import FIREWALL_POLICY
from simulator.arm.ids import same_id
from simulator.arm.operations import Operation
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.policy_size import size_of

TYPE = "Microsoft.Network/firewallPolicies"
GROUPS = TYPE + "/ruleCollectionGroups"
OLD_GROUPS = TYPE + "/ruleGroups"
_FIRST_WITH_SIZE = "2021-02-01"
FIREWALLS = "Microsoft.Network/azureFirewalls"

# Recording test_cli_mgmt_network_firewall_policy.
_OLD_ORDER = ("sku", "basePolicy", "threatIntelMode", "threatIntelWhitelist")


class FirewallPolicies(Provider):
    """Firewall policies; slow and far-reaching once firewalls are attached."""

    type = TYPE
    shown_type = "Microsoft.Network/FirewallPolicies"
    family = FIREWALL_POLICY
    operation_name = "FirewallPolicy"
    has_guid = False
    # Empty and synchronous (recordings.md section 4).
    synchronous_delete = True
    extras = ("identity",)
    layout = (
        "size",
        "sku",
        "basePolicy",
        "childPolicies",
        "ruleCollectionGroups",
        "firewalls",
        "threatIntelMode",
        "threatIntelWhitelist",
        "snat",
        "sql",
        "intrusionDetection",
        "dnsSettings",
        "provisioningState",
    )
    # Recorded from 2022-01-01 on, not with 2020-11-01; where between it begins is `assumed`.
    since: ClassVar[Mapping[str, str]] = {"size": _FIRST_WITH_SIZE}
    defaults: ClassVar[Mapping[str, Any]] = {
        "sku": {"tier": "Standard"},
        "threatIntelMode": "Alert",
    }
    read_only = frozenset({"size", "childPolicies", "ruleCollectionGroups", "firewalls"})

    def adjust(self, draft: Draft) -> None:
        """Arrange the DNS settings as recorded: a proxy that is off is not shown."""
        settings = draft.properties.get("dnsSettings")
        if settings:
            shown = {key: value for key, value in settings.items() if value not in (None, False)}
            draft.properties["dnsSettings"] = arranged(shown, ("servers", "enableProxy"))
        for base in linked_ids(draft.properties.get("basePolicy")):
            draft.properties["basePolicy"] = {"id": base}

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the base policy; `check` words its absence in its own way."""
        return linked_ids(draft.properties.get("basePolicy"))

    def check(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the base policy first: a missing or distant one has its own code."""
        for base in self.references(draft):
            found = call.world.store.find(base)
            if found is None or found.location != draft.location or found.key == draft.key:
                # facts.md section 6.
                raise ArmError(
                    400,
                    "FirewallPolicyBasePolicyDoesnotExist",
                    f"Base policy {base} of firewall policy {draft.id.text} does not exist. Please "
                    "make sure base policy ID is a valid firewall policy ID in same region.",
                    details=[],
                )
            _refuse_circle(draft, found, call.world)
        super().check(draft, call, existing)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Refuse another tier than at creation, and what only Premium has; codes `assumed`."""
        tier = draft.properties["sku"].get("tier", "Standard")
        if existing is not None and existing.properties["sku"] != draft.properties["sku"]:
            raise invalid_request(
                f"Sku tier of firewall policy {draft.id.text} cannot be changed.",
                "FirewallPolicySkuTierCannotBeChanged",
            )
        if draft.properties.get("intrusionDetection") and tier != "Premium":
            raise invalid_request(
                f"Intrusion detection of firewall policy {draft.id.text} requires sku tier "
                "Premium.",
                "FirewallPolicyIntrusionDetectionRequiresPremium",
            )

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while firewalls or child policies use the policy; the code is `assumed`."""
        used_by = call.world.store.referrers(resource.key)
        if used_by:
            ids = ", ".join(item.id.text for item in used_by)
            raise invalid_request(
                f"Firewall policy {resource.id.text} cannot be deleted because it is in use by: "
                f"{ids}.",
                "FirewallPolicyInUse",
            )

    def locks(self, call: Call) -> frozenset[str]:
        """Return the policy and the firewalls it is attached to."""
        return frozenset(
            {call.id.root.key, call.id.key, *attached_keys(call.id.root.key, call.world)}
        )

    def busy_keys(self, call: Call) -> Iterable[str]:
        """Return the same: parallel updates are not supported (facts.md section 6)."""
        return self.locks(call)

    def busy(self, call: Call, operation: Operation) -> ArmError:  # noqa: ARG002
        """Return the 409; which of 409 and 429 a policy answers is `assumed`."""
        return another_operation(operation)

    def duration(self, call: Call, resource: Resource, operation: str) -> float:
        """Return minutes when firewalls have to follow."""
        return super().duration(
            call, resource, "attached" if attached_keys(call.id.root.key, call.world) else operation
        )

    def shown_properties(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the properties, in the older order for the older api-versions."""
        shown = super().shown_properties(resource, world)
        return shown if world.api_version >= _FIRST_WITH_SIZE else arranged(shown, _OLD_ORDER)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return what refers to the policy, and its size."""
        store = world.store
        groups = store.children(resource.key, GROUPS)
        old = store.children(resource.key, OLD_GROUPS)
        return {
            "size": size_of(resource.properties),
            "childPolicies": _ids(store.referrers(resource.key, TYPE)),
            "ruleCollectionGroups": [*_ids(groups), *map(_renamed, old)],
            "firewalls": _ids(store.referrers(resource.key, FIREWALLS)),
        }


def _refuse_circle(policy: Draft, base: Resource, world: World) -> None:
    """Refuse a base that rests on the policy itself; code and words are `assumed`."""
    below: Resource | None = base
    while below is not None:
        found = linked_ids(below.properties.get("basePolicy"))
        if any(same_id(item, policy.id.text) for item in found):
            raise invalid_request(
                f"Base policy {base.id.text} of firewall policy {policy.id.text} rests on that "
                "policy itself.",
                "FirewallPolicyCircularReference",
            )
        below = world.store.find(found[0]) if found else None


def attached_keys(policy_key: str, world: World) -> list[str]:
    """Return the keys of the firewalls under a policy, or under its children.

    A change of a parent policy reaches the firewalls of its children (facts.md section 6).
    """
    store, policies, found = world.store, [policy_key], []
    while policies:
        policy = policies.pop()
        policies += [item.key for item in store.referrers(policy, TYPE)]
        found += [item.key for item in store.referrers(policy, FIREWALLS)]
    return found


def _renamed(group: Resource) -> dict[str, str]:
    """Return the id under which a policy lists a group of the old type."""
    kinds = ("/firewallPolicies/", "/firewallpolicies/"), ("/ruleGroups/", "/ruleCollectionGroups/")
    text = group.id.text
    for old, new in kinds:
        text = text.replace(old, new)
    return {"id": text}


def _ids(resources: Iterable[Resource]) -> list[dict[str, str]]:
    return [{"id": item.id.text} for item in resources]
