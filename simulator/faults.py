"""Faults are ordinary input: values that tests and operators write, and requests meet."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from simulator.fault import Fault, Stage, Target


class ConnectionDroppedError(Exception):
    """The connection ended without an answer; a transport turns this into its own error."""

    # Simulated seconds until it ends.
    delay: float = 0.0


class ConnectionHungError(ConnectionDroppedError):
    """The connection stays open and no answer ever comes: a client's own patience ends it."""


@dataclass(slots=True, eq=False)
class _InForce:
    """A fault that was given: since when, and how often it may still strike."""

    fault: Fault
    since: float
    left: int | None

    def is_over(self, now: float) -> bool:
        """Tell whether its time has passed or its number is used up."""
        until = self.fault.until
        return self.left == 0 or (until is not None and now >= self.since + until)

    def is_on(self, now: float) -> bool:
        """Tell whether its time has come."""
        return now >= self.since + self.fault.after


class Faults:
    """The faults in force, oldest first; the first that hits is met.

    Chance is seeded and apart from that of the world: the same requests in the same order
    meet the same faults, and faults change no duration.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._in_force = [_InForce(fault, 0.0, fault.times) for fault in faults]
        self._now: Callable[[], float] = lambda: 0.0
        self._random = random.Random(0)  # noqa: S311 - chance, not secrecy
        # Grows with everything that makes the next request meet other faults.
        self.changes = 0
        # What was last asked for: the same again meets the same faults.
        self.asked: tuple[Stage, Target] | None = None

    def bind(self, now: Callable[[], float], seed: int) -> None:
        """Use this time and this seed, those of the world that has the faults."""
        self._now = now
        self._random.seed(f"faults of {seed}")

    @property
    def active(self) -> list[Fault]:
        """Return the faults in force, with the times that are left to each."""
        if not self._in_force:
            return []
        self._forget()
        return [item.fault.model_copy(update={"times": item.left}) for item in self._in_force]

    def add(self, **fields: Any) -> Fault:
        """Put a fault in force from now on; the fields are those of `Fault`."""
        fault = Fault(**fields)
        self.extend([fault])
        return fault

    def extend(self, faults: Iterable[Fault]) -> None:
        """Put faults in force from now on."""
        for fault in faults:
            timed = fault.after or fault.until is not None
            self._in_force.append(_InForce(fault, self._now() if timed else 0.0, fault.times))
            self.changes += 1

    def clear(self) -> None:
        """Lift all faults."""
        self._in_force.clear()
        self.changes += 1

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no fault at all."""
        return not self._in_force

    def has(self, stage: Stage) -> bool:
        """Tell whether anything in force strikes at this stage."""
        return any(stage in item.fault.stages for item in self._in_force)

    def first(self, stage: Stage, target: Target) -> Fault | None:
        """Return the first fault that strikes here, and count it as met."""
        return next(iter(self._struck(stage, target)), None)

    def all(self, stage: Stage, target: Target) -> list[Fault]:
        """Return every fault that strikes here, and count them as met."""
        return list(self._struck(stage, target))

    def _struck(self, stage: Stage, target: Target) -> Iterable[Fault]:
        if not self._in_force:
            return
        self.asked = (stage, target)
        self._forget()
        now = self._now()
        for item in list(self._in_force):
            fault = item.fault
            meant = stage in fault.stages and item.is_on(now) and fault.hits(target)
            if meant and self._by_chance(fault):
                if item.left is not None:
                    item.left -= 1
                    self.changes += 1
                yield fault

    def _by_chance(self, fault: Fault) -> bool:
        if fault.probability == 1:
            return True
        self.changes += 1
        return self._random.random() < fault.probability

    def _forget(self) -> None:
        now = self._now()
        self._in_force = [item for item in self._in_force if not item.is_over(now)]
