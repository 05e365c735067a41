"""A finding: one thing that is not as it must be, whatever found it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from topology.kind import Severity
from topology.planning.explain import short

# What is looked for.
DRIFT, REACHABILITY = "drift", "reachability"

MISSING = "missing"  # what is found of a resource that is not there

LIMIT = "limit"  # the rule of what is nearly full; a check for drift looks for it too

ORDER = {severity: place for place, severity in enumerate(Severity)}


class Owner(StrEnum):
    """Who is behind a finding, as far as Azure or our own last run tells."""

    US = "us"
    AVNM = "AVNM"
    POLICY = "Azure Policy"
    OTHERS = "someone else"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be.

    `rule` is `drift`, `limit`, or the rule of reachability that does not hold. `kind` and
    `name` are those of a resource, a child's with its parent's, and `path` is where it differs,
    by dots, empty where the resource is missing or too much. Elsewhere `kind` is empty, and
    `name` says between whom, or of what there are many. `by` names who, in Azure's words, or
    what decides. `note` is what a reader must know beyond it, such as an exemption that has
    expired. `traffic` is what reachability is not so of, in words.
    """

    rule: str
    severity: Severity
    region: str
    kind: str
    name: str
    path: str
    wanted: str
    found: str
    owner: Owner = Owner.UNKNOWN
    by: str = ""
    note: str = ""
    traffic: str = ""

    @property
    def resource(self) -> str:
        """Return what people call the resource, or between whom it is."""
        return f"{self.kind} {self.name}".strip()

    @property
    def is_missing(self) -> bool:
        """Say whether it is that a resource is not there."""
        return self.found == MISSING and not self.path

    @property
    def place(self) -> tuple[Any, ...]:
        """Return its place among others: the worst first, then by region and name."""
        return (ORDER[self.severity], self.region, self.resource, self.path)

    def row(self) -> dict[str, str]:
        """Return it as a row of a table, and as JSON; what is no matter of traffic has none."""
        of = {} if self.rule in {DRIFT, LIMIT} else {"traffic": self.traffic}
        return {
            "severity": self.severity.value,
            "owner": self.owner.value,
            "by": self.by,
            "region": self.region,
            "rule": self.rule,
            "resource": self.resource,
            "property": self.path,
            "wanted": self.wanted,
            **of,
            "found": self.found,
            "note": self.note,
        }

    @property
    def difference(self) -> str:
        """Return where it differs and how: `tags.region: nothing, wanted eastus`."""
        differs = f"{short(self.found)}, wanted {short(self.wanted)}" if self.wanted else self.found
        return f"{self.path}: {differs}" if self.path else differs

    @property
    def owner_told(self) -> str:
        """Return who is behind it: `by someone else (alice@example.com)`."""
        return f"by {self.owner} ({self.by})" if self.by else f"by {self.owner}"

    def __str__(self) -> str:
        """Return it as a sentence."""
        of = f" ({self.traffic})" if self.traffic else ""
        told = f"{self.resource}{of}: {self.difference}; {self.owner_told}"
        return f"{self.severity}: {self.region}: {told}"
