"""What a PUT asks for, read and completed, before anything is changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.arm.ids import ResourceId


@dataclass(slots=True)
class Draft:
    """The wanted form of one resource, with the children written inline.

    `children` holds, per child type, the drafts of that type: what is listed replaces
    what exists. A type that is missing from `children` is left as it is.
    """

    id: ResourceId
    type: str
    location: str | None
    tags: dict[str, str] | None
    properties: dict[str, Any]
    extras: dict[str, Any] = field(default_factory=dict)
    children: dict[str, list["Draft"]] = field(default_factory=dict)
    references: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Return the lower-cased id."""
        return self.id.key

    @property
    def name(self) -> str:
        """Return the resource's own name."""
        return self.id.name


def completed(
    given: Mapping[str, Any], defaults: Mapping[str, Any], skipped: frozenset[str]
) -> dict[str, Any]:
    """Return what was given and the defaults of what was not, without what Azure ignores."""
    kept = {key: value for key, value in given.items() if key not in skipped and value is not None}
    return {**{key: value for key, value in defaults.items() if key not in kept}, **kept}


def arranged(values: Mapping[str, Any], layout: tuple[str, ...]) -> dict[str, Any]:
    """Return the values in the order Azure writes them; unknown ones come last."""
    known = {key: values[key] for key in layout if key in values}
    return {**known, **{key: value for key, value in values.items() if key not in known}}


def linked_ids(value: Any) -> list[str]:
    """Return the ids in a property of the form {"id": ...} or a list of such."""
    if isinstance(value, dict):
        return [value["id"]] if isinstance(value.get("id"), str) else []
    if isinstance(value, list):
        return [found for item in value for found in linked_ids(item)]
    return []
