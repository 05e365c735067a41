"""What was checked, a case each: what JUnit and SARIF are written from."""

from __future__ import annotations

from dataclasses import dataclass

from topology.compliance.finding import LIMIT, Finding
from topology.compliance.report import Report
from topology.network import Network
from topology.pictures.states import regions_of_networks
from topology.planning.places import GLOBAL
from topology.reading import line_of
from topology.verification.intent import REFERENCE
from topology.verification.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the line of the topology file that it is about; 1 where that is the whole."""

    finding: Finding
    line: int
    exempted: bool = False

    @property
    def counts(self) -> bool:
        """Say whether it breaks something: it is not exempted, and no limit that is near."""
        return not self.exempted and self.finding.rule != LIMIT

    @property
    def says(self) -> str:
        """Return it as a sentence; of what a proof found nobody knows who is behind it."""
        found = self.finding
        return str(found) if found.kind else f"{found.severity}: {found.found}"


@dataclass(frozen=True)
class Case:
    """One thing that was checked, or was not (`waived` says why), and what is not so."""

    group: str
    name: str
    says: str
    line: int = 1
    found: tuple[Found, ...] = ()
    waived: str = ""

    @property
    def broken(self) -> tuple[Found, ...]:
        """Return what counts of what was found."""
        return tuple(item for item in self.found if item.counts)


@dataclass(frozen=True, slots=True)
class Ground:
    """What cases stand on: an assumption by its name, what was NOT_READ, or a NOTE of a check.

    `counts` says that something may be otherwise for it.
    """

    name: str
    says: str
    counts: bool = True


NOT_READ, NOTE = "not read", "note"


@dataclass(frozen=True)
class Cases:
    """All cases of a proof or a check, and the grounds that they stand on.

    `file` is the path that was given, with slashes.
    """

    topology: str
    file: str
    cases: tuple[Case, ...]
    grounds: tuple[Ground, ...] = ()

    @classmethod
    def of_verdict(
        cls, network: Network, verdict: Verdict, report: Report, text: str, file: str
    ) -> Cases:
        """Return a case for each rule of the reference and each assertion.

        `report` has the findings of the verdict, by what is exempted; `text` is the file's.
        """
        lines = _Lines(network, text)
        found = lines.of_report(report)
        asserted = {item.name for item in network.topology.verify.assertions}
        checked = (
            Case(
                group="asserted" if rule in asserted else "reference",
                name=rule,
                says=says,
                line=lines.of_rule(rule),
                found=tuple(item for item in found if item.finding.rule == rule),
            )
            for rule, says in verdict.checked.items()
        )
        waived = (
            Case("reference", rule, REFERENCE[rule], lines.of_rule(rule), waived=reason)
            for rule, reason in verdict.waived.items()
        )
        assumed = (Ground(item.name, str(item), item.counts) for item in verdict.assumptions)
        not_read = (Ground(NOT_READ, f"{NOT_READ}: {what}") for what in verdict.unread)
        return cls(verdict.topology, file, (*checked, *waived), (*assumed, *not_read))

    @classmethod
    def of_report(cls, network: Network, report: Report, text: str, file: str) -> Cases:
        """Return a case for each region, and one for what belongs to none."""
        lines = _Lines(network, text)
        found = lines.of_report(report)
        regions = {item.finding.region for item in found} | {hub.region for hub in network.hubs}
        cases = (
            Case(
                group=report.about,
                name=region,
                says=f"Azure holds of {region} what the topology says",
                line=lines.of_region(region),
                found=tuple(item for item in found if item.finding.region == region),
            )
            for region in sorted(regions | {GLOBAL})
        )
        notes = tuple(Ground(NOTE, note) for note in report.notes)
        return cls(report.topology, file, tuple(cases), notes)


class _Lines:
    """Where the topology file speaks of something."""

    def __init__(self, network: Network, text: str) -> None:
        self.text, self.regions = text, regions_of_networks(network)
        self.numbers = {
            item.name: str(number) for number, item in enumerate(network.topology.verify.assertions)
        }

    def of_report(self, report: Report) -> list[Found]:
        """Return all that a report has, each with its line."""
        standing = [Found(item, self.of(item)) for item in report.standing]
        return standing + [Found(item, self.of(item), exempted=True) for item in report.exempted]

    def of_rule(self, rule: str) -> int:
        if number := self.numbers.get(rule):
            return line_of(self.text, ("verify", "assertions", number))
        return line_of(self.text, ("verify", "without", rule))

    def of_region(self, region: str) -> int:
        return line_of(self.text, ("regions", region))

    def of(self, finding: Finding) -> int:
        """Return the line of the assertion, or of the region of whoever it is about."""
        if finding.rule in self.numbers:
            return self.of_rule(finding.rule)
        sender = finding.name.split(" to ")[0].split("/")[0]
        return self.of_region(self.regions.get(sender, finding.region))
