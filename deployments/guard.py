"""A process that outlives its parent by seconds, to end what the parent started.

`python -m deployments.guard` reads process ids from its standard input, a line each.
When the input ends, because the parent closed it or died in whatever way, it ends these
processes and all below them, and then itself.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_LOOK_EVERY = 2.0  # seconds: what has lost its parent since then is known from before
_GRACE = 10.0  # seconds between asking and killing; a Prefect server takes some


def main() -> None:
    """Watch until the input ends, then end what was named and what it started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    family = _watch(sys.stdin.fileno())
    end(family)


def _watch(source: int) -> set[int]:
    family: set[int] = set()
    text = b""
    while True:
        ready, _, _ = select.select([source], [], [], _LOOK_EVERY)
        if ready:
            read = os.read(source, 4096)
            if not read:
                return family
            text += read
            *lines, text = text.split(b"\n")
            family |= {int(line) for line in lines}
        family = set(_alive(family | descendants(family)))


def end(processes: Iterable[int], grace: float = _GRACE) -> None:
    """End processes and all below them: asked first, killed after a time of grace."""
    family = set(processes)
    family |= descendants(family)
    _send(family, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        family = set(_alive(family | descendants(family)))
        if not family:
            return
        time.sleep(0.1)
    _send(family, signal.SIGKILL)


def descendants(processes: Iterable[int]) -> set[int]:
    """Return all living processes below these, in whatever session."""
    below: dict[int, set[int]] = {}
    for process, parent in _parents():
        below.setdefault(parent, set()).add(process)
    found: set[int] = set()
    waiting = list(processes)
    while waiting:
        new = below.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """Yield each living process with its parent."""
    processes = Path("/proc")
    if not (processes / "self" / "stat").exists():
        yield from _parents_by_ps()
        return
    for stat in processes.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                yield int(stat.parent.name), int(parent)


def _parents_by_ps() -> Iterator[tuple[int, int]]:
    asked = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    listed = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603
    for line in listed.stdout.splitlines():
        process, parent, state = line.split()
        if not state.startswith("Z"):
            yield int(process), int(parent)


def _alive(processes: Iterable[int]) -> Iterator[int]:
    living = {process for process, _ in _parents()}
    return (process for process in processes if process in living)


def _send(processes: Iterable[int], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


if __name__ == "__main__":
    main()
