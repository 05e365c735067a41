"""A real Prefect server, and our Azure on a socket: what flows are tested with."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.testing.utilities import prefect_test_harness

from simulator.settings import subscriptions
from tests.life.listening import in_the_way

SPEED = 600  # simulated seconds in a real one
SUBSCRIPTIONS = 60  # one a test: two managers cannot share a scope
UNUSED = iter(subscriptions(SUBSCRIPTIONS))


@dataclass
class SimulatedAzure:
    """The simulator as its users reach it: by HTTPS, and by its control paths."""

    endpoint: str
    http: httpx.Client
    secret: str
    since: int = 0

    def clear(self) -> None:
        """Forget faults and counts; from here on `written` starts."""
        self.since = max((entry["seq"] for entry in self.written()), default=self.since)
        self.http.delete("/_simulator/faults").raise_for_status()
        self.http.delete("/_simulator/requests").raise_for_status()

    def fail(self, **fault: Any) -> None:
        """Answer matching requests with an error, for good unless `times` is given."""
        self.http.post("/_simulator/faults", json=[{"times": None} | fault]).raise_for_status()

    @property
    def writes(self) -> int:
        """Return how many writes were asked for since the counts were forgotten."""
        return int(self.http.get("/_simulator/requests").json()["writes"])

    def written(self) -> list[dict[str, Any]]:
        """Return all writes since `clear`, in their order."""
        answer = self.http.get("/_simulator/log", params={"since": self.since})
        log: list[dict[str, Any]] = answer.json()["value"]
        return log

    def list(self, arm_type: str) -> list[dict[str, Any]]:
        """Return all resources of a type in all subscriptions, by plain HTTP."""
        found: list[dict[str, Any]] = []
        for subscription in subscriptions(SUBSCRIPTIONS):
            path = f"/subscriptions/{subscription}/providers/Microsoft.Network/{arm_type}"
            answer = self.http.get(path, params={"api-version": "2024-03-01"})
            answer.raise_for_status()
            found += answer.json()["value"]
        return found


@pytest.fixture(scope="package")
def simulated_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedAzure]:
    """Serve one simulator for the tests of flows, and have the environment lead to it."""
    with simulating(tmp_path_factory.mktemp("simulator"), SUBSCRIPTIONS) as reached:
        yield reached


@contextmanager
def simulating(folder: Path, subscriptions: int) -> Iterator[SimulatedAzure]:
    """Serve a simulator; meanwhile the environment leads to it."""
    command = [sys.executable, "-m", "simulator", "--speed", str(SPEED), "--dir", str(folder)]
    command += ["--subscriptions", str(subscriptions)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            process.stdout.readline()
            exported = _exports(folder / "env.sh")
            with pytest.MonkeyPatch.context() as patch:
                for name, value in exported.items():
                    patch.setenv(name, value)
                reached = _reach(exported)
                yield reached
                reached.http.close()
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture(scope="package")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Start a Prefect server of its own, as long as flows are tested; its folder is given."""
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _FASTER.items():
            patch.setenv(name, value)
        patch.setenv("PREFECT_HOME", str(home))
        patch.setenv("PREFECT_LOCAL_STORAGE_PATH", str(home / "storage"))
        with prefect_test_harness(server_startup_timeout=90):
            yield home


# Measured: with the defaults the server records ten times slower than flows report. Below a
# second the interval is cut to 0, and the server spins (deployments/local_stack.py).
_FASTER = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_LOGGING_TO_API_ENABLED": "true",
}


@pytest.fixture
def azure(simulated_azure: SimulatedAzure, prefect_server: Path) -> Iterator[SimulatedAzure]:  # noqa: ARG001
    """Give the simulator without faults and counts; Prefect's server runs beside it.

    Whatever a test asks: no write of ours is in the way of another. What somebody else writes
    (`others.py`) may meet ours.
    """
    simulated_azure.clear()
    yield simulated_azure
    ours = [item for item in simulated_azure.written() if not item["path"].endswith("/partner")]
    assert in_the_way(ours) == []


def _exports(file: Path) -> dict[str, str]:
    lines = re.findall(r"^export (\w+)=(.*)$", file.read_text(), re.MULTILINE)
    return {name: value.strip("'\"") for name, value in lines}


def _reach(exported: dict[str, str]) -> SimulatedAzure:
    endpoint, secret = exported["ORRERY_ARM_ENDPOINT"], exported["AZURE_CLIENT_SECRET"]
    http = httpx.Client(
        base_url=endpoint,
        verify=ssl.create_default_context(cafile=exported["SSL_CERT_FILE"]),
        timeout=30,
    )
    token = http.post(
        f"/{exported['AZURE_TENANT_ID']}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": exported["AZURE_CLIENT_ID"],
            "client_secret": secret,
            "scope": "https://management.azure.com/.default",
        },
    )
    http.headers["authorization"] = f"Bearer {token.json()['access_token']}"
    return SimulatedAzure(endpoint, http, secret)


@pytest.fixture(scope="session", autouse=True)
def _quiet_children() -> None:
    """Let processes that tests start say nothing of their own warnings."""
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
