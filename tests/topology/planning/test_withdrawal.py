"""What goes is named by rules until it has gone."""

from __future__ import annotations

from tests.builders import a_network, as_deployed
from tests.topology.planning.networks import Simulation
from topology.addressing import allocate
from topology.kind import Stage
from topology.planning.plan import Delete, Step
from topology.planning.planner import make_plan
from topology.planning.schedule import Progress


def test_a_region_that_cannot_go_is_not_shut_out() -> None:
    """Its networks stand, and firewalls let them through."""
    before = a_network("eastus", "westus", "northeurope")
    after = a_network("eastus", "northeurope", lock=allocate(before.topology))
    plan = make_plan(after, as_deployed(before))

    def is_network(step: Step) -> bool:
        return isinstance(step, Delete) and step.resource.kind == "virtual-network"

    ended = Simulation(plan, fails=is_network).run()

    withdrawn = [step for step in plan.work if step.resource.stage is Stage.WITHDRAWAL]
    assert {ended.progress_of(step) for step in withdrawn} == {Progress.SKIPPED}
