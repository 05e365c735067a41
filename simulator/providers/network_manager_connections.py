"""Microsoft.Network/networkManagerConnections, of a subscription or a management group."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.connections import state_of_manager_connection
from simulator.avnm.provider import ManagerProvider
from simulator.avnm.types import MANAGER_CONNECTION


class NetworkManagerConnections(ManagerProvider):
    """The consent of a scope to a manager of another tenant.

    No recording has them; that they look as scope connections do is `assumed`.
    """

    type = MANAGER_CONNECTION
    scopes = frozenset({"subscription", "managementGroup"})
    has_guid = False
    layout = ("networkManagerId", "connectionState", "description")
    defaults: ClassVar[Mapping[str, Any]] = {}
    read_only = frozenset({"connectionState"})
    hides = frozenset({"etag", "provisioningState", "location", "tags"})

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that it names a manager, which may be one of another tenant."""
        refusals.require_property(draft.properties, "networkManagerId", draft.id)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return how far the consent is."""
        return {"connectionState": state_of_manager_connection(resource, world)}
