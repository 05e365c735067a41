"""What our last run left in Azure: what is still so was changed by nobody since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from topology.kind import same_id
from topology.planning.actual import Actual, GoalState
from topology.planning.plan import Plan


@dataclass(frozen=True)
class LastState:
    """What was left, None where no run has come to its end yet.

    `writing` are the ids, in lower case, of what runs have begun to write since: of a run
    that was killed it is not known how it left them, until the next one has ended. `only` are
    those of which it is known at all, None for everything: as long as no run has found all as it
    is wanted, what it has not written may be anybody's.
    """

    left: Actual | None = None
    writing: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    @classmethod
    def of(cls, actual: Actual) -> LastState:
        """Make it of what was read: what others have beside ours is left out."""
        return cls(Actual(actual.resources, actual.goal_states))

    def during(self, plan: Plan) -> LastState:
        """Return what is known while a plan is carried out."""
        ids = {same_id(step.resource.id.split("#")[0]) for step in plan.work}
        return replace(self, writing=self.writing | ids)

    def after(self, actual: Actual) -> LastState:
        """Return what is known after a run: what it wrote is as read, all else as before.

        So what somebody else changed and this run did not write stays theirs.
        """
        now, before = actual.resources, self.left.resources if self.left else {}
        kept = {key: found for key, found in before.items() if key not in self.writing}
        written = {key: found for key, found in now.items() if key in self.writing}
        states = {manager: tuple(self._states(manager, actual)) for manager in actual.goal_states}
        only = frozenset[str]() if self.left is None else self.only
        return LastState(
            Actual({**kept, **written}, states),
            only=None if only is None else only | self.writing,
        )

    def _states(self, manager: str, actual: Actual) -> Iterator[GoalState]:
        """Yield the goal states of a manager: those of commits of ours as read."""
        for state in actual.goal_states.get(manager, ()):
            if self._is_written(manager, state):
                yield state
        for state in self.left.goal_states.get(manager, ()) if self.left else ():
            if not self._is_written(manager, state):
                yield state

    def _is_written(self, manager: str, state: GoalState) -> bool:
        return same_id(f"{manager}/commits/{state.commit_type}-{state.region}") in self.writing

    def knows(self, resource_id: str) -> bool:
        """Say whether it is known how something was left, also that it was not there."""
        key = same_id(resource_id.split("#", maxsplit=1)[0])
        known = self.left is not None and (self.only is None or key in self.only)
        return known and key not in self.writing

    def to_json(self) -> bytes:
        """Return it as JSON, which `from_json` reads back as an equal value."""
        return _ADAPTER.dump_json(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> LastState:
        """Read what `to_json` wrote. Raises ValueError for anything else."""
        return _ADAPTER.validate_json(text)


_ADAPTER: TypeAdapter[LastState] = TypeAdapter(LastState)
