"""Files written of a plan, a proof, a question or a check; none where none is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from orrery.files import NO_PICTURES, NO_REPORTS, Pictures, Reports
from orrery.planning import Planned
from topology.compliance.report import Report
from topology.network import Network
from topology.pictures import page, states
from topology.pictures.cells import Matrix
from topology.pictures.matrix import matrix
from topology.pictures.svg import Picture
from topology.pictures.way import way
from topology.pictures.world import world
from topology.reports.cases import Cases
from topology.reports.junit import junit
from topology.reports.sarif import sarif
from topology.verification.model import Model
from topology.verification.proof import Proof
from topology.verification.question import Asked, told
from topology.verification.verdict import Verdict


def draw_verdict(
    files: Pictures, proof: Proof, verdict: Verdict, report: Report, *, azure: bool
) -> None:
    """Draw what was proved: of what Azure holds, or else of what is wanted."""
    network = proof.network
    of, actual = ("as Azure has it", proof.model.fabric.actual) if azure else ("as wanted", None)
    _draw(
        files,
        lambda: world(network, states.of_proof(network, report.standing, actual), of),
        lambda: matrix(Matrix.of(proof)),
        lambda regions, pairs: page.of_verdict(verdict, report, regions, pairs, of),
    )


def draw_planned(files: Pictures, planned: Planned) -> None:
    """Draw what a plan makes of the network."""
    network, plan = planned.network, planned.plan
    _draw(
        files,
        lambda: world(network, states.of_plan(network, plan), "what the plan makes of it"),
        lambda: matrix(Matrix.of(planned.after, planned.outlook.differences)),
        lambda regions, pairs: page.of_planned(
            plan, planned.outlook, regions, pairs, planned.forecast, planned.refusal
        ),
    )


def _draw(
    files: Pictures,
    regions: Callable[[], Picture],
    pairs: Callable[[], Picture],
    whole: Callable[[Picture, Picture], page.Page],
) -> None:
    if files == NO_PICTURES:
        return
    shown = regions()
    if files.svg:
        _write(files.svg, shown.svg)
    if not (files.html or files.matrix):
        return
    drawn = pairs()
    if files.matrix:
        _write(files.matrix, drawn.svg)
    if files.html:
        _write(files.html, whole(shown, drawn).html)


def draw_answer(files: Pictures, model: Model, asked: Asked) -> None:
    """Draw the way of a question."""
    if files.matrix:
        raise ValueError("--matrix is of all pairs; leave --ask out")
    if files == NO_PICTURES:
        return
    answer, drawn = told(model, asked), way(model, asked)
    if files.svg:
        _write(files.svg, drawn.svg)
    if files.html:
        _write(files.html, page.of_answer(answer, drawn).html)


def draw_report(files: Pictures, network: Network, report: Report) -> None:
    """Draw where a check found something."""
    if files.matrix:
        raise ValueError("a check looks at no pairs; `orrery verify --azure --matrix` does")
    if files == NO_PICTURES:
        return
    shown = states.of_findings(network, report.standing)
    regions = world(network, shown, "as the check found it")
    if files.svg:
        _write(files.svg, regions.svg)
    if files.html:
        _write(files.html, page.of_report(report, regions).html)


def report_verdict(
    files: Reports, network: Network, verdict: Verdict, report: Report, topology: Path
) -> None:
    """Write what was proved, for pipelines."""
    if files != NO_REPORTS:
        text = topology.read_text(encoding="utf-8")
        _report(files, Cases.of_verdict(network, verdict, report, text, topology.as_posix()))


def report_check(files: Reports, network: Network, report: Report, topology: Path) -> None:
    """Write what a check found, for pipelines."""
    if files != NO_REPORTS:
        text = topology.read_text(encoding="utf-8")
        _report(files, Cases.of_report(network, report, text, topology.as_posix()))


def _report(files: Reports, cases: Cases) -> None:
    if files.junit:
        _write(files.junit, junit(cases))
    if files.sarif:
        _write(files.sarif, sarif(cases, version("orrery")))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from None
