"""Adoption as a run: what differs is told and nothing written, or only marks are."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path

import httpx
import pytest
from prefect import get_client

from deployments.following import table_rows
from flows.adopt_topology import adopt_topology
from flows.apply_topology import apply_topology
from simulator.settings import subscriptions
from tasks.read_topology import load
from tests.flows.conftest import SPEED, SUBSCRIPTIONS, SimulatedAzure
from tests.life.by_hand import strip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_TEXT = """\
topology: adopted
subscription: {subscription}
home: eastus
dns_zone: adopted.internal
regions:
  eastus:
"""


@pytest.fixture(scope="module")
def file(
    simulated_azure: SimulatedAzure,
    prefect_server: Path,  # noqa: ARG001  it must be there
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Have a network that nobody marked as ours, and a topology that says what it is."""
    path = tmp_path_factory.mktemp("adopted") / "adopted.yaml"
    # The last one: other tests take theirs from the first on.
    path.write_text(_TEXT.format(subscription=subscriptions(SUBSCRIPTIONS)[-1]))
    asyncio.run(_make(simulated_azure, path))
    return path


async def _make(azure: SimulatedAzure, path: Path) -> None:
    state = await apply_topology(str(path), return_state=True)
    assert state.is_completed(), state.message
    ssl_context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    async with httpx.AsyncClient(
        base_url=azure.endpoint,
        verify=ssl_context,
        headers=azure.http.headers,
        params={"api-version": "2026-03-01"},
    ) as client:
        await strip(client, load(path)[0], {"owner": "somebody"}, 1 / SPEED)


@pytest.fixture
def other(file: Path) -> Path:
    """Have a topology of the same network that gives the hub another prefix."""
    path = file.with_name("other.yaml")
    path.write_text(file.read_text() + "    hub: {prefix: 10.0.4.0/22}\n")
    return path


async def test_what_differs_is_told_and_nothing_is_written(
    azure: SimulatedAzure, other: Path
) -> None:
    """The run ends Failed, and its message says found and wanted, as does its table."""
    state = await adopt_topology(str(other), return_state=True)
    run = state.state_details.flow_run_id
    assert run is not None
    async with get_client() as client:
        rows = await table_rows(client, run, "adopted-adoption")

    assert state.name == "NotAdopted"
    assert "properties.addressSpace.addressPrefixes" in str(state.message)
    assert "Nothing was written" in str(state.message)
    assert azure.writes == 0
    assert "properties.addressSpace.addressPrefixes" in str(rows)


async def test_what_was_taken_over_needs_no_change(azure: SimulatedAzure, file: Path) -> None:
    """The first plan after the adoption is empty."""
    adopted = await adopt_topology(str(file), return_state=True)
    puts = [entry for entry in azure.written() if entry["method"] == "PUT"]
    applied = await apply_topology(str(file), return_state=True)

    assert adopted.is_completed(), adopted.message
    assert [entry for entry in puts if "/networkManagers/" not in entry["path"]] == []
    assert applied.message == "no changes"
