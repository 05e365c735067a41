"""Principals as people write them, in YAML: read, checked, and refused with the place."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter

from simulator.access.roles import BUILT_IN
from simulator.principals import Principal
from simulator.settings import Settings
from simulator.yaml_input import load_list

_LIST: TypeAdapter[tuple[Principal, ...]] = TypeAdapter(tuple[Principal, ...])


def load_principals(path: Path | None) -> tuple[Principal, ...]:
    """Return the principals of a file, none without one; raise a `ValueError` of what is wrong."""
    if path is None:
        return ()
    found = load_list(path, _LIST, "principals")
    problems = [f"{path}: {text}" for text in _problems(found)]
    if problems:
        raise ValueError("\n".join(problems))
    return found


def _problems(found: tuple[Principal, ...]) -> Iterable[str]:
    names = [role.name for role in BUILT_IN]
    everyone = (Settings().operator, *found)
    for number, who in enumerate(found):
        place = f"principals[{number}]"
        if who.role is not None and who.role not in names:
            yield f"{place}.role: {who.role!r} is none of {', '.join(names)}"
        for field in ("client_id", "object_id"):
            wanted = getattr(who, field).lower()
            if [getattr(other, field).lower() for other in everyone].count(wanted) > 1:
                yield f"{place}.{field}: {wanted!r} is another's too"
