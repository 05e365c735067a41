"""Findings of a proof beside those of drift: the same severities, exemptions and history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from topology.compliance.finding import REACHABILITY, Finding
from topology.compliance.report import Report
from topology.kind import Severity
from topology.network import Network
from topology.planning.places import GLOBAL
from topology.verification.finding import UNSAFE
from topology.verification.finding import Finding as ProofFinding

# Of all other rules a breach takes traffic away that should pass; but for a denial that is lost
# where another is left: nothing passes otherwise.
_LETS_THROUGH = UNSAFE | {"inspection", "open-group"}
_CHANGES_NOTHING = {"denial"}


def report_of_proof(network: Network, found: Iterable[ProofFinding], today: date) -> Report:
    """Return what a proof found, with what the file exempts sorted out; `today` is in UTC."""
    return Report.of(network, reachability(network, found), today, REACHABILITY)


def reachability(network: Network, found: Iterable[ProofFinding]) -> tuple[Finding, ...]:
    """Return what a proof found, the worst first; who is behind it no proof tells."""
    denied = {item.name for item in network.topology.verify.assertions if item.expect == "denied"}
    made = (_finding(item, _severity(item.rule, denied)) for item in found)
    return tuple(sorted(made, key=lambda finding: finding.place))


def _severity(rule: str, denied: set[str]) -> Severity:
    if rule in _CHANGES_NOTHING:
        return Severity.LOW
    return Severity.CRITICAL if rule in _LETS_THROUGH | denied else Severity.HIGH


def _finding(found: ProofFinding, severity: Severity) -> Finding:
    return Finding(
        rule=found.rule,
        severity=severity,
        region=found.region or GLOBAL,
        kind="",
        name=found.between,
        path="",
        wanted="",
        found=found.text,
        traffic=found.kinds,
        by=found.by.rsplit("/", 1)[-1],
        note=f"as planned: {found.planned}" if found.planned else "",
    )
