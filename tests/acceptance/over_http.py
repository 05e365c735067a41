"""Plain HTTP to Prefect and to Azure: nothing of Orrery is used to look at what it did."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_PATIENCE = 240.0  # seconds for a run to end
_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True)
class PrefectOverHttp:
    """Prefect's API."""

    api: str

    def run(self, deployment: str, **parameters: Any) -> dict[str, Any]:
        """Run a deployment, wait until it has ended, and return its flow run."""
        return self.ended(self.start(deployment, **parameters))

    def start(self, deployment: str, **parameters: Any) -> dict[str, Any]:
        """Ask for a run of a deployment, as its page in the UI does."""
        found = self._get(f"/deployments/name/{deployment}")
        asked = {"parameters": parameters} if parameters else {}
        run: dict[str, Any] = self._post(f"/deployments/{found['id']}/create_flow_run", asked)
        return run

    def now(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """Return a run as it is now."""
        found: dict[str, Any] = self._get(f"/flow_runs/{run['id']}")
        return found

    def ended(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """Wait until a run has ended, and return it."""
        return self.until(run, lambda now: now["state_type"] in _ENDED)

    def until(
        self, run: Mapping[str, Any], is_so: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """Wait until something is so of a run, and return the run."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            now = self.now(run)
            if is_so(now):
                return now
            time.sleep(0.5)
        raise TimeoutError(f"{run['name']} is {self.now(run)['state_name']}")

    def called(self, name: str) -> list[dict[str, Any]]:
        """Return the runs of a name."""
        found: list[dict[str, Any]] = self._post(
            "/flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}}
        )
        return found

    def cancel(self, run: Mapping[str, Any]) -> None:
        """Cancel a run, with the request that the button in the UI sends."""
        state = {"type": "CANCELLING", "name": "Cancelling"}
        self._post(f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True})

    def answer(self, run: Mapping[str, Any], *, approve: bool) -> None:
        """Answer a paused run, with the request that its form in the UI sends."""
        self._post(f"/flow_runs/{run['id']}/resume", {"run_input": {"approve": approve}})

    def log(self, run: Mapping[str, Any]) -> list[str]:
        """Return the lines that a run has logged."""
        wanted = {"logs": {"flow_run_id": {"any_": [run["id"]]}}}
        return [entry["message"] for entry in self._post("/logs/filter", wanted)]

    def automations(self) -> dict[str, bool]:
        """Return the server's automations by name, and whether each is at work."""
        found = self._post("/automations/filter", {})
        return {entry["name"]: entry["enabled"] for entry in found}

    def start_no_proofs(self) -> None:
        """Switch off what starts a proof after each run, with the switch on its page in the UI.

        A proof is a process more, of ten seconds; tests/flows/test_remediation.py has it started.
        """
        for entry in self._post("/automations/filter", {}):
            if entry["name"] == "verify-reachability":
                self._send("PATCH", f"/automations/{entry['id']}", {"enabled": False})

    def has_ended(self, run: Mapping[str, Any]) -> bool:
        """Say whether a run is in a state that it does not leave."""
        return self.now(run)["state_type"] in _ENDED

    def not_ended(self) -> list[dict[str, Any]]:
        """Return the runs that read as if something were still to come of them."""
        wanted = {"state": {"type": {"any_": ["PENDING", "RUNNING", "PAUSED", "CANCELLING"]}}}
        scheduled = {"state": {"name": {"any_": ["Late", "AwaitingRetry"]}}}
        asked = ({"flow_runs": each} for each in (wanted, scheduled))
        return [run for each in asked for run in self._post("/flow_runs/filter", each)]

    def states(self) -> list[str]:
        """Return the names of the states of all runs that have begun."""
        runs = self._post("/flow_runs/filter", {})
        return [run["state_name"] for run in runs if run["state_type"] != "SCHEDULED"]

    def slots(self, limit: str) -> int:
        """Return how many slots of a concurrency limit are taken."""
        return int(self._get(f"/v2/concurrency_limits/{limit}")["active_slots"])

    def children(self, run: Mapping[str, Any]) -> dict[str, str]:
        """Return the states of a run's subflow runs, by name."""
        wanted = {"flow_runs": {"parent_flow_run_id": {"any_": [run["id"]]}}}
        return {
            child["name"]: child["state_name"] for child in self._post("/flow_runs/filter", wanted)
        }

    def table(self, run: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        """Return the rows of a table artifact of a run."""
        rows: list[dict[str, Any]] = json.loads(self.shown(run, key))
        return rows

    def shown(self, run: Mapping[str, Any], key: str) -> str:
        """Return what a run has published last under a key."""
        wanted = {"artifacts": {"flow_run_id": {"any_": [run["id"]]}, "key": {"any_": [key]}}}
        return str(self._post("/artifacts/filter", {**wanted, "sort": "CREATED_DESC"})[0]["data"])

    def _get(self, path: str) -> Any:
        return _answer(urllib.request.Request(f"{self.api}{path}"))  # noqa: S310  loopback

    def _post(self, path: str, body: Any) -> Any:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: Any) -> Any:
        headers = {"content-type": "application/json"}
        data = json.dumps(body).encode()
        url = f"{self.api}{path}"
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
        return _answer(request)


@dataclass(frozen=True)
class AzureOverHttp:
    """Azure Resource Manager, with a token of the environment's identity."""

    environment: Mapping[str, str]

    def log(self) -> list[dict[str, Any]]:
        """Return all writes that were sent, in their order."""
        log: list[dict[str, Any]] = self.control("GET", "log")["value"]
        return log

    def written(self, topology: str) -> list[dict[str, Any]]:
        """Return the writes that were sent for a topology, in their order."""
        return [
            entry
            for entry in self.log()
            if f"-{topology}-" in f"{entry['path'].replace('/', '-')}-"
        ]

    def get(self, path: str) -> Any:
        """Return what stands at a path."""
        return self._ask("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """Return the answer to an action."""
        return self._ask("POST", path, {} if body is None else body)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Use the simulator's own paths: faults and counts."""
        return self._ask(method, f"/_simulator/{path}", body)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        version, headers = "", {"content-type": "application/json"}
        if not path.startswith("/_"):
            version = "?api-version=2024-03-01"
            headers["authorization"] = f"Bearer {self.token()}"
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.environment['ORRERY_ARM_ENDPOINT']}{path}{version}"
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
        return _answer(request, self._tls)

    def token(self) -> str:
        """Return a token of the environment's identity."""
        asked = urllib.parse.urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": self.environment["AZURE_CLIENT_ID"],
                "client_secret": self.environment["AZURE_CLIENT_SECRET"],
                "scope": "https://management.azure.com/.default",
            }
        )
        authority, tenant = (
            self.environment[f"AZURE_{name}"] for name in ("AUTHORITY_HOST", "TENANT_ID")
        )
        request = urllib.request.Request(  # noqa: S310
            f"{authority}/{tenant}/oauth2/v2.0/token", asked.encode()
        )
        return str(_answer(request, self._tls)["access_token"])

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.environment["SSL_CERT_FILE"])


def _answer(request: urllib.request.Request, tls: ssl.SSLContext | None = None) -> Any:
    """Return the answer; 503 is asked again, as Prefect's own client does on SQLite."""
    for patience in range(30, -1, -1):
        try:
            with urllib.request.urlopen(request, timeout=30, context=tls) as answer:  # noqa: S310
                text = answer.read()
        except urllib.error.HTTPError as error:
            if error.code != _BUSY or not patience:
                raise
            time.sleep(1)
        else:
            return json.loads(text) if text else None
    raise TimeoutError(request.full_url)


_BUSY = 503
