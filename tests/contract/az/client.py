"""`az` in an environment of its own, signed in to a simulator of its own."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[3]
_HOME = _ROOT / ".soak" / "az"
_PACKAGE = "azure-cli==2.91.0"
_LONGEST_START = 30
_LONGEST_COMMAND = 120
# A firewall takes under a second.
_SPEED = "600"

# A second principal, who has no role to begin with.
GUEST = "00000000-0000-4000-8000-00000000ee01"
GUEST_OBJECT = "00000000-0000-4000-8000-00000000ee02"
GUEST_SECRET = "as-a-guest"


class UnavailableError(Exception):
    """There is no az to be had: the package index is out of reach."""


class UnexpectedError(Exception):
    """A command or its answer was not what it should be."""


@dataclass
class Az:
    """Runs commands, and counts them and what was checked of their answers."""

    program: Path
    environment: Mapping[str, str]
    commands: int = 0
    checks: int = 0

    @property
    def endpoint(self) -> str:
        """Return the address of Resource Manager."""
        return self.environment["ORRERY_ARM_ENDPOINT"]

    def __call__(self, command: str, body: Any = None) -> Any:
        """Run a command that succeeds, and return the JSON that it prints."""
        done = self._run(command, body)
        if done.returncode:
            raise UnexpectedError(f"az {command}\n{done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, command: str, words: str) -> None:
        """Run a command that Azure refuses in words that the operator must see."""
        done = self._run(command, None)
        self.check(f"az {command} fails", bool(done.returncode), wanted=True)
        self.check(f"az {command} says {words}", words in done.stderr, wanted=True)

    def check(self, what: str, found: Any, wanted: Any) -> None:
        """Raise unless something is as it should be."""
        self.checks += 1
        if found != wanted:
            raise UnexpectedError(f"{what}: {found!r} instead of {wanted!r}")

    def login(self, client_id: str, secret: str) -> str:
        """Return the command that signs a service principal in."""
        tenant = self.environment["AZURE_TENANT_ID"]
        who = f"--username {client_id} --tenant {tenant}"
        return f"login --service-principal {who} --password {shlex.quote(secret)}"

    def rest(self, method: str, path: str, version: str, body: Any = None) -> Any:
        """Send one request to Resource Manager."""
        joint = "&" if "?" in path else "?"
        url = shlex.quote(f"{self.endpoint}{path}{joint}api-version={version}")
        return self(f"rest --method {method} --url {url}", body)

    def _run(self, command: str, body: Any) -> subprocess.CompletedProcess[str]:
        words = [str(self.program), *shlex.split(command)]
        if body is not None:
            words += ["--body", json.dumps(body)]
        self.commands += 1
        return subprocess.run(  # noqa: S603 - the az that was installed here
            words,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=_LONGEST_COMMAND,
            check=False,
        )


def installed() -> Path:
    """Return az's own program, installed into `.soak/az` when it is not there yet."""
    program = _HOME / "bin" / "az"
    marker = _HOME / _PACKAGE
    if marker.exists():
        return program
    shutil.rmtree(_HOME, ignore_errors=True)
    make = [sys.executable, "-m", "venv", str(_HOME)]
    install = [str(_HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", _PACKAGE]
    for words in (make, install):
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
        if done.returncode:
            raise UnavailableError(done.stderr.strip().splitlines()[-1])
    marker.touch()
    return program


@contextmanager
def simulator(folder: Path) -> Iterator[dict[str, str]]:
    """Serve a simulator while the block runs, and yield the environment that leads to it."""
    others = folder / "principals.yaml"
    others.write_text(
        f"[{{client_id: {GUEST}, object_id: {GUEST_OBJECT}, secret: {GUEST_SECRET}}}]"
    )
    words = [sys.executable, "-m", "simulator", "--speed", _SPEED, "--dir", str(folder)]
    words += ["--principals", str(others)]
    with subprocess.Popen(words, cwd=_ROOT, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - our own module
        try:
            yield _environment(process, folder / "env.sh")
        finally:
            process.terminate()
            process.wait(timeout=_LONGEST_START)


def _environment(process: subprocess.Popen[bytes], file: Path) -> dict[str, str]:
    until = time.monotonic() + _LONGEST_START
    while not file.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise UnexpectedError("the simulator did not start")
        time.sleep(0.05)
    lines = [line.removeprefix("export ") for line in file.read_text().splitlines()]
    pairs = [line.partition("=") for line in lines]
    return {name: shlex.split(value)[0] for name, _, value in pairs}


def registered(program: Path, exported: Mapping[str, str], folder: Path) -> Az:
    """Return az with the simulator as its cloud, and nobody signed in yet."""
    own = {
        "AZURE_CONFIG_DIR": str(folder),
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        # Entra is asked whether it knows an authority: the simulator is none of its own.
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "AZURE_CORE_ONLY_SHOW_ERRORS": "true",
        # az is a thousand modules: read as source at every command it takes four times as long.
        "PYTHONDONTWRITEBYTECODE": "",
    }
    az = Az(program, {**os.environ, **exported, **own})
    az(f"cloud register --name simulated --endpoint-resource-manager {az.endpoint}")
    az("cloud set --name simulated")
    return az
