"""Microsoft.Network/networkManagers/scopeConnections."""

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.connections import state_of_scope_connection
from simulator.avnm.provider import ManagerProvider
from simulator.avnm.types import SCOPE_CONNECTION


class ScopeConnections(ManagerProvider):
    """A scope of another tenant that a manager asks for; recorded bodies have no etag."""

    type = SCOPE_CONNECTION
    has_guid = False
    layout = ("tenantId", "resourceId", "connectionState", "description")
    defaults: ClassVar[Mapping[str, Any]] = {}
    read_only = frozenset({"connectionState"})
    hides = frozenset({"etag", "provisioningState"})

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check that it names a scope; that both names are needed is `assumed`."""
        for name in ("tenantId", "resourceId"):
            refusals.require_property(draft.properties, name, draft.id)

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return how far the consent is."""
        return {"connectionState": state_of_scope_connection(resource, world)}

    def on_deleted(self, resource: Resource, world: World) -> None:
        """Note when: a manager that follows too soon may wedge the scope."""
        manager = world.store.get(resource.id.root.key)
        if manager is not None:
            manager.hidden["connection_deleted"] = world.now
