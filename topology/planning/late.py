"""Late values: filled from what was read, or left standing until Azure has assigned them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from topology.kind import Late, Resource, at, late_in, late_values, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Create, Replace, Step

_ABSENT = object()
Lookup = Callable[[Late], Any]


def known(actual: Actual) -> Lookup:
    """Return a look-up in what was read; it answers None for what is not assigned yet."""

    def look_up(value: Late) -> Any:
        found = actual.get(value.resource_id)
        return at(found.body, value.path) if found else None

    return look_up


def settled(resource: Resource, steps: Mapping[str, Step], actual: Actual) -> Any:
    """Return a body filled from what was read, but for what will be made anew.

    The late values of that will change.
    """
    anew = {
        same_id(value.resource_id)
        for value in late_values(resource.body)
        if isinstance(steps.get(same_id(value.resource_id)), Create | Replace)
    }
    stays = {key: item for key, item in actual.resources.items() if key not in anew}
    return fill(resource.body, known(Actual(stays)))


def fill(body: Any, look_up: Lookup) -> Any:
    """Return the body with its late values filled; one that is not known stays as it is."""

    def replace(value: Late, text: str) -> Any:
        found = look_up(value)
        return text if found is None else found

    return _walk(body, replace)


def prune(body: Any, look_up: Lookup) -> tuple[Any, tuple[str, ...]]:
    """Return the body filled, without the list items whose late value is not to be had.

    The second value names what was left out. A late value that stands in no list
    item stays in the body: `topology.kind.late_values` finds it.
    """
    left_out: list[str] = []
    return _prune(body, look_up, left_out), tuple(left_out)


def without(body: Any, ids: Collection[str]) -> Any:
    """Return the body without the list items that have late values of these resources."""
    if isinstance(body, Mapping):
        return {key: without(item, ids) for key, item in body.items()}
    if isinstance(body, list | tuple):
        return [without(item, ids) for item in body if not _names(item, ids)]
    return body


def _names(item: Any, ids: Collection[str]) -> bool:
    return any(same_id(value.resource_id) in ids for value in late_values(item))


def _walk(value: Any, replace: Callable[[Late, str], Any]) -> Any:
    if found := late_in(value):
        return replace(found, value)
    if isinstance(value, Mapping):
        return {key: _walk(item, replace) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, replace) for item in value]
    return value


def _prune(value: Any, look_up: Lookup, left_out: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _prune(item, look_up, left_out) for key, item in value.items()}
    if isinstance(value, list | tuple):
        kept = []
        for item in value:
            filled = fill(item, look_up)
            if missing := _first_late(filled):
                name = item.get("name") if isinstance(item, Mapping) else None
                left_out.append(f"{name or 'item'}: {missing.resource_id.rsplit('/', 1)[-1]}")
            else:
                kept.append(filled)
        return kept
    return fill(value, look_up)


def _first_late(value: Any) -> Late | None:
    missing: list[Late] = []
    _walk(value, lambda found, text: missing.append(found) or text)  # type: ignore[func-returns-value]
    return missing[0] if missing else None
