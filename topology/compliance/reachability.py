"""Findings of a proof beside those of drift: the same severities, exemptions and history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from topology.compliance.finding import REACHABILITY, Finding
from topology.compliance.report import Report
from topology.kind import Severity
from topology.network import Network
from topology.verification.finding import UNSAFE
from topology.verification.finding import Finding as ProofFinding

# Of all other rules a breach takes traffic away that should pass.
_LETS_THROUGH = UNSAFE | {"inspection"}


def report_of_proof(network: Network, found: Iterable[ProofFinding], today: date) -> Report:
    """Return what a proof found, with what the file exempts sorted out; `today` is in UTC."""
    return Report.of(network, reachability(network, found), today, REACHABILITY)


def reachability(network: Network, found: Iterable[ProofFinding]) -> tuple[Finding, ...]:
    """Return what a proof found, the worst first; who is behind it no proof tells."""
    denied = {item.name for item in network.topology.verify.assertions if item.expect == "denied"}
    made = (_finding(item, item.rule in _LETS_THROUGH | denied) for item in found)
    return tuple(sorted(made, key=lambda finding: finding.place))


def _finding(found: ProofFinding, lets_through: bool) -> Finding:  # noqa: FBT001  the rule's own
    return Finding(
        rule=found.rule,
        severity=Severity.CRITICAL if lets_through else Severity.HIGH,
        region="global",
        kind="",
        name=found.between,
        path="",
        wanted="",
        found=found.text,
        by=found.by.rsplit("/", 1)[-1],
        note=f"as planned: {found.planned}" if found.planned else "",
    )
