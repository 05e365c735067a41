"""What a roll-back wants: what stood before comes back, what was made goes, the rest stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from topology.graph import references
from topology.kind import Resource, Stage, at, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.planning.plan import Change, Commit, Delete, Nothing, Plan, Step
from topology.planning.removal import as_resource, owned
from topology.planning.roll_back.admin_rules import DeniedAgain
from topology.planning.roll_back.alone import left
from topology.planning.roll_back.bodies import restored, whole
from topology.resources import KIND_BY_NAME


def as_it_is(made: set[str], plan: Plan, actual: Actual) -> Iterator[Resource]:
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


def standing_before(steps: list[Step], plan: Plan, actual: Actual) -> Iterator[Resource]:
    """Yield what stood before, with the fields that a step touches; no fields for the rest.

    What the plan left alone or changed, and someone else took away, is not ours to bring back.
    """
    for step in steps:
        found = stood_before(step, plan)
        there = actual.get(step.resource.id.split("#")[0])
        taken = isinstance(step, Nothing | Change) and there is None
        if found is not None and not taken:
            yield replace(step.resource, body=restored(step, found, plan.topology))


def holding(
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


def deployed_before(
    commits: Iterable[Commit], denied: DeniedAgain, plan: Plan, actual: Actual
) -> Iterator[Resource]:
    """Yield the configurations that a goal state named and the plan has deleted, whole.

    What it has deleted in one that it has left is of others, too, and stays away.
    """
    before = (name for step in commits for name in step.before)
    named = {same_id(denied.in_place_of(name)) for name in before} & plan.deleted
    for step in plan.steps:
        key, found = same_id(step.resource.id), stood_before(step, plan)
        inside = any(key == name or key.startswith(f"{name}/") for name in named)
        if inside and found is not None and isinstance(step, Delete) and actual.get(key) is None:
            yield replace(step.resource, body=whole(found, KIND_BY_NAME[found.kind]))


def needed_again(
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


def goals_before(
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


def stood_before(step: Step, plan: Plan) -> Found | None:
    """Return what stood at a step's id when the plan was made, or None."""
    return plan.found.get(step.resource.id.split("#")[0])
