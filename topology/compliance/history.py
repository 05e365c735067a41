"""Findings from check to check: which are new, which have cleared, since when each stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from topology.compliance.finding import Finding
from topology.compliance.report import Report

Row = Mapping[str, str]

NEW, KNOWN, EXEMPTED, CLEARED = "new", "known", "exempted", "cleared"
_STANDING = frozenset({NEW, KNOWN})


@dataclass(frozen=True)
class History:
    """A check beside the one before: its rows, and what has changed since.

    A row has a `state`: new, known, exempted, or cleared, which it reads once.
    """

    rows: tuple[dict[str, str], ...]

    def of_state(self, state: str) -> list[dict[str, str]]:
        """Return the rows of one state."""
        return [row for row in self.rows if row["state"] == state]


def compare(report: Report, before: Iterable[Row], now: datetime) -> History:
    """Hold a report against the rows of the last check; none if there was none.

    What is exempted now has not cleared, and is new when its exemption has expired. So is what is
    now so of other traffic: who could ping and may open connections since is news.
    """
    known = {key_of(row): row for row in before}
    standing = {key: row for key, row in known.items() if row["state"] in _STANDING}
    time = now.isoformat(timespec="minutes")
    rows = [
        _row(finding, KNOWN if _stood(finding, standing) else NEW, known, time)
        for finding in report.standing
    ]
    rows += [_row(finding, EXEMPTED, known, time) for finding in report.exempted]
    there = {key_of(row) for row in rows}
    gone = [{**row, "state": CLEARED} for key, row in standing.items() if key not in there]
    return History((*rows, *gone))


def _stood(finding: Finding, standing: Mapping[str, Row]) -> bool:
    before = standing.get(key_of(finding.row()))
    return before is not None and before.get("traffic", finding.traffic) == finding.traffic


def key_of(row: Row) -> str:
    """Return what stays the same from check to check while a finding stands."""
    return "/".join(row[name] for name in ("rule", "region", "resource", "property"))


def _row(finding: Finding, state: str, known: Mapping[str, Row], now: str) -> dict[str, str]:
    before = known.get(key_of(finding.row()))
    since = before["since"] if before and before["state"] != CLEARED else now
    return {"state": state, **finding.row(), "since": since}
