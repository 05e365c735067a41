"""What a command writes beside what it prints: pictures, a page, reports for pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from orrery.planning import Planned
    from topology.compliance.report import Report
    from topology.network import Network
    from topology.reports.cases import Cases
    from topology.verification.model import Model
    from topology.verification.question import Asked
    from topology.verification.verdict import Verdict


@Parameter(name="*")
@dataclass(frozen=True)
class Pictures:
    """Where pictures go.

    Parameters
    ----------
    html
        Write a page here that opens in a browser without a network: map, matrix of pairs,
        findings, and of a plan its steps and forecast.
    svg
        Write a picture here: the map with the state of each region, or the way of a question.
    matrix
        Write the matrix of pairs here, as a picture: who reaches whom, before and after a plan.

    """

    html: Annotated[Path | None, Parameter(show_default=False)] = None
    svg: Annotated[Path | None, Parameter(show_default=False)] = None
    matrix: Annotated[Path | None, Parameter(show_default=False)] = None

    def of_verdict(self, network: Network, model: Model, verdict: Verdict, *, azure: bool) -> None:
        """Write what was proved: of what Azure holds, or else of what is wanted."""
        from topology.pictures import page, states  # noqa: PLC0415
        from topology.pictures.cells import Matrix  # noqa: PLC0415
        from topology.pictures.matrix import matrix  # noqa: PLC0415
        from topology.pictures.world import world  # noqa: PLC0415
        from topology.verification.intent import Proof  # noqa: PLC0415

        if self == NO_PICTURES:
            return
        rest = states.State.IN_PLACE if azure else states.State.WANTED
        of = "as Azure has it" if azure else "as wanted"
        regions = world(network, states.of_findings(network, verdict.findings, rest), of)
        if self.svg:
            _write(self.svg, regions.svg)
        if not (self.html or self.matrix):
            return
        pairs = matrix(Matrix.of(Proof(network, model)))
        if self.matrix:
            _write(self.matrix, pairs.svg)
        if self.html:
            _write(self.html, page.of_verdict(verdict, regions, pairs, of).html)

    def of_answer(self, model: Model, asked: Asked) -> None:
        """Write the way of a question."""
        from topology.pictures import page  # noqa: PLC0415
        from topology.pictures.way import way  # noqa: PLC0415
        from topology.verification.question import told  # noqa: PLC0415

        if self.matrix:
            raise ValueError("--matrix is of all pairs; leave --ask out")
        if self.svg or self.html:
            answer, drawn = told(model, asked), way(model, asked)
            if self.svg:
                _write(self.svg, drawn.svg)
            if self.html:
                made = page.of_answer(answer.question, answer.reason, answer.works, drawn)
                _write(self.html, made.html)

    def of_planned(self, planned: Planned) -> None:
        """Write what a plan makes of the network."""
        from topology.pictures import page, states  # noqa: PLC0415
        from topology.pictures.cells import Matrix  # noqa: PLC0415
        from topology.pictures.matrix import matrix  # noqa: PLC0415
        from topology.pictures.world import world  # noqa: PLC0415

        if self == NO_PICTURES:
            return
        network, plan = planned.network, planned.plan
        regions = world(network, states.of_plan(network, plan), "what the plan makes of it")
        if self.svg:
            _write(self.svg, regions.svg)
        if not (self.html or self.matrix):
            return
        pairs = matrix(Matrix.of(planned.after, planned.outlook.differences))
        if self.matrix:
            _write(self.matrix, pairs.svg)
        if self.html:
            made = page.of_planned(plan, planned.outlook, regions, pairs, planned.forecast)
            _write(self.html, made.html)

    def of_report(self, network: Network, report: Report) -> None:
        """Write what a check found."""
        from topology.pictures import page, states  # noqa: PLC0415
        from topology.pictures.world import world  # noqa: PLC0415

        if self.matrix:
            raise ValueError("a check looks at no pairs; `orrery verify --azure --matrix` does")
        if self == NO_PICTURES:
            return
        shown = states.of_findings(network, report.standing)
        regions = world(network, shown, "as the check found it")
        if self.svg:
            _write(self.svg, regions.svg)
        if self.html:
            _write(self.html, page.of_report(report, regions).html)


@Parameter(name="*")
@dataclass(frozen=True)
class Reports:
    """Where reports for pipelines go.

    Parameters
    ----------
    junit
        Write JUnit's XML here: a test for each rule, assertion or region.
    sarif
        Write SARIF 2.1.0 here: the findings, beside the lines of the topology file.

    """

    junit: Annotated[Path | None, Parameter(show_default=False)] = None
    sarif: Annotated[Path | None, Parameter(show_default=False)] = None

    def of_verdict(self, network: Network, verdict: Verdict, topology: Path) -> None:
        """Write what was proved."""
        from topology.reports.cases import Cases  # noqa: PLC0415

        if self.junit or self.sarif:
            text = topology.read_text(encoding="utf-8")
            self._write(Cases.of_verdict(network, verdict, text, topology.as_posix()))

    def of_report(self, network: Network, report: Report, topology: Path) -> None:
        """Write what a check found."""
        from topology.reports.cases import Cases  # noqa: PLC0415

        if self.junit or self.sarif:
            text = topology.read_text(encoding="utf-8")
            self._write(Cases.of_report(network, report, text, topology.as_posix()))

    def _write(self, cases: Cases) -> None:
        from importlib.metadata import version  # noqa: PLC0415

        from topology.reports.junit import junit  # noqa: PLC0415
        from topology.reports.sarif import sarif  # noqa: PLC0415

        if self.junit:
            _write(self.junit, junit(cases))
        if self.sarif:
            _write(self.sarif, sarif(cases, version("orrery")))


NO_PICTURES, NO_REPORTS = Pictures(), Reports()


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from None
