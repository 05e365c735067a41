"""Paths into properties, as aliases of policy rules write them."""

from collections.abc import Mapping
from typing import Any


def walk(value: Any, path: str) -> Any:
    """Return what a path leads to, None where it leads to nothing.

    `[*]` after a step makes the result a list, of what the rest of the path finds in each
    item. A step may leave out a `properties` in between.
    """
    return _walk(value, path.split("."))


def _walk(value: Any, steps: list[str]) -> Any:
    if not steps:
        return value
    found = _step(value, steps[0].removesuffix("[*]"))
    if not steps[0].endswith("[*]"):
        return _walk(found, steps[1:])
    each = [_walk(item, steps[1:]) for item in found or ()]
    return [part for item in each for part in (item if isinstance(item, list) else [item])]


def _step(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping):
        return None
    wanted = name.lower()
    for key, found in value.items():
        if key.lower() == wanted:
            return found
    return _step(value.get("properties"), name)
