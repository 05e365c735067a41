"""What a request needs, and Azure's refusals of those who have it not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from simulator.access.assignments import grants_of, may, may_below
from simulator.arm.call import Call
from simulator.arm.errors import ArmError, management_group_not_found
from simulator.arm.ids import MANAGEMENT_GROUP, ResourceId, parse_id
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.principals import Principal

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_GROUPS = "Microsoft.Resources/resourceGroups"
_PEERINGS = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
_NETWORKS = "microsoft.network/virtualnetworks"

# What it takes to refer to a resource of another (Microsoft's list of the operations of
# Microsoft.Network; seen in refusals for subnets, route tables, public addresses and peers).
_JOINS: Mapping[str, str] = {
    "microsoft.network/networksecuritygroups": "Microsoft.Network/networkSecurityGroups/join",
    "microsoft.network/routetables": "Microsoft.Network/routeTables/join",
    "microsoft.network/publicipaddresses": "Microsoft.Network/publicIPAddresses/join",
    "microsoft.network/firewallpolicies": "Microsoft.Network/firewallPolicies/join",
    "microsoft.network/ipgroups": "Microsoft.Network/ipGroups/join",
    "microsoft.network/virtualnetworks/subnets": "Microsoft.Network/virtualNetworks/subnets/join",
    _NETWORKS: "Microsoft.Network/virtualNetworks/join",
}


def require(call: Call, provider: Provider, action: str | None) -> None:
    """Raise the 403 of a request, or of one of its links, that the sender may not make.

    A list that the sender may not read whole is let through when a part is permitted; it
    is `assumed` that Azure then answers with that part, as az shows it.
    """
    who = call.sender
    if who is None or _is_everybodys(call):
        return
    needed, scope = action_of(call, provider, action), _scope(call)
    if not may(call.world, who, needed, scope.lower()):
        partly = call.method == "GET" and call.id.is_collection
        if not (partly and may_below(call.world, who, needed, scope.lower())):
            raise denied(who, needed, scope)
    if call.method == "PUT":
        _require_links(call, who, needed)


def _is_everybodys(call: Call) -> bool:
    """Tell whether all may read this: what the tenant has, such as built-in roles and policies."""
    is_group = call.id.type.lower().startswith(MANAGEMENT_GROUP.lower())
    return call.id.scope_kind == "tenant" and call.method == "GET" and not is_group


def action_of(call: Call, provider: Provider, action: str | None) -> str:
    """Return the action that a call performs, such as `Microsoft.Network/routeTables/write`."""
    kind = provider.type
    if kind == _GROUPS:
        kind = "Microsoft.Resources/subscriptions/resourceGroups"
    if action is None:
        return f"{kind}/{_VERBS.get(call.method, 'action')}"
    return f"{kind}/{action}/{'read' if call.method == 'GET' else 'action'}"


def permitted(call: Call, provider: Provider, found: Sequence[Resource]) -> Sequence[Resource]:
    """Return what the sender of a list may read of it: all, where the whole is permitted."""
    who, needed = call.sender, action_of(call, provider, None)
    if who is None or may(call.world, who, needed, _scope(call).lower()):
        return found
    return [item for item in found if may(call.world, who, needed, item.key)]


def _scope(call: Call) -> str:
    """Return what a call is about: a resource, or for a list what holds it."""
    if not call.id.is_collection:
        return call.id.text
    parent = call.id.parent
    return parent.text if parent is not None else call.id.scope


def _require_links(call: Call, who: Principal, needed: str) -> None:
    """Raise the 403 of a write that refers to what the sender may not use."""
    missing = [
        (join, target.text)
        for target in _linked(call.body)
        if (join := _join(call, target)) and not may(call.world, who, join, target.key)
    ]
    if missing:
        raise _unlinked(call, who, needed, missing)


def require_linked(call: Call, action: str, scopes: Iterable[str]) -> None:
    """Raise the 403 of a write that names scopes at which the sender may not do something."""
    who = call.sender
    missing = [
        (action, scope) for scope in scopes if who and not may(call.world, who, action, scope)
    ]
    if who is not None and missing:
        raise _unlinked(call, who, action, missing)


def _join(call: Call, target: ResourceId) -> str | None:
    kind = target.type.lower()
    if target.key == call.id.key or target.key.startswith(f"{call.id.root.key}/"):
        return None
    if call.id.type.lower() == _PEERINGS.lower() and kind == _NETWORKS:
        return "Microsoft.Network/virtualNetworks/peer/action"
    join = _JOINS.get(kind)
    return f"{join}/action" if join else None


def _linked(value: Any) -> Iterator[ResourceId]:
    if isinstance(value, list):
        for item in value:
            yield from _linked(item)
    elif isinstance(value, dict):
        given = value.get("id")
        found = parse_id(given) if isinstance(given, str) else None
        if found is not None:
            yield found
        for item in value.values():
            yield from _linked(item)


def _client(who: Principal) -> str:
    return f"The client '{who.shown_name}' with object id '{who.object_id}'"


def denied(who: Principal, action: str, scope: str) -> ArmError:
    """Return the 403 of a request (the text is recorded: test_resource_policy)."""
    return ArmError(
        403,
        "AuthorizationFailed",
        f"{_client(who)} does not have authorization to perform action '{action}' over scope "
        f"'{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials.",
        gateway=True,
    )


def _unlinked(call: Call, who: Principal, action: str, missing: list[tuple[str, str]]) -> ArmError:
    """Return the 403 of a link (the text is that of refusals in issues of azurerm)."""
    actions = ", ".join(dict.fromkeys(action for action, _ in missing))
    scopes = ", ".join(dict.fromkeys(scope for _, scope in missing))
    return ArmError(
        403,
        "LinkedAuthorizationFailed",
        f"{_client(who)} has permission to perform action '{action}' on scope '{call.id.text}'; "
        f"however, it does not have permission to perform action(s) '{actions}' on the linked "
        f"scope(s) '{scopes}' (respectively) or the linked scope(s) are invalid.",
        gateway=True,
    )


def require_question(call: Call) -> None:
    """Raise the 403 of what is asked of a subscription as a whole."""
    action = f"{call.id.type}/{'read' if call.method == 'GET' else 'action'}"
    if call.sender and not may(call.world, call.sender, action, call.id.scope.lower()):
        raise denied(call.sender, action, call.id.scope)


def require_management_group(call: Call, group: ResourceId) -> None:
    """Raise the refusal of a management group that is not there.

    Who has no role above it is told that it may not read it (azure-rest-api-specs issue
    9549): a 403. That others get a 404 at every scope is `assumed`.
    """
    if call.world.store.get(group.key) is not None:
        return
    action, who = f"{MANAGEMENT_GROUP}/read", call.sender
    if who is not None and not may(call.world, who, action, group.key):
        raise denied(who, action, group.text)
    raise management_group_not_found(group)


def require_subscription(world: World, who: Principal | None, subscription: str) -> None:
    """Raise the 403 of a subscription in which the sender has no role at all."""
    scope, action = f"/subscriptions/{subscription}", "Microsoft.Resources/subscriptions/read"
    if who is not None and not may_see(world, who, subscription):
        raise denied(who, action, scope)


def may_see(world: World, who: Principal, subscription: str) -> bool:
    """Tell whether a subscription is one of a principal's: any role in it makes it so."""
    scope = f"/subscriptions/{subscription}".lower()
    return any(grant.covers(scope) or grant.lies_in(scope) for grant in grants_of(world, who))
