"""A rollout whose process is killed with -9, ten times: the next one ends what it has begun."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from prefect import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterParentFlowRunId,
)
from prefect.settings import PREFECT_API_URL

from flows.apply_topology import apply_topology
from tests.acceptance.kills import KILLS, differences
from tests.flows.conftest import SimulatedAzure, simulating
from tests.life.undisturbed import GLOBOJAVA, undisturbed
from tests.topology.examples import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def alone(prefect_server: Path, tmp_path: Path) -> Iterator[SimulatedAzure]:  # noqa: ARG001
    """Give an Azure in which nobody else is; Prefect's server runs beside it."""
    with simulating(tmp_path, 1) as azure, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))
        yield azure


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give GloboJava's topology, with its lock file."""
    for name in ("globojava.yaml", "globojava.lock.yaml"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    return tmp_path / "globojava.yaml"


def test_a_rollout_killed_ten_times_ends_as_if_nobody_had(
    alone: SimulatedAzure, file: Path
) -> None:
    """At ten step boundaries. Nothing is made twice, and Prefect tells the truth again.

    In `make soak` worker and server are killed, too (tests/acceptance/kills.py).
    """
    writes, _ = undisturbed(GLOBOJAVA)
    # Processes of their own, from one that has imported what each of them would.
    processes = get_context("forkserver")
    processes.set_forkserver_preload([__name__])
    for write in sorted(random.Random(1).sample(range(1, writes + 1), KILLS)):  # noqa: S311  no secret
        _killed_at(write, alone, processes.Process(target=_apply, args=(file,)))
    state = asyncio.run(_applied(file))

    assert state == "Completed"
    assert differences(os.environ) == []
    assert asyncio.run(_states_of_runs(file)) == {"Completed", "Crashed"}


def _apply(file: Path) -> None:
    asyncio.run(_applied(file))


def _killed_at(write: int, azure: SimulatedAzure, dying: BaseProcess) -> None:
    """Begin a run and kill it when so many writes were made, one of them by itself."""
    before = azure.writes
    dying.start()
    while azure.writes < max(write, before + 1):
        assert dying.is_alive()
        time.sleep(0.02)
    dying.kill()
    dying.join()


async def _applied(file: Path) -> str | None:
    state = await apply_topology(str(file), return_state=True)
    return state.name


async def _states_of_runs(file: Path) -> set[str | None]:
    """Return the states of all runs that applied a topology, and of the runs below them."""
    async with get_client() as client:
        name = FlowRunFilter(name=FlowRunFilterName(any_=[f"apply {file}"]))
        parents = await client.read_flow_runs(flow_run_filter=name)
        ids = FlowRunFilterParentFlowRunId(any_=[run.id for run in parents])
        below = await client.read_flow_runs(flow_run_filter=FlowRunFilter(parent_flow_run_id=ids))
    return {run.state_name for run in (*parents, *below)}
