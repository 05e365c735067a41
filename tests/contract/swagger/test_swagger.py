"""Product and simulator speak as Microsoft's swagger says, or as recordings prove."""

from __future__ import annotations

import pytest

from simulator.arm.constraints import STRICT, breaches
from tests.contract.replay.paths import type_of
from tests.contract.swagger import constraints, recorded, verdict
from tests.contract.swagger.differences import DIFFERENCES
from tests.contract.swagger.specs import specs
from tests.contract.swagger.tour import served, visited

pytestmark = pytest.mark.skipif(
    specs() is None, reason="Microsoft's swagger is not beside the recordings here"
)


def test_every_request_and_every_answer_is_as_the_swagger_says() -> None:
    """Lives of the examples, tours of all types, and answers to recorded requests."""
    assert verdict.unexplained(verdict.findings()) == []


def test_the_list_of_what_is_newer_than_the_swagger_is_up_to_date() -> None:
    """If not, `python -m tests.contract.swagger` writes it."""
    assert verdict.newer(verdict.findings()) == verdict.load_newer()


def test_no_difference_is_listed_that_nothing_shows_any_more() -> None:
    """What the simulator no longer does, or newer swagger knows, goes from the list."""
    found = {finding.key for finding in verdict.findings()}
    assert [entry for entry in DIFFERENCES if entry["finding"] not in found] == []


def test_recordings_prove_the_listed_differences() -> None:
    """Azure itself does so in the scenario that the list names, or a source is named."""
    recordings = recorded.of_azure()
    proven = [entry for entry in DIFFERENCES if "source" not in entry]

    assert [
        entry
        for entry in proven
        if entry["finding"] not in verdict.keys_of(recordings[entry["recording"]])
    ] == []


def test_the_simulators_table_of_constraints_is_up_to_date() -> None:
    """If not, `python -m tests.contract.swagger` writes it."""
    assert constraints.TABLE.read_text() == constraints.text(verdict.judged().specs)


def test_no_request_that_azure_accepted_breaks_a_constraint() -> None:
    """Azure is more lenient than its swagger here and there; the table is not stricter."""
    accepted = [
        item
        for exchanges in recorded.of_azure().values()
        for item in exchanges
        if item.method in ("PUT", "PATCH", "POST") and item.body and item.status < 400
    ]
    broken = [
        (item.path, breach.rule, breach.path)
        for item in accepted
        for breach in breaches(item.method, type_of(item.path), item.body)
        if breach.rule in STRICT
    ]

    assert accepted
    assert broken == []


def test_the_tour_visits_every_type() -> None:
    """A new type needs a stop in stops.py."""
    assert served() - visited() == set()
