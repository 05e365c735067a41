"""Bodies to put again: what stood before, cut down to what we set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

from topology.kind import NOBODY, Body, Kind, Resource, at, put_at, same_id
from topology.naming import AVNM_GROUP
from topology.planning.actual import Found
from topology.planning.diff import TOP_READ_ONLY, our_children, without, without_read_only
from topology.planning.plan import Change, Delete, Replace, Step
from topology.resources import KIND_BY_NAME, KINDS


def restored(step: Step, found: Found, topology: str) -> dict[str, Any]:
    """Return the fields that a step touches, as they were; none for what it made or left alone."""
    kind = KIND_BY_NAME[step.resource.kind]
    if isinstance(step, Delete):
        return whole(found, kind)
    if isinstance(step, Replace):  # what was made anew has lost what it did not want
        return _without_new(whole(found, kind), step.resource.body)
    if isinstance(step, Change):
        ours = partial(our_children, found.body, kind=kind, topology=topology)
        before: dict[str, Any] = _old_values(step.resource.body, found.body, "", kind, ours)
        for field in step.fields:
            if field.new is None and field.path.startswith("tags."):  # one that the step took out
                before["tags"][field.path.removeprefix("tags.")] = field.old
        return before
    return {}


def whole(found: Found, kind: Kind) -> dict[str, Any]:
    """Return the body to make a resource again from.

    Children that are resources of their own come back by their own steps: two networks
    that are peered would need each other.
    """
    apart = {item.path for item in kind.child_lists if item.ours == NOBODY}
    body: dict[str, Any] = without(ours_to_set(found.body, kind), apart)
    return {key: value for key, value in body.items() if key not in TOP_READ_ONLY}


def _without_new(before: dict[str, Any], made: Body) -> dict[str, Any]:
    """Return a body that was, and None for each field that has been made since."""
    body: dict[str, Any] = {**dict.fromkeys(made), **before}
    for key, value in before.items():
        if isinstance(value, Mapping) and isinstance(inner := made.get(key), Mapping):
            body[key] = _without_new(dict(value), inner)
    return body


def in_parts(resource: Resource, topology: str) -> Iterator[Resource]:
    """Yield a resource, and apart from it the children that a part of its kind writes.

    They wait for late values: two tables that lead to each other's firewalls, which stand
    behind them, would need each other.
    """
    for part in (kind for kind in KINDS if kind.part_of == resource.kind):
        for path in (item.path for item in part.child_lists):
            if later := our_children(resource.body, path, part, topology):
                kept = [item for item in at(resource.body, path) if item not in later]
                resource = replace(resource, body=_with(resource.body, path, kept))
                name = f"{resource.id}#{part.name}"
                body = _with({}, path, later)
                stage = part.stage or resource.stage
                yield replace(resource, kind=part.name, id=name, stage=stage, body=body)
    yield resource


def _with(body: Body, path: str, value: Any) -> dict[str, Any]:
    other = deepcopy(dict(body))
    put_at(other, path, value)
    return other


def _old_values(
    wanted: Any, before: Any, path: str, kind: Kind, ours: Callable[[str], list[Body]]
) -> Any:
    """Return `before` cut down to the fields of `wanted`; None where it had none."""
    if path in {item.path for item in kind.child_lists}:
        return [ours_to_set(item, kind) for item in ours(path)]
    if isinstance(wanted, Mapping) and isinstance(before, Mapping):
        return {
            key: _old_values(value, before.get(key), f"{path}.{key}".strip("."), kind, ours)
            for key, value in wanted.items()
        }
    return ours_to_set(before, kind)


def ours_to_set(value: Any, kind: Kind) -> Any:
    """Return what was found without what Azure fills in, and without AVNM's own tables.

    A subnet's table goes with its last subnet, and comes back by the commit.
    """
    return _without_avnms(without_read_only(value, kind))


def _without_avnms(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_avnms(item) for key, item in value.items() if not _is_avnms(item)}
    return [_without_avnms(item) for item in value] if isinstance(value, list | tuple) else value


def _is_avnms(value: Any) -> bool:
    return isinstance(value, Mapping) and AVNM_GROUP in same_id(str(value.get("id") or ""))
