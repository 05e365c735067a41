"""What is written of a plan made here says what the terminal says."""

from __future__ import annotations

import json
from pathlib import Path

from orrery.files import Pictures
from orrery.planning import Planned
from orrery.writing import draw_planned
from tests.builders import a_network, as_deployed
from topology.addressing import allocate
from topology.forecast.prices import BUILT_IN
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan

TWO = a_network("eastus", "westus")


def _planned(network: Network, actual: Actual) -> Planned:
    return Planned(network, make_plan(network, actual), actual, {}, BUILT_IN)


def test_a_plan_that_a_limit_refuses_is_refused_in_its_page_and_its_json(tmp_path: Path) -> None:
    """With the sentence; its traffic is as it must be."""
    network = a_network("eastus", "westus", policies={"monthly_cost": 100})
    planned, page = _planned(network, Actual()), tmp_path / "plan.html"

    draw_planned(Pictures(html=page), planned)
    written = page.read_text(encoding="utf-8")

    assert planned.outlook.refusal is None
    assert '<p class="said bad">' in written
    assert "Refused: a month would cost" in written
    assert "Proved" not in written
    assert "the team&#x27;s policies allow 100.00" in written
    told = json.loads(json.dumps(planned.as_json()))
    assert told["refusal"] == planned.refusal
    assert "`policies.monthly_cost`" in told["refusal"]


def test_a_plan_that_would_delete_what_is_protected_is_refused_in_its_page(tmp_path: Path) -> None:
    """It says what would go."""
    network = a_network("eastus", lock=allocate(TWO.topology), protect=True)
    planned, page = _planned(network, as_deployed(TWO)), tmp_path / "plan.html"

    draw_planned(Pictures(html=page), planned)

    assert "Refused: sample is protected, and the plan would delete" in page.read_text("utf-8")


def test_a_plan_that_cannot_go_in_waves_is_refused_in_its_json() -> None:
    """Another tier takes the firewalls of all regions along."""
    lock, other = allocate(TWO.topology), {"tier": "Standard"}
    at_once = a_network("eastus", "westus", lock=lock, firewall=other)
    by_waves = a_network("eastus", "westus", lock=lock, firewall=other, rollout={"at_a_time": 1})

    told = _planned(by_waves, as_deployed(TWO)).as_json()["refusal"]
    assert told.startswith("wave 1 (eastus) would take away firewall afw-sample-westus (westus)")
    assert _planned(at_once, as_deployed(TWO)).refusal is None
