"""What a flow refuses before its first write; no server is needed to say no."""

from __future__ import annotations

from flows.refuse import refusal
from tests.builders import a_network, as_deployed
from topology.addressing import allocate
from topology.forecast.forecast import forecast_of
from topology.planning.planner import make_plan
from topology.verification.outlook import look_ahead


def test_a_plan_that_cannot_go_in_waves_is_refused() -> None:
    """Another tier takes the firewalls of all regions along, whatever proof and limits say."""
    before = a_network("eastus", "westus")
    after = a_network(
        "eastus",
        "westus",
        lock=allocate(before.topology),
        firewall={"tier": "Standard"},
        rollout={"at_a_time": 1},
    )
    found = as_deployed(before)
    plan = make_plan(after, found)

    outlook = look_ahead(after, plan, found)
    state = refusal(after, plan, outlook, forecast_of(after, plan, found, {}))
    assert outlook.refusal is None
    assert state is not None
    assert state.name == "Refused"
    assert str(state.message).startswith("wave 1 (eastus) would take away firewall")
