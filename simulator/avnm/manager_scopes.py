"""What a manager may take for its scope, and what can be wrong with that."""

from simulator import hierarchy
from simulator.access.guard import require_linked
from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import refusals
from simulator.avnm.precedence import shared_scope
from simulator.avnm.types import MANAGER


def refuse_preview(draft: Draft, api_version: str) -> None:
    """Refuse what was a preview in 2022 to subscriptions that had not signed up for it.

    Recorded in test_network_manager_security_user_config_crud (errors_seen); that it was the
    user rules in preview versions of 2022 that asked for it is `assumed`.
    """
    is_preview = api_version.startswith("2022-") and api_version.endswith("-preview")
    if is_preview and "SecurityUser" in draft.properties["networkManagerScopeAccesses"]:
        raise refusals.refusal(
            f"The subscription: {draft.id.subscription} is not registered for feature: "
            "AllowAVNMPreviewJuly2022"
        )


def refuse_closed_groups(draft: Draft, call: Call) -> None:
    """Refuse management groups that a manager cannot have for its scope.

    One at which Microsoft.Network is not registered is refused in these words
    (azure-rest-api-specs issue 25774); that one that does not exist is, too, is `assumed`.
    """
    world = call.world
    groups = draft.properties["networkManagerScopes"]["managementGroups"]
    for item in groups:
        if not hierarchy.takes_managers(world.store.find(item)):
            raise refusals.refusal(
                f"Resource [{item}] is not within tenant [{world.settings.tenant_id}]"
            )
    if world.settings.manager_scope_needs_rights:
        require_linked(call, f"{MANAGER}/write", groups)


def refuse_second_manager(draft: Draft, world: World) -> None:
    """Refuse the scope of another manager at the same level for the same feature.

    The rule is facts.md section 1; the code and the words are `assumed`, and so is that
    management groups overlap only with themselves.
    """
    accesses = set(draft.properties["networkManagerScopeAccesses"])
    scopes = draft.properties["networkManagerScopes"]
    for other in world.store.of_type(MANAGER):
        if other.key == draft.key:
            continue
        both = accesses & set(other.properties["networkManagerScopeAccesses"])
        scope = shared_scope(scopes, other) if both else None
        if scope is not None:
            raise refusals.refusal(
                f"Network manager {other.id.text} has scope {scope} for {', '.join(sorted(both))} "
                f"already; {draft.id.text} cannot have it too.",
                "NetworkManagerScopeOverlap",
                409,
            )


def wedge_if_hasty(manager: Resource, world: World) -> None:
    """Wedge the scopes of a manager that went right after one of its scope connections.

    azure-rest-api-specs issue 23188: within a second. Switched off by default; how long the
    scope stays unusable is `assumed` for good.
    """
    window = world.settings.scope_wedges_within
    deleted = manager.hidden.get("connection_deleted")
    if window and deleted is not None and world.now - deleted <= window:
        scopes = manager.properties["networkManagerScopes"]["subscriptions"]
        world.wedged_scopes |= {item.lower().rstrip("/") for item in scopes}


def refuse_wedged(draft: Draft, world: World) -> None:
    """Refuse a scope that is wedged; the code is `assumed`."""
    for item in draft.properties["networkManagerScopes"]["subscriptions"]:
        if item.lower().rstrip("/") in world.wedged_scopes:
            raise refusals.refusal(
                f"Scope {item} of {draft.id.text} is locked by a network manager that no longer "
                "exists.",
                "ScopeNotAvailable",
                409,
            )
