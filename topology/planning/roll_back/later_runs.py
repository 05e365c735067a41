"""What later runs have done since a run: its roll-back leaves that, and says so.

A run that was killed has saved more than it did: the plan of the next run says what it found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import assert_never

from topology.kind import Resource, Stage, same_id
from topology.planning import late
from topology.planning.actual import Actual, Found
from topology.planning.addresses_in_rules import keeping, prefixes_in
from topology.planning.diff import differences
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Plan, Replace, Step
from topology.planning.removal import named_by, owned, upward
from topology.planning.roll_back.bodies import restored
from topology.planning.withdrawal import undivided
from topology.resources import KIND_BY_NAME

_MOST_TOLD = 3

Later = Mapping[str, Plan]  # plans of later runs by the ids of these, in their order
Written = Mapping[str, list[Resource]]  # what a plan writes at each id, one after the other


# -- what a run did ----------------------------------------------------------------------


def done_by_then(parts: Iterable[Plan], later: Later) -> list[Plan]:
    """Return the parts of a run without what it had not done when the next was planned.

    What a later run has made is its own, also where this one was to make it.
    """
    plans = [*later.values()]
    made = {_id(s) for p in plans for s in p.steps if isinstance(s, Create)}
    return [_done(part, plans[0].found, made) if plans else part for part in parts]


def _done(part: Plan, then: Actual, made: Collection[str]) -> Plan:
    written = written_by(part.steps)
    done = {_id(step) for step in part.steps if _is_done(step, written, then, part)}
    return part.only(done - {*made})


def _is_done(step: Step, written: Written, then: Actual, part: Plan) -> bool:
    """Say whether a step was done, by what was found: a plan of some kinds knows only these."""
    there = then.get(step.resource.id.split("#")[0])
    match step:
        case Nothing():
            return True
        case Delete():
            return there is None
        case Commit():
            if same_id(_manager(step)) not in then.goal_states:
                return then.get(_manager(step)) is not None
            return _deployed(step, then, part) == _ours(_wanted(step), then, part)
        case Create() if "#" not in step.resource.id:
            return True
        case Create() | Change() | Replace():
            return there is None or _holds(step, written, there, then, part)
        case _:
            assert_never(step)


# -- what has moved on -------------------------------------------------------------------


def written_by(steps: Iterable[Step]) -> Written:
    """Return what steps write, by lower-case id: a withdrawal writes its resource once more."""
    found: dict[str, list[Resource]] = {}
    for step in steps:
        if isinstance(step, Create | Change | Replace):
            found.setdefault(_key(step), []).append(step.resource)
    return found


def moved_on(steps: Iterable[Step], plan: Plan, actual: Actual) -> dict[str, Resource]:
    """Return what holds neither what these steps wrote nor what stood before, by lower-case id."""
    written = written_by(plan.steps)
    return {
        _key(step): step.resource
        for step in steps
        if isinstance(step, Change | Replace) and _has_moved(step, written, plan, actual)
    }


def goal_has_moved(commit: Commit, plan: Plan, actual: Actual) -> bool:
    """Say whether a region has deployed neither what a commit told it nor what it had before.

    Where it had nothing before, what it has goes with it. Where nothing of ours is deployed now,
    others may be in the way, or the plan may have made the manager anew.
    """
    known = (_wanted(commit), commit.before)
    now = _deployed(commit, actual, plan)
    if not now and (_all_deployed(commit, actual) or _is_made_anew(commit, plan)):
        return False
    return bool(commit.before) and now not in [_ours(ids, actual, plan) for ids in known]


def _has_moved(step: Change | Replace, written: Written, plan: Plan, actual: Actual) -> bool:
    key = step.resource.id.split("#")[0]
    was, now, kind = plan.found.get(key), actual.get(key), KIND_BY_NAME[step.resource.kind]
    if was is None or now is None or not owned(now, actual, plan.topology):
        return False  # what others have made theirs is left to them
    before = restored(step, was, plan.topology)
    is_as_before = not differences(before, now.body, kind, plan.topology)
    return not is_as_before and not _holds(step, written, now, actual, plan)


def _holds(step: Step, written: Written, now: Found, world: Actual, plan: Plan) -> bool:
    """Say whether a resource holds what a step wrote, or that with what is named again since."""
    was = plan.found.get(now.id)
    kind = KIND_BY_NAME[step.resource.kind]
    bodies = [late.prune(item.body, late.known(world))[0] for item in written[_key(step)]]
    if was is not None:
        bodies += [keeping(body, was.body, prefixes_in(was.body)) for body in bodies]
    return any(not differences(body, now.body, kind, plan.topology) for body in bodies)


def _deployed(commit: Commit, actual: Actual, plan: Plan) -> set[str]:
    """Return what of ours a region has deployed, of the commit's type."""
    return _ours(_all_deployed(commit, actual), actual, plan)


def _all_deployed(commit: Commit, actual: Actual) -> tuple[str, ...]:
    body = commit.resource.body
    state = actual.goal_state(_manager(commit), body["commitType"], body["targetLocations"][0])
    return state.configuration_ids if state else ()


def _is_made_anew(commit: Commit, plan: Plan) -> bool:
    """Say whether a plan makes or takes away the manager that a commit is for."""
    manager = same_id(_manager(commit))
    return any(
        isinstance(step, Create | Replace | Delete) for step in plan.steps if _id(step) == manager
    )


def _manager(commit: Commit) -> str:
    return commit.resource.id.rpartition("/commits/")[0]


def _wanted(commit: Commit) -> Iterable[str]:
    ids: list[str] = commit.resource.body["configurationIds"]
    return ids


def _ours(ids: Iterable[str], actual: Actual, plan: Plan) -> set[str]:
    """Return ids in lower case, without those of others."""
    worlds = (actual, plan.found)
    found = {same_id(name): [(w, w.get(name)) for w in worlds] for name in ids}
    return {
        name
        for name, items in found.items()
        if all(item is None or owned(item, world, plan.topology) for world, item in items)
    }


def _id(step: Step) -> str:
    return same_id(step.resource.id)


def _key(step: Step) -> str:
    """Return the id of what a step writes; what narrows a scope last writes the manager."""
    resource = undivided(step.resource)
    narrows = resource.stage is Stage.SCOPE
    return same_id(resource.id.split("#")[0] if narrows else resource.id)


# -- what is built on it -----------------------------------------------------------------


def built_on(parts: Iterable[Plan], region: str | None, actual: Actual, later: Later) -> str | None:
    """Return why a run may not be taken back, with the way out; None where it may.

    It may not where something of ours that the run has neither made nor found needs what the run
    has made and a roll-back would delete. A pair falls with either side.
    """
    all_parts = [*parts]
    if not (made := dict(_made(all_parts, region, actual))):
        return None
    known = {key for part in all_parts for key in (*part.found.resources, *map(_id, part.steps))}
    needs = [
        (found, made[need])
        for key, found in sorted(actual.resources.items())
        if key not in known and KIND_BY_NAME[found.kind].other_side is None
        if owned(found, actual, all_parts[0].topology)
        for need in _needed(found, made)
    ]
    if not needs:
        return None
    told = [f"{_named(found)} needs {_named(need)}" for found, need in needs]
    more = f", and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    first = ", then ".join(_runs({same_id(found.id) for found, _ in needs}, later))
    return (
        f"later runs have built on this one ({'; '.join(told[:_MOST_TOLD])}{more}): nothing was "
        f"done. Take {first or 'them'} back first, or change the topology and roll out"
    )


def _made(parts: Iterable[Plan], region: str | None, actual: Actual) -> Iterator[tuple[str, Found]]:
    for part in parts:
        for step in part.steps:
            found = actual.get(step.resource.id)
            mine = isinstance(step, Create) and region in {None, step.resource.region}
            if mine and found is not None and owned(found, actual, part.topology):
                yield same_id(found.id), found


def _needed(found: Found, made: Collection[str]) -> Iterator[str]:
    """Yield the first thing of a run that something refers to or stands under, if any."""
    named = (above for name in named_by(found) for above in upward(same_id(name)))
    yield from [name for name in named if name in made][:1]


def _runs(ids: Collection[str], later: Later) -> Iterator[str]:
    """Yield the later runs that made these, the last first."""
    for run, plan in reversed([*later.items()]):
        made = {_id(s) for s in plan.steps if isinstance(s, Create)}
        if not made.isdisjoint(ids):
            yield f"run {run}"


def _named(found: Found) -> str:
    return f"{found.kind} {found.id.rsplit('/', 1)[-1]}"
