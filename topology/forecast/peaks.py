"""The most that a plan uses of each limit on its way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from topology.forecast.limits import Counts, counted, standing
from topology.kind import Stage, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Delete, Plan, Step
from topology.verification.foreseen import foresee


def peaks(parts: Iterable[Plan], actual: Actual) -> Counts:
    """Return the most that there is of everything after some steps of these parts, done in turn.

    What goes, goes when all has come that does not wait for it, as in a rollout, where it goes last
    (`places.py`): no plan is refused for a state that never is. A later peak, of what comes when
    something else had to go first, may be told too low: more may be there still than it takes.
    """
    most: dict[str, Counter[str]] = defaultdict(Counter)
    for part in parts:
        for steps in _rises(part):
            actual = foresee(actual, steps, part.topology)
            for name, places in counted(standing(actual)).items():
                most[name] |= places
    return most


def _rises(plan: Plan) -> Iterator[list[Step]]:
    """Yield the steps of a plan by how many others that take away must go before, one by one."""
    needs: dict[str, set[str]] = defaultdict(set)
    for edge in plan.edges:
        needs[same_id(edge.step)].add(same_id(edge.need))
    rank: dict[str, int] = {}
    for step in plan.steps:  # which come after what they need
        key = same_id(step.resource.id)
        rank[key] = max((rank.get(need, 0) for need in needs[key]), default=0) + _takes_away(step)

    def rank_of(step: Step) -> int:
        return rank[same_id(step.resource.id)]

    yield from (list(steps) for _, steps in groupby(sorted(plan.steps, key=rank_of), key=rank_of))


def _takes_away(step: Step) -> bool:
    return isinstance(step, Delete) or step.resource.stage is Stage.WITHDRAWAL
