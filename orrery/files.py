"""Which files a command writes beside what it prints: pictures, a page, reports for pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

File = Annotated[Path | None, Parameter(show_default=False)]


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

    html: File = None
    svg: File = None
    matrix: File = None


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

    junit: File = None
    sarif: File = None


NO_PICTURES, NO_REPORTS = Pictures(), Reports()
