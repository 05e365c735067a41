"""Saved plans in Azure's blob service: the real client, over a stand-in of the service."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.filesystems import RemoteFileSystem
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_DEFAULT_RESULT_STORAGE_BLOCK,
    temporary_settings,
)

from tasks.save_plan import load_plan, load_plans, save_plan
from tests.blob.service import BlobService, serving
from tests.builders import a_network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.planner import make_plan

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PLAN = make_plan(a_network("eastus"), Actual())


@pytest.fixture(scope="module")
def service() -> Iterator[BlobService]:
    """Serve an account with a container, as whoever owns the account makes it."""
    with serving() as service:
        service.containers.add("plans")
        yield service


@pytest.fixture
def blobs(prefect_server: Path, service: BlobService) -> Iterator[BlobService]:  # noqa: ARG001  blocks are kept there
    """Keep results in a blob service, as docs/operations.md says how."""
    service.blobs.clear()
    service.refuses = False
    settings = {"connection_string": service.connection_string}
    block = RemoteFileSystem(basepath="az://plans/orrery", settings=settings)
    block.save("plans", overwrite=True)
    with temporary_settings({PREFECT_DEFAULT_RESULT_STORAGE_BLOCK: "remote-file-system/plans"}):
        yield service


async def test_a_plan_is_kept_in_a_blob_and_is_the_same_when_loaded(blobs: BlobService) -> None:
    """Under the run's id, whole."""
    await save_plan.fn(PLAN, "run-1")

    assert Plan.from_json(blobs.blobs["plans/orrery/orrery/plans/run-1.json"]) == PLAN
    assert await load_plan("run-1") == PLAN


_ELSEWHERE = """
import asyncio
from tasks.save_plan import load_plan
print(len(asyncio.run(load_plan("run-2")).steps))
"""


async def test_another_worker_finds_the_plan(blobs: BlobService, tmp_path: Path) -> None:
    """A process with a folder of its own and nothing in it: only Prefect and the service."""
    await save_plan.fn(PLAN, "run-2")
    given = {
        "PREFECT_API_URL": str(PREFECT_API_URL.value()),
        "PREFECT_DEFAULT_RESULT_STORAGE_BLOCK": "remote-file-system/plans",
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_LOCAL_STORAGE_PATH": str(tmp_path / "storage"),
    }
    elsewhere = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _ELSEWHERE,
        env={**os.environ, **given},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await elsewhere.communicate()

    assert blobs.blobs
    assert int(out) == len(PLAN.steps)


async def test_a_plan_that_was_never_kept_is_told(blobs: BlobService) -> None:
    """By the run's id."""
    await save_plan.fn(PLAN, "run-3")
    blobs.blobs.clear()

    with pytest.raises(ValueError, match="no plan of run run-3 is in Prefect's result storage"):
        await load_plan("run-3")


async def test_a_wave_that_cannot_be_read_is_not_taken_for_none(blobs: BlobService) -> None:
    """Otherwise what it did would stay when its run is taken back, and nobody would be told."""
    for name in ("run-5", "run-5-wave-1", "run-5-wave-2"):
        await save_plan.fn(PLAN, name)
    assert await load_plans("run-5") == [PLAN, PLAN]

    blobs.blobs["plans/orrery/orrery/plans/run-5-wave-2.json"] = b"half of a pl"

    with pytest.raises(ValueError, match=r"run-5-wave-2 in Prefect's result storage cannot be"):
        await load_plans("run-5")


async def test_a_storage_that_refuses_is_told_apart_from_a_missing_plan(
    blobs: BlobService,
) -> None:
    """Nothing may be written to Azure without a plan that was kept."""
    blobs.refuses = True

    with pytest.raises(ConnectionError, match="result storage does not answer"):
        await save_plan.fn(PLAN, "run-4")
    with pytest.raises(ConnectionError, match="result storage does not answer"):
        await load_plan("run-4")
