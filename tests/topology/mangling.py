"""A body as Azure returns it: more, in other orders and other cases, and the same all the same."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from topology.planning.actual import Actual, Found


def mangled(actual: Actual, *ways: str) -> Actual:
    """Return what was found in other words; with no ways named, in all of `WAYS`."""
    found = []
    for item in actual.resources.values():
        body: Any = deepcopy(dict(item.body))
        for way in ways or WAYS:
            body = WAYS[way](body)
        resource_id = item.id.upper() if "ids in capitals" in (ways or WAYS) else item.id
        found.append(
            Found(item.kind, resource_id.replace("/SUBSCRIPTIONS", "/subscriptions"), body)
        )
    return replace(
        Actual.of(found, actual.goal_states), others=actual.others, members=actual.members
    )


def _ids_in_capitals(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _ids_in_capitals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_ids_in_capitals(item) for item in value]
    is_id = isinstance(value, str) and value.startswith("/subscriptions/")
    return f"/subscriptions/{value[15:].upper()}" if is_id else value


def _lists_reversed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _lists_reversed(item) for key, item in value.items()}
    return [_lists_reversed(item) for item in reversed(value)] if isinstance(value, list) else value


def _booleans_as_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _booleans_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_booleans_as_text(item) for item in value]
    return str(value) if isinstance(value, bool) else value


def _defaults_added(value: Any) -> Any:
    """Add what Azure fills in to every object, and to the whole; tags are nobody's but ours."""
    if isinstance(value, Mapping):
        own = {k: v if k == "tags" else _defaults_added(v) for k, v in value.items()}
        return {"etag": 'W/"1"', "provisioningState": "Succeeded", "idleTimeout": 4, **own}
    return [_defaults_added(item) for item in value] if isinstance(value, list) else value


def _display_names(body: Any) -> Any:
    """Return the body with its location as a list of providers writes it."""
    place = body.get("location")
    return {**body, "location": place.upper()} if place else body


WAYS = {
    "defaults added": _defaults_added,
    "ids in capitals": _ids_in_capitals,
    "lists reversed": _lists_reversed,
    "booleans as text": _booleans_as_text,
    "locations in capitals": _display_names,
}
