"""What differs between a wanted body and one that was found, and how to lay one over it.

Only what we set is compared. Azure adds defaults, returns ids in other cases, lists
in other orders and booleans as strings: none of these is a difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from topology.kind import NOBODY, Body, ChildList, Kind, at, fits
from topology.ownership import keys_naming, matches, named_in_tags
from topology.planning.plan import FieldChange

# Azure writes these itself, in every body and at every depth (recordings.md section 6).
_ALWAYS_READ_ONLY = frozenset({"etag", "provisioningState", "resourceGuid"})
TOP_READ_ONLY = frozenset({"id", "name", "type", "systemData"})


def differences(wanted: Body, found: Body, kind: Kind, topology: str) -> tuple[FieldChange, ...]:
    """Return the fields of `wanted` that `found` has otherwise, by dotted path.

    Items of child lists appear by name (`properties.subnets.snet-a`); one that is
    ours and no longer wanted has `new` None.
    """
    compared = _compare(wanted, found, "", _Lists(kind, topology, found))
    outdated = (
        FieldChange(f"tags.{key}", found["tags"][key], None)
        for key in _outdated_tags(wanted, found, kind)
    )
    return (*compared, *outdated)


def lay_over(found: Body | None, wanted: Body, kind: Kind, topology: str) -> dict[str, Any]:
    """Return the body to PUT: what was found, our fields over it, Azure's own taken out.

    Child lists are merged by name, for a PUT drops the children that it leaves out
    (facts.md section 0.5): what others added stays, what is ours and no longer wanted
    goes. A field that is wanted as None is taken out.
    """
    current = without_read_only(found or {}, kind)
    current = {key: value for key, value in current.items() if key not in TOP_READ_ONLY}
    for key in _outdated_tags(wanted, current, kind):
        del current["tags"][key]
    merged: dict[str, Any] = _merge(current, wanted, "", _Lists(kind, topology, found or {}))
    return merged


def _outdated_tags(wanted: Body, found: Body, kind: Kind) -> list[str]:
    """Return the tags that name children as ours and are not wanted: nobody else sets them."""
    kept = wanted.get("tags")
    keys = (key for item in kind.child_lists if item.tag for key in keys_naming(item.tag, found))
    return [key for key in keys if kept is not None and key not in kept]


def foreign_children(found: Body, kinds: Collection[Kind], topology: str) -> tuple[str, ...]:
    """Return the names of children in a body's lists that are ours by none of these kinds.

    More than one kind may write a list: a route table, and its remote routes.
    """
    writers = [_Lists(kind, topology, found) for kind in kinds]
    paths = {item.path: item for kind in kinds for item in kind.child_lists}
    return tuple(
        str(item.get("name"))
        for path, child_list in paths.items()
        for item in at(found, path) or ()
        if child_list.ours != NOBODY
        and not any(path in lists and lists.is_ours(path, item) for lists in writers)
    )


def is_taken_away(change: FieldChange) -> bool:
    """Say whether a change takes a field away, or an item out of a list."""
    if change.new is None:
        return True
    found, wanted = change.old, change.new
    if not isinstance(found, list | tuple) or not isinstance(wanted, list | tuple):
        return False
    return any(not any(is_same(item, other) for item in wanted) for other in found)


def our_children(found: Body, path: str, kind: Kind, topology: str) -> list[Body]:
    """Return the items of a child list in a body that are ours."""
    lists = _Lists(kind, topology, found)
    return [item for item in at(found, path) or () if lists.is_ours(path, item)]


class _Lists:
    """The lists of a kind, and what in a body that was found is ours, and what is Azure's."""

    def __init__(self, kind: Kind, topology: str, found: Body) -> None:
        self._lists: dict[str, ChildList] = {item.path: item for item in kind.child_lists}
        self._swapped = kind.swapped_by_azure
        self._topology = topology
        self._named = {
            item.path: named_in_tags(item.tag, found) for item in kind.child_lists if item.tag
        }

    def __contains__(self, path: str) -> bool:
        return path in self._lists

    def is_azures(self, path: str, found: Any) -> bool:
        """Say whether Azure has put a thing of its own making in place of ours."""
        return isinstance(found, str) and any(
            fits(rule, path) and matches(pattern, found, self._topology)
            for rule, pattern in self._swapped.items()
        )

    def is_ours(self, path: str, item: Body) -> bool:
        name = str(item.get("name"))
        named = name.lower() in self._named.get(path, ())
        return named or matches(self._lists[path].ours, name, self._topology)


# -- comparing ---------------------------------------------------------------------------


def _compare(wanted: Any, found: Any, path: str, lists: _Lists) -> Iterator[FieldChange]:
    if path in lists:
        yield from _compare_children(wanted, found or [], path, lists)
    elif isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key, value in wanted.items():
            yield from _compare(value, found.get(key), f"{path}.{key}" if path else key, lists)
    elif not is_same(wanted, found, path) and not lists.is_azures(path, found):
        yield FieldChange(path, found, wanted)


def _compare_children(
    wanted: Sequence[Body], found: Sequence[Body], path: str, lists: _Lists
) -> Iterator[FieldChange]:
    there = {_name(item): item for item in found}
    for item in wanted:
        place = f"{path}.{item['name']}"
        if _name(item) in there:
            for key, value in item.items():
                if key != "name":
                    other = there[_name(item)].get(key)
                    yield from _compare(value, other, f"{place}.{key}", lists)
        else:
            yield FieldChange(place, None, item)
    kept = {_name(item) for item in wanted}
    for name, item in there.items():
        if name not in kept and lists.is_ours(path, item):
            yield FieldChange(f"{path}.{item.get('name')}", item, None)


def is_same(wanted: Any, found: Any, path: str = "") -> bool:
    """Say whether Azure's value means what we want: every field of ours, whatever it adds."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            is_same(value, found.get(key), key) for key, value in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        return isinstance(found or (), list | tuple) and _same_items(wanted, found or ())
    if isinstance(wanted, bool) or isinstance(found, bool):
        return str(wanted).lower() == str(found).lower()
    if isinstance(wanted, str) and isinstance(found, str):
        return _word(wanted, path) == _word(found, path)
    return bool(wanted == found)


def _same_items(wanted: Sequence[Any], found: Sequence[Any]) -> bool:
    """Compare lists whatever their order: each wanted item is found once."""
    if len(wanted) != len(found):
        return False
    left = list(found)
    for item in wanted:
        match = next((index for index, other in enumerate(left) if is_same(item, other)), None)
        if match is None:
            return False
        del left[match]
    return True


def _word(text: str, path: str) -> str:
    """Return a text as Azure compares it: ids, regions and enumerations without case."""
    if path == "location" or path.endswith(".location"):
        return text.replace(" ", "").lower()  # "West Europe" is westeurope
    return text.casefold()


# -- laying over -------------------------------------------------------------------------


def _merge(found: Any, wanted: Any, path: str, lists: _Lists) -> Any:
    if path in lists:
        return _merge_children(found or [], wanted, path, lists)
    if isinstance(wanted, Mapping):
        merged = dict(found) if isinstance(found, Mapping) else {}
        for key, value in wanted.items():
            place = f"{path}.{key}" if path else key
            merged[key] = _merge(merged.get(key), value, place, lists)
        return {key: value for key, value in merged.items() if value is not None}
    if lists.is_azures(path, found):
        return found
    return list(wanted) if isinstance(wanted, tuple) else wanted


def _merge_children(
    found: Sequence[Body], wanted: Sequence[Body], path: str, lists: _Lists
) -> list[Any]:
    ours = {_name(item): item for item in wanted}
    merged = []
    for item in found:
        if _name(item) in ours:
            merged.append(_merge(item, ours.pop(_name(item)), f"{path}.*", lists))
        elif not lists.is_ours(path, item):
            merged.append(dict(item))
    return merged + [dict(item) for item in ours.values()]


def without_read_only(value: Any, kind: Kind) -> Any:
    """Return a body without what Azure fills in: states, and who refers back to it."""
    if isinstance(value, Mapping):
        return {
            key: without_read_only(item, kind)
            for key, item in value.items()
            if key not in _ALWAYS_READ_ONLY and key not in kind.read_only
        }
    if isinstance(value, list | tuple):
        return [without_read_only(item, kind) for item in value]
    return value


def without(value: Any, paths: set[str], here: str = "") -> Any:
    """Return a body without what stands at these dotted paths."""
    if not isinstance(value, Mapping):
        return value
    places = {key: f"{here}.{key}".strip(".") for key in value}
    return {
        key: without(item, paths, places[key])
        for key, item in value.items()
        if places[key] not in paths
    }


def _name(item: Body) -> str:
    return str(item.get("name")).casefold()
