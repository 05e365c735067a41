"""One step of the plan, done in Azure."""

from __future__ import annotations

from prefect import Task, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import FlowRunContext
from prefect.states import Failed

from azure_api import apply
from azure_api.errors import AzureError
from rollout.rollout import Rollout
from tasks.current import current_rollout, has_ended, states_of_needs
from topology.kind import same_id
from topology.planning.explain import title
from topology.planning.plan import Step


async def _died(_task: Task[..., object], _run: TaskRun, state: State) -> bool:
    """Say whether to run a task again: only when it died, for Azure's errors are decided.

    `azure_api.write` has retried what may pass; what it raises is final, and is returned here.
    """
    return isinstance(state.data, Exception)


@task(
    task_run_name="{sentence}",
    cache_policy=NO_CACHE,
    retries=1,
    retry_condition_fn=_died,
    log_prints=False,
)
async def apply_step(sentence: str, step_id: str) -> State | None:  # noqa: ARG001  it names the run
    """Do the step of the current rollout that writes this id, and record what was done.

    Doing it again does no harm. What Azure will not do is a state, not an exception: the log
    then has Azure's words, and no traceback of ours. Nothing else is returned: Prefect draws an
    edge between runs whose results and parameters share any object, even a text (seen), and the
    edges are to be the graph's.
    """
    rollout, key = current_rollout(), same_id(step_id)
    try:
        outcome = await apply.apply_step(rollout.applying, rollout.schedule.steps[key])
    except AzureError as error:
        return Failed(message=str(error))
    rollout.did(outcome)
    if outcome.left_out:
        without = ", ".join(outcome.left_out)
        get_run_logger().warning("%s, without %s", outcome.did, without)
    return None


async def run(rollout: Rollout, step: Step) -> str | None:
    """Run a step's task in the flow at hand; return its final error, None if it ended well.

    Its needs' states give Prefect's run graph its edges. Tasks are awaited and not submitted:
    measured, that is ten times cheaper.
    """
    run_id = FlowRunContext.get().flow_run.id  # type: ignore[union-attr]
    state = await apply_step(
        title(step),
        step.resource.id,
        wait_for=states_of_needs(rollout, step, run_id),
        return_state=True,
    )  # type: ignore[misc]  # Prefect's overloads do not say that this is awaited
    if state.is_completed():
        has_ended(rollout, step, run_id, state)
        return None
    return state.message or str(state.name)
