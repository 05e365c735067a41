"""From a path to an answer: the checks of Azure's gateway, then the provider of the type."""

import base64
import binascii
from collections.abc import Callable

from simulator import subscriptions
from simulator.access import guard, permissions
from simulator.arm.call import Call, Reply
from simulator.arm.errors import (
    ArmError,
    group_not_found,
    method_not_allowed,
    operation_not_found,
    parent_not_found,
    resource_not_found,
    subscription_not_found,
    unknown_namespace,
    unknown_type,
)
from simulator.arm.families import Family
from simulator.arm.faulting import Serve, served
from simulator.arm.ids import ResourceId, group_id, make_id
from simulator.arm.provider import Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.fault import POLLS, Target
from simulator.regions import region_name

_STATUSES = frozenset({"operations", "nfvoperations", "privatednsoperationstatuses"})
_RESULTS = frozenset({"operationresults", "nfvoperationresults", "privatednsoperationresults"})
_WRITES = frozenset({"PUT", "PATCH", "DELETE"})


def answer(call: Call) -> Reply:
    """Return the answer to a call whose path names a resource, a list or an operation."""
    if call.id.subscription:
        require_subscription(call.world, call.id.subscription)
    elif call.id.scope_kind == "managementGroup" and call.id.extended is not None:
        guard.require_management_group(call, call.id.extended)
    call.world.api_version = call.api_version
    if is_poll(call.id):
        return _served(call, POLLS, _region_of_poll, _poll)
    special = permissions.answer(call)
    if special is not None:
        return special
    special = subscriptions.answer(call)
    if special is not None:
        guard.require_question(call)
        return special
    provider, action = _find_provider(call)
    guard.require(call, provider, action)
    _require_scope(call, provider)
    _count(call, provider, action)
    type_name = provider.type if action is None else f"{provider.type}/{action}"
    return _served(call, type_name, _region_of, lambda call: _serve(call, provider, action))


def _served(
    call: Call, type_name: str, region_of: Callable[[Call], str | None], serve: Serve
) -> Reply:
    """Serve a call, as the faults in force let it be served."""
    if call.world.faults.is_empty:
        return serve(call)
    target = Target(call.method, type_name, call.id.name, region_of(call))
    return served(call, target, serve)


def is_poll(resource_id: ResourceId) -> bool:
    """Tell whether a path is the URL of an operation."""
    last = resource_id.types[-1].lower()
    return not resource_id.is_collection and (last in _STATUSES | _RESULTS)


def type_of(world: World, resource_id: ResourceId) -> str:
    """Return the type as its provider spells it, "operations" for polls."""
    if is_poll(resource_id):
        return POLLS
    known = world.providers.get(resource_id.type.lower())
    return known.type if known else resource_id.type


def require_subscription(world: World, subscription: str) -> None:
    """Raise the gateway's 404 for a subscription that is not ours."""
    if subscription.lower() not in {item.lower() for item in world.settings.subscription_ids}:
        raise subscription_not_found(subscription)


def _require_scope(call: Call, provider: Provider) -> None:
    """Raise the gateway's refusal of a place that the type has not, or that does not exist."""
    if call.id.scope_kind not in provider.scopes:
        raise unknown_type(call.id.namespace, "/".join(call.id.types), call.api_version)
    if not (provider.type == "Microsoft.Resources/resourceGroups" or call.id.group is None):
        _require_group(call)
    extended = call.id.extended
    if call.id.scope_kind == "resource" and extended is not None:
        _require_extended(call, extended)


def _require_extended(call: Call, extended: ResourceId) -> None:
    """Raise the 404 of a parent (recordings.md section 8); for extensions it is `assumed`."""
    if call.world.store.get(extended.key) is None:
        if call.method == "PUT":
            raise parent_not_found(call.id, extended, "write")
        raise resource_not_found(extended)


def _require_group(call: Call) -> Resource:
    group = call.world.store.get(group_id(call.id.subscription, call.id.group or "").key)
    if group is None:
        raise group_not_found(call.id.group or "")
    deleting = call.world.state_of(group) == "Deleting"
    if deleting and call.method in _WRITES - {"DELETE"}:
        raise ArmError(
            409,
            "ResourceGroupBeingDeleted",
            f"The resource group '{group.name}' is in deprovisioning state and cannot perform "
            "this operation.",
            gateway=True,
        )
    return group


def _find_provider(call: Call) -> tuple[Provider, str | None]:
    provider = call.world.providers.get(call.id.type.lower())
    if provider is not None:
        return provider, None
    if call.id.is_collection and call.method in ("POST", "GET"):
        owner = make_id(call.id, call.id.types[:-1], call.id.names)
        provider = call.world.providers.get(owner.type.lower()) if owner else None
        if provider is not None and owner is not None:
            action = call.id.types[-1]
            call.id = owner
            return provider, action
    namespaces = {item.type.partition("/")[0].lower() for item in call.world.providers.values()}
    if call.id.namespace.lower() not in namespaces:
        raise unknown_namespace(call.id.namespace)
    raise unknown_type(call.id.namespace, "/".join(call.id.types), call.api_version)


def _region_of(call: Call) -> str | None:
    """Return the region a call is about: of its body, its resource or the root of that."""
    given = call.body.get("location")
    if given:
        return region_name(str(given))
    for known in (call.id, call.id.root):
        stored = call.world.store.get(known.key)
        if stored is not None and stored.location:
            return stored.location
    return None


def _count(call: Call, provider: Provider, action: str | None) -> None:
    """Count a call against the limits of its provider, or raise the provider's 429."""
    places = {
        "subscription": call.id.subscription.lower(),
        "region": _region_of(call) or "",
        "group": (call.id.group or "").lower(),
        "zone": call.id.root.name.lower(),
    }
    call.world.throttling.admit_call(_verb(call, action), provider.type, places)


def _verb(call: Call, action: str | None) -> str:
    """Return the verb that limits speak of; a POST but a commit asks, as a GET does."""
    if call.method == "DELETE":
        return "delete"
    if call.method in _WRITES or (action or "").lower() == "commit":
        return "create" if call.world.store.get(call.id.key) is None else "update"
    if call.id.is_collection:
        return "list" if call.id.group else "list-all"
    return "get"


def _serve(call: Call, provider: Provider, action: str | None) -> Reply:
    if action is not None:
        return provider.post(call, action)
    if call.id.is_collection:
        if call.method != "GET":
            raise method_not_allowed(call.method, provider.type)
        return provider.list_reply(call, guard.permitted(call, provider, provider.listed(call)))
    if call.method not in provider.verbs:
        raise method_not_allowed(call.method, provider.type)
    if call.method == "PATCH":
        provider.require(call)
        provider.refuse_malformed(call)
    verbs: dict[str, Callable[[Call], Reply]] = {
        "GET": provider.get,
        "HEAD": provider.head,
        "PUT": provider.put,
        "PATCH": provider.patch,
        "DELETE": provider.delete,
    }
    return verbs[call.method](call)


def _poll(call: Call) -> Reply:
    kind, token = call.id.types[-1].lower(), call.id.names[-1]
    if len(call.id.types) > 1 and call.id.types[0].lower() != "locations":
        owner = make_id(call.id, call.id.types[:-1], call.id.names[:-1])
        provider = call.world.providers.get(owner.type.lower()) if owner else None
        if provider is None or owner is None:
            raise operation_not_found(token)
        call.id = owner
        return provider.result(call, token)
    operation = call.world.operations.get(_guid_of(token))
    if operation is None:
        raise operation_not_found(token)
    family: Family = operation.family
    if kind in _STATUSES:
        return family.status_reply(call, operation)
    return family.result_reply(call, operation)


def _region_of_poll(call: Call) -> str | None:
    first = call.id.types[0].lower()
    return call.id.names[0].lower() if first == "locations" else _region_of(call)


def _guid_of(token: str) -> str:
    try:
        plain = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return token
    return plain.rsplit(";", 1)[-1].partition("_")[0] if plain.startswith("FrontEnd") else token
