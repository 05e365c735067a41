"""Whether the process of a run lives: known at once on its own machine, from its beats elsewhere.

Prefect itself does not know: the run of a process that died reads Running for ever, and the
slots that it held stay taken, for five minutes or, when the server died as well, for ever:
its leases are in memory by default, the slots in its database (both seen with 3.9).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.objects import FlowRun

from tasks.beside import beside
from tasks.in_passing import AWAY

# Seconds between beats; after which a run that could not beat ends itself; and after which
# others think that it is dead.
_BEAT = 5.0
_LOST = 60.0
SILENCE = 75.0
_KEPT = 86400.0  # for the file of a dead run, which tells that it is dead
_GRACE = 20.0  # for a process to end whose main thread has ended

# Of Linux: it goes on while a machine sleeps, when others hear nothing of it.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _now() -> float:
    return time.clock_gettime(_CLOCK)


class Life(Enum):
    """What is known of a process."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "not known yet"


@asynccontextmanager
async def signs_of_life(run: UUID) -> AsyncIterator[None]:
    """Show within the block that the process of this run lives, to whoever asks a `Watch`.

    The block is cancelled when Prefect could not be told for a minute: others may write
    soon after.
    """
    _end_with_the_main_thread()
    heart = _Heart(asyncio.current_task(), asyncio.get_running_loop())
    with _locked_file(run), heart.watched():
        async with beside(_beat(run, heart)):
            yield


@dataclass
class Watch:
    """Looks at runs again and again, until it is known of each whether its process lives.

    Clocks of two machines are never compared: what counts is for how long, by our own
    clock, Prefect has heard nothing of a run.
    """

    clock: Callable[[], float] = _now
    _heard: dict[UUID, tuple[datetime | None, float]] = field(default_factory=dict)

    def look(self, run: FlowRun) -> Life:
        """Say what is known by now of a run, as it was just read."""
        if _lives_here(run.id) is False:
            return Life.DEAD
        now = self.clock()
        heard, since = self._heard.setdefault(run.id, (run.updated, now))
        if run.updated != heard:
            return Life.ALIVE
        return Life.DEAD if now - since > SILENCE else Life.UNKNOWN


def forget(run: UUID) -> None:
    """Remove what the process of a dead run has left on this machine, if it ran here."""
    _file(run).unlink(missing_ok=True)


# -- on one machine ----------------------------------------------------------------------


@contextmanager
def _locked_file(run: UUID) -> Iterator[None]:
    """Lock a file that bears the run's id: however the process ends, the kernel unlocks it.

    It appears locked, so that nobody sees it in between.
    """
    _sweep()
    path = _file(run)
    draft = path.with_suffix(f".{os.getpid()}")
    with draft.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        draft.replace(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _lives_here(run: UUID) -> bool | None:
    """Say whether a run's process lives on this machine; None if it did not run here."""
    return _is_locked(_file(run))


def _is_locked(path: Path) -> bool | None:
    try:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def _sweep() -> None:
    """Remove what killed processes left here and nobody asked about for long."""
    for path in _file("*").parent.glob(_file("*").name):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _KEPT and _is_locked(path) is False:
                path.unlink()


def _file(run: UUID | str) -> Path:
    return Path(tempfile.gettempdir()) / f"orrery-run-{run}.lock"


# -- from anywhere -----------------------------------------------------------------------


@dataclass
class _Heart:
    """When Prefect last heard of this process, and what happens when that is long ago."""

    task: asyncio.Task[Any] | None
    loop: asyncio.AbstractEventLoop
    last: float = field(default_factory=_now)
    _still: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look after the heart from a thread, which goes on when the loop does not."""
        threading.Thread(target=self._look_after, name="orrery-heart", daemon=True).start()
        try:
            yield
        finally:
            self._still.set()

    def _look_after(self) -> None:
        while not self._still.wait(1.0):
            if self.task is not None and _now() - self.last > _LOST:
                self.loop.call_soon_threadsafe(self.task.cancel)
                return


@cache
def _end_with_the_main_thread() -> None:
    """Have this process end soon after its main thread, once and for all.

    SIGTERM tears Prefect's engine out of its loop, and then the process waits for threads
    that never end: seen with 3.9, when the worker of a run was killed. It would go on
    renewing its lease and sending Prefect's own heartbeats.
    """

    def end() -> None:
        threading.main_thread().join()
        time.sleep(_GRACE)
        os._exit(1)

    threading.Thread(target=end, name="orrery-end", daemon=True).start()


async def _beat(run: UUID, heart: _Heart) -> None:
    """Let Prefect hear of a run: a write of any label moves its `updated`."""
    async with get_client() as client:
        while True:
            with contextlib.suppress(*AWAY):
                await client.update_flow_run_labels(run, {"orrery.beats": True})
                heart.last = _now()
            await asyncio.sleep(_BEAT)
