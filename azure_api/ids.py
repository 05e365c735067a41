"""ARM ids taken apart, as far as calls of the SDK need it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from topology.kind import Kind

_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)(/resourceGroups/(?P<group>[^/]+))?"
    r"(/providers/(?P<provider>[^/]+)/(?P<rest>.+))?",
    re.IGNORECASE,
)
GROUPS_TYPE = "Microsoft.Resources/resourceGroups"


@dataclass(frozen=True)
class ParsedId:
    """The parts of an id; `names` follow the resource group's, outermost first.

    `group` is None for what stands in a subscription and in no group.
    """

    subscription: str
    group: str | None
    arm_type: str
    names: tuple[str, ...] = ()

    @property
    def path_arguments(self) -> tuple[str, ...]:
        """Return what the SDK's methods take by position: group, name, child's name, ..."""
        return self.names if self.group is None else (self.group, *self.names)

    @property
    def scope(self) -> str:
        """Return where it stands, as the SDK takes a scope: without the first slash."""
        scope = f"subscriptions/{self.subscription}"
        return scope if self.group is None else f"{scope}/resourceGroups/{self.group}"


def parse(resource_id: str) -> ParsedId:
    """Take an id apart; a `#part` at its end is ignored.

    Raises ValueError for what is no resource or ends in a type.
    """
    found = _ID.fullmatch(whole_id(resource_id))
    segments = (found["rest"] or "").split("/") if found else []
    is_nothing = found is None or not (found["group"] or found["rest"])
    if found is None or is_nothing or (found["rest"] and len(segments) % 2):
        raise ValueError(f"{resource_id} is no id of a resource; give /subscriptions/.../name")
    if not found["rest"]:
        return ParsedId(found["subscription"], found["group"], GROUPS_TYPE)
    arm_type = "/".join([found["provider"], *segments[::2]])
    return ParsedId(found["subscription"], found["group"], arm_type, tuple(segments[1::2]))


def whole_id(resource_id: str) -> str:
    """Return the id of the resource that holds a part: `<id>#<kind>` is written as `<id>`."""
    return resource_id.split("#", 1)[0]


def kind_of(resource_id: str, kinds: Iterable[Kind]) -> Kind:
    """Return the kind whose whole resources have this id's type.

    Raises LookupError where none has.
    """
    arm_type = parse(resource_id).arm_type.lower()
    for kind in kinds:
        if kind.part_of is None and kind.arm_type.lower() == arm_type:
            return kind
    raise LookupError(f"no kind is of type {arm_type}, that of {resource_id}")
