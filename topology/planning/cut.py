"""What a run that was cut has done: the plan that it saved beside one that is made now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from topology.planning.places import by_region
from topology.planning.plan import Create, Delete, Plan, Step
from topology.planning.policy_names import is_of_policy, unnumbered


def to_make_again(saved: Plan, now: Plan) -> tuple[Step, ...]:
    """Return the steps of `now` that make what stood before the run and does not stand any more.

    A run takes a resource away to make it anew, where Azure refuses a change in place. Cut in
    between it leaves a hub without its firewall: these steps end that, in their order. Policy
    definitions are not among them: under a name that was used they would serve no group.
    """
    return tuple(
        step
        for step in now.work
        if isinstance(step, Create)
        and not is_of_policy(step.resource)
        and saved.found.get(step.resource.id.split("#")[0]) is not None
    )


def rows_of_cut(saved: Plan, now: Plan) -> list[dict[str, Any]]:
    """Return a row a region, `global` first: done, in part or not begun, and how many steps."""
    left = {_key(step, now.topology) for step in now.work}
    rows = []
    for region, steps in by_region(saved.work).items():
        done = sum(_key(step, saved.topology) not in left for step in steps)
        state = "done" if done == len(steps) else "in part" if done else "not begun"
        row = {"region": region, "state": state, "steps": f"{done} of {len(steps)}"}
        rows.append(row | {"left out": len(steps) - done})
    return rows


def summary_of_cut(rows: Iterable[dict[str, Any]]) -> str:
    """Return one line: `done: eastus; in part: global, westus`."""
    by_state: dict[str, list[str]] = {}
    for row in rows:
        by_state.setdefault(row["state"], []).append(f"{row['region']} ({row['steps']} steps)")
    return "; ".join(
        f"{state}: {', '.join(by_state[state])}" for state in _STATES if state in by_state
    )


_STATES = ("done", "in part", "not begun")


def _key(step: Step, topology: str) -> tuple[bool, str]:
    """Return what a step has in common with the same one in a plan of another moment.

    What `now` makes in place of a policy definition has another name, for the lock file knows
    that the first is used; one that only goes is another step.
    """
    return isinstance(step, Delete), unnumbered(step.resource, topology)
