"""Microsoft.Network/networkManagers/securityAdminConfigurations."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.avnm.configurations import ConfigurationProvider
from simulator.avnm.types import ADMIN


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
