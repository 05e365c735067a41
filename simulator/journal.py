"""State in a folder: every request that changed the world, written down before its answer.

A world depends on its seed and on the requests that moved it, each at its simulated time,
and on nothing else. So they are all that is kept. The folder holds

    world.json     the form of this folder, the seed, and how simulated time runs
    journal.jsonl  a line for each request: {"at": 12.5, "method": "PUT", "path": ...}

and whoever opens it again repeats the requests in the moments in which they came. Time
goes on while nobody serves the world, as it does in Azure.
"""

import asyncio
import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.clock import RealClock
from simulator.incoming import Request

_FORMAT = 1

_log = logging.getLogger(__name__)


class StateError(Exception):
    """A folder whose world cannot be served; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when a request came, what it was, and the status of its answer.

    A status of None is an answer that nobody got.
    """

    at: float
    request: Request
    status: int | None

    def line(self) -> bytes:
        """Return the entry as it is written: no header but those a resource type may see."""
        request = self.request
        values = {
            "at": self.at,
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": request.heeded,
            "base": request.base_url,
            "principal": request.principal,
            "body": request.raw.decode("utf-8", "surrogateescape"),
            "status": self.status,
        }
        return json.dumps(values, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Entry":
        """Return the entry of a line, or raise a ValueError."""
        try:
            values = json.loads(line)
            request = Request(
                values["method"],
                values["path"],
                values["query"],
                values["headers"],
                values["body"].encode("utf-8", "surrogateescape"),
                values["base"],
                values["principal"],
            )
            return cls(values["at"], request, values["status"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(str(error)) from error


class Journal:
    """The folder of one world; it belongs to one process at a time."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        """Take a folder, new or used, or raise a `StateError`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "journal.jsonl"
        self._file = _locked(self._path)
        self._written = self._synced = 0
        self._syncing = asyncio.Lock()
        self._broken = False
        try:
            self._lines = self._complete_lines()
            self._world = _World.of(folder / "world.json", seed, is_new=not self._lines)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the folder back."""
        os.close(self._file)

    def clock(self, speed: float) -> RealClock:
        """Return the clock of a run, which starts where time has got to in the meantime.

        Time ran on at the speed it had last. It never goes back before the last entry,
        also where the machine's own clock was set back.
        """
        last = self._entry(len(self._lines)).at if self._lines else 0.0
        passed = max(self._world.passed(), last)
        self._world.run(passed, speed)
        return RealClock(speed, passed=passed, began=self._world.began)

    # --- what is there ----------------------------------------------------------------

    def entries(self) -> Iterator[Entry]:
        """Yield what was written by earlier runs, oldest first."""
        for number in range(1, len(self._lines) + 1):
            yield self._entry(number)

    def _entry(self, number: int) -> Entry:
        try:
            return Entry.from_line(self._lines[number - 1])
        except ValueError as error:
            raise StateError(
                f"{self._path} is damaged in line {number} ({error}): cut the file off before "
                "that line to go on from there, or take another folder"
            ) from error

    def _complete_lines(self) -> list[bytes]:
        """Return the lines, less one that a kill cut short: nobody was told of that request."""
        whole, _, torn = self._path.read_bytes().rpartition(b"\n")
        if torn:
            _log.warning("%s: dropped a last line that was cut short", self._path)
            os.ftruncate(self._file, len(whole) + 1 if whole else 0)
        return whole.split(b"\n") if whole else []

    def refuse_difference(self, number: int, entry: Entry, status: int | None) -> None:
        """Raise unless a request that was repeated got the answer that it had got."""
        if status != entry.status:
            raise StateError(
                f"{self._path}, line {number}: {entry.request.method} {entry.request.path} was "
                f"answered {entry.status} and is now answered {status}; the folder was written "
                "by another version of the simulator: start that one, or take another folder"
            )

    # --- what is written --------------------------------------------------------------

    def append(self, entry: Entry) -> None:
        """Write an entry; it is safe when `kept` has returned."""
        line = entry.line()
        self._written += 1
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError:
            _log.exception("%s cannot be written", self._path)
            self._broken = True

    async def kept(self) -> None:
        """Return when all that was written so far is on the disk, or raise a `StateError`.

        Those who wait at the same time share one wait for the disk. Once it has failed,
        the world is ahead of its journal, and nobody is told anything any more.
        """
        wanted = self._written
        async with self._syncing:
            if self._synced < wanted and not self._broken:
                reached = self._written
                try:
                    await asyncio.to_thread(os.fdatasync, self._file)
                except OSError:
                    _log.exception("%s cannot be written", self._path)
                    self._broken = True
                self._synced = reached
        if self._broken:
            raise StateError(f"{self._path} could not be written: start the simulator anew")


@dataclass
class _World:
    """What world.json tells: when time began, and how it runs since it was last told."""

    path: Path
    seed: int
    began: datetime
    at: float
    wall: float
    speed: float

    @classmethod
    def of(cls, path: Path, seed: int, *, is_new: bool) -> "_World":
        """Return what the file tells; a folder without one is a world that begins now."""
        if is_new and not path.exists():
            made = cls(path, seed, datetime.now(UTC), 0.0, time.time(), 1.0)
            made.save()
            return made
        values = _read(path)
        if values.get("format") != _FORMAT:
            raise StateError(
                f"{path} has format {values.get('format')}, this simulator reads {_FORMAT}: "
                "start the version that made it, or take another folder"
            )
        if values["seed"] != seed:
            raise StateError(
                f"the world of {path} was made with seed {values['seed']}, not {seed}: start it "
                "with its own, or take another folder"
            )
        began = datetime.fromisoformat(values["began"])
        return cls(path, seed, began, **values["clock"])

    def passed(self) -> float:
        """Return the simulated time that it is by now."""
        return self.at + max(0.0, time.time() - self.wall) * self.speed

    def run(self, at: float, speed: float) -> None:
        """Let time run on from this moment at this speed."""
        self.at, self.wall, self.speed = at, time.time(), speed
        self.save()

    def save(self) -> None:
        """Write the file, whole or not at all."""
        clock = {"at": self.at, "wall": self.wall, "speed": self.speed}
        began = self.began.isoformat()
        values = {"format": _FORMAT, "seed": self.seed, "began": began, "clock": clock}
        draft = self.path.with_suffix(".tmp")
        with draft.open("w") as file:
            file.write(json.dumps(values, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        _sync_folder(self.path.parent)


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text())
    except (ValueError, FileNotFoundError):
        return {}
    return values if isinstance(values, dict) else {}


def _locked(path: Path) -> int:
    """Open the journal for this process alone; the lock goes with the process."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(file)
        raise StateError(
            f"another simulator serves the world of {path.parent}: stop it, or take another folder"
        ) from error
    return file


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
