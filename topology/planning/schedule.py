"""When each step may start: after what it needs, alone where Azure insists, longest first.

The schedule is a state machine without a clock. Whoever acts asks `take` for a step,
and tells `done` or `fail`; several may share one schedule, each taking its own steps.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from enum import StrEnum

from topology.graph import expected_seconds, locks
from topology.kind import Locks, same_id
from topology.planning.plan import Nothing, Plan, Step


class Progress(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_over(self) -> bool:
        """Say whether the step will not change any more."""
        return self in {Progress.DONE, Progress.FAILED, Progress.SKIPPED}


class Schedule:
    """The steps of a plan, and which of them may start now."""

    def __init__(self, plan: Plan) -> None:
        self.steps: dict[str, Step] = {same_id(step.resource.id): step for step in plan.steps}
        self.progress: dict[str, Progress] = dict.fromkeys(self.steps, Progress.WAITING)
        self.needs: dict[str, dict[str, bool]] = {key: {} for key in self.steps}
        self._followers: dict[str, set[str]] = {key: set() for key in self.steps}
        for edge in plan.edges:
            self._add(same_id(edge.step), same_id(edge.need), edge.orders_only)
        self.remaining = self._remaining_seconds([same_id(s.resource.id) for s in plan.steps])
        self._locks: dict[str, Locks] = {}
        self._alone: set[str] = set()
        self._shared: dict[str, int] = {}
        self._ready: list[tuple[float, str]] = []
        self._parked: dict[str, list[tuple[float, str]]] = {}  # until this lock is free
        for key in self.steps:
            self._consider(key)

    def take(self, mine: Callable[[Step], bool]) -> Step | None:
        """Return the step of mine to start now, the one with the longest way to go.

        None says that nothing of mine may start before something else ends.
        """
        passed: list[tuple[float, str]] = []
        taken: Step | None = None
        while self._ready and taken is None:
            entry = heapq.heappop(self._ready)
            step = self.steps[entry[1]]
            if self.progress[entry[1]] is not Progress.WAITING:
                continue
            if not mine(step):
                passed.append(entry)
            elif lock := self._waits_for(step):
                self._parked.setdefault(lock, []).append(entry)
            else:
                taken = step
        for entry in passed:
            heapq.heappush(self._ready, entry)
        if taken is not None:
            self._occupy(taken)
        return taken

    def done(self, step: Step) -> None:
        """Say that a step has ended well."""
        self._end(step, Progress.DONE)

    def fail(self, step: Step) -> list[Step]:
        """Say that a step failed for good; return what is skipped because of it."""
        self._end(step, Progress.FAILED)
        return self._skip_followers(same_id(step.resource.id))

    def skip(self, steps: Iterable[Step]) -> list[Step]:
        """Give up steps that have not started, and what needs them; return all of these."""
        skipped: list[Step] = []
        for step in steps:
            key = same_id(step.resource.id)
            if self.progress[key] is Progress.WAITING and not isinstance(step, Nothing):
                self._set_over(key, Progress.SKIPPED)
                skipped += [step, *self._skip_followers(key)]
        return skipped

    def is_over(self, mine: Callable[[Step], bool]) -> bool:
        """Say whether nothing of mine is waiting or running."""
        return all(self.progress[key].is_over for key, step in self.steps.items() if mine(step))

    def progress_of(self, step: Step) -> Progress:
        """Return where a step stands."""
        return self.progress[same_id(step.resource.id)]

    # -- inside --------------------------------------------------------------------------

    def _add(self, step: str, need: str, orders_only: bool) -> None:  # noqa: FBT001
        hard = not orders_only
        self.needs[step][need] = self.needs[step].get(need, False) or hard
        self._followers[need].add(step)

    def _remaining_seconds(self, ordered: list[str]) -> dict[str, float]:
        remaining: dict[str, float] = {}
        for key in reversed(ordered):
            after = max((remaining.get(name, 0.0) for name in self._followers[key]), default=0.0)
            step = self.steps[key]
            own = 0.0 if isinstance(step, Nothing) else expected_seconds(step.resource)
            remaining[key] = own + after
        return remaining

    def _consider(self, key: str) -> None:
        """Make a step ready if all that it needs is over; what does nothing is done at once."""
        if self.progress[key] is not Progress.WAITING:
            return
        if not all(self.progress[need].is_over for need in self.needs[key]):
            return
        if isinstance(self.steps[key], Nothing):
            self._set_over(key, Progress.DONE)
        else:
            heapq.heappush(self._ready, (-self.remaining[key], key))

    def _set_over(self, key: str, progress: Progress) -> None:
        self.progress[key] = progress
        for follower in sorted(self._followers[key]):
            self._consider(follower)

    def _skip_followers(self, key: str) -> list[Step]:
        skipped: list[Step] = []
        for follower in sorted(self._followers[key]):
            step = self.steps[follower]
            waiting = self.progress[follower] is Progress.WAITING
            if waiting and self.needs[follower][key] and not isinstance(step, Nothing):
                self.progress[follower] = Progress.SKIPPED
                skipped += [step, *self._skip_followers(follower)]
                self._set_over(follower, Progress.SKIPPED)
        return skipped

    def _waits_for(self, step: Step) -> str | None:
        """Return a lock that a step cannot have now, or None."""
        wanted = self._locks_of(step)
        for name in wanted.alone:
            if name in self._alone or name in self._shared:
                return name
        return next((name for name in wanted.shared if name in self._alone), None)

    def _locks_of(self, step: Step) -> Locks:
        """Return what a step occupies; it is asked for at each look, so it is kept."""
        key = same_id(step.resource.id)
        if key not in self._locks:
            self._locks[key] = locks(step.resource)
        return self._locks[key]

    def _occupy(self, step: Step) -> None:
        wanted = self._locks_of(step)
        self._alone |= wanted.alone
        for name in wanted.shared:
            self._shared[name] = self._shared.get(name, 0) + 1
        self.progress[same_id(step.resource.id)] = Progress.RUNNING

    def _end(self, step: Step, progress: Progress) -> None:
        held = self._locks_of(step)
        for name in (*held.alone, *held.shared):
            for entry in self._parked.pop(name, ()):
                heapq.heappush(self._ready, entry)
        self._alone -= held.alone
        for name in held.shared:
            self._shared[name] -= 1
            if not self._shared[name]:
                del self._shared[name]
        self._set_over(same_id(step.resource.id), progress)
