"""Drift is taken back by the file's own policy: an event asks for it, and no more is written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from prefect import get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun, State
from prefect.events import DeploymentEventTrigger

from deployments.following import table_rows
from flows.apply_topology import apply_topology
from flows.check_compliance import check_compliance
from flows.remediate_drift import remediate_drift
from flows.roll_back_run import roll_back_run
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
    """The check's event starts the deployment; what it wrote can be taken back as any run's."""
    file = tmp_path / "remedied.yaml"
    file.write_text(_TEXT.format(subscription=next(UNUSED)))
    deployment = await _deployed()
    assert (await _run(apply_topology(str(file), return_state=True))).is_completed()
    for arm_type in ("networkSecurityGroups", "virtualNetworks"):
        _take_tag(azure, arm_type)

    checked = await _run(check_compliance(str(file), return_state=True))
    assert (checked.name, checked.message) == ("Drift", "3 low")
    assert (await _started(deployment)).name

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


async def _run(running: Any) -> State:
    state: State = await running
    return state


async def _deployed() -> Any:
    """Deploy the flow with the trigger that prefect.yaml gives it, for this topology."""
    (entry,) = (item for item in DEPLOYMENTS if flow_of(item) is remediate_drift)
    (spec,) = entry["triggers"]
    match = {"prefect.resource.id": "orrery.topology.remedied"}
    assert spec["match"].keys() == match.keys()
    trigger = DeploymentEventTrigger.model_validate({**spec, "match": match})
    deployment: Any = remediate_drift.to_deployment("remedied", triggers=[trigger])
    return await (await deployment).apply()


async def _started(deployment: Any) -> FlowRun:
    """Return the run of a deployment that the server started, once it has."""
    wanted = DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
    async with get_client() as client:
        for _ in range(60):
            if runs := await client.read_flow_runs(deployment_filter=wanted):
                (run,) = runs
                return run
            await asyncio.sleep(0.5)  # events are written in batches
    raise AssertionError("no event has started the deployment")


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
