"""What a policy rule can ask of a resource: its fields, its aliases, what is around it."""

from collections.abc import Mapping
from typing import Any

from simulator import subscriptions
from simulator.arm.ids import group_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.policy.conditions import Context
from simulator.policy.expressions import ExpressionError
from simulator.policy.paths import walk


def context_of(resource: Resource, parameters: Mapping[str, Any], world: World) -> Context:
    """Return a resource as conditions and their expressions see it."""

    def field(name: str) -> Any:
        return field_of(resource, name, world)

    return Context(
        field,
        {
            **parameter_function(parameters),
            "field": field,
            "resourcegroup": lambda: _group(resource, world),
            "subscription": lambda: _subscription(resource, world),
        },
    )


def parameter_function(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the function `parameters`, which knows these values."""
    values = {name.lower(): value for name, value in parameters.items()}

    def parameter(name: str) -> Any:
        if name.lower() not in values:
            raise ExpressionError(f"the parameter '{name}' has no value")
        return values[name.lower()]

    return {"parameters": parameter}


# What only a resource can answer; the others are functions of plain values.
CONTEXT_FUNCTIONS = frozenset({"parameters", "field", "resourcegroup", "subscription", "current"})


def field_of(resource: Resource, name: str, world: World) -> Any:
    """Return the value of a field or alias, None when the resource has none.

    An alias is the type and a path into the properties (`simulator.policy.paths`).
    """
    lowered = name.lower()
    if lowered.startswith("tags"):
        return _tags(resource, name)
    if lowered in ("type", "name", "fullname", "id", "location", "kind", "identity.type"):
        return _plain(resource, lowered, world)
    prefix = resource.type.lower() + "/"
    if not lowered.startswith(prefix):
        return None
    shown = world.provider_of(resource).shown_properties(resource, world)
    return walk(shown, name[len(prefix) :])


def _plain(resource: Resource, name: str, world: World) -> Any:
    is_child = world.provider_of(resource).is_child
    values = {
        "type": resource.type,
        "name": resource.name,
        "fullname": "/".join(resource.id.names),
        "id": resource.id.text,
        # Children have none of their own.
        "location": None if is_child else resource.location,
        "kind": resource.extras.get("kind"),
        "identity.type": (resource.extras.get("identity") or {}).get("type"),
    }
    return values[name]


def _tags(resource: Resource, name: str) -> Any:
    tags = resource.tags or {}
    rest = name[len("tags") :]
    if not rest:
        return tags
    wanted = tag_name(rest).lower()
    return next((value for key, value in tags.items() if key.lower() == wanted), None)


def tag_name(rest: str) -> str:
    """Return the name in `.name`, `[name]` or `['name']`, where `''` is an apostrophe."""
    if rest.startswith("."):
        return rest[1:]
    inner = rest.removeprefix("[").removesuffix("]")
    if inner.startswith("'") and inner.endswith("'"):
        return inner[1:-1].replace("''", "'")
    return inner


def _group(resource: Resource, world: World) -> dict[str, Any]:
    group = world.store.get(group_id(resource.id.subscription, resource.id.group or "").key)
    if group is None:
        return {}
    return {
        "name": group.name,
        "id": group.id.text,
        "location": group.location,
        "tags": group.tags or {},
    }


def _subscription(resource: Resource, world: World) -> dict[str, Any]:
    """Return the subscription; the portal's `Name` for its display name is in the docs."""
    shown = subscriptions.describe(world.settings, resource.id.subscription)
    return {**shown, "name": shown["displayName"], "tags": {}}
