"""A roll-back is a plan too: what stood before is wanted, what was made goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard

from topology.kind import Resource, Stage, same_id
from topology.planning.actual import Actual, GoalState
from topology.planning.assigned import as_late, late_addresses
from topology.planning.plan import Commit, Create, Delete, Nothing, Plan, Replace, Step
from topology.planning.planner import in_the_way, plan_resources
from topology.planning.policy_names import coming_back
from topology.planning.removal import region_of
from topology.planning.replacement import makes_way
from topology.planning.roll_back.admin_rules import DeniedAgain, denied_again
from topology.planning.roll_back.alone import (
    edited_for_all,
    joined_later,
    joined_to_nobody,
    left,
    parted_from_all,
    staying_beside,
)
from topology.planning.roll_back.bodies import in_parts
from topology.planning.roll_back.elsewhere import (
    leads_to_nobody,
    routes_elsewhere,
    routes_since,
    sides_elsewhere,
)
from topology.planning.roll_back.firewall_rules import (
    addresses_again,
    addresses_still,
    named_again,
)
from topology.planning.roll_back.followers import following_on
from topology.planning.roll_back.later_runs import goal_has_moved, moved_on
from topology.planning.roll_back.orphans import without_orphans
from topology.planning.roll_back.wanted import (
    as_it_is,
    deployed_before,
    goals_before,
    holding,
    needed_again,
    standing_before,
    stood_before,
)
from topology.planning.withdrawal import undivided


def plan_roll_back(
    plan: Plan,
    region: str | None,
    actual: Actual,
    unused: Mapping[str, int] | None = None,
    *,
    amid: bool = False,
) -> Plan:
    """Return the plan that takes one region, or the whole run, back to before `plan` ran.

    What the plan created is deleted, if `before` lacks it and it is ours; what it changed
    gets its old values in every field that the plan set; what it deleted comes back. Goal
    states are what they were, and what others have deployed since stays in them. Of other
    regions only what leads to this one is written: routes to firewalls that go, move or come
    back, and sides of peerings. What belongs to no region stays, unless the whole run is taken
    back. `actual` is what Azure holds now: a step that never ran is nothing to take back. What
    cannot come back under its old name gets a new one: `unused` are the first generations that
    no policy definition had (`Network.policies`). What others have made theirs since stays as it
    is, held by them, and what a later run has written, held by ours: there is none `amid` the run
    itself, which may have taken back a part of it already.
    """
    steps, follow_on = following_on(_steps(plan, region, actual), region, plan, actual)
    goals = [step for step in plan.steps if _commits(step, region)]
    later = [step for step in goals if not amid and goal_has_moved(step, plan, actual)]
    commits = [step for step in goals if step not in later]
    moved = {} if amid else moved_on(steps, plan, actual)
    created = (step for step in steps if isinstance(step, Create))
    made = {same_id(step.resource.id) for step in created if stood_before(step, plan) is None}
    anew = {same_id(s.resource.id) for s in steps if isinstance(s, Create | Replace | Delete)}
    was = [it for it in standing_before(steps, plan, actual) if same_id(it.id) not in moved]
    shared = _Shared(plan, region, actual, moved, later)
    denied = shared.denied(was, commits)
    routes = [*routes_elsewhere(plan, region, made, anew, moved, actual)]
    wanted = [
        *denied.without_unused(as_it_is(made, plan, actual)),
        *routes_since(plan, made, actual),
        *was,
        *shared.rules(was),
        *denied.resources,
        *denied.first(routes),
        *deployed_before(commits, denied, plan, actual),
        *denied.first(goals_before(commits, denied, plan, actual)),
    ]
    by_id = {same_id(resource.id): resource for resource in wanted}
    by_id |= needed_again(by_id, region, plan, actual)
    asked = by_id.keys()
    by_id, orphans = without_orphans(by_id, plan, actual)
    orphaned = asked - by_id.keys()  # a goal state that cannot come back stays: none would open
    stays = [*holding(made, by_id, actual), *staying_beside(by_id, region, plan, actual)]
    by_id |= {same_id(item.id): item for item, _ in stays}
    back = coming_back(_following(by_id, plan, actual), actual, unused or {}, plan.topology)
    ours, theirs = _apart(back, actual, plan.topology)
    edited = [*_edited_for_all(commits, region, plan, actual)]
    written = ({same_id(step.resource.id) for step in commits} | denied.commits) - orphaned
    now = replace(_committed(edited, actual), goal_states=_states(written, actual))
    planned = plan_resources(ours, now, plan.topology, plan.subscriptions)
    more = (
        *(step for _, step in stays),
        *orphans,
        *follow_on,
        *edited,
        *(_joined_to_nobody(commits, made, region, plan, actual) if region else ()),
        *shared.left(routes),
        *denied.left,
        *joined_later(was, made, plan, actual),
        *theirs,
    )
    return replace(planned, steps=(*planned.steps, *more))


@dataclass(frozen=True)
class _Shared:
    """What stays while a region comes back, or what a later run has written: it names that again.

    `moved` are such resources by lower-case id, `later` what tells regions such goal states.
    """

    plan: Plan
    region: str | None
    actual: Actual
    moved: Mapping[str, Resource]
    later: list[Commit]

    def rules(self, was: Iterable[Resource]) -> Iterator[Resource]:
        """Yield the rules of firewalls."""
        for rules in named_again(self._own(was), self.region, self.plan, self.actual):
            if self.region is not None or same_id(rules.id) in self.moved:
                yield rules

    def denied(self, was: Iterable[Resource], commits: Iterable[Commit]) -> DeniedAgain:
        """Return the admin rules."""
        ids = {same_id(step.resource.id) for step in self.later}

        def stays(commit: str) -> bool:
            return self.region is not None or same_id(commit) in ids

        return denied_again(self._own(was), commits, stays, self.plan, self.actual)

    def left(self, routes: Iterable[Resource]) -> Iterator[Nothing]:
        """Yield what is left to later runs; of lists of routes all is said by what is written."""
        written = {same_id(resource.id) for resource in routes}
        for resource in (*self.moved.values(), *(step.resource for step in self.later)):
            if same_id(resource.id) not in written:
                yield left(resource, "a later run has written it")

    def _own(self, was: Iterable[Resource]) -> set[str]:
        mine = [it for it in was if self.region in {None, it.region}]
        still = addresses_still(self.region, self.plan, self.actual)
        return addresses_again(mine, self.plan, self.actual) | still


def _apart(
    back: Iterable[Resource], actual: Actual, topology: str
) -> tuple[list[Resource], list[Nothing]]:
    """Return what may be written, and apart from it what others have made theirs since."""
    asked = tuple(back)
    theirs = {same_id(found.id) for found in in_the_way(asked, actual, topology)}
    ours, left = [], []
    for resource in asked:
        if same_id(resource.id.split("#")[0]) not in theirs:
            ours.append(resource)
        elif resource.body:
            why = "it is not ours any more, and stays as it is"
            left.append(Nothing(resource, why, "by others"))
    return ours, left


def _steps(plan: Plan, region: str | None, actual: Actual) -> Iterator[Step]:
    """Yield what the plan was to do there, and the sides of peerings that lead there."""
    own = (_undivided(step) for step in plan.steps if _is_taken_back(step, region))
    for step in (*own, *sides_elsewhere(plan, region, actual)):
        if not leads_to_nobody(step, region, plan, actual):
            yield step


def _following(wanted: Mapping[str, Resource], plan: Plan, actual: Actual) -> list[Resource]:
    """Return what is wanted in its parts, led to the addresses that firewalls have or will have.

    One that was made again has another; one that is gone for good leaves its address in what
    comes back, as that was.
    """
    addresses = late_addresses(wanted, plan.found, actual)
    led = (replace(item, body=as_late(item.body, addresses)) for item in wanted.values())
    return [part for resource in led for part in in_parts(resource, plan.topology)]


def _is_taken_back(step: Step, region: str | None) -> bool:
    last = step.resource.stage is Stage.SCOPE  # a part of the manager's, which has its own step
    written = not (last or makes_way(step) or isinstance(step, Commit))
    return written and region in {None, step.resource.region}


def _undivided(step: Step) -> Step:
    """Return a withdrawal as a change of the resource that it writes."""
    return replace(step, resource=undivided(step.resource))


def _commits(step: Step, region: str | None) -> TypeGuard[Commit]:
    return isinstance(step, Commit) and region in {None, step.resource.region}


def _states(written: Collection[str], actual: Actual) -> dict[str, tuple[GoalState, ...]]:
    """Return the goal states that are written, by the ids of their commits; no other counts."""
    return {
        manager: tuple(
            state
            for state in states
            if same_id(f"{manager}/commits/{state.commit_type}-{state.region}") in written
        )
        for manager, states in actual.goal_states.items()
    }


def _edited_for_all(
    commits: Iterable[Commit], region: str | None, plan: Plan, actual: Actual
) -> Iterator[Nothing]:
    for step in commits if region is not None else ():
        yield from edited_for_all(step, plan, actual)


def _joined_to_nobody(
    commits: Iterable[Commit], made: set[str], region: str, plan: Plan, actual: Actual
) -> Iterator[Nothing]:
    for step in commits:
        yield from joined_to_nobody(step, region, plan, actual)
    yield from parted_from_all(made, region, plan, actual)


def _committed(edited: Iterable[Nothing], actual: Actual) -> Actual:
    """Return what was read, without when configurations that are left were edited.

    No commit is needed for what stays; where none has come yet, the old content is deployed.
    """
    ids = [same_id(step.resource.id.split("#")[0]) for step in edited]
    for_all = {
        key: replace(item, body={k: v for k, v in item.body.items() if k != "systemData"})
        for key, item in actual.resources.items()
        if any(f"{key}/".startswith(f"{name}/") for name in ids) and region_of(item, actual) is None
    }
    return replace(actual, resources={**actual.resources, **for_all})
