"""Microsoft.Network/networkManagers/routingConfigurations."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.avnm.configurations import ConfigurationProvider
from simulator.avnm.types import ROUTING


class RoutingConfigurations(ConfigurationProvider):
    """Sets of routing rules."""

    type = ROUTING
    commit_type = "Routing"
    layout = ("description", "provisioningState", "resourceGuid", "routeTableUsageMode")
    defaults: ClassVar[Mapping[str, Any]] = {
        "description": "",
        "routeTableUsageMode": "ManagedOnly",
    }
