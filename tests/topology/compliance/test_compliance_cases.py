"""Compliance as cases: what is wanted, what Azure holds, and what a check says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topology.cases import cases, load
from tests.topology.compliance.compliance_case import report_of

every_case = pytest.mark.parametrize("path", cases("compliance"), ids=lambda path: str(path.stem))


@every_case
def test_findings_of_the_case_are_told(path: Path) -> None:
    """All of them, the worst first, each with who is behind it."""
    case = load(path)

    assert (case["findings"] or []) == [str(finding) for finding in report_of(case).standing]


@every_case
def test_exemptions_of_the_case_hold(path: Path) -> None:
    """What is exempted, what has expired, and what is exempted in vain."""
    case, report = load(path), report_of(load(path))

    assert case.get("exempted", []) == [f.note for f in report.exempted]
    assert case.get("expired", []) == [f.note for f in report.standing if f.note]
    assert case.get("notes", []) == list(report.notes)
