"""What a plan changes for all regions at once, whatever waves there are.

Rules that belong to no region are such: firewalls in use follow them wherever they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from topology.kind import Resource, Stage, at, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.planning.explain import changed_names, title
from topology.planning.parts import by_itself, only
from topology.planning.places import GLOBAL
from topology.planning.plan import Plan, Step
from topology.planning.removal import as_resource, named_by
from topology.resources import KIND_BY_NAME

POLICY_PART = "the firewall policy"  # what people call the part that reaches all at once


@dataclass(frozen=True)
class Reach:
    """Who follows a change: the ids that it goes by, and its users as they were found."""

    ids: frozenset[str]
    users: tuple[Resource, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the regions of the users, sorted."""
        return tuple(sorted({user.region or GLOBAL for user in self.users}))


def at_once(plan: Plan) -> Plan:
    """Return the part of a plan that reaches regions which may not have their turn.

    It is empty where nobody follows the change yet, and where it cannot be made by itself,
    as when a policy is replaced with all that refer to it.
    """
    part = by_itself(plan, lambda step: _is_rule(step) and step.resource.region is None)
    return part if reach(plan, part).users else only(plan, ())


def rules_only(plan: Plan) -> Plan:
    """Return the part of a plan that changes rules of what is in use, and nothing else."""
    part = by_itself(plan, _is_rule)
    return part if reach(plan, part).users else only(plan, ())


def reach(plan: Plan, part: Plan) -> Reach:
    """Return who follows the changes of a part, directly or by rules that rest on them.

    Whoever stood before the plan counts, whether a step of it is about them or not.
    """
    rules = {same_id(found.id) for found in plan.before if _is_of_rules(found)}
    ids = {key for step in part.work for key in _up(step) if key in rules}
    follow = {
        same_id(found.id): {same_id(name) for name in named_by(found)} for found in plan.before
    }
    while more := {key for key in rules - ids if not ids.isdisjoint(follow[key])}:
        ids |= more
    users = (
        as_resource(found, plan.found)
        for found in plan.before
        if not _is_of_rules(found) and not ids.isdisjoint(follow[same_id(found.id)])
    )
    return Reach(frozenset(ids), tuple(users))


def note(plan: Plan) -> Iterator[str]:
    """Yield what people must know of a change that does not wait for waves."""
    part = at_once(plan)
    users = reach(plan, part)
    if part.work:
        kinds = sorted({user.kind for user in users.users})
        changed = "; ".join(_told(step) for step in part.work)
        yield (
            f"This change of the firewall policy reaches the {' and '.join(kinds)}s of "
            f"{', '.join(users.regions)} at once: {changed}"
        )


def not_proved_at_once(part: Plan, now: Plan, actual: Actual) -> list[str]:
    """Return what keeps a change that has been made from being proved good.

    `now` is planned after it from `actual`: it must hold none of its steps any more, and what
    was written and who follows it must read Succeeded.
    """
    follow, written = reach(now, part), {same_id(step.resource.id) for step in part.work}
    ids = follow.ids | written | {same_id(user.id) for user in follow.users}
    waiting = unsettled(actual, lambda found: same_id(found.id) in ids)
    again = (step for step in at_once(now).work if same_id(step.resource.id) in written)
    return [*(title(step) for step in again), *waiting]


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


def _is_of_rules(found: Found) -> bool:
    return KIND_BY_NAME[found.kind].stage is Stage.POLICY


def _up(step: Step) -> tuple[str, str]:
    """Return what one may refer to in order to follow a step: the resource, or what holds it."""
    return same_id(step.resource.id), same_id(parent_id(step.resource.id))


def _told(step: Step) -> str:
    names = ", ".join(changed_names(step))
    return title(step).removeprefix("global: ") + (f" ({names})" if names else "")
