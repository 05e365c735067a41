"""A finding: something that is not as it must be, with an example and what decided about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from topology.verification.rules import Traffic

# What must not be for a moment: somebody reaches whom they must not, or nobody looks at it.
UNSAFE = frozenset({"isolation", "too-open", "around", "egress"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be.

    `rule` is one of REFERENCE, `undenied` (only firewalls keep two apart), or the name of an
    assertion of the file. `between` names two networks, or the rule that is wrong by itself; `text`
    is a sentence with an example, `by` the id of what decided about it. `planned` is the step at
    which the way would part from this one if all were as planned, or the rule that would stop it,
    where a reference was given; `traffic` is what it is about, None for a route or an assertion
    about nobody, and `kinds` all that it is so of, in words. `region` is that of whoever sends, or
    of the rule; "" where it is of all.
    """

    rule: str
    between: str
    text: str
    by: str
    planned: str = ""
    traffic: Traffic | None = None
    region: str = ""
    kinds: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Return what findings have in common that differ in their traffic, or their way."""
        return self.rule, self.between

    @property
    def is_unsafe(self) -> bool:
        """Say whether somebody reaches whom they must not, or goes around a firewall."""
        return self.rule in UNSAFE

    def __str__(self) -> str:
        return self.text


def one_of_each(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the first finding of each rule between the same networks, whatever its traffic."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in found:
        first.setdefault(finding.key, finding)
    return tuple(first.values())
