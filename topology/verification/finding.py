"""A finding: something that is not as it must be, with an example and what decided about it."""

from __future__ import annotations

from dataclasses import dataclass

# What must not be for a moment: somebody reaches whom they must not, or nobody looks at it.
UNSAFE = frozenset({"isolation", "around", "egress"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be.

    `rule` is one of REFERENCE, `undenied` (only firewalls keep two apart), or the name of an
    assertion of the file. `between` names two networks, `text` is a sentence with an example,
    `by` the id of what decided about it. `planned` is the step at which the way would part from
    this one if all were as planned, where a reference was given.
    """

    rule: str
    between: str
    text: str
    by: str
    planned: str = ""

    @property
    def is_unsafe(self) -> bool:
        """Say whether somebody reaches whom they must not, or goes around a firewall."""
        return self.rule in UNSAFE

    def __str__(self) -> str:
        return self.text
