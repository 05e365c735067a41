"""What Prefect and its storage know of the runs that came after one."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect import flow, get_client
from prefect.states import Running

from tasks.close_dead_runs import mark_of
from tasks.later_runs import load_run
from tasks.save_plan import save_plan
from tests.builders import a_network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.planner import make_plan

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@flow
def rolls_out() -> None:
    """Stand for a run that holds a topology."""


async def _begun(plan: Plan, topology: str = "sample") -> str:
    """Return the id of a run that has begun and saved its plan."""
    async with get_client() as client:
        run = await client.create_flow_run(rolls_out, tags=[mark_of(topology)], state=Running())
    await save_plan.fn(plan, str(run.id))
    return str(run.id)


async def test_plans_of_later_runs_of_the_same_topology_are_found(prefect_server: Path) -> None:  # noqa: ARG001  runs are kept there
    """The run that was killed has done what the next of them did not have to make."""
    whole = make_plan(a_network("eastus"), Actual())
    first = await _begun(whole)
    await _begun(whole, "another")
    rest = whole.only([step.resource.id.lower() for step in whole.steps[3:]])
    second = await _begun(rest)

    [did], later = await load_run(first, "sample")
    _, none = await load_run(second, "sample")

    assert {run: plan.counts for run, plan in later.items()} == {second: rest.counts}
    assert [step for step in did.work if "#" not in step.resource.id] == [*whole.steps[:3]]
    assert none == {}
