"""What Azure says is proved: wave by wave while a rollout goes on, and by a flow of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prefect import get_client
from prefect.artifacts import Artifact
from prefect.client.schemas.objects import State

from deployments.following import table_rows
from flows.apply_topology import apply_topology
from flows.verify_reachability import verify_reachability
from tests.flows.conftest import UNUSED, SimulatedAzure
from tests.flows.others import LATE, VERSION, peer_with, until_written
from topology.verification.question import Question

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


_TEXT = """\
topology: meddled
subscription: {subscription}
home: westus
dns_zone: meddled.internal
rollout: {{canary: westus}}
regions:
  westus:
  eastus:
"""


async def test_a_plan_that_leads_elsewhere_than_the_file_is_refused(
    azure: SimulatedAzure, tmp_path: Path
) -> None:
    """Before its first write."""
    file = tmp_path / "meddled.yaml"
    asserted = "{name: apart, from: prod, to: nonprod, expect: denied}"
    text = _TEXT.format(subscription=next(UNUSED))
    file.write_text(f"{text}verify: {{assertions: [{asserted}]}}\n")

    state: State = await apply_topology(str(file), return_state=True)

    assert (state.name, azure.writes) == ("NotProved", 0)
    assert "apart: is reached, and must not be" in str(state.message)


async def test_a_wave_around_whose_firewall_somebody_goes_is_the_last(
    azure: SimulatedAzure, tmp_path: Path
) -> None:
    """Others peer a network with a spoke that has just come: no region follows until it is gone."""
    file = tmp_path / "meddled.yaml"
    text, later = _TEXT.format(subscription=next(UNUSED)), "{there: eastus follows in wave 2}"
    file.write_text(f"{text}verify: {{without: {later}}}\n")
    commit = "Microsoft.Network/networkManagers/commit"
    azure.fail(method="POST", type=commit, latency=LATE, times=1)
    meddling = asyncio.create_task(asyncio.to_thread(_meddle, azure, file.stem))

    state: State = await apply_topology(str(file), return_state=True)
    peered = await meddling

    assert (state.name, state.is_failed()) == ("Stopped", True)
    assert "wave 1 (westus) is not proved good: no firewall is between them" in str(state.message)
    assert not [entry for entry in azure.written() if "-eastus" in entry["path"]]

    asked = await _ask(file, "westus/nonprod", "westus/prod")
    assert "deny-to-prod" in str(asked.message)
    assert "data:image/svg+xml;base64," in await _artifact(asked, "meddled-way")

    found = await _verify(file)
    assert (found.name, await _states(found)) == ("NotAsIntended", {"new"})
    for name in peered:
        azure.http.delete(name, params=VERSION).raise_for_status()
    proved = await _verify(file)
    assert (proved.is_completed(), str(proved.message)[:7]) == (True, "proved:")
    assert await _states(proved) == {"cleared"}


async def _verify(path: Path) -> State:
    state: State = await verify_reachability(str(path), return_state=True)
    return state


async def _ask(path: Path, source: str, target: str) -> State:
    question = Question(source=source, target=target)
    state: State = await verify_reachability(str(path), question, return_state=True)
    return state


async def _artifact(state: State, key: str) -> str:
    """Return what a run has published last under a key."""
    found = await Artifact.aget(key)
    assert found is not None
    assert found.flow_run_id == state.state_details.flow_run_id
    return str(found.data)


async def _states(state: State) -> set[str]:
    """Return how the findings of a run stand beside those of the run before."""
    assert state.state_details.flow_run_id is not None
    async with get_client() as client:
        run = state.state_details.flow_run_id
        rows = await table_rows(client, run, "meddled-reachability-findings")
    return {row["state"] for row in rows}


def _meddle(azure: SimulatedAzure, topology: str) -> list[str]:
    """Wait for the prod spoke of the first wave, and peer a network with it."""
    return peer_with(azure, until_written(azure, f"vnet-{topology}-prod-westus"))
