"""What a check found, told to people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from topology.compliance.exemptions import exempt
from topology.compliance.finding import DRIFT, LIMIT, REACHABILITY, Finding
from topology.compliance_spec import ExemptionSpec
from topology.kind import Severity
from topology.network import Network

_NOTHING = {DRIFT: "no drift", REACHABILITY: "all is reached as it must be"}


@dataclass(frozen=True)
class Report:
    """What a check of a topology found: what stands, what is exempted, exemptions of nothing.

    `about` is what was looked for, drift or reachability: each has a history of its own.
    """

    topology: str
    standing: tuple[Finding, ...]
    exempted: tuple[Finding, ...] = ()
    unused: tuple[ExemptionSpec, ...] = ()
    about: str = DRIFT

    @classmethod
    def of(
        cls, network: Network, findings: Iterable[Finding], today: date, about: str = DRIFT
    ) -> Report:
        """Make it of all findings about a network; `today` is in UTC."""
        found = exempt(findings, network.topology.compliance.exemptions, today, about)
        name = network.topology.topology
        return cls(name, found.standing, found.exempted, found.unused, about)

    @property
    def fails(self) -> bool:
        """Say whether something is not as it must be; a limit that is near is only told."""
        return any(finding.rule != LIMIT for finding in self.standing)

    @property
    def counts(self) -> dict[Severity, int]:
        """Return how many findings of each severity stand, the worst first."""
        counted = Counter(finding.severity for finding in self.standing)
        return {severity: counted[severity] for severity in Severity if counted[severity]}

    @property
    def summary(self) -> str:
        """Return one line: `1 critical, 2 low; 1 exempted`, or `no drift`."""
        told = ", ".join(f"{number} {severity}" for severity, number in self.counts.items())
        if told and not self.fails:
            told = f"{_NOTHING[self.about]}; limits that are near: {len(self.standing)}"
        return (told or _NOTHING[self.about]) + self.exempted_told

    @property
    def exempted_told(self) -> str:
        """Return how many findings are exempted, to go behind a sentence; nothing if none is."""
        return f"; {len(self.exempted)} exempted" if self.exempted else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is wrong with the exemptions themselves, a sentence each."""
        return tuple(
            f"the exemption of {item.owner} until {item.until} ({item.reason}) is about nothing "
            "that was found; take it out"
            for item in self.unused
        )

    def rows(self) -> list[dict[str, str]]:
        """Return a row for each finding, those that are exempted last."""
        return [finding.row() for finding in (*self.standing, *self.exempted)]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON: what stands, what is exempted and the notes."""
        return {
            "topology": self.topology,
            "findings": [finding.row() for finding in self.standing],
            "exempted": [finding.row() for finding in self.exempted],
            "notes": list(self.notes),
        }
