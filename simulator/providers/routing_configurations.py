"""Microsoft.Network/networkManagers/routingConfigurations."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.avnm import refusals
from simulator.avnm.configurations import ConfigurationProvider
from simulator.avnm.types import ROUTING

_MODES = ("ManagedOnly", "UseExisting")


class RoutingConfigurations(ConfigurationProvider):
    """Sets of routing rules."""

    type = ROUTING
    commit_type = "Routing"
    layout = ("description", "provisioningState", "resourceGuid", "routeTableUsageMode")
    defaults: ClassVar[Mapping[str, Any]] = {
        "description": "",
        "routeTableUsageMode": "ManagedOnly",
    }

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check the mode."""
        refusals.require_one_of(draft.properties, "routeTableUsageMode", _MODES, draft.id)
