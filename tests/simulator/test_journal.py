"""State in a folder: what was answered is there again after a restart, however it ended.

Every other test here that does not change its world by hand shows it too: see `app` in
conftest.py.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.faults import ConnectionDroppedError, Faults
from simulator.journal import Journal, StateError
from simulator.settings import Settings
from tests.simulator.azure import GROUP, NETWORK, SUBSCRIPTION, Azure, a_network, code_of, signed_in
from tests.simulator.manager import MANAGER, MESH, a_group, a_mesh, commit, put, statuses
from tests.simulator.serving import Served, serving
from tests.simulator.worlds import differences, facts

NETWORKS = "Microsoft.Network/virtualNetworks"


@contextmanager
def served(folder: Path, clock: ManualClock, faults: Faults | None = None) -> Iterator[Starlette]:
    """Serve the world of a folder within the block."""
    with closing(Journal(folder)) as journal:
        yield create_app(clock, journal=journal, faults=faults)


@asynccontextmanager
async def azure_of(
    folder: Path, clock: ManualClock, faults: Faults | None = None
) -> AsyncIterator[Azure]:
    """Speak to the world of a folder; a new one gets the group `rg`."""
    with served(folder, clock, faults) as app:
        async with signed_in(app) as client:
            azure = Azure(client, clock)
            if not app.state.world.store.get(GROUP.lower()):
                await azure.put(GROUP, {"location": "westeurope"})
            yield azure


def lines(folder: Path) -> list[dict[str, Any]]:
    """Return the entries of a journal."""
    return [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]


# -- what is there again -----------------------------------------------------------------


async def test_what_was_answered_is_there_after_a_restart(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Bodies are the same to the etag and the GUID."""
    async with azure_of(tmp_path, clock) as azure:
        before = await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    async with azure_of(tmp_path, clock) as azure:
        assert await azure.get("virtualNetworks/v") == before


async def test_what_was_deleted_stays_away(tmp_path: Path, clock: ManualClock) -> None:
    """A delete is as safe as a write."""
    async with azure_of(tmp_path, clock) as azure:
        await azure.made("virtualNetworks/v", a_network())
        await azure.delete("virtualNetworks/v")
    clock.advance(3600)
    async with azure_of(tmp_path, clock) as azure:
        assert (await azure.ask("GET", "virtualNetworks/v")).status_code == 404


async def test_an_operation_in_flight_ends_when_it_would_have(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Its URL answers after the restart, and time that passed in between counts."""
    async with azure_of(tmp_path, clock) as azure:
        response = await azure.put("virtualNetworks/v", a_network())
    async with azure_of(tmp_path, clock) as azure:
        assert (await azure.poll(response)).json() == {"status": "InProgress"}
        refused = await azure.put("virtualNetworks/v", a_network("10.1.0.0/16"))
        assert code_of(refused) == "AnotherOperationInProgress"
    clock.advance(60)
    async with azure_of(tmp_path, clock) as azure:
        assert (await azure.poll(response)).json() == {"status": "Succeeded"}


async def test_a_commit_in_flight_is_deployed_after_the_restart(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Goal states are made again from the commits, and not from what is configured now."""
    async with azure_of(tmp_path, clock) as azure:
        await azure.made("virtualNetworks/v", a_network())
        await a_group(azure, "g", "v")
        await put(azure, MESH, a_mesh("g"))
        await commit(azure, "Connectivity", MESH)
        await put(azure, MESH, a_mesh("g", is_global="False"))
    clock.advance(3600)
    async with azure_of(tmp_path, clock) as azure:
        assert [item["deploymentStatus"] for item in await statuses(azure)] == ["Deployed"]
        body = {"regions": ["westeurope"]}
        path = f"{MANAGER}/listActiveConnectivityConfigurations"
        active = (await azure.ask("POST", path, body)).json()["value"]
        assert [item["properties"]["isGlobal"] for item in active] == ["True"]


async def test_faults_stay_in_force_over_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    """Those that were used up stay used up, also where a read did it."""
    fault = {"type": NETWORKS, "method": "GET", "code": "Busy", "status": 503, "times": 2}
    async with azure_of(tmp_path, clock) as azure:
        await azure.ask("POST", "/_simulator/faults", [fault])
        assert code_of(await azure.ask("GET", "virtualNetworks")) == "Busy"
    async with azure_of(tmp_path, clock) as azure:
        assert code_of(await azure.ask("GET", "virtualNetworks")) == "Busy"
    async with azure_of(tmp_path, clock) as azure:
        assert (await azure.ask("GET", "virtualNetworks")).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"token": "expired", "times": 2},
        {"throttle": "empty", "type": NETWORKS, "method": "PUT", "times": 2},
        {"token": "refused", "times": 2},
        {"status": 503, "times": 3, "probability": 0.5},
        {"stale": 60, "times": 2},
    ],
    ids=str,
)
async def test_faults_of_every_stage_strike_on_as_they_would_have(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    """At the door and within, by number and by chance: a restart between makes no difference."""
    told = []
    for restarts in (False, True):
        folder, clock = tmp_path / str(restarts), ManualClock()
        async with azure_of(folder, clock) as azure:
            await azure.ask("POST", "/_simulator/faults", fault)
            seen = await _statuses(azure)
            if not restarts:
                told.append(seen + await _statuses(azure))
        if restarts:
            async with azure_of(folder, clock) as azure:
                told.append(seen + await _statuses(azure))
    assert told[0] == told[1]


async def _statuses(azure: Azure) -> list[int]:
    """Ask for a token, write and read, and return what came of each."""
    settings = Settings()
    form = {
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "grant_type": "client_credentials",
        "scope": "https://management.azure.com/.default",
    }
    token = await azure.client.post(f"/{settings.tenant_id}/oauth2/v2.0/token", data=form)
    azure.clock.advance(30)
    written = await azure.put("virtualNetworks/v", a_network(f"10.{int(azure.clock.now())}.0.0/16"))
    read = await azure.ask("GET", "virtualNetworks/v")
    return [token.status_code, written.status_code, read.status_code]


async def test_faults_given_at_the_start_replace_those_in_force(
    tmp_path: Path, clock: ManualClock
) -> None:
    """A run that is started with faults twice has them once; the past is not touched."""
    async with azure_of(tmp_path, clock) as azure:
        await azure.made("virtualNetworks/v", a_network())
    for _ in range(2):
        faults = Faults()
        faults.add(type=NETWORKS, times=None)
        async with azure_of(tmp_path, clock, faults) as azure:
            assert len((await azure.get("/_simulator/faults"))["value"]) == 1
            assert (await azure.ask("GET", "virtualNetworks/v")).status_code == 500


async def test_a_write_whose_answer_was_lost_happened_all_the_same(
    tmp_path: Path, clock: ManualClock
) -> None:
    """So it did in the run that lost it."""
    async with azure_of(tmp_path, clock) as azure:
        await azure.ask("POST", "/_simulator/faults", {"type": NETWORKS, "drop": "after"})
        with pytest.raises(ConnectionDroppedError):
            await azure.put("virtualNetworks/v", a_network())
    async with azure_of(tmp_path, clock) as azure:
        assert (await azure.ask("GET", "virtualNetworks/v")).status_code == 200


# -- what is written ---------------------------------------------------------------------


async def _a_life(azure: Azure, *, watched: bool) -> None:
    """Do a little of everything; ask all the time what there is, or never."""
    paths = (
        "virtualNetworks/v",
        "virtualNetworks",
        "virtualNetworks/v/subnets",
        f"{SUBSCRIPTION}/resources",
        MANAGER,
        "/_simulator/effective",
        "/_simulator/requests",
        f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope/usages",
    )

    async def look() -> None:
        azure.clock.advance(7)
        if watched:
            for path in paths:
                await azure.ask("GET", path)
            for action in ("listDeploymentStatus", "listActiveConnectivityConfigurations"):
                await azure.ask("POST", f"{MANAGER}/{action}", {})

    for step in range(3):
        path = f"virtualNetworks/v{step}"
        response = await azure.put(path, a_network(f"10.{step}.0.0/16", a=f"10.{step}.0.0/24"))
        await look()
        if watched:
            await azure.poll(response)
        await azure.put(f"{path}/subnets/b", {"properties": {"addressPrefix": f"10.{step}.1.0/24"}})
        await azure.put(f"{path}/subnets/c", {"properties": {"addressPrefix": f"10.{step}.2.0/24"}})
        await look()
        await a_group(azure, "g", f"v{step}")
        await put(azure, MESH, a_mesh("g"))
        await look()
        await commit(azure, "Connectivity", MESH)
        await look()
        await azure.delete("virtualNetworks/v1")
        await look()


async def test_who_asks_what_there_is_changes_nothing(tmp_path: Path) -> None:
    """Neither chance nor the order of what happens later depends on reads, lists and polls."""
    worlds = []
    for watched in (False, True):
        folder, clock = tmp_path / str(watched), ManualClock()
        with served(folder, clock) as app:
            async with signed_in(app) as client:
                azure = Azure(client, clock)
                await azure.put(GROUP, {"location": "westeurope"})
                await _a_life(azure, watched=watched)
            worlds.append(facts(app.state.world))
    assert differences(worlds[0], worlds[1]) == []
    assert lines(tmp_path / "True") == lines(tmp_path / "False")


async def test_a_refusal_that_changed_nothing_is_not_written(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Clients that try again and again do not make the journal longer."""
    async with azure_of(tmp_path, clock) as azure:
        before = len(lines(tmp_path))
        await azure.put("virtualNetworks/v", {"location": "atlantis"})
        await azure.delete("virtualNetworks/nobody")
        assert len(lines(tmp_path)) == before


async def test_the_journal_holds_no_secret(tmp_path: Path, clock: ManualClock) -> None:
    """No token, no header that carries one, and no request for one."""
    settings = Settings()
    form = {
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "grant_type": "client_credentials",
        "scope": "https://management.azure.com/.default",
    }
    async with azure_of(tmp_path, clock) as azure:
        path = f"/{settings.tenant_id}/oauth2/v2.0/token"
        token = (await azure.client.post(path, data=form)).json()["access_token"]
        await azure.put("virtualNetworks/v", a_network(), Authorization=f"Bearer {token}")
    written = (tmp_path / "journal.jsonl").read_text() + (tmp_path / "world.json").read_text()
    assert lines(tmp_path)[-1]["path"] == f"{NETWORK}/virtualNetworks/v"
    for secret in (token, token.rpartition(".")[2], "Bearer", settings.client_secret):
        assert secret not in written


async def test_nobody_is_told_what_could_not_be_written(tmp_path: Path, clock: ManualClock) -> None:
    """On a full disk there is no answer, neither to the write nor to whoever reads after it."""
    with closing(Journal(tmp_path)) as journal:
        app = create_app(clock, journal=journal)
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, journal._file)  # noqa: SLF001 - the file is what fails
        os.close(full)
        async with signed_in(app) as client:
            for method in ("PUT", "GET"):
                with pytest.raises(StateError, match="could not be written"):
                    await Azure(client, clock).ask(method, GROUP, {"location": "westeurope"})


# -- the folder --------------------------------------------------------------------------


async def test_a_last_line_that_was_cut_short_is_dropped(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A kill in the middle of a write: nobody was told of that request."""
    async with azure_of(tmp_path, clock) as azure:
        await azure.made("virtualNetworks/v", a_network())
        await azure.put("virtualNetworks/w", a_network())
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-10])
    async with azure_of(tmp_path, clock) as azure:
        assert "cut short" in caplog.text
        assert (await azure.ask("GET", "virtualNetworks/w")).status_code == 404
        await azure.made("virtualNetworks/w", a_network())
    async with azure_of(tmp_path, clock) as azure:
        assert (await azure.ask("GET", "virtualNetworks/w")).status_code == 200


async def test_a_line_damaged_in_the_middle_is_refused(tmp_path: Path, clock: ManualClock) -> None:
    """What comes after it was acknowledged: nothing is guessed."""
    async with azure_of(tmp_path, clock) as azure:
        await azure.made("virtualNetworks/v", a_network())
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[5:])
    with pytest.raises(StateError, match="damaged in line 1"), served(tmp_path, clock):
        pass


def test_a_folder_serves_one_simulator_at_a_time(tmp_path: Path, clock: ManualClock) -> None:
    """The second is told; when the first has ended, however, it may."""
    with (
        served(tmp_path, clock),
        pytest.raises(StateError, match="another simulator serves"),
        served(tmp_path, clock),
    ):
        pass
    with served(tmp_path, clock):
        pass


@pytest.mark.parametrize(
    ("field", "value", "said"), [("format", 0, "format 0"), ("seed", 7, "made with seed 7, not 1")]
)
def test_a_world_of_another_kind_is_refused(
    tmp_path: Path, clock: ManualClock, field: str, value: int, said: str
) -> None:
    """The message says what to do."""
    with served(tmp_path, clock):
        pass
    path = tmp_path / "world.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(StateError, match=said) as refused, served(tmp_path, clock):
        pass
    assert "or take another folder" in str(refused.value)


async def test_a_journal_without_its_world_is_refused(tmp_path: Path, clock: ManualClock) -> None:
    """Its seed is not known, nor when it began."""
    async with azure_of(tmp_path, clock):
        pass
    (tmp_path / "world.json").unlink()
    with pytest.raises(StateError, match="has format None"):
        Journal(tmp_path)


async def test_a_simulator_that_would_answer_otherwise_is_refused(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Its world would not be the one that clients have seen."""
    async with azure_of(tmp_path, clock) as azure:
        await azure.made("virtualNetworks/v", a_network())
    journal = tmp_path / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"status":201}', '"status":202}'))
    with pytest.raises(StateError, match="was answered 202 and is now answered 201"):
        served(tmp_path, clock).__enter__()


# -- kill -9 -----------------------------------------------------------------------------


@dataclass
class Acknowledged:
    """What a client was told before the server died, and what it never heard of."""

    there: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def write(self, server: Served, first: int, enough: Event) -> None:
        """Make tables and delete every third again until the server is gone."""
        with server.client() as client:
            for number in count(first):
                name = f"t{number}"
                if not self._written(client, name, is_third=number % 3 == 0):
                    return
                if number - first == 20:
                    enough.set()

    def _written(self, client: httpx.Client, name: str, *, is_third: bool) -> bool:
        path = f"{NETWORK}/routeTables/{name}"
        try:
            client.put(path, json={"location": "westeurope"}).raise_for_status()
            self.there.add(name)
            if is_third:
                while client.delete(path).status_code != 202:
                    pass
                self.gone.add(name)
                self.there.discard(name)
        except httpx.TransportError:
            # Nobody knows what became of the last write.
            self.there.discard(name)
            return False
        return True


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    """Three times in the middle of writes by two clients, at another speed each time."""
    clients = [Acknowledged(), Acknowledged()]
    for run in range(3):
        words = ("--state", str(tmp_path / "state"), "--speed", str(600 * (run + 1)))
        with serving(tmp_path, *words) as server, server.client() as client:
            client.put(GROUP, json={"location": "westeurope"}).raise_for_status()
            if run == 2:
                listed = client.get(f"{NETWORK}/routeTables").json()["value"]
                break
            enough = Event()
            with ThreadPoolExecutor() as pool:
                for position, told in enumerate(clients):
                    first = 1_000 * (2 * run + position)
                    pool.submit(told.write, server, first, enough)
                enough.wait(60)
                server.process.kill()
    states = {item["name"]: item["properties"]["provisioningState"] for item in listed}
    for told in clients:
        assert min(len(told.there), len(told.gone)) > 5
        assert told.there - {name for name, state in states.items() if state != "Deleting"} == set()
        assert {states.get(name, "Deleting") for name in told.gone} == {"Deleting"}


# -- time --------------------------------------------------------------------------------


def _ago(folder: Path, seconds: float) -> None:
    """Let the folder's last run have started so many seconds ago."""
    path = folder / "world.json"
    told = json.loads(path.read_text())
    told["clock"]["wall"] -= seconds
    path.write_text(json.dumps(told))


def test_time_goes_on_while_nobody_serves(tmp_path: Path) -> None:
    """At the speed of the last run, so that it is later than any client has seen."""
    with closing(Journal(tmp_path)) as journal:
        began = journal.clock(speed=60).began
    _ago(tmp_path, 100)
    with closing(Journal(tmp_path)) as journal:
        clock = journal.clock(speed=1)
    assert 6000 <= clock.now() < 6100
    assert clock.began == began
    with closing(Journal(tmp_path)) as journal:
        assert 6000 <= journal.clock(speed=1).now() < 6100


async def test_time_never_goes_back_before_what_is_written(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Also where the machine's clock was set back."""
    async with azure_of(tmp_path, clock) as azure:
        azure.clock.advance(500)
        await azure.put("virtualNetworks/v", a_network())
    _ago(tmp_path, -3600)
    with closing(Journal(tmp_path)) as journal:
        assert journal.clock(speed=60).now() >= 500
