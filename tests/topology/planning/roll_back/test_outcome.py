"""What of a plan can be taken back later: what was begun."""

from __future__ import annotations

from tests.builders import a_network
from tests.topology.planning.networks import Simulation
from topology.kind import same_id
from topology.planning.actual import Actual
from topology.planning.plan import Step
from topology.planning.planner import make_plan
from topology.planning.roll_back.outcome import begun
from topology.planning.schedule import Progress

PLAN = make_plan(a_network("eastus", "westus"), Actual())


def _is_hub(step: Step) -> bool:
    return step.resource.name == "vnet-sample-hub-eastus" and step.resource.kind != "static-member"


def _ids(steps: tuple[Step, ...]) -> set[str]:
    return {same_id(step.resource.id) for step in steps}


def test_what_failed_may_have_been_written_and_what_was_skipped_was_not() -> None:
    """A firewall that ends Failed is there; what waited for it is not."""
    schedule = Simulation(PLAN, fails=_is_hub).run()
    skipped = {key for key, where in schedule.progress.items() if where is Progress.SKIPPED}
    kept = begun(PLAN, schedule, set())

    assert skipped
    assert _ids(kept.steps) == _ids(PLAN.steps) - skipped
    assert {Progress.FAILED} == {schedule.progress_of(step) for step in kept.steps if _is_hub(step)}


def test_what_others_stood_in_the_place_of_was_not_written() -> None:
    """The step was refused before it wrote."""
    [hub] = [same_id(step.resource.id) for step in PLAN.steps if _is_hub(step)]
    schedule = Simulation(PLAN, fails=_is_hub).run()

    assert hub in _ids(begun(PLAN, schedule, set()).steps)
    assert hub not in _ids(begun(PLAN, schedule, {hub}).steps)


def test_a_plan_that_was_done_is_all_of_it() -> None:
    """So nothing is saved again."""
    assert begun(PLAN, Simulation(PLAN).run(), set()) == PLAN
