"""The automations: one finds dead runs, and must know every end that a run can come to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from prefect.automations import AutomationCore
from prefect.events import ResourceSpecification
from prefect.events.schemas.automations import EventTrigger
from prefect.server.events.schemas.automations import EventTrigger as ServersTrigger
from prefect.server.events.schemas.events import Resource
from ruamel.yaml import YAML

from flows.verify_reachability import verify_reachability
from tests.deployments.test_prefect_yaml import DEPLOYMENTS, HEARTBEATS, ROOT, flow_of, related_flow

TEXT: dict[str, Any] = YAML(typ="safe").load((ROOT / "deployments/automations.yaml").read_text())
ALIVE = "prefect.flow-run.heartbeat"

# Ends that Prefect itself gives a run, and Cancelling: our hook has no heartbeat.
PREFECTS_OWN = {"Completed", "Failed", "Crashed", "Cancelled", "Cancelling", "TimedOut"}


def trigger() -> EventTrigger:
    """Return the trigger of the automation that finds dead runs."""
    found = automations()["orrery-dead-runs"].trigger
    assert isinstance(found, EventTrigger)
    return found


def automations() -> dict[str, AutomationCore]:
    """Return all automations by name, as Prefect reads them."""
    return {entry["name"]: AutomationCore.model_validate(entry) for entry in TEXT["automations"]}


def own_names() -> set[str]:
    """Return the names that flows, and rollout/, give to the states in which runs end."""
    paths = [*(ROOT / "flows").glob("*.py"), *(ROOT / "rollout").glob("*.py")]
    return {name for path in paths for name in _names(path)}


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {*PREFECTS_OWN, "Ending"}:
            yield from (
                str(item.value.value)
                for item in node.keywords
                if item.arg == "name" and isinstance(item.value, ast.Constant)
            )


def test_it_expects_every_end_that_a_run_can_come_to() -> None:
    """A state with a name of its own sends an event of that name, and no other."""
    ends = {f"prefect.flow-run.{name}" for name in PREFECTS_OWN | own_names()}

    assert {"RolledBack", "Drift", "StalePlan"} <= own_names()
    assert trigger().expect == {ALIVE, *ends}


# Ends of a run that has written nothing, or all of whose work is gone; and those of what looks.
NOT_TO_BE_PROVED = {
    *("BuiltOn", "HoldsForeign", "NotAdopted", "NotApproved", "NotProved", "Protected", "Refused"),
    *("StalePlan", "Destroyed", "Drift", "RolloutInProgress"),
}


def test_every_end_after_a_write_starts_the_proof() -> None:
    """As it ends well, and as it ends otherwise."""
    (proof,) = (entry for entry in DEPLOYMENTS if flow_of(entry) is verify_reachability)
    (spec,) = proof["triggers"]
    ends = {name.rpartition(".")[2] for name in spec["expect"]}

    assert ends - own_names() == {"Completed", "Failed", "Crashed", "Cancelled"}
    assert own_names() - ends == NOT_TO_BE_PROVED


def test_it_looks_at_every_flow_of_ours_and_at_no_other() -> None:
    """A run of another team that is silent for two minutes is not dead."""
    paths = (ROOT / "flows").glob("*.py")
    flows = {name for path in paths for name in _flows(path)}

    assert {"apply-topology", "apply-region"} <= flows
    assert {name for name in [*flows, "nightly-etl"] if _is_looked_at(name)} == flows


def _flows(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "flow":
            yield from (str(ast.literal_eval(i.value)) for i in node.keywords if i.arg == "name")


def _is_looked_at(flow: str) -> bool:
    """Say whether Prefect's server counts a heartbeat of a run of this flow."""
    run = Resource.model_validate({"prefect.resource.id": f"prefect.flow-run.{uuid4()}"})
    related = [related_flow(flow)]
    # What a client has written down is what the server reads (Prefect 3.9).
    return ServersTrigger.model_validate(trigger().model_dump()).covers_resources(run, related)


def test_three_heartbeats_may_be_lost() -> None:
    """A server that was busy for a while makes no run dead."""
    every = {int(entry["work_pool"]["job_variables"]["env"][HEARTBEATS]) for entry in DEPLOYMENTS}

    assert every == {30}
    assert trigger().within.total_seconds() > 3 * max(every)
    assert trigger().after == {ALIVE}


def test_critical_findings_are_told_once_somebody_says_to_whom() -> None:
    """It matches the events that a check sends, and is off until a block is named."""
    told = automations()["orrery-new-findings"]

    assert not told.enabled
    assert isinstance(told.trigger, EventTrigger)
    assert told.trigger.expect == {"orrery.finding.new"}
    assert told.trigger.match == ResourceSpecification.model_validate(
        {"prefect.resource.id": "orrery.finding.*", "orrery.severity": "critical"}
    )
