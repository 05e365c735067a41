"""Long-running operations: what runs, on what, until when, and how it ended."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from simulator.arm.timeline import Timeline

# Retry-After of successive polls that still say InProgress (recordings.md section 4).
_LONG = (10.0, 20.0, 20.0, 40.0, 40.0, 80.0, 160.0, 100.0)
_SHORT = (1.0, 2.0, 4.0, 8.0, 16.0)
_LONG_FROM = 10.0


@dataclass(slots=True, eq=False)
class Operation:
    """One asynchronous write; it holds its `locks` until it is done."""

    guid: str
    name: str
    target: str
    location: str
    api_version: str
    retry_after: float
    family: Any
    locks: frozenset[str]
    ends: float
    deleting: bool = False
    constant_polls: bool = False
    status: str = "InProgress"
    error: dict[str, Any] | None = None
    polls: int = 0
    url: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Tell whether it has ended, well or badly."""
        return self.status != "InProgress"

    def next_poll(self) -> float:
        """Return the seconds until the next poll, which grow as polls go by."""
        if self.constant_polls:
            return self.retry_after
        schedule = _LONG if self.retry_after >= _LONG_FROM else _SHORT
        wait = schedule[min(self.polls, len(schedule) - 1)]
        self.polls += 1
        return wait


class Operations:
    """The operations of all time, and which ids the running ones keep busy."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._by_guid: dict[str, Operation] = {}
        self._holders: dict[str, Operation] = {}

    def get(self, guid: str) -> Operation | None:
        """Return the operation with this id in any case."""
        return self._by_guid.get(guid.lower())

    def holder(self, key: str) -> Operation | None:
        """Return the running operation that keeps this id busy."""
        return self._holders.get(key)

    def first_holder(self, keys: Iterable[str]) -> Operation | None:
        """Return a running operation that keeps any of these ids busy."""
        return next((self._holders[key] for key in keys if key in self._holders), None)

    def start(self, operation: Operation, when_done: Callable[[], None]) -> Operation:
        """Let an operation run until its time, then release its locks and call back."""
        self._by_guid[operation.guid.lower()] = operation
        for key in operation.locks:
            self._holders[key] = operation
        self._timeline.at(operation.ends, lambda: self._finish(operation, when_done))
        return operation

    def note(self, operation: Operation) -> None:
        """Remember an operation that ended before it began: its URL must still answer."""
        self._by_guid[operation.guid.lower()] = operation

    def _finish(self, operation: Operation, when_done: Callable[[], None]) -> None:
        operation.status = "Failed" if operation.error else "Succeeded"
        for key in operation.locks:
            if self._holders.get(key) is operation:
                del self._holders[key]
        when_done()
