"""Where simulated time comes from: everything in the simulator asks a `Clock`."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Simulated time; it never goes back."""

    # The date on which simulated time was nought.
    began: datetime

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

    def __init__(
        self, speed: float = 1.0, *, passed: float = 0.0, began: datetime | None = None
    ) -> None:
        self.speed = speed
        self.began = began or datetime.now(UTC)
        self._passed = passed
        self._started = time.monotonic()

    def now(self) -> float:
        """Return what had passed before, and the seconds of this clock times the speed."""
        return self._passed + (time.monotonic() - self._started) * self.speed

    def wall(self) -> datetime:
        """Return the date that simulated time began plus the simulated seconds since."""
        return self.began + timedelta(seconds=self.now())

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

    began = _EPOCH

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
        return self.began + timedelta(seconds=self.now())

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

    began = _EPOCH

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """Return the seconds advanced so far."""
        return self._now

    def wall(self) -> datetime:
        """Return a fixed date plus the seconds advanced."""
        return self.began + timedelta(seconds=self._now)

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


class Present:
    """A clock that can be held, so that all that belongs together sees one moment.

    A request is answered in the moment it came, and late work is done in the moment it
    was due: what comes of it then depends on that moment alone, and not on how fast the
    machine is or on who asked in between.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.began = clock.began
        self._held: float | None = None

    def now(self) -> float:
        """Return the moment at hand, or where none is held the time of the clock beneath."""
        return self._clock.now() if self._held is None else self._held

    def wall(self) -> datetime:
        """Return the moment at hand as a date."""
        return self.began + timedelta(seconds=self.now())

    def watch(self) -> datetime:
        """Return what the clock beneath says of a client's watch."""
        return self._clock.watch()

    def retry_after(self, seconds: float) -> str:
        """Return what the clock beneath makes of a wait."""
        return self._clock.retry_after(seconds)

    async def sleep(self, seconds: float) -> None:
        """Wait as the clock beneath does."""
        await self._clock.sleep(seconds)

    @contextmanager
    def held(self, moment: float) -> Iterator[None]:
        """Let it be this moment within the block."""
        before, self._held = self._held, moment
        try:
            yield
        finally:
            self._held = before
