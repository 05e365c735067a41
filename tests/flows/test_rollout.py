"""A whole life: apply, apply again, grow, fail, drift and destroy, with a real Prefect server."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from prefect import flow, get_client
from prefect.artifacts import Artifact
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL, PREFECT_API_URL

from azure_api.settings import AzureSettings
from deployments.following import table_rows
from flows.apply_topology import apply_topology
from flows.check_compliance import check_compliance
from flows.destroy_topology import destroy_topology
from flows.roll_back_run import roll_back_run
from tasks.approval import resume
from tasks.history import read_history
from tasks.hold_topology import hold_topology
from tasks.save_plan import load_plan
from tests.flows.conftest import UNUSED, SimulatedAzure
from topology.kind import same_id
from topology.planning.explain import title
from topology.planning.plan import Plan

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_TEXT = """\
topology: {name}
subscription: {subscription}
home: {home}
dns_zone: {name}.internal
regions:
"""


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Write a topology of two regions, named after the test."""
    path = tmp_path / f"t{crc32(request.node.name.encode()):x}.yaml"
    _write(path, "eastus", "westus")
    return path


@dataclass
class Applied:
    """A topology that was applied, and the state that its run ended in."""

    file: Path
    state: State

    def copied_to(self, folder: Path) -> Path:
        """Return the path of a copy of the topology, which may be edited."""
        shutil.copytree(self.file.parent, folder, dirs_exist_ok=True)
        return folder / self.file.name


@pytest.fixture(scope="module")
def applied(
    simulated_azure: SimulatedAzure,  # noqa: ARG001  it must be there
    prefect_server: Path,  # noqa: ARG001  the same
    tmp_path_factory: pytest.TempPathFactory,
) -> Applied:
    """Apply a topology of two regions once, for the tests that only look at it."""
    path = tmp_path_factory.mktemp("applied") / "applied.yaml"
    _write(path, "eastus", "westus")
    return Applied(path, asyncio.run(_apply(path)))


_subscriptions: dict[Path, str] = {}


def _write(path: Path, *regions: str) -> None:
    if not path.exists():
        _subscriptions[path] = next(UNUSED)
    text = _TEXT.format(name=path.stem, home=regions[0], subscription=_subscriptions[path])
    path.write_text(text + "".join(f"  {region}:\n" for region in regions))


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def _edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


async def _apply(path: Path) -> State:
    state: State = await apply_topology(str(path), return_state=True)
    return state


async def _regions(parent: State) -> dict[str, FlowRun]:
    """Return the subflow runs of a run, by name."""
    assert parent.state_details.flow_run_id is not None
    wanted = FlowRunFilter(
        parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[parent.state_details.flow_run_id])
    )
    async with get_client() as client:
        return {run.name: run for run in await client.read_flow_runs(flow_run_filter=wanted)}


async def _plan(parent: State) -> Plan:
    return await load_plan(str(parent.state_details.flow_run_id))


async def test_a_second_apply_writes_nothing(azure: SimulatedAzure, applied: Applied) -> None:
    """What was just applied is what is wanted."""
    second = await _apply(applied.file)

    assert (second.name, second.message, azure.writes) == ("Completed", "no changes", 0)


async def test_each_region_is_a_run_of_its_own(applied: Applied) -> None:
    """The parent's page shows a bar for each region."""
    runs = await _regions(applied.state)
    states = {name: run.state_name for name, run in runs.items()}

    assert states == {"eastus": "Completed", "westus": "Completed"}


async def test_the_run_graph_shows_what_needs_what(applied: Applied) -> None:
    """Edges in Prefect's run graph are the graph's own, within each flow run."""
    parent = applied.state
    runs = [*(await _regions(parent)).values()]
    drawn = {
        edge
        for run in [str(parent.state_details.flow_run_id), *(str(run.id) for run in runs)]
        for edge in await _drawn(run)
    }

    assert drawn == _expected(await _plan(parent))


async def _drawn(flow_run: str) -> set[tuple[str, str]]:
    """Return the edges between step tasks that the run-graph API gives, once it has all."""
    edges: set[tuple[str, str]] = set()
    async with get_client() as client:
        for _ in range(30):
            answer = await client._client.get(f"/flow_runs/{flow_run}/graph-v2")  # noqa: SLF001
            nodes = dict(answer.json()["nodes"])
            found = _edges(nodes)
            if found == edges and nodes:
                break
            edges = found
            await asyncio.sleep(1)  # the recorder writes in batches
    return edges


def _edges(nodes: dict[str, Any]) -> set[tuple[str, str]]:
    steps = {key: node["label"] for key, node in nodes.items() if ": " in node["label"]}
    return {
        (steps[above["id"]], steps[key])
        for key in steps
        for above in nodes[key]["parents"]
        if above["id"] in steps
    }


def _expected(plan: Plan) -> set[tuple[str, str]]:
    steps = {same_id(step.resource.id): step for step in plan.work}
    edges = set()
    for edge in plan.edges:
        need, step = steps[same_id(edge.need)], steps[same_id(edge.step)]
        if _flow_run(need) == _flow_run(step):
            edges.add((title(need), title(step)))
    return edges


def _flow_run(step: Any) -> str | None:
    return step.resource.region if step.resource.stage.is_regional else None


async def test_a_region_that_fails_is_taken_back_alone(azure: SimulatedAzure, file: Path) -> None:
    """One firewall fails for good: its region is empty again, the other is in place."""
    azure.fail(
        method="PUT",
        type="Microsoft.Network/azureFirewalls",
        region="westus",
        status=400,
        code="AzureFirewallSubnetNotFound",
        message="It fails for good.",
    )
    state = await _apply(file)
    runs = await _regions(state)
    states = {name: run.state_name for name, run in runs.items()}

    assert states == {"eastus": "Completed", "westus": "Failed", "take back westus": "Completed"}
    assert (state.name, state.is_failed()) == ("RolledBack", True)
    assert _regions_left(azure, file) == {"eastus"}


async def test_a_roll_back_that_meets_errors_goes_on_and_names_what_is_left(
    azure: SimulatedAzure, file: Path
) -> None:
    """In its state, and in a table; all else of the region is gone."""
    hub = f"vnet-{file.stem}-hub-westus"
    final = {"status": 403, "code": "ScopeLocked", "message": "It is locked.", "region": "westus"}
    azure.fail(method="PUT", type="Microsoft.Network/azureFirewalls", **final)
    azure.fail(method="DELETE", type="Microsoft.Network/virtualNetworks", name=hub, **final)

    state = await _apply(file)

    back = (await _regions(state))["take back westus"]
    left = {item["name"] for item in azure.list("virtualNetworks") if file.stem in item["id"]}
    assert back.state is not None
    assert f"westus: delete virtual network {hub} (" in str(back.state.message)
    assert "It is locked." in str(back.state.message)
    assert {name for name in left if "westus" in name} == {hub}
    async with get_client() as client:
        rows = await table_rows(client, back.id, f"{file.stem}-left")
    assert f"westus: delete virtual network {hub}" in {row["left"] for row in rows}


async def test_a_roll_back_that_cannot_read_says_how_it_is_done_later(
    azure: SimulatedAzure, file: Path
) -> None:
    """What the rollout came to is told all the same; the command then does it."""
    running = asyncio.create_task(_apply(file))
    await _cannot_be_read(azure)
    final = {"status": 403, "code": "ScopeLocked", "message": "It is locked."}
    azure.fail(method="PUT", type="Microsoft.Network/azureFirewalls", region="westus", **final)
    state = await running

    back, run = (await _regions(state))["take back westus"], state.state_details.flow_run_id
    assert state.message == "westus left in part; 1 other region in place"
    assert back.state is not None
    assert "nothing was taken back, for Azure cannot be read" in str(back.state.message)
    assert str(back.state.message).endswith(f"orrery rollback {file} {run} --region westus")
    azure.clear()
    await roll_back_run(str(run), "westus", str(file))
    assert _regions_left(azure, file) == {"eastus"}


async def _writes(azure: SimulatedAzure) -> None:
    """Return once a rollout writes."""
    while not azure.writes:  # noqa: ASYNC110  another process counts them
        await asyncio.sleep(0.05)


async def _cannot_be_read(azure: SimulatedAzure) -> None:
    """Refuse a list that every reading asks for, and no write, once a rollout writes."""
    await _writes(azure)
    refused = {"status": 403, "code": "AuthorizationFailed", "message": "Not any more."}
    azure.fail(method="GET", type="Microsoft.Authorization/policyAssignments", **refused)


def _regions_left(azure: SimulatedAzure, file: Path) -> set[str]:
    """Return the regions in which networks of a topology stand."""
    networks = (item for item in azure.list("virtualNetworks") if file.stem in item["id"])
    return {item["location"] for item in networks}


def _networks(azure: SimulatedAzure, name: str) -> dict[str, set[str]]:
    return {
        item["name"]: {subnet["name"] for subnet in item["properties"]["subnets"]}
        for item in azure.list("virtualNetworks")
        if name in item["id"]
    }


async def test_drift_ends_the_check_in_a_state_named_drift(
    azure: SimulatedAzure, applied: Applied, tmp_path: Path
) -> None:
    """A tag that someone took away is drift: a table and events say so, once, until it clears."""
    file = applied.copied_to(tmp_path)
    await _check(file, "Completed", "no drift")
    with _without_a_tag(azure, file, "region"):
        first = await _check(file, "Drift", "1 low")
        who = "owner: finance, reason: a new scheme, until: 2099-12-31"
        _append(file, f"compliance:\n  exemptions:\n    - {{property: tags.*, {who}}}\n")
        exempted = await _check(file, "Completed", "no drift; 1 exempted")

    assert [(row["state"], row["owner"], row["property"]) for row in first] == [
        ("new", "someone else", "tags.region")
    ]
    assert [row["state"] for row in exempted] == ["exempted"]
    assert await _events(file.stem) == ["orrery.finding.new"]


@contextmanager
def _without_a_tag(azure: SimulatedAzure, file: Path, name: str) -> Iterator[None]:
    """Take a tag from one of a topology's networks for a while, as someone else does."""
    network = next(item for item in azure.list("virtualNetworks") if file.stem in item["id"])
    tags = network["tags"]
    _set_tags(azure, network["id"], {key: value for key, value in tags.items() if key != name})
    try:
        yield
    finally:
        _set_tags(azure, network["id"], tags)


async def _check(file: Path, name: str, message: str) -> list[dict[str, Any]]:
    """Check, and return the rows of what was found."""
    state = await _checked(file)
    assert (state.name, state.message) == (name, message)
    return await _findings(state, file)


async def _checked(file: Path) -> State:
    state: State = await check_compliance(str(file), return_state=True)
    return state


async def _findings(state: State, file: Path) -> list[dict[str, Any]]:
    run = state.state_details.flow_run_id
    assert run is not None
    async with get_client() as client:
        return await table_rows(client, run, f"{file.stem}-drift")


def _set_tags(azure: SimulatedAzure, resource_id: str, tags: dict[str, str]) -> None:
    answer = azure.http.patch(
        resource_id, params={"api-version": "2024-03-01"}, json={"tags": tags}
    )
    answer.raise_for_status()


async def _events(topology: str) -> list[str]:
    """Return what happened to a topology's findings, once Prefect's server has it."""
    resources = {"id_prefix": [f"orrery.finding.{topology}."]}
    async with get_client() as client:
        for _ in range(30):
            asked = {"filter": {"resource": resources}}
            answer = await client._client.post("/events/filter", json=asked)  # noqa: SLF001
            if found := answer.json()["events"]:
                return [event["event"] for event in found]
            await asyncio.sleep(0.5)  # the server writes events in batches
    return []


async def test_two_runs_cannot_write_one_topology_at_once(
    azure: SimulatedAzure, file: Path
) -> None:
    """While one run holds the topology, a second is refused and compliance says so."""
    holds, ends = asyncio.Event(), asyncio.Event()

    @flow(name="hold")
    async def hold() -> None:
        async with hold_topology(file.stem):
            holds.set()
            await ends.wait()

    holding = asyncio.create_task(hold())
    await holds.wait()
    second = await _apply(file)
    check: State = await check_compliance(str(file), return_state=True)
    ends.set()
    await holding

    assert "another run holds" in str(second.message)
    assert check.name == "RolloutInProgress"
    assert azure.writes == 0


async def test_one_region_is_destroyed_and_the_next_apply_makes_it_again(
    azure: SimulatedAzure, file: Path
) -> None:
    """What others have in it stops it before the first write; the file keeps the region."""
    await _apply(file)
    before = _networks(azure, file.stem)
    table = f"/subscriptions/{_subscriptions[file]}/resourceGroups/rg-{file.stem}-westus"
    table += "/providers/Microsoft.Network/applicationSecurityGroups/theirs"
    version = {"api-version": "2024-03-01"}
    azure.http.put(table, params=version, json={"location": "westus"}).raise_for_status()
    azure.clear()
    held: State = await destroy_topology("westus", str(file), "westus", return_state=True)
    wrote = azure.writes
    azure.http.delete(table, params=version).raise_for_status()
    await asyncio.sleep(1)

    gone: State = await destroy_topology("westus", str(file), "westus", return_state=True)
    left = _networks(azure, file.stem)
    missing = await _findings(await _checked(file), file)
    again = await _apply(file)

    assert {row["owner"] for row in missing} == {"us"}
    assert (held.name, wrote) == ("HoldsForeign", 0)
    assert f"rg-{file.stem}-westus: it holds theirs, which is not ours" in str(held.message)
    assert gone.message == "nothing is left"
    assert {row["part"] for row in await _forecast(gone, file.stem)} == {"the plan"}
    assert left == {name: subnets for name, subnets in before.items() if "westus" not in name}
    assert (again.is_completed(), _networks(azure, file.stem)) == (True, before)


async def test_what_the_team_may_not_pay_for_is_refused_before_the_first_write(
    azure: SimulatedAzure, file: Path
) -> None:
    """The team's own rule, in the sentence that says so."""
    _append(file, "policies: {monthly_cost: 1000}\n")

    refused = await _apply(file)

    assert (refused.name, azure.writes) == ("Refused", 0)
    assert "the team's policies allow 1,000.00 (`policies.monthly_cost`)" in str(refused.message)


async def test_forecast_is_held_against_what_happened_and_teaches_the_next(
    applied: Applied, azure: SimulatedAzure
) -> None:
    """Every stage has ended, and what its steps took here is what they are expected to take."""
    name = applied.file.stem
    stages = await _forecast(applied.state, name)
    history = await read_history(name, AzureSettings(endpoint=azure.endpoint))
    elsewhere = await read_history(name, AzureSettings())

    assert {row["stage"] for row in stages} >= {"hub", "firewall", "spoke", "mesh", "routing"}
    assert [row for row in stages if not row["ratio"]] == []
    assert (history["create firewall"].count, elsewhere) == (2, {})


async def _forecast(state: State, name: str) -> list[dict[str, Any]]:
    """Return what a run shows of its forecast, stage by stage."""
    run = state.state_details.flow_run_id
    assert run is not None
    async with get_client() as client:
        return await table_rows(client, run, f"{name}-forecast")


async def test_what_is_protected_neither_goes_nor_loses_a_region(
    azure: SimulatedAzure, applied: Applied, tmp_path: Path
) -> None:
    """Not by destroy, and not by a line that left the file."""
    file = applied.copied_to(tmp_path)
    _edit(file, "  westus:\n", "")
    _append(file, "protect: true\n")

    smaller = await _apply(file)
    destroyed: State = await destroy_topology(file.stem, str(file), return_state=True)

    assert smaller.name == "Protected"
    assert f"delete firewall afw-{file.stem}-westus" in str(smaller.message)
    assert "write `protect: false`" in str(destroyed.message)
    assert (destroyed.is_failed(), azure.writes) == (True, 0)


# The spokes of a region that keeps its goal state, and the hubs that are joined to it.
_REST = {"prod-westus", "nonprod-westus", "hub-westus", "hub-eastus"}


async def test_destroy_leaves_nothing_and_apply_works_again(
    azure: SimulatedAzure, file: Path
) -> None:
    """The wrong name deletes nothing, the right one everything.

    Where a region keeps its goal state, what only comes after that goes all the same.
    """
    await _apply(file)
    refused: State = await destroy_topology("other", str(file), return_state=True)
    commits = "Microsoft.Network/networkManagers/commits"
    azure.fail(when="deployment", type=commits, region="westus", times=1)
    failed: State = await destroy_topology(file.stem, str(file), return_state=True)
    rest = {*_networks(azure, file.stem)}
    azure.clear()
    gone: State = await destroy_topology(file.stem, str(file), return_state=True)
    left = [item for item in azure.list("virtualNetworks") if file.stem in item["id"]]
    told, shown = [await Artifact.aget(f"{file.stem}-{key}") for key in ("plan", "topology")]
    again = await _apply(file)

    assert refused.is_failed()
    assert "#Routing-westus: DeploymentFailed" in str(failed.message)
    assert {name.split("-", 2)[-1] for name in rest} == _REST
    assert (gone.message, left) == ("nothing is left", [])
    assert told is not None
    assert shown is not None
    assert "-> 0.00 USD a month" in str(told.data)
    assert "after the run: goes: " in str(shown.data)
    assert again.is_completed()


def test_no_secret_is_in_prefects_database_or_storage(
    azure: SimulatedAzure, prefect_server: Path, applied: Applied
) -> None:
    """Credentials reach a run by its environment only."""
    database = Path(str(PREFECT_API_DATABASE_CONNECTION_URL.value()).split("///", 1)[1])
    files = [path for path in prefect_server.rglob("*") if path.is_file()]
    files += database.parent.glob(f"{database.name}*")
    found = [path for path in files if azure.secret.encode() in path.read_bytes()]

    assert found == []
    names = {path.name for path in files}
    assert {f"{applied.state.state_details.flow_run_id}.json", database.name} <= names


def _group(file: Path, region: str) -> str:
    return f"/subscriptions/{_subscriptions[file]}/resourceGroups/rg-{file.stem}-{region}"


def _others_make(azure: SimulatedAzure, group: str) -> None:
    theirs = {"location": "westus", "tags": {"owner": "another team"}}
    azure.http.put(group, json=theirs, params={"api-version": "2024-11-01"}).raise_for_status()


_HOOK = """
import sys
from pathlib import Path
from prefect import flow

@flow(name="reachability-probe")
def probe(regions: list[str]) -> None:
    seen = Path(sys.argv[1])
    seen.write_text(",".join(regions))
    if not seen.with_name("well").exists():
        raise RuntimeError("prod does not reach nonprod")

if __name__ == "__main__":
    probe.serve(name=sys.argv[2], print_starting_message=False)
"""


@asynccontextmanager
async def _hook(folder: Path, name: str) -> AsyncIterator[Path]:
    """Serve a deployment that notes for which regions it was run; yield where it does so.

    It fails until there is a file named `well` beside that.
    """
    script, seen = folder / "probe.py", folder / "seen"
    script.write_text(_HOOK)
    address = {
        "PREFECT_API_URL": str(PREFECT_API_URL.value()),
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    }
    serving = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(seen), name, env={**os.environ, **address}
    )
    try:
        async with get_client() as client:
            while not await _exists(client, f"reachability-probe/{name}"):
                assert serving.returncode is None
                await asyncio.sleep(0.5)
        yield seen
    finally:
        serving.terminate()
        await serving.wait()


async def _exists(client: PrefectClient, deployment: str) -> bool:
    try:
        await client.read_deployment_by_name(deployment)
    except ObjectNotFound:
        return False
    return True


async def test_a_hook_between_waves_says_whether_the_next_begins(
    azure: SimulatedAzure, file: Path
) -> None:
    """It is a deployment, run with the wave's regions, and once more by the run that goes on."""
    run = f"reachability-probe/{file.stem}"
    _append(file, f"rollout: {{canary: westus, check: [provisioning-states, {{run: {run}}}]}}\n")

    async with _hook(file.parent, file.stem) as seen:
        stopped = await _apply(file)
        written = [entry for entry in azure.written() if "-eastus" in entry["path"]]
        seen.with_name("well").touch()
        done = await _apply(file)

    assert (stopped.name, written, seen.read_text()) == ("Stopped", [], "westus")
    assert f"{run} ended Failed" in str(stopped.message)
    assert done.is_completed()
    assert _regions_left(azure, file) == {"eastus", "westus"}


async def test_a_hook_that_does_not_exist_is_told_before_the_first_write(
    azure: SimulatedAzure, file: Path
) -> None:
    """It would be found after the first wave otherwise."""
    _append(file, "rollout: {canary: westus, check: [{run: nobody/knows}]}\n")

    state = await _apply(file)

    assert (state.is_failed(), azure.writes) == (True, 0)
    assert "no deployment: nobody/knows" in str(state.message)


async def _answered(
    file: Path, *, approve: bool, meanwhile: Callable[[str], None] = lambda _shown: None
) -> State:
    """Apply, and answer the question as soon as the run is paused; first do something else.

    That is given what is shown with the question.
    """
    running = asyncio.create_task(_apply(file))
    async with get_client() as client:
        while not running.done():
            paused = await client.read_flow_runs(
                flow_run_filter=FlowRunFilter(
                    name=FlowRunFilterName(any_=[f"apply {file}"]),
                    state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Paused"])),
                )
            )
            if paused:
                state = paused[0].state
                assert state is not None
                shown = (state.state_details.run_input_keyset or {})["description"]
                meanwhile(str(await client.read_flow_run_input(paused[0].id, shown)))
                await resume(paused[0].id, approve=approve)
                break
            await asyncio.sleep(0.2)
    return await running


@pytest.mark.parametrize(("approve", "ends"), [(True, "Completed"), (False, "NotApproved")])
async def test_a_person_approves_the_plan_before_the_first_write(
    azure: SimulatedAzure,
    tmp_path: Path,
    approve: bool,  # noqa: FBT001
    ends: str,
) -> None:
    """What is not ticked is a no."""
    file = tmp_path / f"asked-{ends.lower()}.yaml"
    _write(file, "eastus")
    _append(file, "rollout: {approval_minutes: 2}\n")

    state = await _answered(file, approve=approve)

    assert (state.name, azure.writes > 0) == (ends, approve)


async def test_what_comes_in_the_way_while_a_person_is_asked_is_found_before_the_first_write(
    azure: SimulatedAzure, file: Path
) -> None:
    """With the question stands what the plan makes of traffic, and what it takes."""
    _append(file, "rollout: {approval_minutes: 2}\n")
    asked: list[str] = []

    def meanwhile(shown: str) -> None:
        asked.append(shown)
        _others_make(azure, f"{_group(file, 'westus')}")

    state = await _answered(file, approve=True, meanwhile=meanwhile)

    assert state.is_failed()
    assert _group(file, "westus") in str(state.message)
    assert [entry["path"] for entry in azure.written()] == [_group(file, "westus")]
    assert "Proved" in asked[0]
    assert "USD a month" in asked[0]


async def test_no_answer_in_time_is_a_no(azure: SimulatedAzure, file: Path) -> None:
    """A plan that nobody has looked at is not carried out."""
    _append(file, "rollout: {approval_minutes: 0.1}\n")

    state = await _apply(file)

    assert (state.name, azure.writes) == ("NotApproved", 0)


async def test_nothing_starts_in_a_freeze(azure: SimulatedAzure, file: Path) -> None:
    """The run says until when, and why."""
    window = "{start: 2020-01-01T00:00:00Z, end: 2999-01-01T00:00:00Z, reason: holidays}"
    _append(file, f"rollout: {{freeze: [{window}]}}\n")

    state = await _apply(file)

    assert (state.name, azure.writes) == ("Stopped", 0)
    assert "frozen until 2999-01-01T00:00:00+00:00: holidays" in str(state.message)


async def test_nothing_is_destroyed_in_a_freeze(
    azure: SimulatedAzure, applied: Applied, tmp_path: Path
) -> None:
    """It goes when the freeze is over."""
    file = applied.copied_to(tmp_path)
    window = "{start: 2020-01-01T00:00:00Z, end: 2999-01-01T00:00:00Z, reason: holidays}"
    _append(file, f"rollout: {{freeze: [{window}]}}\n")

    state = await destroy_topology(file.stem, str(file), return_state=True)

    assert (state.name, azure.writes) == ("Stopped", 0)


async def test_a_run_is_taken_back_later_region_by_region_or_whole(
    azure: SimulatedAzure, file: Path
) -> None:
    """From the plan in Prefect's storage; a second time nothing is to be taken back."""
    _append(file, "rollout: {canary: westus}\n")
    run = str((await _apply(file)).state_details.flow_run_id)

    one = await roll_back_run(run, "eastus", str(file), return_state=True)
    assert one.is_completed()
    assert _regions_left(azure, file) == {"westus"}

    await roll_back_run(run, None, str(file), return_state=True)
    again = await roll_back_run(run, None, str(file), return_state=True)
    left = [item["id"] for item in azure.list("virtualNetworks") if file.stem in item["id"]]
    assert (left, again.message) == ([], "nothing is to be taken back")
