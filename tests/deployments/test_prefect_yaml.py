"""prefect.yaml says what can be deployed: its flows are there and take what it gives."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.client.schemas.schedules import construct_schedule
from prefect.events import DeploymentEventTrigger
from prefect.server.events.schemas.automations import EventTrigger
from prefect.server.events.schemas.events import RelatedResource, Resource
from prefect.states import Completed
from ruamel.yaml import YAML

from azure_api.settings import AzureSettings
from deployments.local_stack import POOL
from flows.apply_region import apply_region
from flows.in_words import in_words
from flows.verify_reachability import verify_reachability

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = YAML(typ="safe").load((ROOT / "prefect.yaml").read_text())
DEPLOYMENTS: list[dict[str, Any]] = PROJECT["deployments"]

HEARTBEATS = "PREFECT_FLOWS_HEARTBEAT_FREQUENCY"

every_deployment = pytest.mark.parametrize(
    "deployment", DEPLOYMENTS, ids=[entry["entrypoint"].rpartition(".")[2] for entry in DEPLOYMENTS]
)


def flow_of(deployment: dict[str, Any]) -> Flow[..., Any]:
    """Return the flow that an entrypoint names."""
    module, _, name = deployment["entrypoint"].rpartition(".")
    found: Flow[..., Any] = getattr(importlib.import_module(module), name)
    return found


@every_deployment
def test_every_entrypoint_is_a_module_and_a_flow(deployment: dict[str, Any]) -> None:
    """A path to a file would put its folder before all other packages."""
    assert ":" not in deployment["entrypoint"]
    assert isinstance(flow_of(deployment), Flow)


@every_deployment
def test_parameters_are_those_of_the_flow(deployment: dict[str, Any]) -> None:
    """What a deployment gives, the flow takes; and Prefect holds a run's form to it."""
    flow = flow_of(deployment)
    assert set(deployment["parameters"]) <= set(inspect.signature(flow.fn).parameters)
    assert set(deployment["parameters"]) <= set(flow.parameters.properties)
    assert deployment["enforce_parameter_schema"] is True
    assert (ROOT / deployment["parameters"]["topology"]).exists()


@every_deployment
def test_every_parameter_is_described_in_the_form(deployment: dict[str, Any]) -> None:
    """A person who fills the form in reads what each field means."""
    for name, field in flow_of(deployment).parameters.properties.items():
        assert field.get("description"), name


@every_deployment
def test_every_run_is_refused_in_words(deployment: dict[str, Any]) -> None:
    """What a person must act on is no traceback."""
    assert flow_of(deployment).fn.__code__ is in_words(_runs).__code__


async def _runs() -> State:
    return Completed()


def test_names_are_unique() -> None:
    """`flow/name` tells a deployment from all others."""
    names = [(flow_of(entry).name, entry["name"]) for entry in DEPLOYMENTS]
    assert len(set(names)) == len(names)
    assert ("apply-topology", "globojava") in names
    assert ("check-compliance", "globojava") in names
    assert ("destroy-topology", "globojava") in names


@every_deployment
def test_schedules_are_understood(deployment: dict[str, Any]) -> None:
    """Each has a slug, so that deploying again changes it; zone and times exist."""
    for schedule in deployment.get("schedules", ()):
        assert schedule["slug"]
        assert ZoneInfo(schedule["timezone"])
        # Prefect's own reading of it, which refuses what it would not run.
        assert construct_schedule(cron=schedule["cron"], timezone=schedule["timezone"])


def test_only_what_looks_runs_by_itself() -> None:
    """No schedule ever writes to Azure."""
    scheduled = [flow_of(entry).name for entry in DEPLOYMENTS if entry.get("schedules")]
    assert scheduled == ["check-compliance", "verify-reachability"]


def test_every_run_that_may_have_written_starts_the_proof_of_its_file() -> None:
    """Whoever started it, whatever the file; no region's run, and no proof or check."""
    (proof,) = (entry for entry in DEPLOYMENTS if flow_of(entry) is verify_reachability)
    (spec,) = proof["triggers"]
    server = as_server_reads(spec)
    run = Resource.model_validate({"prefect.resource.id": f"prefect.flow-run.{uuid4()}"})
    flows = [flow_of(entry) for entry in DEPLOYMENTS]
    started = {
        flow.name
        for flow in [*flows, apply_region]
        if server.covers_resources(run, [related_flow(flow.name)])
    }

    assert started == {flow.name for flow in flows if _writes(flow)}
    assert {"apply-topology", "remediate-drift", "roll-back-run"} <= started
    assert spec["parameters"] == {"topology": "{{ flow_run.parameters['topology'] }}"}
    assert "globojava" not in str(spec)


def _writes(flow: Flow[..., Any]) -> bool:
    """Say whether a flow holds its topology, as all do that write."""
    return "alone" in inspect.unwrap(flow.fn).__code__.co_names


def as_server_reads(spec: dict[str, Any]) -> EventTrigger:
    """Return a deployment's trigger as Prefect's server has it."""
    asked = DeploymentEventTrigger.model_validate(spec)
    asked.set_deployment_id(uuid4())
    return EventTrigger.model_validate(asked.as_automation().trigger.model_dump())


def related_flow(name: str) -> RelatedResource:
    """Return a flow as the events of its runs name it."""
    labels = {"id": f"prefect.flow.{uuid4()}", "role": "flow", "name": name}
    return RelatedResource.model_validate(
        {f"prefect.resource.{label}": value for label, value in labels.items()}
    )


def test_the_file_and_the_name_stand_in_one_place() -> None:
    """Whoever writes another topology into it has changed all deployments."""
    file, name = PROJECT["definitions"]["file"], PROJECT["definitions"]["name"]
    text = (ROOT / "prefect.yaml").read_text()

    assert all(entry["name"] == name and entry["parameters"] == file for entry in DEPLOYMENTS)
    assert (text.count(name), text.count(file["topology"])) == (2, 1)  # one is in the file's path


@every_deployment
def test_all_run_on_one_process_pool_without_credentials(deployment: dict[str, Any]) -> None:
    """Credentials reach a run by its worker's environment alone."""
    assert deployment["work_pool"]["name"] == POOL
    assert deployment["work_pool"]["job_variables"]["env"].keys() == {HEARTBEATS}
    assert "AZURE_" not in str(deployment)


@every_deployment
def test_no_slot_of_a_deployment_can_be_left_taken(deployment: dict[str, Any]) -> None:
    """What writes holds its topology itself; Prefect does not take a dead run's slot back."""
    assert "concurrency_limit" not in deployment


def test_the_form_asks_for_a_name_before_it_destroys() -> None:
    """No default stands in for the person who means it."""
    (destroy,) = (entry for entry in DEPLOYMENTS if flow_of(entry).name == "destroy-topology")
    assert "name" not in destroy["parameters"]
    assert "name" in (flow_of(destroy).parameters.required or ())


def test_without_an_endpoint_a_run_goes_to_azure() -> None:
    """Nothing in a deployment leads a worker elsewhere than its environment says."""
    assert AzureSettings.from_environment({}).is_azure
    assert "ORRERY_ARM_ENDPOINT" not in (ROOT / "prefect.yaml").read_text()
