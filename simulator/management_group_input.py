"""Management groups as people write them, in YAML: read, checked, and refused with the place."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from pydantic import TypeAdapter

from simulator.management_groups import ManagementGroup
from simulator.yaml_input import load_list

_LIST: TypeAdapter[tuple[ManagementGroup, ...]] = TypeAdapter(tuple[ManagementGroup, ...])
_NAME = re.compile(r"[\w.()-]{1,90}")  # Microsoft's page on resource names


def load_management_groups(
    path: Path | None, subscriptions: Collection[str]
) -> tuple[ManagementGroup, ...]:
    """Return the groups of a file, none without one; raise a `ValueError` of what is wrong.

    `subscriptions` are all that there are.
    """
    if path is None:
        return ()
    found = load_list(path, _LIST, "groups")
    known = {item.lower() for item in subscriptions}
    if problems := [f"{path}: {text}" for text in _problems(found, known)]:
        raise ValueError("\n".join(problems))
    return found


def _problems(found: tuple[ManagementGroup, ...], known: set[str]) -> Iterable[str]:
    names = Counter(group.name.lower() for group in found)
    held = Counter(item.lower() for group in found for item in group.subscriptions)
    above = {group.name.lower(): (group.parent or "").lower() for group in found}
    for number, group in enumerate(found):
        place = f"groups[{number}]"
        if _NAME.fullmatch(group.name) is None or names[group.name.lower()] > 1:
            yield f"{place}.name: {group.name!r} is no name, or another's too"
        if group.parent is not None and not _leads_up(group.name.lower(), above):
            yield f"{place}.parent: {group.parent!r} is none of the groups, or below this one"
        for item in group.subscriptions:
            if item.lower() not in known:
                yield f"{place}.subscriptions: {item!r} is none of the simulator's"
            elif held[item.lower()] > 1:
                yield f"{place}.subscriptions: {item!r} is in another group too"


def _leads_up(name: str, above: dict[str, str]) -> bool:
    """Tell whether going up from a group ends at the root group."""
    for _ in above:
        name = above.get(name, name)
        if not name:
            return True
    return False
