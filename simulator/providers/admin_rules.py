"""Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.configurations import ConfigurationProvider, groups_as_addresses
from simulator.avnm.types import ADMIN_RULE

_PRIORITIES = range(1, 4097)


class AdminRules(ConfigurationProvider):
    """Admin rules of kind Custom; default rules are Azure's own."""

    type = ADMIN_RULE
    commit_type = "SecurityAdmin"
    extras = ("kind",)
    layout = (
        "description",
        "protocol",
        "sources",
        "destinations",
        "sourcePortRanges",
        "destinationPortRanges",
        "access",
        "priority",
        "direction",
        "provisioningState",
        "resourceGuid",
        "flag",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "description": "",
        "sources": [],
        "destinations": [],
        "sourcePortRanges": [],
        "destinationPortRanges": [],
        "flag": "",
    }

    def adjust(self, draft: Draft) -> None:
        """Take a rule without a kind for a custom one."""
        draft.extras.setdefault("kind", "Custom")

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the groups that stand for addresses."""
        return groups_as_addresses(draft)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check a rule as facts.md section 3 lists it."""
        values = draft.properties
        refusals.check_description(values, draft.id)
        self._check_priority(draft, call.world)
        self._check_groups(draft, call.world)
        if existing is None:
            _check_number(draft, call.world)

    def _check_priority(self, draft: Draft, world: World) -> None:
        priority = draft.properties.get("priority")
        if not isinstance(priority, int) or priority not in _PRIORITIES:
            raise refusals.refusal(
                f"The priority of {draft.id.text} must be a number from 1 to 4096.",
                "InvalidPropertyValue",
            )
        parent = draft.id.parent
        for other in world.store.children(parent.key, self.type) if parent else ():
            if other.key != draft.key and other.properties["priority"] == priority:
                raise refusals.refusal(
                    f"Rule {draft.id.text} has the priority {priority} of rule {other.id.text}; "
                    "priorities are unique within a rule collection.",
                    "DuplicatePriority",
                )

    def _check_groups(self, draft: Draft, world: World) -> None:
        """Raise unless groups as addresses have Manual aggregation (facts.md section 3)."""
        if not any(self.references(draft)):
            return
        collection = draft.id.parent
        configuration = collection.parent if collection else None
        found = world.store.get(configuration.key) if configuration else None
        option = "networkGroupAddressSpaceAggregationOption"
        if found is None or found.properties[option] != "Manual":
            raise refusals.refusal(
                f"Rule {draft.id.text} names a network group, which needs {option} Manual.",
                "InvalidPropertyValue",
            )


def _check_number(draft: Draft, world: World) -> None:
    """Raise when the manager has as many admin rules as it may (facts.md section 3)."""
    prefix = draft.id.root.key + "/"
    rules = sum(item.key.startswith(prefix) for item in world.store.of_type(ADMIN_RULE))
    limit = world.settings.admin_rule_limit
    if rules >= limit:
        raise refusals.refusal(
            f"Network manager {draft.id.root.text} has reached its limit of {limit} security "
            "admin rules.",
            "QuotaExceeded",
        )
