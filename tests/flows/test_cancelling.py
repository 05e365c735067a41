"""A hook between waves is a run of its own below the rollout's: it ends with it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from prefect import flow, get_client
from prefect.deployments import arun_deployment
from prefect.runtime import flow_run
from prefect.states import Crashed, Running

from tasks.cancelling import _keep_telling, cancelling, is_cancelling

pytestmark = pytest.mark.slow


@flow(name="probe")
def _probe() -> None:
    """Do nothing."""


@pytest.mark.parametrize(("begun", "ends"), [(True, "Cancelling"), (False, "Cancelled")])
async def test_a_hook_is_cancelled_with_its_rollout(
    prefect_server: Path,  # noqa: ARG001  it must be there
    begun: bool,  # noqa: FBT001
    ends: str,
) -> None:
    """A worker ends the process of what reads Cancelling; what has none is closed."""
    name = f"cancelled-{ends.lower()}"
    async with get_client() as client:
        of = await client.create_flow_from_name("probe")
        await client.create_deployment(of, name)

    seen: list[str | None] = []

    @flow(name="rolls-out")
    async def rolls_out() -> None:
        hook = await arun_deployment(f"probe/{name}", timeout=0)
        async with get_client() as client:
            if begun:
                await client.set_flow_run_state(hook.id, Running(), force=True)
            async with cancelling(UUID(flow_run.get_id()), "nothing new starts"):
                seen.append((await client.read_flow_run(hook.id)).state_name)

    await rolls_out(return_state=True)
    assert seen == [ends]


async def test_a_run_that_others_have_closed_stays_closed(
    prefect_server: Path,  # noqa: ARG001  it must be there
) -> None:
    """Another may have taken its place: it is not opened again, and writes nothing more."""
    async with get_client() as client:
        run = (await client.create_flow_run(_probe, state=Crashed())).id
        async with asyncio.timeout(10):
            await _keep_telling(run, "nothing new starts")

        assert (await client.read_flow_run(run)).state_name == "Crashed"
        assert not await is_cancelling(run)
