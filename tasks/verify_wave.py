"""Looks at a wave of one's own, between it and the next: deployments of Prefect."""

from __future__ import annotations

from collections.abc import Collection

import httpx
from prefect import get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Cancelling

from topology.rollout_spec import HookSpec, RolloutSpec

_LOOK_AGAIN = 2  # seconds between looks at whether a hook has ended


async def missing_hooks(rollout: RolloutSpec) -> str | None:
    """Return which hooks do not exist, with the way out, or None: asked before the first write."""
    missing: list[str] = []
    async with get_client() as client:
        for hook in rollout.hooks:
            try:
                await client.read_deployment_by_name(hook.run)
            except ObjectNotFound:
                missing.append(hook.run)
    if not missing:
        return None
    return (
        f"rollout.check names what is no deployment: {', '.join(missing)}; deploy it, or take it "
        "out of the file (flow and deployment, as `prefect deployment ls` prints them)"
    )


@task(task_run_name="run {hook.run} for {wave}", cache_policy=NO_CACHE)
async def run_hook(hook: HookSpec, wave: str, regions: Collection[str]) -> str | None:  # noqa: ARG001  it names the run
    """Run a deployment for a wave's regions; return what is wrong, None if it ended Completed.

    It is cancelled when its time is up.
    """
    try:
        run = await arun_deployment(
            hook.run,
            parameters={"regions": sorted(regions)},
            timeout=hook.minutes * 60,
            poll_interval=_LOOK_AGAIN,
        )
    except (ObjectNotFound, PrefectHTTPStatusError, httpx.HTTPError) as error:
        return f"{hook.run} could not be run: {type(error).__name__}: {error}"
    if run.state is not None and run.state.is_completed():
        return None
    if run.state is not None and run.state.is_final():
        said = f": {run.state.message}" if run.state.message else ""
        return f"{hook.run} ended {run.state.name}{said}"
    async with get_client() as client:
        await client.set_flow_run_state(run.id, Cancelling(), force=True)
    return f"{hook.run} has not ended within {hook.minutes:g} minutes"
