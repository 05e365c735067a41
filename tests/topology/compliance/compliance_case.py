"""A case of compliance: a topology, what Azure holds, and the findings as sentences.

tests/cases/compliance/README.md describes the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from tests.topology.planning.plan_case import Case, actual_of, networks_of
from topology.compliance.drift import drift
from topology.compliance.last_state import LastState
from topology.compliance.owners import Witnesses
from topology.compliance.report import Report
from topology.planning.actual import Found

US = "operator@example.com"


def report_of(case: Case) -> Report:
    """Return what a check of a case finds."""
    deployed, network = networks_of(case)
    left = actual_of({**case, "actual": ()}, deployed) if case.get("left") else None
    actual = replace(actual_of(case, deployed), policies=tuple(_policies(case)))
    findings = drift(network, actual, Witnesses(frozenset({US}), LastState(left)))
    return Report.of(network, findings, case.get("today", date(2026, 11, 26)))


def _policies(case: Case) -> Iterator[Found]:
    for name, body in case.get("policies", {}).items():
        assigns = "policyDefinitionId" in body["properties"]
        kind = "policy-assignment" if assigns else "policy-definition"
        yield Found(kind, f"/policyDefinitions/{name}", body)
