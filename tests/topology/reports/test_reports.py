"""JUnit and SARIF: a case for each rule, assertion and region; findings beside the file's lines."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from tests.topology.reports.sarif_rules import SARIF
from topology.compliance.finding import LIMIT, Finding
from topology.compliance.reachability import report_of_proof
from topology.compliance.report import Report
from topology.compliance_spec import ComplianceSpec, ExemptionSpec
from topology.kind import Severity
from topology.network import Network
from topology.reading import read
from topology.reports.cases import Cases
from topology.reports.junit import junit
from topology.reports.sarif import sarif
from topology.verification.finding import Finding as ProofFinding
from topology.verification.intent import REFERENCE
from topology.verification.verdict import Verdict, as_wanted, model_of, proof_of, prove

TEXT = """\
topology: sample
subscription: 00000000-0000-4000-8000-000000000001
home: eastus
dns_zone: sample.internal
verify:
  without:
    egress: proxies of their own
  assertions:
    - name: shops talk
      from: eastus/prod
      to: westus/prod
      expect: allowed
    - name: no way back
      from: prod
      to: nonprod
      expect: denied
regions:
  eastus:
  westus:
"""
FILE = "net/sample.yaml"


def _line(words: str) -> int:
    return next(n for n, line in enumerate(TEXT.splitlines(), 1) if line.strip().startswith(words))


@pytest.fixture(scope="module")
def network() -> Network:
    """Return the network of the text."""
    return read(TEXT, FILE, None)[0]


@pytest.fixture(scope="module")
def verdict(network: Network) -> Verdict:
    """Return the verdict: one assertion is not so."""
    return prove(proof_of(network, model_of(network, as_wanted(network))))


def _cases(network: Network, verdict: Verdict, *exemptions: ExemptionSpec) -> Cases:
    compliance = ComplianceSpec(exemptions=exemptions)
    topology = network.topology.model_copy(update={"compliance": compliance})
    exempting = replace(network, topology=topology)
    report = report_of_proof(exempting, verdict.findings, date(2026, 11, 26))
    return Cases.of_verdict(network, verdict, report, TEXT, FILE)


def _tests(cases: Cases) -> dict[str, ET.Element]:
    root = ET.fromstring(junit(cases))  # noqa: S314  we wrote it
    return {str(item.get("name")).split(": ")[0]: item for item in root.iter("testcase")}


def _log(cases: Cases) -> Any:
    found = json.loads(sarif(cases, "0.1.0"))
    jsonschema.validate(found, SARIF)
    return found["runs"][0]


# -- a proof -----------------------------------------------------------------------------


def test_junit_has_a_test_for_each_rule_and_each_assertion(
    network: Network, verdict: Verdict
) -> None:
    """What the file does without is skipped, with the reason."""
    tests = _tests(_cases(network, verdict))

    assert set(tests) == {*REFERENCE, "shops talk", "no way back"}
    assert [name for name, item in tests.items() if item.find("failure") is not None] == [
        "no way back"
    ]
    skipped = tests["egress"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "proxies of their own"


def test_a_failure_tells_who_reaches_whom_and_where_the_file_says_otherwise(
    network: Network, verdict: Verdict
) -> None:
    """All findings are in its text."""
    test = _tests(_cases(network, verdict))["no way back"]
    failure = test.find("failure")

    assert failure is not None
    assert "is reached, and must not be" in str(failure.get("message"))
    assert len(str(failure.text).splitlines()) == len(verdict.findings)
    assert (test.get("file"), test.get("line")) == (FILE, str(_line("- name: no way back")))


def test_junit_counts_what_it_holds(network: Network, verdict: Verdict) -> None:
    """In all and in each suite."""
    root = ET.fromstring(junit(_cases(network, verdict)))  # noqa: S314  we wrote it

    for element in (root, *root.iter("testsuite")):
        tests = list(element.iter("testcase"))
        assert element.get("tests") == str(len(tests))
        assert element.get("failures") == str(sum(t.find("failure") is not None for t in tests))
        assert element.get("skipped") == str(sum(t.find("skipped") is not None for t in tests))


def test_what_xml_cannot_hold_is_marked(network: Network, verdict: Verdict) -> None:
    """Azure's words may hold anything."""
    odd = ProofFinding("reach", "a to b", "bell \x07 <&> half \ud800", "")
    test = _tests(_cases(network, replace(verdict, findings=(odd,))))["reach"]

    assert "bell \ufffd <&> half \ufffd" in ET.tostring(test, encoding="unicode", method="text")


def test_sarif_places_a_broken_assertion_at_its_line(network: Network, verdict: Verdict) -> None:
    """As an error of the rule that has the assertion's name."""
    run = _log(_cases(network, verdict))
    [place] = run["results"][0]["locations"]

    assert run["results"][0]["ruleId"] == "no way back"
    assert run["results"][0]["level"] == "error"
    assert place["physicalLocation"]["artifactLocation"]["uri"] == FILE
    assert place["physicalLocation"]["region"]["startLine"] == _line("- name: no way back")


def test_sarif_places_a_broken_rule_at_the_region_of_the_sender(
    network: Network, verdict: Verdict
) -> None:
    """For that is what the file says of it."""
    between = "vnet-sample-prod-westus to vnet-sample-prod-eastus"
    found = ProofFinding("reach", between, "prod does not reach prod", "")
    run = _log(_cases(network, replace(verdict, findings=(found,))))

    assert _lines(run) == [_line("westus:")]


def _lines(run: Any) -> list[int]:
    places = (item["locations"][0]["physicalLocation"] for item in run["results"])
    return [place["region"]["startLine"] for place in places]


def test_sarif_names_the_rule_of_each_result_by_its_number(
    network: Network, verdict: Verdict
) -> None:
    """Of every result."""
    run = _log(_cases(network, verdict))
    rules = run["tool"]["driver"]["rules"]

    assert run["results"]
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in run["results"])


def test_a_proof_that_holds_has_no_results(network: Network, verdict: Verdict) -> None:
    """And its rules are there all the same."""
    run = _log(_cases(network, replace(verdict, findings=())))

    assert run["results"] == []
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= set(REFERENCE)


def test_both_name_the_assumptions_and_what_was_not_read(
    network: Network, verdict: Verdict
) -> None:
    """JUnit as properties of each suite; in SARIF what may change the verdict is a warning."""
    cases = _cases(network, replace(verdict, unread=("the whole of policy p",)))
    root = ET.fromstring(junit(cases))  # noqa: S314  we wrote it
    said = [*map(str, verdict.assumptions), "not read: the whole of policy p"]
    notifications = _log(cases)["invocations"][0]["toolExecutionNotifications"]

    for suite in root.iter("testsuite"):
        assert [item.get("value") for item in suite[0]] == said
        assert [item.get("name") for item in suite[0]][-1] == "not read"
    assert [item["message"]["text"] for item in notifications] == said
    warned = [item["message"]["text"] for item in notifications if item["level"] == "warning"]
    assert warned == [*(str(item) for item in verdict.assumptions if item.counts), said[-1]]
    assert any("mesh_forwards" in text for text in warned)


def test_what_the_file_exempts_fails_no_pipeline_until_its_last_day_is_over(
    network: Network, verdict: Verdict
) -> None:
    """A proof tells it as a check does: in JUnit's output, and suppressed in SARIF."""
    until = date(2026, 11, 26)
    known = ExemptionSpec(rule="no way back", owner="net", reason="a move", until=until)
    over = known.model_copy(update={"until": date(2026, 11, 25)})
    held, back = _cases(network, verdict, known), _cases(network, verdict, over)

    assert _tests(held)["no way back"].find("failure") is None
    assert "net: a move" in str(_tests(held)["no way back"].findtext("system-out"))
    assert {item["level"] for item in _log(held)["results"]} == {"note"}
    assert all("net: a move" in _justification(item) for item in _log(held)["results"])
    assert _tests(back)["no way back"].find("failure") is not None
    assert not any("suppressions" in item for item in _log(back)["results"])


def _justification(result: Any) -> str:
    [suppressed] = result["suppressions"]
    return str(suppressed["justification"])


# -- a check -----------------------------------------------------------------------------


def _report(network: Network) -> Report:
    gone = Finding("drift", Severity.HIGH, "westus", "firewall", "afw", "", "there", "missing")
    note = "exempted until 2026-12-31, net: known"
    tag = Finding("drift", Severity.LOW, "eastus", "hub", "vnet", "tags.a", "b", "c", note=note)
    near = Finding(LIMIT, Severity.LOW, "global", "hub", "peerings", "", "", "490 of 500")
    return replace(Report.of(network, [gone, near], date(2026, 11, 26)), exempted=(tag,))


def test_a_check_has_a_test_for_each_region(network: Network) -> None:
    """What is exempted, and a limit that is near, is told and fails nothing."""
    cases = Cases.of_report(network, _report(network), TEXT, FILE)
    tests = _tests(cases)
    failed = [name for name, item in tests.items() if item.find("failure") is not None]

    assert (set(tests), failed) == ({"eastus", "westus", "global"}, ["westus"])
    assert "exempted until 2026-12-31" in str(tests["eastus"].findtext("system-out"))
    assert "490 of 500" in str(tests["global"].findtext("system-out"))


def test_drift_in_sarif_stands_at_its_region_and_what_is_exempted_is_suppressed(
    network: Network,
) -> None:
    """With who answers for it; a limit is a note."""
    run = _log(Cases.of_report(network, _report(network), TEXT, FILE))
    by_region = {item["properties"]["region"]: item for item in run["results"]}

    assert by_region["westus"]["level"] == "error"
    assert "suppressions" not in by_region["westus"]
    assert by_region["eastus"]["suppressions"][0]["justification"].startswith("exempted until")
    assert by_region["global"]["level"] == "note"
    assert _lines(run) == [_line("eastus:"), _line("regions:"), _line("westus:")]
