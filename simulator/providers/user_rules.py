"""Microsoft.Network/networkManagers/securityUserConfigurations/ruleCollections/rules."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.avnm import refusals
from simulator.avnm.configurations import ConfigurationProvider, groups_as_addresses
from simulator.avnm.types import USER_RULE


class UserRules(ConfigurationProvider):
    """User rules: as admin rules in the swagger, without access and priority."""

    type = USER_RULE
    commit_type = "SecurityUser"
    layout = (
        "description",
        "protocol",
        "sources",
        "destinations",
        "sourcePortRanges",
        "destinationPortRanges",
        "direction",
        "provisioningState",
        "resourceGuid",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "description": "",
        "sources": [],
        "destinations": [],
        "sourcePortRanges": [],
        "destinationPortRanges": [],
    }

    def references(self, draft: Draft) -> Iterable[str]:
        """Return the groups that stand for addresses."""
        return groups_as_addresses(draft)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check the enumerations."""
        values = draft.properties
        refusals.check_description(values, draft.id)
