"""The parts of the local stack that need no Prefect: exports, the lock, the guard."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deployments import local_stack as stacks
from deployments.guard import descendants, end
from deployments.local_stack import (
    SERVER_SETTINGS,
    AlreadyRunningError,
    local_stack,
    read_exports,
)

_PARENT = (
    "import subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], "
    "start_new_session=True); print(child.pid, flush=True); time.sleep(60)"
)


def test_exports_are_read_as_a_shell_would() -> None:
    """Quotes are the shell's, and what is no export is left out."""
    text = "# told\nexport A=1\nexport B='two words'\nC=3\n"
    assert read_exports(text) == {"A": "1", "B": "two words"}


def test_a_second_start_says_what_runs(tmp_path: Path) -> None:
    """It starts nothing, and tells where the first one is and how to stop it."""
    told = {"process": 123, "ui": "http://127.0.0.1:1", "azure": "https://localhost:2"}
    (tmp_path / "running.json").write_text(json.dumps(told))
    with (tmp_path / "running.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(AlreadyRunningError) as refused, local_stack(tmp_path):
            pass
    for value in ("http://127.0.0.1:1", "https://localhost:2", "kill 123"):
        assert value in str(refused.value)
    assert not (tmp_path / "logs").exists()


def test_what_a_dead_stack_left_behind_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only who holds the lock runs; a file left by a crash stops nobody."""
    (tmp_path / "running.json").write_text("{}")

    def fail(*_all: object) -> None:
        raise stacks.StackError("it went on to start")

    monkeypatch.setattr("deployments.local_stack._Start.all", fail)
    with pytest.raises(stacks.StackError, match="it went on to start"), local_stack(tmp_path):
        pass


def test_a_process_is_ended_with_all_below_it_in_other_sessions_too() -> None:
    """Prefect's worker starts flow runs in sessions of their own."""
    with _parent() as parent:
        child = _child_of(parent)
        assert child in descendants([parent.pid])
        end([parent.pid], grace=10)
        parent.wait(timeout=10)
    assert not _lives(child)


def test_the_guard_ends_what_it_watches_when_its_parent_is_gone() -> None:
    """Its input ends when the parent does, whatever ended the parent."""
    with _parent() as parent:
        child = _child_of(parent)
        guard = subprocess.Popen([sys.executable, "-m", "deployments.guard"], stdin=subprocess.PIPE)
        guard.communicate(f"{parent.pid}\n".encode(), timeout=30)
        parent.wait(timeout=10)
    assert guard.returncode == 0
    assert not _lives(child)


def _parent() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True
    )


def _child_of(parent: subprocess.Popen[str]) -> int:
    assert parent.stdout is not None
    return int(parent.stdout.readline())


def _lives(process: int) -> bool:
    """Say whether a process lives; one that was orphaned needs a moment to be reaped."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        stat = Path(f"/proc/{process}/stat")
        try:
            os.kill(process, 0)
            if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return False
        except (ProcessLookupError, FileNotFoundError):
            return False
        time.sleep(0.05)
    return True


def test_the_server_rests_between_its_flushes() -> None:
    """Prefect 3.9 cuts the seconds to whole ones, and with 0 its server spins."""
    intervals = [int(float(SERVER_SETTINGS[name])) for name in SERVER_SETTINGS if "FLUSH" in name]

    assert intervals
    assert min(intervals) > 0
