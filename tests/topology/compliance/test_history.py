"""From check to check: what is new, what has cleared, since when something stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from topology.compliance.finding import Finding
from topology.compliance.history import History, compare
from topology.compliance.report import Report
from topology.kind import Severity

FIRST = datetime(2026, 11, 26, 8, 17, tzinfo=UTC)


def _finding(name: str, found: str = "x", note: str = "") -> Finding:
    return Finding("drift", Severity.HIGH, "eastus", "peering", name, "", "y", found, note=note)


def _report(*standing: Finding, exempted: tuple[Finding, ...] = ()) -> Report:
    return Report("sample", standing, exempted)


def _states(history: History) -> dict[str, tuple[str, str]]:
    return {row["resource"]: (row["state"], row["since"][11:16]) for row in history.rows}


def _hours(*reports: Report) -> History:
    """Return the history after a check an hour."""
    history = History(())
    for number, report in enumerate(reports):
        history = compare(report, history.rows, FIRST + timedelta(hours=number))
    return history


def test_a_first_check_finds_all_new() -> None:
    """There is nothing to hold it against."""
    assert _states(_hours(_report(_finding("a")))) == {"peering a": ("new", "08:17")}


def test_what_stands_is_known_and_keeps_its_time() -> None:
    """Also when it reads otherwise than before: it is the same property."""
    later = _hours(_report(_finding("a")), _report(_finding("a", "z"), _finding("b")))

    assert _states(later) == {"peering a": ("known", "08:17"), "peering b": ("new", "09:17")}


def test_what_is_so_of_other_traffic_is_new_and_has_not_cleared() -> None:
    """Who could ping opens connections since."""
    ping, everything = (
        _report(replace(_finding("a"), rule="reach", traffic=traffic))
        for traffic in ("icmp", "all traffic")
    )

    assert _states(_hours(ping, everything)) == {"peering a": ("new", "08:17")}
    assert _states(_hours(ping, everything, everything)) == {"peering a": ("known", "08:17")}


def test_what_has_cleared_is_told_once() -> None:
    """And is new if it comes back."""
    one = _report(_finding("a"))

    assert _states(_hours(one, _report())) == {"peering a": ("cleared", "08:17")}
    assert _states(_hours(one, _report(), _report())) == {}
    assert _states(_hours(one, _report(), one)) == {"peering a": ("new", "10:17")}


def test_what_is_exempted_has_not_cleared() -> None:
    """It is new again when the exemption has expired, and stands since it was first found."""
    held = _report(exempted=(_finding("a"),))

    assert _states(_hours(_report(_finding("a")), held)) == {"peering a": ("exempted", "08:17")}
    back = _hours(_report(_finding("a")), held, _report(_finding("a", note="expired")))
    assert _states(back) == {"peering a": ("new", "08:17")}
    assert _states(_hours(held, _report())) == {}
