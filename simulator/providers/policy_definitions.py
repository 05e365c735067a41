"""Microsoft.Authorization/policyDefinitions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy import refusals, spent
from simulator.policy.checks import check_definition, group_of
from simulator.policy.definitions import DefinitionProvider
from simulator.policy.types import ASSIGNMENT, DEFINITION, NETWORK_MODE, SET


class PolicyDefinitions(DefinitionProvider):
    """Definitions: a condition, and what is done with resources that meet it."""

    type = DEFINITION
    operation_name = "PolicyDefinition"
    layout = (
        "displayName",
        "policyType",
        "mode",
        "description",
        "metadata",
        "version",
        "parameters",
        "policyRule",
        "versions",
    )
    defaults: ClassVar[Mapping[str, Any]] = {**DefinitionProvider.defaults, "mode": "Indexed"}

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Check the rule, and whether the name may be used for a network group again."""
        check_definition(draft)
        adds = draft.properties["mode"].lower() == NETWORK_MODE.lower()
        if adds and existing is None and spent.is_spent(draft.id, call.world):
            raise refusals.spent_name(draft.name, group_of(draft.properties) or "")

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while a set or an assignment refers to it."""
        for kind in (SET, ASSIGNMENT):
            for user in call.world.store.referrers(resource.key, kind):
                raise refusals.in_use(resource.id, self.type, user.id)

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Remember the name, which is spent for network groups."""
        spent.spend(resource.id, world)
