"""A simulated Azure started by its own command, and commands run as a person runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments.local_stack import read_exports

ROOT = Path(__file__).parents[2]
_LONGEST_START = 30.0

Done = subprocess.CompletedProcess[str]
Orrery = Callable[..., Done]


@dataclass(frozen=True)
class Served:
    """A simulator that serves: its process, its folder and its clients' environment."""

    process: subprocess.Popen[bytes]
    folder: Path
    environment: dict[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a simulator by `orrery simulator` while a module's tests run."""
    with serving(tmp_path_factory.mktemp("simulator")) as found:
        yield found


@pytest.fixture
def orrery(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Orrery:
    """Run a command in a process of its own, against the simulator, with its own Prefect."""
    home = tmp_path_factory.getbasetemp() / "prefect"

    def run(*words: str, answer: str | None = None, **variables: str) -> Done:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")},
            **served.environment,
            "PREFECT_HOME": str(home),
            "DO_NOT_TRACK": "1",
            "COLUMNS": "200",
            **variables,
        }
        return command(*words, environment=environment, answer=answer)

    return run


def command(
    *words: str, environment: dict[str, str] | None = None, answer: str | None = None
) -> Done:
    """Run `orrery`, with a terminal where there is an answer; return output and exit code."""
    with _terminal(answer) as stdin:
        return subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", "orrery", *words],
            cwd=ROOT,
            env=environment,
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )


@contextmanager
def _terminal(answer: str | None) -> Iterator[int]:
    """Give a standard input: a terminal on which a person types the answer, or none."""
    if answer is None:
        yield subprocess.DEVNULL
        return
    person, terminal = os.openpty()
    try:
        os.write(person, f"{answer}\n".encode())
        yield terminal
    finally:
        os.close(terminal)
        os.close(person)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Serve a simulator until the block ends; it is stopped by SIGTERM."""
    words = ["simulator", "--port", "0", "--speed", "600", "--dir", str(folder)]
    words += ["--subscriptions", "4"]
    process = subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", "orrery", *words], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        exports, until = folder / "env.sh", time.monotonic() + _LONGEST_START
        while not exports.exists():
            assert process.poll() is None, "the simulator ended"
            assert time.monotonic() < until, "the simulator does not start"
            time.sleep(0.05)
        yield Served(process, folder, read_exports(exports.read_text()))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
