"""SARIF 2.1.0: findings as code scanning shows them, beside the line of the topology file.

Names of properties are those of the OASIS standard, "Static Analysis Results Interchange Format
(SARIF) Version 2.1.0"; where a section is meant it is named.
"""

from __future__ import annotations

import json
from typing import Any

from topology.compliance.finding import DRIFT, LIMIT
from topology.compliance.history import key_of
from topology.kind import Severity
from topology.reports.cases import Case, Cases, Found

_LEVEL = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.LOW: "note"}  # 3.27.10
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(cases: Cases, version: str) -> str:
    """Return all findings as one file; `version` is Orrery's.

    What is exempted is there too, suppressed with its reason. What all stands on are
    notifications of the run.
    """
    rules = _rules(cases)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "Orrery", "semanticVersion": version, "rules": rules}
    results = [_result(item, cases, numbers) for case in cases.cases for item in case.found]
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(cases)],
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _invocation(cases: Cases) -> dict[str, Any]:
    """Return that it came to an end (3.20.14), and what it stands on (3.20.21)."""
    notifications = [
        {
            "level": "warning" if item.counts else "note",  # 3.58.6
            "message": {"text": item.says},
        }
        for item in cases.grounds
    ]
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _rules(cases: Cases) -> list[dict[str, Any]]:
    """Return the rules that were checked, and those of what was found beside them."""
    said = {case.name: case.says for case in cases.cases if _is_rule(case)}
    for rule in (item.finding.rule for case in cases.cases for item in case.found):
        said.setdefault(rule, _OTHERS.get(rule, rule))
    return [{"id": rule, "shortDescription": {"text": says}} for rule, says in said.items()]


_OTHERS = {
    DRIFT: "Azure holds what the topology says",
    LIMIT: "what stands is far from Azure's limits",
}


def _is_rule(case: Case) -> bool:
    """Say whether a case is a rule; those of a check are regions."""
    return case.group in {"reference", "asserted"}


def _result(item: Found, cases: Cases, numbers: dict[str, int]) -> dict[str, Any]:
    finding = item.finding
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": numbers[finding.rule],
        "level": _LEVEL[finding.severity] if item.counts else "note",
        "message": {"text": item.says},
        "locations": [{"physicalLocation": _place(item, cases)}],
        "partialFingerprints": {
            "orrery/v1": key_of(finding.row())
        },  # 3.27.17: the same from run to run
        "properties": finding.row(),
    }
    if item.exempted:
        result["suppressions"] = [{"kind": "external", "justification": finding.note}]  # 3.35
    return result


def _place(item: Found, cases: Cases) -> dict[str, Any]:
    return {"artifactLocation": {"uri": cases.file}, "region": {"startLine": item.line}}
