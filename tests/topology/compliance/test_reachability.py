"""What a proof finds is weighed, exempted and remembered as drift is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tests.builders import a_network
from topology.compliance.finding import DRIFT
from topology.compliance.reachability import reachability, report_of_proof
from topology.compliance.report import Report
from topology.network import Network
from topology.verification.finding import Finding

TODAY = date(2026, 11, 26)
AROUND = Finding("around", "vnet-a to vnet-b", "no firewall is between them", "/x/routes/direct")
DENIAL = Finding("denial", "vnet-a to prod", "no admin rule at vnet-a keeps it from prod", "")
LOST = Finding("reach", "vnet-a to vnet-c", "prod does not reach prod", "")


def _network(*exemptions: dict[str, Any], **fields: Any) -> Network:
    who = {"owner": "a team", "reason": "known", "until": TODAY}
    listed = [{**item, **who} for item in exemptions]
    return a_network(compliance={"exemptions": listed}, **fields)


def _report(network: Network, *found: Finding) -> Report:
    return report_of_proof(network, found, TODAY)


def test_what_lets_traffic_through_is_worse_than_what_takes_it_away() -> None:
    """The worst comes first, with what decided about it."""
    report = _report(_network(), LOST, AROUND)

    assert [(f.severity, f.rule, f.by) for f in report.standing] == [
        ("critical", "around", "direct"),
        ("high", "reach", ""),
    ]
    assert report.summary == "1 critical, 1 high"
    assert [item.severity for item in reachability(_network(), [DENIAL])] == ["low"]
    assert _report(_network()).summary == "all is reached as it must be"


def test_what_a_proof_found_is_of_the_region_of_whoever_sends() -> None:
    """What all regions share, such as a rule of the firewalls' one policy, is of none."""
    there = replace(AROUND, region="eastus")

    assert [item.region for item in reachability(_network(), [there, LOST])] == ["eastus", "global"]


def test_an_assertion_weighs_what_it_asserts() -> None:
    """That somebody is kept out is worse to break than that somebody is let in."""
    asserted = [
        {"name": "no-backdoor", "from": "prod", "to": "nonprod", "expect": "denied"},
        {"name": "shared", "from": "nonprod", "to": "nonprod", "expect": "allowed"},
    ]
    network = _network(verify={"assertions": asserted})
    found = [Finding(name, "a to b", "it is not so", "") for name in ("shared", "no-backdoor")]

    assert [(f.rule, f.severity) for f in reachability(network, found)] == [
        ("no-backdoor", "critical"),
        ("shared", "high"),
    ]


def test_an_exemption_says_between_whom() -> None:
    """By rule and by name."""
    report = _report(_network({"rule": "around", "name": "vnet-a to *"}), AROUND, LOST)

    assert [f.rule for f in report.exempted] == ["around"]
    assert [f.rule for f in report.standing] == ["reach"]
    assert report.notes == ()


def test_an_exemption_of_some_traffic_is_of_no_more() -> None:
    """What one may answer for of ping is not so of all."""
    network = _network({"rule": "around", "traffic": "icmp"})
    ping = _report(network, replace(AROUND, kinds="icmp"))
    more = _report(network, replace(AROUND, kinds="all traffic"))

    assert ([*ping.standing], len(ping.exempted)) == ([], 1)
    assert (len(more.standing), [*more.exempted]) == (1, [])
    assert str(more.standing[0]).startswith("critical: global: vnet-a to vnet-b (all traffic): no")
    assert Report.of(network, (), TODAY, DRIFT).notes == ()


def test_what_only_the_other_check_looks_for_is_no_exemption_of_nothing() -> None:
    """Each tells of its own."""
    network = _network({"rule": "around"}, {"kind": "peering"}, {"name": "vnet-*"})
    proof, drift = _report(network), Report.of(network, (), TODAY, DRIFT)

    assert [item.rule for item in proof.unused] == ["around"]
    assert [item.kind for item in drift.unused] == ["peering"]
