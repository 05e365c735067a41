"""A region taken back alone: what it shares with others stays as the run has made it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from topology.kind import Body, Resource, Stage, at, put_at, same_id
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.commits import is_of_mesh
from topology.planning.diff import differences, is_same, lay_over
from topology.planning.explain import short
from topology.planning.generations import edits_for_all
from topology.planning.plan import Commit, Create, Delete, Nothing, Plan, Replace, Step
from topology.planning.removal import as_resource, owned, region_of
from topology.resources import KIND_BY_NAME, KINDS

Bodies = Callable[[str], Body | None]  # the body that stands, or will stand, at an id

_LEFT = "#left"


@dataclass(frozen=True)
class Bound:
    """A field that cannot be what it was: it follows that of another resource, which stays."""

    path: str
    was: Any
    stays: Any
    shared: str

    def __str__(self) -> str:
        """Say it in a sentence."""
        stays, was = _told(self.stays), _told(self.was)
        return f"{self.path} stays {stays}, as that of {self.shared}, and was {was}"


def bound(item: Resource | Found, body_of: Bodies) -> tuple[Bound, ...]:
    """Return the fields of a resource that Azure refuses beside what it names."""
    body = item.body
    return tuple(
        Bound(path, at(body, path), at(other, path), name.rsplit("/", 1)[-1])
        for ids, paths in KIND_BY_NAME[item.kind].follows.items()
        if (name := str(at(body, ids) or "")) and (other := body_of(name)) is not None
        for path in paths
        if not is_same(at(body, path), at(other, path), path)
    )


def beside_what_stays(resource: Resource, fields: Iterable[Bound]) -> Resource:
    """Return a resource with these fields as they stay."""
    body = deepcopy(resource.body)
    for field in fields:
        put_at(body, field.path, field.stays)
    return replace(resource, body=body)


def left(resource: Resource, reason: str) -> Nothing:
    """Return the step that says what of a resource is not as it was: its id is `<id>#left`."""
    return Nothing(replace(resource, id=f"{resource.id}{_LEFT}", body={}), reason, "by ours")


def staying_beside(
    wanted: Mapping[str, Resource], region: str | None, plan: Plan, actual: Actual
) -> Iterator[tuple[Resource, Nothing]]:
    """Yield what of a region has to stay beside what is shared, and the step that says so."""
    if region is None:  # what is shared goes back, too
        return
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


def edited_for_all(commit: Commit, plan: Plan, actual: Actual) -> Iterator[Nothing]:
    """Yield what a commit cannot bring back of configurations that were edited in place.

    It would deploy what they hold now. Their old content, made again, would reach all regions
    that have them deployed.
    """
    for name in commit.before:
        done = [s for s in edits_for_all(name, plan) if _is_done(s, actual, plan.topology)]
        if done and (found := plan.found.get(name)):
            told = f"it was edited in place, and {len(done)} changes of what it has for all stay"
            yield left(replace(commit.resource, kind=found.kind, id=found.id), told)


def joined_to_nobody(commit: Commit, region: str, plan: Plan, actual: Actual) -> Iterator[Nothing]:
    """Yield what a commit cannot bring back of a mesh that all other regions leave, or have left.

    As where peerings take its place: those of a region that is taken back alone go with it, and
    the others stay with theirs. Other parts of the run may have had them leave.
    """
    is_joined = any(_is_joined(step, region, plan) for step in plan.steps)
    for name in commit.before if commit.resource.stage is Stage.MESH and not is_joined else ():
        others = _deployed_in(name, plan.goal_states) - {region}
        leaving = {step.resource.region for step in plan.steps if _takes_out(step, name)}
        leaving |= others - _deployed_in(name, actual.goal_states)
        if others and others <= leaving and (found := plan.found.get(name)):
            yield _alone_in(replace(commit.resource, kind=found.kind, id=found.id))


def parted_from_all(
    made: Collection[str], region: str, plan: Plan, actual: Actual
) -> Iterator[Nothing]:
    """Yield the mesh in which a region is alone and loses the pairs that took its place.

    Those were made by this part of a run, and the others left the mesh by a later one.
    """
    pairs = (step for step in plan.steps if same_id(step.resource.id) in made)
    if not any(_joins(step, region, plan) for step in pairs):
        return
    every = [state for states in actual.goal_states.values() for state in states]
    here = [state for state in every if state.region == region and is_of_mesh(state)]
    for name in (name for state in here for name in state.configuration_ids):
        found, is_alone = actual.get(name), _deployed_in(name, actual.goal_states) == {region}
        if found and is_alone and owned(found, actual, plan.topology):
            yield _alone_in(replace(as_resource(found, actual), region=region))


def _alone_in(mesh: Resource) -> Nothing:
    told = f"{mesh.region} is alone in it, and joined to no other region until the next rollout"
    return left(mesh, told)


def joined_later(
    back: Iterable[Resource], made: Collection[str], plan: Plan, actual: Actual
) -> Iterator[Nothing]:
    """Yield what comes back and is not joined to regions that came since: a rollout does that.

    What was `made` goes itself.
    """
    leads = {kind.part_of for kind in KINDS if kind.stage is Stage.ROUTES}
    new = [
        item
        for key, item in actual.resources.items()
        if item.kind in leads and plan.found.get(key) is None and key not in made
        if owned(item, actual, plan.topology)
    ]
    regions = sorted({region for item in new if (region := region_of(item, actual))})
    for resource in back:
        comes = same_id(resource.id) in plan.deleted and resource.kind in leads
        if comes and (others := [region for region in regions if region != resource.region]):
            told = f"it is joined to {', '.join(others)}, new since, by the next rollout"
            yield left(resource, told)


def _deployed_in(configuration: str, goals: Mapping[str, Iterable[GoalState]]) -> set[str]:
    """Return the regions that have a configuration deployed, by the goal states of managers."""
    states = (state for states in goals.values() for state in states)
    return {state.region for state in states if _names(state.configuration_ids, configuration)}


def _is_joined(step: Step, region: str, plan: Plan) -> bool:
    """Say whether a step leaves a pair of a region with another one as it was."""
    return not isinstance(step, Create) and _joins(step, region, plan)


def _joins(step: Step, region: str, plan: Plan) -> bool:
    """Say whether a step is of a side of a pair that joins a region to another one."""
    path = KIND_BY_NAME[step.resource.kind].other_side
    if path is None or step.resource.region != region:
        return False
    end = same_id(str(at(step.resource.body, path)))
    ends = (other.resource.region for other in plan.steps if same_id(other.resource.id) == end)
    return any(other != region for other in ends)


def _takes_out(step: Step, configuration: str) -> bool:
    """Say whether a step is a commit that deploys a configuration no longer."""
    if not isinstance(step, Commit):
        return False
    named = step.resource.body["configurationIds"]
    return _names(step.before, configuration) and not _names(named, configuration)


def _names(ids: Iterable[str], configuration: str) -> bool:
    return same_id(configuration) in map(same_id, ids)


def _is_done(step: Step, actual: Actual, topology: str) -> bool:
    found = actual.get(step.resource.id)
    if isinstance(step, Delete) or found is None:
        return isinstance(step, Delete) and found is None
    kind = KIND_BY_NAME[step.resource.kind]
    return not differences(step.resource.body, found.body, kind, topology)


def laid_over(resource: Resource, found: Found | None, topology: str) -> Body:
    """Return the body of a resource once its fields are written over what was found."""
    kind = KIND_BY_NAME[resource.kind]
    return lay_over(found.body if found else None, resource.body, kind, topology)


def not_alone(plan: Plan) -> Iterator[str]:
    """Yield a note on the regions that do not get all back where they are taken back alone."""
    shared, stay = _shared_after(plan), dict[str, dict[str, None]]()
    for step in plan.steps:
        found, region = plan.found.get(step.resource.id), step.resource.region
        if found is not None and region is not None:
            for field in bound(found, shared):
                stay.setdefault(region, {})[str(field)] = None
    regions: dict[str, list[str]] = {}
    for region, fields in sorted(stay.items()):
        regions.setdefault("; ".join(fields), []).append(region)
    for told, names in regions.items():
        yield f"{', '.join(names)} cannot be taken back alone, only with the whole run: {told}"


def _shared_after(plan: Plan) -> Bodies:
    """Return what belongs to no region as the plan leaves it; what goes would come back."""
    steps = {
        same_id(step.resource.id): step
        for step in plan.steps
        if step.resource.region is None and not isinstance(step, Delete)
    }

    def body(name: str) -> Body | None:
        step = steps.get(same_id(name))
        if step is None or isinstance(step, Create | Replace):
            return step.resource.body if step else None
        return laid_over(step.resource, plan.found.get(name), plan.topology)

    return body


def _told(value: Any) -> str:
    return "absent" if value is None else short(value)
