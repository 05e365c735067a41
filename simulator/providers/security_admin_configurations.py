"""Microsoft.Network/networkManagers/securityAdminConfigurations."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.avnm import refusals
from simulator.avnm.configurations import ConfigurationProvider
from simulator.avnm.types import ADMIN

_SERVICES = ("None", "All", "AllowRulesOnly")
_AGGREGATIONS = ("None", "Manual")


class SecurityAdminConfigurations(ConfigurationProvider):
    """Sets of admin rules; one of them at a time can be deployed to a region."""

    type = ADMIN
    commit_type = "SecurityAdmin"
    layout = (
        "description",
        "provisioningState",
        "resourceGuid",
        "applyOnNetworkIntentPolicyBasedServices",
        "networkGroupAddressSpaceAggregationOption",
    )
    defaults: ClassVar[Mapping[str, Any]] = {
        "description": "",
        "applyOnNetworkIntentPolicyBasedServices": [],
        "networkGroupAddressSpaceAggregationOption": "None",
    }

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check the enumerations (facts.md section 3)."""
        option = "networkGroupAddressSpaceAggregationOption"
        refusals.require_one_of(draft.properties, option, _AGGREGATIONS, draft.id)
        name = "applyOnNetworkIntentPolicyBasedServices"
        for value in draft.properties[name]:
            refusals.require_one_of({name: value}, name, _SERVICES, draft.id)
