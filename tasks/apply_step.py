"""One step of the plan, done in Azure."""

from __future__ import annotations

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Failed

from azure_api import apply
from azure_api.apply import Outcome
from azure_api.errors import AzureError
from tasks.current import current_rollout
from topology.kind import same_id


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
    rollout.did(outcome, _told(outcome))
    return None


def _told(outcome: Outcome) -> str:
    if not outcome.left_out:
        return outcome.did
    return f"{outcome.did}, without {', '.join(outcome.left_out)}"
