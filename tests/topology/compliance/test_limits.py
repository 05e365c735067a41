"""Limits that are nearly met are told, and fail no check."""

from __future__ import annotations

from datetime import date

import pytest

from tests.builders import a_network, as_deployed
from topology.compliance.limits import limits
from topology.compliance.report import Report

TODAY = date(2026, 11, 26)
RULES = "security admin rules"


@pytest.mark.parametrize(
    ("most", "told"),
    [(100, []), (3, []), (2, [("high", "2 of 2")]), (1, [("high", "2 of 1")])],
)
def test_what_stands_is_held_against_what_azure_has_raised(
    most: int, told: list[tuple[str, str]]
) -> None:
    """A network of two environments has two admin rules."""
    network = a_network(policies={"limits": {"admin-rules": most}})
    found = [item for item in limits(network, as_deployed(network)) if RULES in item.name]

    assert [(item.severity, item.found) for item in found] == told


def test_every_place_where_a_limit_is_near_is_told() -> None:
    """A fuller one hides none: somebody has to act at each."""
    network = a_network("eastus", "westus", policies={"limits": {"routes": 2}})
    found = [item.name for item in limits(network, as_deployed(network)) if "routes" in item.name]

    assert found == ["routes in rt-sample-afw-eastus", "routes in rt-sample-afw-westus"]


def test_a_limit_that_is_near_is_no_drift() -> None:
    """The summary says both."""
    network = a_network(policies={"limits": {"admin-rules": 2}})
    report = Report.of(network, limits(network, as_deployed(network)), TODAY)

    assert not report.fails
    assert report.summary == "no drift; limits that are near: 1"
