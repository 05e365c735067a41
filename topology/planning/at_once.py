"""What a plan changes for all regions at once, whatever waves there are.

Rules that belong to no region are such: firewalls in use follow them wherever they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from topology.kind import Stage, at, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.planning.explain import changed_names, title
from topology.planning.plan import Change, Delete, Nothing, Plan, Step
from topology.planning.removal import named_by


@dataclass(frozen=True)
class Reach:
    """Who follows a change: the ids that it goes by, and the steps of its users."""

    ids: frozenset[str]
    users: tuple[Step, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the regions of the users, sorted."""
        return tuple(sorted({step.resource.region or "global" for step in self.users}))


def at_once(plan: Plan) -> Plan:
    """Return the part of a plan that reaches regions which may not have their turn.

    It is empty where nobody follows the change yet, and where it cannot be made by itself,
    as when a policy is replaced with all that refer to it.
    """
    part = _by_itself(plan, lambda step: _is_rule(step) and step.resource.region is None)
    return part if reach(plan, part).users else _only(plan, ())


def rules_only(plan: Plan) -> Plan:
    """Return the part of a plan that changes rules of what is in use, and nothing else."""
    part = _by_itself(plan, _is_rule)
    return part if reach(plan, part).users else _only(plan, ())


def reach(plan: Plan, part: Plan) -> Reach:
    """Return who follows the changes of a part, directly or by rules that rest on them."""
    rules = {same_id(step.resource.id) for step in plan.steps if _is_rule(step)}
    ids = {key for step in part.work for key in _up(step) if key in rules}
    follow = {
        same_id(step.resource.id): names for step in plan.steps if (names := _named(step, plan))
    }
    while more := {key for key in rules - ids if not ids.isdisjoint(follow.get(key, ()))}:
        ids |= more
    users = (
        step
        for step in plan.steps
        if not _is_rule(step) and not ids.isdisjoint(follow.get(same_id(step.resource.id), ()))
    )
    return Reach(frozenset(ids), tuple(users))


def note(plan: Plan) -> Iterator[str]:
    """Yield what people must know of a change that does not wait for waves."""
    part = at_once(plan)
    users = reach(plan, part)
    if part.work:
        kinds = sorted({step.resource.kind for step in users.users})
        changed = "; ".join(_told(step) for step in part.work)
        yield (
            f"This change of the firewall policy reaches the {' and '.join(kinds)}s of "
            f"{', '.join(users.regions)} at once: {changed}"
        )


def not_proved_at_once(part: Plan, now: Plan, actual: Actual) -> list[str]:
    """Return what keeps a change that has been made from being proved good.

    `now` is planned after it from `actual`: it must hold no such step any more, and what
    was written and who follows it must read Succeeded.
    """
    follow = reach(now, part)
    ids = follow.ids | {same_id(step.resource.id) for step in (*part.work, *follow.users)}
    waiting = unsettled(actual, lambda found: same_id(found.id) in ids)
    return [*(title(step) for step in at_once(now).work), *waiting]


def unsettled(actual: Actual, concerns: Callable[[Found], bool]) -> list[str]:
    """Return which of these resources read another state than Succeeded."""
    return [
        f"{found.id.rsplit('/', 1)[-1]} reads {state}"
        for found in actual.resources.values()
        if (state := at(found.body, "properties.provisioningState") or "Succeeded") != "Succeeded"
        and concerns(found)
    ]


# -- inside ------------------------------------------------------------------------------


def _is_rule(step: Step) -> bool:
    return step.resource.stage is Stage.POLICY


def _up(step: Step) -> tuple[str, str]:
    """Return what one may refer to in order to follow a step: the resource, or what holds it."""
    return same_id(step.resource.id), same_id(parent_id(step.resource.id))


def _named(step: Step, plan: Plan) -> set[str]:
    """Return what a resource referred to before the plan; what refers back to it is left out."""
    found = plan.found.get(step.resource.id)
    return set() if found is None else {same_id(name) for name in named_by(found)}


def _told(step: Step) -> str:
    names = ", ".join(changed_names(step))
    return title(step).removeprefix("global: ") + (f" ({names})" if names else "")


def _by_itself(plan: Plan, mine: Callable[[Step], bool]) -> Plan:
    """Return the steps of mine, without those that need something made or removed elsewhere."""
    kept = {same_id(step.resource.id) for step in plan.work if mine(step)}
    steps = {same_id(step.resource.id): step for step in plan.steps}
    needs = {(same_id(e.step), same_id(e.need)) for e in plan.edges if not e.orders_only}
    needs |= {(key, parent_id(key)) for key in kept}
    waits = {(key, need) for key, need in needs if _waits(steps.get(key), steps.get(need))}
    while blocked := {key for key, need in waits if key in kept and need not in kept}:
        kept -= blocked
    return _only(plan, kept)


def _waits(step: Step | None, need: Step | None) -> bool:
    """Say whether a step cannot go without another: what is there already is enough to write."""
    enough = Nothing if isinstance(step, Delete) else Change | Nothing
    return need is not None and not isinstance(need, enough)


def _only(plan: Plan, kept: Collection[str]) -> Plan:
    steps = tuple(step for step in plan.work if same_id(step.resource.id) in kept)
    edges = tuple(e for e in plan.edges if same_id(e.step) in kept and same_id(e.need) in kept)
    return replace(plan, steps=steps, edges=edges)
