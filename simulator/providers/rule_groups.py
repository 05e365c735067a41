"""Microsoft.Network/firewallPolicies/ruleGroups: rule collection groups before mid-2020."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft, arranged
from simulator.arm.families import FirewallPolicyFamily
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.firewall_policies import OLD_GROUPS

_RULE = ("ruleType", "action", "ruleConditions", "name", "priority")
_CONDITION = ("ruleConditionType", "name")


class _RuleGroupFamily(FirewallPolicyFamily):
    """As firewall policies, but a delete takes its time and shows what goes."""

    new_etag_on_delete = True
    shows_deleting = True


class RuleGroups(Provider):
    """The form of api-version 2020-04-01 (recording test_cli_mgmt_network_firewall_policy).

    Today's clients write rule collection groups; policies list both as such.
    """

    type = OLD_GROUPS
    shown_type = "Microsoft.Network/FirewallPolicies/RuleGroups"
    family = _RuleGroupFamily()
    operation_name = "FirewallPolicyRuleGroup"
    locations = "none"
    has_guid = False
    layout = ("priority", "rules", "provisioningState")
    defaults: ClassVar[Mapping[str, Any]] = {"rules": []}

    def adjust(self, draft: Draft) -> None:
        """Complete the rules, in the order Azure writes them."""
        draft.properties["rules"] = [_rule(item) for item in draft.properties["rules"]]

    def on_written(self, resource: Resource, call: Call) -> None:
        """Give the policy another etag."""
        _touch_policy(resource, call.world)

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Give the policy another etag."""
        _touch_policy(resource, world)


def _touch_policy(group: Resource, world: World) -> None:
    policy = world.store.get(group.id.root.key)
    if policy is not None:
        world.provider_of(policy).touch(policy, world)


def _rule(given: dict[str, Any]) -> dict[str, Any]:
    conditions = [arranged(item, _CONDITION) for item in given.get("ruleConditions") or []]
    return arranged({"priority": 0, **given, "ruleConditions": conditions}, _RULE)
