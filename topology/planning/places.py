"""Which run does a step: that of its region, the rollout's own first part, or its last."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from topology.kind import Stage, at, same_id
from topology.planning.plan import Delete, Plan, Step
from topology.resources import KIND_BY_NAME

GLOBAL = "global"
LAST = "last"


def places(plan: Plan) -> dict[str, str]:
    """Return a place for each step, by lower-case id: a region, GLOBAL or LAST.

    A region's own run makes what needs nothing of other regions; GLOBAL goes on beside
    it; LAST waits for both: what joins regions, and what goes. What an earlier step
    needs is early too, so that no run waits for one that waits for it: an address that
    is replaced is freed by its firewall first.
    """
    found = {same_id(step.resource.id): _usual(step) for step in plan.steps}
    steps = {same_id(step.resource.id): step for step in plan.steps}
    needs: dict[str, set[str]] = {}
    for edge in plan.edges:
        needs.setdefault(same_id(edge.step), set()).add(same_id(edge.need))
    regions = set(found.values()) - {LAST}
    waiting = [key for key, place in found.items() if place != LAST]
    while waiting:
        for need in needs.get(waiting.pop(), ()):
            if found[need] == LAST:
                region = steps[need].resource.region
                found[need] = region if region in regions else GLOBAL
                waiting.append(need)
    return found


def by_region(steps: Iterable[Step]) -> dict[str, list[Step]]:
    """Return the steps of each region in their order; first those of none, which are GLOBAL's."""
    found: dict[str, list[Step]] = {}
    for step in sorted(steps, key=lambda step: step.resource.region or ""):
        found.setdefault(step.resource.region or GLOBAL, []).append(step)
    return found


def regions_at_once(plan: Plan, parallel: int | None) -> int:
    """Return how many regions of a plan go side by side: `parallel`, or all.

    All where another run needs something of a region before the last one: a policy that is
    replaced needs the firewalls of all regions gone, and those that have begun need the policy.
    """
    place = places(plan)
    regions = {*place.values()} - {GLOBAL, LAST}
    runs = [(place[same_id(edge.step)], place[same_id(edge.need)]) for edge in plan.edges]
    is_waited_for = any(need in regions and step not in {need, LAST} for step, need in runs)
    return max(1, len(regions) if is_waited_for or parallel is None else parallel)


def falls_with(plan: Plan, region: str) -> Callable[[Step], bool]:
    """Return the test for what falls with a region: its own, and what would join others to it.

    Those are sides of peerings that stand in other hubs: one region keeps no other from
    being joined to the rest.
    """
    own = {same_id(step.resource.id) for step in plan.steps if step.resource.region == region}

    def falls(step: Step) -> bool:
        path = KIND_BY_NAME[step.resource.kind].other_side
        leads_there = path is not None and same_id(str(at(step.resource.body, path))) in own
        return step.resource.region == region or leads_there

    return falls


def _usual(step: Step) -> str:
    resource = step.resource
    if isinstance(step, Delete):
        return LAST
    if resource.stage is Stage.GLOBAL or resource.stage.is_regional:
        return resource.region or GLOBAL
    return LAST
