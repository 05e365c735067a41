"""Changes of the firewall policy: first, by themselves, asked about, proved or taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from prefect import get_client
from prefect.artifacts import Artifact
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import FlowRun, State

from flows.apply_topology import apply_topology
from flows.roll_back_run import roll_back_run
from flows.update_firewall_policy import update_firewall_policy
from orrery.asking import kept, roll_backs_of
from tasks.approval import resume
from tests.flows.conftest import UNUSED, SimulatedAzure
from tests.flows.others import LATE, peer_with, until_written
from topology.kind import at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_TEXT = """\
topology: {name}
subscription: {subscription}
home: eastus
dns_zone: {name}.internal
egress: [{{name: web, fqdns: ["*.example.com"]}}]
firewall: {{threat_intelligence: Deny}}
rollout: {{policy: at-once}}
regions:
  eastus:
"""
_RULES = "Microsoft.Network/firewallPolicies/ruleCollectionGroups"
_ONE_MORE_SUBNET = "    spokes: {prod: {subnets: {workload: , more: }}, nonprod: }\n"


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Write a topology of one region, named after the test."""
    path = tmp_path / f"p{crc32(request.node.name.encode()):x}.yaml"
    path.write_text(_TEXT.format(name=path.stem, subscription=next(UNUSED)))
    return path


def _edit(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def _open_another_name(path: Path) -> None:
    _edit(path, "*.example.com", "*.example.org")


def _add_a_subnet(path: Path) -> None:
    path.write_text(path.read_text() + _ONE_MORE_SUBNET)


def _assert_what_is_not_so(path: Path) -> None:
    asserted = "{name: apart, from: prod, to: nonprod, expect: denied}"
    path.write_text(f"{path.read_text()}verify: {{assertions: [{asserted}]}}\n")


async def _apply(path: Path) -> State:
    state: State = await apply_topology(str(path), return_state=True)
    return state


async def _update(path: Path) -> State:
    state: State = await update_firewall_policy(str(path), return_state=True)
    return state


def _run(state: State) -> str:
    return str(state.state_details.flow_run_id)


async def _below(parent: State) -> dict[str, str | None]:
    """Return the states of the runs below a run, by name."""
    assert parent.state_details.flow_run_id is not None
    wanted = FlowRunFilterParentFlowRunId(any_=[parent.state_details.flow_run_id])
    async with get_client() as client:
        runs = await client.read_flow_runs(flow_run_filter=FlowRunFilter(parent_flow_run_id=wanted))
    return {run.name: run.state_name for run in runs}


async def _plan_told(file: Path) -> str:
    """Return what the last run has shown of its plan."""
    found = await Artifact.aget(f"{file.stem}-plan")
    assert found is not None
    return str(found.data)


def _policy(azure: SimulatedAzure, file: Path) -> dict[str, Any]:
    """Return the settings of the shared policy, and the names that its rules open."""
    [policy] = [item for item in azure.list("firewallPolicies") if item["name"].endswith(file.stem)]
    return {
        "threat intelligence": policy["properties"]["threatIntelMode"],
        "names": _names(azure, policy["id"], f"rcg-{file.stem}-egress"),
    }


def _names(azure: SimulatedAzure, policy: str, group: str) -> list[str]:
    answer = azure.http.get(
        f"{policy}/ruleCollectionGroups/{group}", params={"api-version": "2024-03-01"}
    )
    found: list[str] = at(answer.json(), "properties.ruleCollections.1.rules.0.targetFqdns")
    return found


def _paths(azure: SimulatedAzure) -> list[str]:
    return [entry["path"] for entry in azure.written()]


# -- first, and by itself ----------------------------------------------------------------


async def test_rules_after_which_traffic_is_not_as_foreseen_are_taken_back(
    azure: SimulatedAzure, file: Path
) -> None:
    """Somebody peers a network with a spoke while they change: Azure holds them, and more."""
    await _apply(file)
    spoke = until_written(azure, f"vnet-{file.stem}-prod-eastus")
    azure.clear()
    before = _policy(azure, file)
    _open_another_name(file)
    azure.fail(method="PUT", type=_RULES, latency=LATE, times=1)
    meddling = asyncio.create_task(asyncio.to_thread(_meddle, azure, file.stem, spoke))

    state = await _update(file)
    await meddling

    assert state.name == "RolledBack"
    assert "is rolled back, no wave has started: no firewall is between them" in str(state.message)
    assert (await _below(state))["firewall policy"] == "Completed"
    assert _policy(azure, file) == before


def _meddle(azure: SimulatedAzure, topology: str, spoke: str) -> None:
    """Once the rules are being written, peer a network with a spoke."""
    until_written(azure, f"rcg-{topology}-egress")
    peer_with(azure, spoke)


# -- asked about -------------------------------------------------------------------------


async def _answered(running: Awaitable[State], name: str, answers: list[bool]) -> State:
    """Answer the questions of a run, each as soon as it is asked."""
    task, left = asyncio.ensure_future(running), answers
    async with get_client() as client:
        while not task.done():
            if left and (run := await _paused(client, name)):
                await resume(run.id, approve=left.pop(0))
            await asyncio.sleep(0.2)
    assert left == []
    return await task


async def _paused(client: Any, name: str) -> FlowRun | None:
    state = FlowRunFilterState(name=FlowRunFilterStateName(any_=["Paused"]))
    runs = await client.read_flow_runs(flow_run_filter=FlowRunFilter(state=state))
    return next((run for run in runs if name in run.name), None)


async def test_a_person_is_asked_about_what_reaches_all_firewalls(
    azure: SimulatedAzure, file: Path
) -> None:
    """After the plan as a whole, and by itself; a no keeps the waves from starting, too."""
    await _apply(file)
    azure.clear()
    before = _policy(azure, file)
    _open_another_name(file)
    _edit(file, "{policy: at-once}", "{approval_minutes: 2, policy_approval_minutes: 2}")

    refused = await _answered(_apply(file), file.stem, [True, False])
    assert (refused.name, azure.writes) == ("NotApproved", 0)
    assert _policy(azure, file) == before

    approved = await _answered(_apply(file), file.stem, [True, True])
    assert approved.name == "Completed"
    assert _policy(azure, file)["names"] == ["*.example.org"]


# -- the fast path -----------------------------------------------------------------------


async def test_rules_are_updated_alone_and_taken_back_later(
    azure: SimulatedAzure, file: Path
) -> None:
    """What else the file asks for is left to a rollout; what cannot be proved is refused."""
    await _apply(file)
    azure.clear()
    before = _policy(azure, file)
    _open_another_name(file)
    _edit(file, "threat_intelligence: Deny", "threat_intelligence: Alert")
    _add_a_subnet(file)

    state = await _update(file)

    assert (state.is_completed(), (await _below(state))["firewall policy"]) == (True, "Completed")
    assert {path for path in _paths(azure) if "firewallPolicies" not in path} == set()
    assert _policy(azure, file) == {"threat intelligence": "Alert", "names": ["*.example.org"]}

    again = await _update(file)
    assert again.message == "no rules to change; left alone: 1 to change"

    [back] = await roll_backs_of(file, _run(state), None)
    assert back.forecast.cost.before == back.forecast.cost.after > 0
    with kept(back.plan) as shown:
        await roll_back_run(_run(state), None, str(file), str(shown), return_state=True)
    assert _policy(azure, file) == before
    assert "\n## Forecast\n\n- time: " in await _plan_told(file)

    azure.clear()
    with kept(back.plan) as shown:
        stale: State = await update_firewall_policy(str(file), str(shown), return_state=True)
    assert (stale.name, azure.writes) == ("StalePlan", 0)
    assert "\n## Forecast\n\n- time: " in await _plan_told(file)

    _assert_what_is_not_so(file)
    azure.clear()
    refused = await _update(file)
    assert (refused.name, azure.writes) == ("NotProved", 0)
    assert "apart: is reached, and must not be" in str(refused.message)


async def test_an_update_before_the_first_rollout_writes_nothing(
    azure: SimulatedAzure, file: Path
) -> None:
    """There is no firewall to follow any rules."""
    state = await _update(file)

    assert str(state.message).startswith("no rules to change; left alone: ")
    assert azure.writes == 0
