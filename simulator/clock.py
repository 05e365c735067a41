"""Where simulated time comes from: everything in the simulator asks a `Clock`."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Simulated time; it never goes back."""

    def now(self) -> float:
        """Return the seconds of simulated time since the start."""

    def wall(self) -> datetime:
        """Return simulated time as a date."""

    def watch(self) -> datetime:
        """Return the date that a client's own watch shows: tokens live by it."""

    def retry_after(self, seconds: float) -> str:
        """Return the Retry-After value that lets a client wait this long in simulated time."""

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds of simulated time have passed."""


def _short(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".") or "0"


class RealClock:
    """Time that runs `speed` times as fast as the machine's.

    Retry-After shrinks by the same factor: a client that honours it feels no speed.
    azure-core reads the header of a poll as a float, so fractions of a second are fine;
    the app moves those of an accepted write into another header.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._started = time.monotonic()
        self._began = datetime.now(UTC)

    def now(self) -> float:
        """Return the seconds since this clock was made, times the speed."""
        return (time.monotonic() - self._started) * self.speed

    def wall(self) -> datetime:
        """Return the date this clock was made plus the simulated seconds since."""
        return self._began + timedelta(seconds=self.now())

    def watch(self) -> datetime:
        """Return the machine's time, which no speed changes."""
        return datetime.now(UTC)

    def retry_after(self, seconds: float) -> str:
        """Return the wait divided by the speed, at least a millisecond."""
        return _short(max(seconds / self.speed, 0.001))

    async def sleep(self, seconds: float) -> None:
        """Wait for the seconds divided by the speed."""
        await asyncio.sleep(seconds / self.speed)


class LoopClock:
    """The time of the running event loop: for tests on a loop whose time is virtual."""

    def __init__(self) -> None:
        self._started: float | None = None

    def now(self) -> float:
        """Return the loop's seconds since this clock was first asked."""
        current = asyncio.get_running_loop().time()
        if self._started is None:
            self._started = current
        return current - self._started

    def wall(self) -> datetime:
        """Return a fixed date plus the loop's seconds."""
        return _EPOCH + timedelta(seconds=self.now())

    def watch(self) -> datetime:
        """Return the machine's time: a loop that skips its waits skips no client's watch."""
        return datetime.now(UTC)

    def retry_after(self, seconds: float) -> str:
        """Return the wait as it is: the loop skips it."""
        return _short(seconds)

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop."""
        await asyncio.sleep(seconds)


class ManualClock:
    """Time that stands still until a test advances it."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """Return the seconds advanced so far."""
        return self._now

    def wall(self) -> datetime:
        """Return a fixed date plus the seconds advanced."""
        return _EPOCH + timedelta(seconds=self._now)

    def watch(self) -> datetime:
        """Return the same date: the test is the client."""
        return self.wall()

    def retry_after(self, seconds: float) -> str:
        """Return the wait as it is."""
        return _short(seconds)

    async def sleep(self, seconds: float) -> None:
        """Return at once: whoever waits lets the time pass."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass."""
        self._now += seconds
