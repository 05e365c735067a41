"""The steps of a plan, each started when it may, in whichever flow it belongs to."""

from __future__ import annotations

from prefect.context import FlowRunContext

from flows.side_by_side import side_by_side
from tasks.apply_step import apply_step
from tasks.rollout import Mine, Rollout, current_rollout
from topology.kind import same_id
from topology.planning.explain import title
from topology.planning.plan import Step


async def run_steps(mine: Mine) -> None:
    """Run the steps of mine to their end, side by side, the longest way to go first.

    A step that fails skips what needs it and stops nothing else. Steps of other flows
    that share the rollout are waited for where mine need them.
    """
    rollout = current_rollout()
    async with side_by_side() as running:
        while not rollout.schedule.is_over(mine):
            while (step := rollout.schedule.take(mine)) is not None:
                running.create_task(_run(rollout, step))
            if not rollout.schedule.is_over(mine):
                await rollout.next_change()


async def _run(rollout: Rollout, step: Step) -> None:
    """Run one step as a task; its needs' states give Prefect's run graph its edges.

    Tasks are awaited and not submitted: measured, that is ten times cheaper.
    """
    flow_run = FlowRunContext.get().flow_run.id  # type: ignore[union-attr]
    state = await apply_step(
        title(step),
        step.resource.id,
        wait_for=rollout.states_of_needs(step, flow_run),
        return_state=True,
    )  # type: ignore[misc]  # Prefect's overloads do not say that this is awaited
    rollout.states[flow_run, same_id(step.resource.id)] = state
    if state.is_completed():
        rollout.done(step)
    else:
        rollout.failed(step, str(await state.aresult(raise_on_failure=False)))
