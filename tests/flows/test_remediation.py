"""Drift is taken back by the file's own policy: an event asks for it, and no more is written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from prefect import get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import State
from prefect.events import DeploymentEventTrigger

from deployments.following import table_rows
from flows.apply_topology import apply_topology
from flows.check_compliance import check_compliance
from flows.remediate_drift import remediate_drift
from flows.roll_back_run import roll_back_run
from flows.verify_reachability import verify_reachability
from tests.deployments.test_prefect_yaml import DEPLOYMENTS, flow_of
from tests.flows.conftest import UNUSED, SimulatedAzure

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_TEXT = """\
topology: remedied
subscription: {subscription}
home: eastus
dns_zone: remedied.internal
regions: {{eastus: {{spokes: {{prod: }}}}}}
compliance: {{remediate: [network-security-group]}}
"""


async def test_what_others_changed_is_taken_back_of_chosen_kinds_alone(
    azure: SimulatedAzure, tmp_path: Path
) -> None:
    """The check's event starts the deployment; what it wrote can be taken back as any run's.

    Each run that wrote starts the proof, of its own file: the deployments' own is another.
    """
    file = tmp_path / "remedied.yaml"
    file.write_text(_TEXT.format(subscription=next(UNUSED)))
    remedy, proof = await _deployed(remediate_drift), await _deployed(verify_reachability)
    assert (await _run(apply_topology(str(file), return_state=True))).is_completed()
    for arm_type in ("networkSecurityGroups", "virtualNetworks"):
        _take_tag(azure, arm_type)

    checked = await _run(check_compliance(str(file), return_state=True))
    assert (checked.name, checked.message) == ("Drift", "3 low")
    assert await _started(remedy) == {str(file)}

    azure.clear()
    remedied = await _run(remediate_drift(str(file), return_state=True))
    assert remedied.is_completed(), remedied.message
    assert {_type(entry) for entry in azure.written()} == {"networkSecurityGroups"}

    again = await _run(check_compliance(str(file), return_state=True))
    assert [(row["state"], row["owner"]) for row in await _findings(again)] == [
        ("known", "someone else"),
        ("known", "someone else"),
        ("cleared", "someone else"),
    ]

    run = str(remedied.state_details.flow_run_id)
    assert (await _run(roll_back_run(run, None, str(file), return_state=True))).is_completed()
    assert "region" not in _one(azure, "networkSecurityGroups")["tags"]
    assert await _started(proof, 3) == {str(file)}  # of each run that wrote, and of no check


async def _run(running: Any) -> State:
    state: State = await running
    return state


async def _deployed(flow: Any) -> Any:
    """Deploy a flow with the trigger that prefect.yaml gives it, and with another file."""
    (entry,) = (item for item in DEPLOYMENTS if flow_of(item) is flow)
    trigger = DeploymentEventTrigger.model_validate(entry["triggers"][0])
    deployment = await flow.to_deployment(
        "remedied", triggers=[trigger], parameters=entry["parameters"]
    )
    return await deployment.apply()


async def _started(deployment: Any, count: int = 1) -> set[str]:
    """Return of which files the server has started runs of a deployment, once it has so many."""
    wanted = DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
    async with get_client() as client:
        for _ in range(60):
            runs = await client.read_flow_runs(deployment_filter=wanted)
            if len(runs) >= count:
                return {run.parameters["topology"] for run in runs}
            await asyncio.sleep(0.5)  # events are written in batches
    raise AssertionError(f"events have started {len(runs)} runs of the deployment")


async def _findings(state: State) -> list[dict[str, Any]]:
    assert state.state_details.flow_run_id is not None
    async with get_client() as client:
        return await table_rows(client, state.state_details.flow_run_id, "remedied-drift")


def _one(azure: SimulatedAzure, arm_type: str) -> dict[str, Any]:
    return next(item for item in azure.list(arm_type) if "remedied" in item["id"])


def _take_tag(azure: SimulatedAzure, arm_type: str) -> None:
    """Take a tag away as somebody else would."""
    for found in [item for item in azure.list(arm_type) if "remedied" in item["id"]]:
        tags = {key: value for key, value in found["tags"].items() if key != "region"}
        answer = azure.http.patch(
            found["id"], params={"api-version": "2024-03-01"}, json={"tags": tags}
        )
        answer.raise_for_status()


def _type(entry: dict[str, Any]) -> str:
    return str(entry["path"]).rstrip("/").split("/")[-2]
