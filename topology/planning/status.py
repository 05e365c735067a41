"""How far a rollout is: rows for people, from a plan and its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from topology.graph import expected_seconds
from topology.kind import same_id
from topology.planning.explain import title
from topology.planning.places import by_region
from topology.planning.plan import Plan, Step
from topology.planning.schedule import Progress, Schedule

# Last words on regions.
ROLLED_BACK = "rolled back"
LEFT_IN_PART = "left in part"
NOT_JOINED = "not joined"  # to those of a later wave: it is as it was before that
NOT_STARTED = "not started"


def region_rows(
    plan: Plan,
    schedule: Schedule,
    errors: Mapping[str, str],
    states: Mapping[str, str] | None = None,
    without: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return a row a region, `global` first: steps done, what runs now, what went wrong.

    `states` are last words on regions (`rolled back`); without one the steps speak. `without`
    is what steps were done without, by lower-case id, as `errors` are.
    """
    rows = []
    for region, steps in by_region(plan.work).items():
        progress = [schedule.progress_of(step) for step in steps]
        state = (states or {}).get(region) or _state(progress)
        rows.append(
            {
                "region": region,
                "state": state,
                "steps": f"{progress.count(Progress.DONE)} of {len(steps)}",
                "now": ", ".join(_running(steps, schedule)),
                "left out": progress.count(Progress.SKIPPED),
                "error": next(_texts(steps, errors), ""),
                "done without": ", ".join(_texts(steps, without or {})),
            }
        )
    return rows


def share_done(plan: Plan, schedule: Schedule) -> float:
    """Return how much of the work is over, from 0 to 1, weighed by expected seconds."""
    whole = sum(expected_seconds(step.resource) for step in plan.work)
    over = sum(
        expected_seconds(step.resource) for step in plan.work if schedule.progress_of(step).is_over
    )
    return over / whole if whole else 1.0


def _state(progress: list[Progress]) -> str:
    if Progress.FAILED in progress:
        return "failed"
    if all(item.is_over for item in progress):
        return "done" if Progress.SKIPPED not in progress else "left out in part"
    if all(item is Progress.WAITING for item in progress):
        return "waiting"
    return "running"


def _running(steps: list[Step], schedule: Schedule) -> list[str]:
    running = [step for step in steps if schedule.progress_of(step) is Progress.RUNNING]
    return [title(step).split(": ", 1)[1] for step in running]


def _texts(steps: list[Step], texts: Mapping[str, str]) -> Iterator[str]:
    return (texts[key] for step in steps if (key := same_id(step.resource.id)) in texts)
