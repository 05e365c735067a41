"""Rules and the addresses that they name: no reference leads from the one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from topology.kind import strings


def prefixes_in(body: Any) -> set[str]:
    """Return the prefixes that a body names anywhere."""
    return {text for text in strings(body) if _is_prefix(text)}


def _is_prefix(text: str) -> bool:
    try:
        return "/" in text and text[0].isdigit() and bool(ip_network(text, strict=False))
    except ValueError:
        return False


def keeping(wanted: Any, found: Any, going: set[str]) -> Any:
    """Return what is wanted, with what was found of rules that name `going` and not here.

    These are prefixes of what is still to go, or comes back.
    """
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return {key: keeping(value, found.get(key), going) for key, value in wanted.items()}
    if not isinstance(wanted, list) or not isinstance(found, list):
        return wanted
    there = {item["name"]: item for item in found if _is_named(item)}
    both = [
        keeping(item, there.pop(item["name"], None), going) if _is_named(item) else item
        for item in wanted
    ]
    rules = [rest for item in there.values() if (rest := rest_of(item, going))]
    return [*both, *rules, *(item for item in found if _goes(item, going) and item not in wanted)]


def rest_of(found: Any, going: set[str]) -> Any:
    """Return what was found, cut down to the rules one side of which names only what goes.

    None where there is none: whatever else is no longer wanted was taken out on purpose.
    """
    if isinstance(found, Mapping):
        if any(_is_side(value, going) for value in found.values()):
            return found
        inside = {key: rest for key, value in found.items() if (rest := rest_of(value, going))}
        return {**found, **inside} if inside else None
    if isinstance(found, list):
        return [rest for item in found if (rest := rest_of(item, going))] or None
    return None


def _is_side(value: Any, going: set[str]) -> bool:
    return isinstance(value, list) and bool(value) and all(_goes(item, going) for item in value)


def _goes(item: Any, going: set[str]) -> bool:
    """Say whether an item of a list is such a prefix, or says no more than one."""
    if isinstance(item, str):
        return item in going
    named = set[str]() if _is_named(item) else prefixes_in(item)
    return isinstance(item, Mapping) and bool(named) and named <= going


def _is_named(item: Any) -> bool:
    return isinstance(item, Mapping) and "name" in item
