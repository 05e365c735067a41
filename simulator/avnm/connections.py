"""Consent between a manager and a scope of another tenant: two halves that have to meet.

The manager names the scope (a scope connection), the scope names the manager (a network
manager connection); both are Pending until the other half is there, then Connected, which
is what recordings show of the first (server_added_properties: Pending, then Connected).
Other states (Conflict, Revoked, Rejected) are never reached here, and networks of other
tenants are never managed: there is one tenant.
"""

from collections.abc import Iterable

from simulator.arm.ids import same_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.types import MANAGER_CONNECTION, SCOPE_CONNECTION


def state_of_scope_connection(connection: Resource, world: World) -> str:
    """Return whether the scope has named the manager too."""
    scope = connection.properties["resourceId"].strip("/").lower()
    manager = connection.id.root
    return _state(
        item.id.scope.strip("/").lower() == scope
        and same_id(item.properties["networkManagerId"], manager.text)
        for item in world.store.of_type(MANAGER_CONNECTION)
    )


def state_of_manager_connection(connection: Resource, world: World) -> str:
    """Return whether the manager has named the scope too."""
    scope = connection.id.scope.strip("/").lower()
    manager = connection.properties["networkManagerId"].rstrip("/").lower()
    return _state(
        item.properties["resourceId"].strip("/").lower() == scope
        for item in world.store.children(manager, SCOPE_CONNECTION)
    )


def _state(answers: Iterable[bool]) -> str:
    return "Connected" if any(answers) else "Pending"
