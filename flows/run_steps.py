"""The steps of a plan, each started when it may, in whichever flow it belongs to."""

from __future__ import annotations

from prefect.context import FlowRunContext

from flows.one_signal import one_signal
from rollout.rollout import Mine, Rollout
from tasks.apply_step import apply_step
from tasks.current import active, has_ended, states_of_needs
from topology.planning.explain import title
from topology.planning.plan import Step


async def run_steps(rollout: Rollout, mine: Mine) -> None:
    """Run the steps of mine to their end as tasks of the flow at hand, as `Rollout.run` does."""

    async def run(step: Step) -> str | None:
        return await _run(rollout, step)

    with active(rollout), one_signal():
        await rollout.run(mine, run)


async def _run(rollout: Rollout, step: Step) -> str | None:
    """Run one step as a task; its needs' states give Prefect's run graph its edges.

    Tasks are awaited and not submitted: measured, that is ten times cheaper.
    """
    flow_run = FlowRunContext.get().flow_run.id  # type: ignore[union-attr]
    state = await apply_step(
        title(step),
        step.resource.id,
        wait_for=states_of_needs(rollout, step, flow_run),
        return_state=True,
    )  # type: ignore[misc]  # Prefect's overloads do not say that this is awaited
    has_ended(rollout, step, flow_run, state)
    if state.is_completed():
        return None
    died = await state.aresult(raise_on_failure=False)
    return str(died or state.message)
