"""A roll-back is a plan too: what stood before is wanted, what was made goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard

from topology.graph import references
from topology.kind import (
    Body,
    Resource,
    Stage,
    at,
    parent_id,
    same_id,
)
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.alone import (
    Bound,
    beside_what_stays,
    bound,
    edited_for_all,
    joined_later,
    joined_to_nobody,
    laid_over,
    left,
)
from topology.planning.assigned import as_late, late_addresses
from topology.planning.denied_again import DeniedAgain, denied_again
from topology.planning.elsewhere import (
    leads_to_nobody,
    routes_elsewhere,
    routes_since,
    sides_elsewhere,
)
from topology.planning.named_again import addresses_again, named_again
from topology.planning.orphaned import without_orphans
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Plan, Replace, Step
from topology.planning.planner import in_the_way, plan_resources
from topology.planning.policy_names import coming_back
from topology.planning.removal import as_resource, owned, region_of
from topology.planning.replacement import makes_way
from topology.planning.restored import as_it_was, in_parts, whole
from topology.planning.since import goal_has_moved, moved_on
from topology.planning.withdrawal import undivided
from topology.resources import KIND_BY_NAME


def plan_roll_back(
    plan: Plan,
    region: str | None,
    actual: Actual,
    unused: Mapping[str, int] | None = None,
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
    is, held by them, and what a later run has written, held by ours.
    """
    steps = [
        *(_undivided(step) for step in plan.steps if _is_taken_back(step, region)),
        *sides_elsewhere(plan, region, actual),
    ]
    steps = [step for step in steps if not leads_to_nobody(step, region, plan, actual)]
    goals = [step for step in plan.steps if _commits(step, region)]
    later = [step for step in goals if goal_has_moved(step, plan, actual)]
    commits = [step for step in goals if step not in later]
    moved = moved_on(steps, plan, actual)
    made = {
        same_id(step.resource.id)
        for step in steps
        if isinstance(step, Create) and _stood_before(step, plan) is None
    }
    anew = {same_id(s.resource.id) for s in steps if isinstance(s, Create | Replace | Delete)}
    was = [it for it in _as_it_was(steps, plan, actual) if same_id(it.id) not in moved]
    shared = _Shared(plan, region, actual, moved, later)
    denied = shared.denied(was, commits)
    routes = [*routes_elsewhere(plan, region, made, anew, moved, actual)]
    wanted = [
        *denied.without_unused(_as_it_is(made, plan, actual)),
        *routes_since(plan, made, actual),
        *was,
        *shared.rules(was),
        *denied.resources,
        *denied.first(routes),
        *_deployed_before(commits, denied, plan, actual),
        *denied.first(_goals(commits, denied, plan, actual)),
    ]
    by_id = {same_id(resource.id): resource for resource in wanted}
    by_id |= _needed_again(by_id, region, plan, actual)
    by_id, orphans = without_orphans(by_id, plan, actual)
    stays = [*_holding(made, by_id, actual)]
    stays += [] if region is None else [*_bound(by_id, region, plan, actual)]
    by_id |= {same_id(item.id): item for item, _ in stays}
    # A firewall that was made again has another address, or will have: who named it follows.
    # One that is gone for good leaves its address in what comes back, as that was.
    addresses = late_addresses(by_id, plan.found, actual)
    following = (replace(item, body=as_late(item.body, addresses)) for item in by_id.values())
    parts = [part for resource in following for part in in_parts(resource, plan.topology)]
    back = coming_back(parts, actual, unused or {}, plan.topology)
    edited = [] if region is None else [*_edited_for_all(commits, plan, actual)]
    alone = [] if region is None else [*_joined_to_nobody(commits, region, plan)]
    written = {same_id(step.resource.id) for step in commits} | denied.commits
    now = replace(_committed(edited, actual), goal_states=_states(written, actual))
    ours, left = _apart(back, actual, plan.topology)
    planned = plan_resources(ours, now, plan.topology, plan.subscriptions)
    more = (
        *(step for _, step in stays),
        *orphans,
        *edited,
        *alone,
        *shared.left(routes),
        *denied.left,
        *joined_later(was, plan, actual),
        *left,
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
        return addresses_again(mine, self.plan, self.actual)


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


def _is_taken_back(step: Step, region: str | None) -> bool:
    last = step.resource.stage is Stage.SCOPE  # a part of the manager's, which has its own step
    written = not (last or makes_way(step) or isinstance(step, Commit))
    return written and region in {None, step.resource.region}


def _undivided(step: Step) -> Step:
    """Return a withdrawal as a change of the resource that it writes."""
    return replace(step, resource=undivided(step.resource))


def _commits(step: Step, region: str | None) -> TypeGuard[Commit]:
    return isinstance(step, Commit) and region in {None, step.resource.region}


def _stood_before(step: Step, plan: Plan) -> Found | None:
    return plan.found.get(step.resource.id.split("#")[0])


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


def _edited_for_all(commits: Iterable[Commit], plan: Plan, actual: Actual) -> Iterator[Nothing]:
    for step in commits:
        yield from edited_for_all(step, plan, actual)


def _joined_to_nobody(commits: Iterable[Commit], region: str, plan: Plan) -> Iterator[Nothing]:
    for step in commits:
        yield from joined_to_nobody(step, region, plan)


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


# -- what is wanted ----------------------------------------------------------------------


def _as_it_is(made: set[str], plan: Plan, actual: Actual) -> Iterator[Resource]:
    """Yield what is ours and stays, without a field to compare.

    What stands in a group that goes stays all the same, and keeps it, unless it goes itself.
    """
    falling = {name for name in made if not _is_group(actual.get(name))}
    for key, found in actual.resources.items():
        path = KIND_BY_NAME[found.kind].other_side  # what is paired with something that goes, goes
        ends = {key, same_id(str(at(found.body, path)))} if path else {key}
        goes = key in made or any(
            f"{end}/".startswith(f"{name}/") for end in ends for name in falling
        )
        if not goes and owned(found, actual, plan.topology):
            yield replace(as_resource(found, actual), body={})


def _holding(
    made: set[str], wanted: Mapping[str, Resource], actual: Actual
) -> Iterator[tuple[Resource, Nothing]]:
    """Yield the groups that were made and hold what stays, and the step that says so."""
    for name in sorted(made):
        inside = [item for key, item in wanted.items() if key.startswith(f"{name}/")]
        if inside and _is_group(found := actual.get(name)) and found is not None:
            group = replace(as_resource(found, actual), body={})
            yield group, left(group, f"it holds {inside[0].name}, which this run did not make")


def _is_group(found: Found | None) -> bool:
    return found is not None and KIND_BY_NAME[found.kind].takes_along


def _deployed_before(
    commits: Iterable[Commit], denied: DeniedAgain, plan: Plan, actual: Actual
) -> Iterator[Resource]:
    """Yield the configurations that a goal state named and the plan has deleted, whole.

    What it has deleted in one that it has left is of others, too, and stays away.
    """
    before = (name for step in commits for name in step.before)
    named = {same_id(denied.in_place_of(name)) for name in before} & plan.deleted
    for step in plan.steps:
        key, found = same_id(step.resource.id), _stood_before(step, plan)
        inside = any(key == name or key.startswith(f"{name}/") for name in named)
        if inside and found is not None and isinstance(step, Delete) and actual.get(key) is None:
            yield replace(step.resource, body=whole(found, KIND_BY_NAME[found.kind]))


def _needed_again(
    wanted: Mapping[str, Resource], region: str | None, plan: Plan, actual: Actual
) -> dict[str, Resource]:
    """Return what the plan has deleted and something that is wanted refers to, or stands under.

    What is referred to comes back with what stood under it, but for what is another region's.
    """
    deleted = {same_id(s.resource.id): s.resource for s in plan.steps if isinstance(s, Delete)}
    more: dict[str, Resource] = {}

    def bring(key: str) -> None:
        found = plan.found.get(key)
        known = key in wanted or key in more or actual.get(key) is not None
        if found is not None and key in deleted and not known:
            more[key] = replace(deleted[key], body=whole(found, KIND_BY_NAME[found.kind]))
            waiting.append(more[key])

    waiting = list(wanted.values())
    while waiting:
        resource = waiting.pop()
        bring(same_id(parent_id(resource.id)))
        for name in map(same_id, references(resource.body)):
            bring(name)
            for key, other in deleted.items():
                if name in more and key.startswith(f"{name}/") and other.region in {None, region}:
                    bring(key)
    return more


def _bound(
    wanted: Mapping[str, Resource], region: str, plan: Plan, actual: Actual
) -> Iterator[tuple[Resource, Nothing]]:
    """Yield what of the region has to stay beside what is shared, and the step that says so."""
    now, fields = dict(wanted), dict[str, list[Bound]]()

    def body_of(name: str) -> Body | None:
        resource = now.get(same_id(name))
        return laid_over(resource, actual.get(name), plan.topology) if resource else None

    own = [key for key, resource in wanted.items() if resource.region == region]
    while more := {key: found for key in own if (found := bound(now[key], body_of))}:
        for key, found in more.items():  # what follows this is bound by it in the next round
            now[key] = beside_what_stays(now[key], found)
            fields.setdefault(key, []).extend(found)
    for key, those in fields.items():
        yield now[key], left(now[key], "; ".join(map(str, those)))


def _goals(
    commits: Iterable[Commit], denied: DeniedAgain, plan: Plan, actual: Actual
) -> Iterator[Resource]:
    """Yield the goal states that were, as far as they were ours, in the order of a rollout."""
    commits = list(commits)
    for step in commits:
        if ours := [name for name in step.before if _was_ours(name, plan, actual)]:
            ids = [denied.in_place_of(name) for name in ours]
            body = {**step.resource.body, "configurationIds": ids}
            earlier = frozenset(_earlier(step, commits))
            yield replace(step.resource, body=body, needs=earlier)


def _earlier(commit: Step, commits: Iterable[Step]) -> Iterator[str]:
    """Yield the commits of a region that a rollout makes before another of its commits."""
    order = tuple(Stage)
    for other in commits:
        same = other.resource.region == commit.resource.region
        if same and order.index(other.resource.stage) < order.index(commit.resource.stage):
            yield other.resource.id


def _was_ours(configuration: str, plan: Plan, actual: Actual) -> bool:
    """Say whether a configuration was ours, or is by now: one that was taken over was deployed."""
    found = ((where, where.get(configuration)) for where in (plan.found, actual))
    return any(item is not None and owned(item, where, plan.topology) for where, item in found)


def _as_it_was(steps: list[Step], plan: Plan, actual: Actual) -> Iterator[Resource]:
    """Yield what stood before, with the fields that a step touches; no fields for the rest.

    What the plan left alone or changed, and someone else took away, is not ours to bring back.
    """
    for step in steps:
        found = _stood_before(step, plan)
        there = actual.get(step.resource.id.split("#")[0])
        taken = isinstance(step, Nothing | Change) and there is None
        if found is not None and not taken:
            yield replace(step.resource, body=as_it_was(step, found, plan.topology))
