"""What came of a roll-back, told to people: what is left is named, and so is what moved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from topology.kind import same_id
from topology.planning.assigned import Reassigned
from topology.planning.explain import title
from topology.planning.plan import Create, Plan, Replace
from topology.planning.schedule import Progress, Schedule
from topology.resources import KIND_BY_NAME

_MOST_TOLD = 8


@dataclass(frozen=True)
class TakenBack:
    """How many steps were done, what is left of them and why, and what Azure assigned anew.

    `left` are pairs of a step's title and what kept it from being done: its own error, that of
    what it needed, or the reason for which it was not even tried.
    """

    done: int = 0
    left: tuple[tuple[str, str], ...] = ()
    moved: tuple[Reassigned, ...] = ()

    def and_then(self, other: TakenBack) -> TakenBack:
        """Return both as one."""
        return TakenBack(self.done + other.done, self.left + other.left, self.moved + other.moved)

    def __str__(self) -> str:
        """Say it in a line."""
        told = [f"{self.done} steps taken back" if self.done else "nothing was taken back"]
        if self.left:
            names = "; ".join(f"{name} ({error})" for name, error in self.left[:_MOST_TOLD])
            more = (
                f"; and {len(self.left) - _MOST_TOLD} more" if len(self.left) > _MOST_TOLD else ""
            )
            told.append(f"{len(self.left)} left: {names}{more}")
        return "; ".join([*told, *map(str, self.moved)])

    def rows(self) -> list[dict[str, Any]]:
        """Return what is left, a row a step."""
        return [{"left": name, "error": error} for name, error in self.left]


def begun(plan: Plan, schedule: Schedule, refused: Collection[str]) -> Plan:
    """Return the part of a plan that was begun when it was carried out: that can be taken back.

    Steps that were skipped, or `refused` (by lower-case id) for what stands there is not ours, have
    written nothing. Whoever makes it later, or makes it ours, keeps it.
    """
    never = {key for key, where in schedule.progress.items() if where is Progress.SKIPPED}
    return plan.only(schedule.progress.keys() - never - set(refused))


def left_of(plan: Plan, schedule: Schedule, errors: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield what is not as before: steps that were not done, and what a plan has to leave.

    Each with its error, or that of what it needed, or the reason.
    """
    for step in plan.work:
        if schedule.progress_of(step) is not Progress.DONE:
            yield title(step), _why(same_id(step.resource.id), schedule, errors)
    yield from not_tried(plan)


def not_tried(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return what a plan has to leave, each with its reason."""
    return tuple((title(step), step.reason) for step in plan.held)


def _why(key: str, schedule: Schedule, errors: Mapping[str, str]) -> str:
    waiting, seen = [key], set[str]()
    while waiting:
        here = waiting.pop(0)
        if here in errors:
            return errors[here]
        seen.add(here)
        waiting += [need for need in schedule.needs[here] if need not in seen]
    return "it did not begin"


def assigns(plan: Plan) -> bool:
    """Say whether a plan makes something to which Azure assigns what others name."""
    return any(
        isinstance(step, Create | Replace) and KIND_BY_NAME[step.resource.kind].azure_gives
        for step in plan.work
    )
