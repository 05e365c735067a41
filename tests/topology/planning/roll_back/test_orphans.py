"""A region is taken back alone while what it shares is made anew: it gets back what can be."""

from __future__ import annotations

from tests.builders import a_network
from tests.topology.azure_model import AzureModel
from tests.topology.planning.networks import deployed
from topology.planning.plan import Create, Nothing, Plan, Replace
from topology.planning.planner import make_plan
from topology.planning.roll_back.planner import plan_roll_back

_MANAGER = "network-manager"


def _cut_while_the_manager_moves() -> tuple[AzureModel, Plan, Plan]:
    """Return Azure without its manager, the plan that has taken it away, and eastus' roll-back."""
    model = deployed(a_network("eastus", "westus", home="eastus"))
    plan = make_plan(a_network("eastus", "westus", home="westus"), model.actual)
    for step in plan.steps:
        model.apply(step)
        if not any(found.kind == _MANAGER for found in model.found.values()):
            break
    return model, plan, plan_roll_back(plan, "eastus", model.actual)


def test_region_gets_no_part_of_a_manager_that_is_gone() -> None:
    """Azure would refuse it: there is nothing that it could stand in."""
    model, plan, roll_back = _cut_while_the_manager_moves()

    model.apply_all(roll_back.steps)  # refuses what stands in nothing

    assert any(isinstance(step, Replace) and step.resource.kind == _MANAGER for step in plan.steps)
    made = [step.resource.id for step in roll_back.steps if isinstance(step, Create)]
    assert [name for name in made if "networkManagers" in name] == []


def test_what_stays_away_is_told_with_what_is_gone() -> None:
    """So the reader knows what the next rollout brings."""
    _, _, roll_back = _cut_while_the_manager_moves()

    told = {
        step.resource.id.rsplit("/", 1)[-1].removesuffix("#left"): step.reason
        for step in roll_back.steps
        if isinstance(step, Nothing) and step.resource.id.endswith("#left")
    }
    gone = "which it needs, is gone until the next rollout"
    assert told["afw-sample-eastus"] == f"afwp-sample, {gone}"
    assert told["Connectivity-eastus"] == f"vnm-sample, {gone}"
