"""ARM ids taken apart, as far as calls of the SDK need it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from topology.kind import Kind

_GROUP = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"(/providers/(?P<provider>[^/]+)/(?P<rest>.+))?",
    re.IGNORECASE,
)
GROUPS_TYPE = "Microsoft.Resources/resourceGroups"


@dataclass(frozen=True)
class ParsedId:
    """The parts of an id; `names` follow the resource group's, outermost first."""

    subscription: str
    group: str
    arm_type: str
    names: tuple[str, ...] = ()

    @property
    def path_arguments(self) -> tuple[str, ...]:
        """Return what the SDK's methods take by position: group, name, child's name, ..."""
        return (self.group, *self.names)


def parse(resource_id: str) -> ParsedId:
    """Take an id apart; a `#part` at its end is ignored.

    Raises ValueError for what is not in a resource group or ends in a type.
    """
    found = _GROUP.fullmatch(whole_id(resource_id))
    segments = (found["rest"] or "").split("/") if found else []
    if found is None or (found["rest"] and len(segments) % 2):
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
