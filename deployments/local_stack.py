"""All that a rollout needs, on this machine: a simulated Azure, a Prefect server, a worker.

Everything is kept below one folder and listens on the loopback address alone. Each
start begins with a new Azure, and so with a new Prefect database: a history of another
Azure would only mislead. Nothing here imports Prefect, which reads its settings when it
is imported: take `Stack.client_environment` into the environment first.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

POOL = "orrery"
_AUTOMATIONS = "deployments/automations.yaml"

Environment = dict[str, str]
Tell = Callable[[str], None]

# With its defaults Prefect's server falls a minute behind a thousand task runs; so it
# records them in batches. Measured: five times as many a second. The interval is cut to whole
# seconds, and with 0 the server spins for ever on a processor of its own (both seen in 3.9).
# Leases that are kept in memory end with the server, and a run that goes on could not renew
# its own.
_LEASE_STORAGES = "prefect.server.concurrency.lease_storage"
SERVER_SETTINGS = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": f"{_LEASE_STORAGES}.filesystem",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
_QUIET = {"DO_NOT_TRACK": "1", "PREFECT_CLI_PROMPT": "false"}
_PATIENCE = 120.0  # seconds for one process to be ready, on a slow machine


class StackError(RuntimeError):
    """A process of the stack that did not start; the message holds its last lines."""


class AlreadyRunningError(RuntimeError):
    """Another stack runs in this folder; the message says what and where."""


@dataclass(frozen=True)
class Stack:
    """A stack that runs: where Prefect and Azure are, and how their clients reach them.

    `client_environment` is for Prefect's clients and holds no credentials;
    `azure_environment` is what a worker has beside it. `parts` are the processes by name:
    prefect-server, simulator and worker.
    """

    ui: str
    azure: str
    client_environment: Environment
    azure_environment: Environment
    parts: Mapping[str, Part]


@contextmanager
def local_stack(
    folder: Path,
    *,
    speed: float = 60.0,
    subscriptions: int = 1,
    port: int = 0,
    tell: Tell = print,
) -> Iterator[Stack]:
    """Start a stack below a folder, deploy `prefect.yaml`, and end all of it at the end.

    Its Azure has so many subscriptions. Prefect's UI is at this port where it is free, else
    at any: 0 asks for none. What was
    started ends with the caller in whatever way the caller ends. Raises
    AlreadyRunningError if another stack runs in this folder, StackError if a part of
    this one does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    running = folder / "running.json"
    with _alone(folder / "running.lock", running) as lock, _guard(lock) as guard:
        start = _Start(folder, guard, _plain_environment(), speed, subscriptions, port)
        stack = start.all(tell)
        told = {"process": os.getpid(), "ui": stack.ui, "azure": stack.azure}
        running.write_text(json.dumps(told, indent=1) + "\n")
        try:
            yield stack
        finally:
            running.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Start:
    """The parts of a stack, started one beside the other."""

    folder: Path
    guard: _Guard
    plain: Environment
    speed: float
    subscriptions: int
    port: int
    parts: dict[str, Part] = field(default_factory=dict)

    def all(self, tell: Tell) -> Stack:
        """Start every part; return when a run can be asked for."""
        prefect_home = self.folder / "prefect"
        shutil.rmtree(prefect_home, ignore_errors=True)
        port = _free_port(self.port)
        client = {
            **self.plain,
            **_QUIET,
            "PREFECT_HOME": str(prefect_home.resolve()),
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        }
        tell("starting a simulated Azure and a Prefect server")
        server = self._server(client, port)
        azure = self._simulator()
        server.wait()
        tell("starting a worker, deploying the flows")
        self._worker(client, azure).wait()
        self._deploy(client)
        address = f"http://127.0.0.1:{port}"
        return Stack(address, azure["ORRERY_ARM_ENDPOINT"], client, azure, self.parts)

    def _server(self, client: Environment, port: int) -> Part:
        command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        health = f"{client['PREFECT_API_URL']}/health"
        settings = {**client, **SERVER_SETTINGS}
        return self._part("prefect-server", command, settings, lambda: _answers(health))

    def _simulator(self) -> Environment:
        """Start it and return its clients' environment, from the file that it writes."""
        folder = self.folder / "simulator"
        exports = folder / "env.sh"
        exports.unlink(missing_ok=True)
        command = ["simulator", "--port", "0", "--speed", str(self.speed), "--dir", str(folder)]
        command += ["--subscriptions", str(self.subscriptions)]
        self._part("simulator", command, self.plain, exports.exists).wait()
        return read_exports(exports.read_text())

    def _worker(self, client: Environment, azure: Environment) -> Part:
        """Start a worker, which makes its pool; it alone has the credentials."""
        command = ["prefect", "worker", "start", "--pool", POOL, "--type", "process"]
        settings = {"PREFECT_WORKER_QUERY_SECONDS": "1"}
        pool = f"{client['PREFECT_API_URL']}/work_pools/{POOL}"
        environment = {**client, **azure, **settings}
        return self._part("worker", command, environment, lambda: _answers(pool))

    def _deploy(self, client: Environment) -> None:
        """Deploy the flows, and have the server find runs whose process died."""
        deploy = ["prefect", "--no-prompt", "deploy", "--all"]
        create = ["prefect", "automation", "create", "--from-file", _AUTOMATIONS]
        for name, command in (("deploy", deploy), ("automations", create)):
            part = self._part(name, command, client, lambda: True)
            if part.process.wait(timeout=_PATIENCE) != 0:
                raise part.failure()

    def _part(
        self, name: str, command: list[str], environment: Environment, is_ready: IsReady
    ) -> Part:
        log = self.folder / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        part = Part(name, log, command, environment, is_ready, self.guard)
        part.start()
        self.parts[name] = part
        return part


IsReady = Callable[[], bool]


@dataclass
class Part:
    """One process of a stack: how it is started, and the process that now is it."""

    name: str
    log: Path
    command: list[str]
    environment: Environment
    is_ready: IsReady
    guard: _Guard
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it, for the first time or again after it has ended."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  our own commands
                [sys.executable, "-m", *self.command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us: we end them in our own order
            )
        self.guard.watch(self.process)

    def wait(self) -> None:
        """Return when it is ready; raise a StackError if it ends before, or takes too long."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            ready = self.is_ready()
            # Another's server may answer in the place of one that found its port taken.
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise self.failure()
            if ready:
                return
            time.sleep(0.1)

    def failure(self) -> StackError:
        """Return the error that tells why this part is not there."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        code = self.process.poll()
        what = "does not answer" if code is None else f"ended with {code}"
        return StackError("\n".join([f"{self.name} {what}; all of it is in {self.log}:", *lines]))


@dataclass(frozen=True)
class _Guard:
    """The process that ends the others when its input ends, as it does when we die."""

    pipe: IO[bytes]
    watched: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """Have a process ended with us."""
        self.watched.append(process)
        self.pipe.write(f"{process.pid}\n".encode())
        self.pipe.flush()


@contextmanager
def _guard(lock: int) -> Iterator[_Guard]:
    """Start a guard; at the end wait until it has ended all that it was given.

    It holds the lock as well, so that nobody starts while it is still at work.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "deployments.guard"],
        stdin=subprocess.PIPE,
        pass_fds=[lock],
        start_new_session=True,
    )
    if process.stdin is None:
        raise StackError("the guard has no input")
    guard = _Guard(process.stdin)
    try:
        yield guard
    finally:
        process.stdin.close()
        for ended in (process, *guard.watched):
            ended.wait()


@contextmanager
def _alone(lock: Path, running: Path) -> Iterator[int]:
    with lock.open("wb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(_what_runs(running)) from None
        yield held.fileno()


def _what_runs(running: Path) -> str:
    try:
        told = json.loads(running.read_text())
    except (OSError, ValueError):
        return f"another stack is starting or ending in {running.parent}; try again in a minute"
    return (
        f"it runs already, in process {told['process']}:\n"
        f"  Prefect's UI     {told['ui']}\n"
        f"  simulated Azure  {told['azure']}\n"
        f"Stop it with Ctrl-C where it runs, or with: kill {told['process']}"
    )


def read_exports(text: str) -> Environment:
    """Return what a shell file of `export NAME=value` lines exports."""
    lines = (shlex.split(line) for line in text.splitlines())
    exports = (line[1].partition("=") for line in lines if line and line[0] == "export")
    return {name: value for name, _, value in exports}


def _plain_environment(outer: Mapping[str, str] = os.environ) -> Environment:
    """Return the environment less any other Prefect, Azure or simulator.

    What listens on loopback is reached without a proxy.
    """
    foreign = ("PREFECT_", "AZURE_", "ORRERY_")
    plain = {name: value for name, value in outer.items() if not name.startswith(foreign)}
    for name in ("NO_PROXY", "no_proxy"):
        plain[name] = ",".join(filter(None, [outer.get(name), "127.0.0.1,localhost"]))
    return plain


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StackError("no port is free on 127.0.0.1")


def _answers(address: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004  HTTP's OK
    except (urllib.error.URLError, OSError):
        return False
