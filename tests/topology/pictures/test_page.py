"""Pages: whole, and open without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

from tests.builders import a_network, as_deployed
from tests.topology.pictures.reading import refers_elsewhere
from topology.compliance.finding import Finding
from topology.compliance.reachability import report_of_proof
from topology.compliance.report import Report
from topology.forecast.forecast import forecast_of
from topology.kind import Severity
from topology.network import Network
from topology.pictures import page
from topology.pictures.cells import Matrix
from topology.pictures.matrix import matrix
from topology.pictures.states import of_findings, of_plan
from topology.pictures.way import way
from topology.pictures.world import world
from topology.planning.planner import make_plan
from topology.verification.finding import Finding as ProofFinding
from topology.verification.foreseen import foresee
from topology.verification.model import Model
from topology.verification.outlook import look_ahead
from topology.verification.proof import Proof
from topology.verification.question import put, told
from topology.verification.rules import Traffic
from topology.verification.verdict import Verdict, as_wanted, model_of, proof_of, prove

_VOID = {"meta", "br"}


class _Whole(HTMLParser):
    """Reads a page, and counts what is opened and closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  the parser's
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """Open nothing: it closes itself."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


def _page(network: Network, verdict: Verdict, model: Model) -> str:
    regions = world(network, of_findings(network, verdict.findings))
    pairs = matrix(Matrix.of(Proof(network, model)))
    report = report_of_proof(network, verdict.findings, date(2026, 11, 26))
    return page.of_verdict(verdict, report, regions, pairs, "as wanted").html


def test_a_proofs_page_has_map_matrix_and_what_it_stands_on() -> None:
    """Findings only where there are some."""
    network = a_network()
    model = model_of(network, as_wanted(network))
    text = _page(network, prove(proof_of(network, model)), model)

    headings = _Whole(text).headings
    assert headings[:2] == ["Regions", "Pairs"]
    assert "Assumed where Azure's text is silent" in headings
    assert refers_elsewhere(text) == []
    assert text.count("<svg ") == 3  # the land is one in the map


def test_a_plans_page_shows_regions_and_pairs_before_and_after() -> None:
    """With the consequences and every step."""
    before, after = a_network("eastus", "westus"), a_network("eastus", "westus", "uksouth")
    actual = as_deployed(before)
    plan = make_plan(after, actual)
    proof = Proof(after, model_of(after, foresee(actual, plan.steps, plan.topology)))
    outlook = look_ahead(after, plan, actual)
    regions, pairs = world(after, of_plan(after, plan)), matrix(Matrix.of(proof))
    text = page.of_planned(plan, outlook, regions, pairs, forecast_of(after, plan, actual)).html

    headings = _Whole(text).headings
    assert headings[:4] == [
        *("Regions, before and after", "Consequences", "In this order", "Pairs, before and after")
    ]
    assert "<td>each safe</td>" in text
    assert "Forecast" in headings
    assert "<h3>Limits</h3>" in text
    assert "uksouth: new;" in text
    assert "uksouth: create firewall afw-sample-uksouth" in text
    assert refers_elsewhere(text) == []


def test_an_answers_page_names_what_it_stands_on_and_what_was_not_read() -> None:
    """As the terminal does."""
    network = a_network("eastus", "westus")
    model = model_of(network, as_wanted(network))
    asked = put(network, model, "eastus/prod", "westus/prod", Traffic())
    unsure = replace(asked, unread=("whom this rule is about",))
    drawn = page.of_answer(told(model, unsure), way(model, unsure)).html

    headings = _Whole(drawn).headings
    assert headings == ["The way", "Assumed where Azure's text is silent", "Not read"]
    assert f"<li>{asked.stands_on[0]}</li>" in drawn
    assert "<li>whom this rule is about</li>" in drawn
    assert '<p class="said unsure">works, both ways, ' in drawn


def test_what_azure_says_is_told_and_not_obeyed() -> None:
    """A tag that somebody wrote is text, whatever it holds."""
    nasty = '<script src="http://x/">alert(1)</script>'
    found = Finding("drift", Severity.LOW, "eastus", "hub", "n", "tags.a", "b", nasty)
    network = a_network()
    report = Report.of(network, [found], date(2026, 11, 26))
    text = page.of_report(report, world(network, of_findings(network, [found]))).html

    _Whole(text)
    assert '<td class="weighs low">low</td>' in text
    assert "<script" not in text
    assert "&lt;script" in text


def test_findings_of_a_proof_stand_on_its_page() -> None:
    """And mark the regions that they are about."""
    network = a_network()
    model = model_of(network, as_wanted(network))
    held = prove(proof_of(network, model))
    between = "vnet-sample-prod-eastus to vnet-sample-prod-westus"
    broken = [ProofFinding("reach", between, "prod does not reach prod", "")]
    text = _page(network, replace(held, findings=tuple(broken)), model)

    assert "Findings" in _Whole(text).headings
    assert "eastus: not as intended;" in text
