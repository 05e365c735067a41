"""Is a report true: each region is as planned or as before, or it says what is left.

Each function yields what is wrong, a line each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rollout.rollout import Rollout
from tests.carry_out import missed
from tests.life.compared import Holdings, Reader
from tests.life.foreign import THEIRS
from tests.life.rolling_out import Report, TakenBack
from topology.kind import same_id
from topology.planning.places import GLOBAL
from topology.planning.plan import Nothing, Plan, Step
from topology.planning.schedule import Progress


def untrue(report: Report, before: Reader, after: Reader) -> Iterator[str]:
    """Yield where a region is neither as planned nor as before and the report does not say so."""
    if not report.parts:
        if before.held != after.held:
            yield "nothing is said to be done, and something is"
        return
    for region in [*_regions(report), GLOBAL]:
        if region in report.back:
            yield from _not_as_before(region, report, before, after)
        elif _missed(report, region) and not report.errors:
            yield f"{region} misses something, and nothing is said to have failed"
    written = [*_written_back(report)]
    done = _last([*(step for part in report.parts for step in _kept(part, report)), *written])
    known = [*(step for part in report.parts for step in part.plan.steps), *written]
    left = _left_by_all(report)
    for difference in after.not_as_planned(done, known, [*report.back]):
        if left is not None and difference.id.split("#")[0] not in left:
            yield f"said to be done, and is not: {difference}"
    yield from _said_otherwise(report)


def fates(report: Report) -> Counter[str]:
    """Return how many regions ended how, by a report that is true."""
    return Counter(_fate(report, region) for region in _regions(report))


def _fate(report: Report, region: str) -> str:
    if (back := report.back.get(region)) is not None:
        return "regions as before" if back.is_whole else "regions left in part, named"
    if _has_not_begun(report, region):
        return "regions not begun, named"
    return "regions not joined, named" if _missed(report, region) else "regions as planned"


def _said_otherwise(report: Report) -> Iterator[str]:
    """Yield where what the run says of its end is not what was carried out and taken back."""
    assert report.came is not None
    ending, back = report.ending, {*report.back} - {GLOBAL}
    missed_steps = [step for part in report.parts for step in missed(part)]
    not_begun = [region for region in _regions(report) if _has_not_begun(report, region)]
    if ending.is_well and (missed_steps or report.back or not_begun):
        yield f"said to be well: {ending.message}"
    if {*report.came.failed} != back:
        yield f"said to have failed: {[*report.came.failed]}; taken back: {sorted(back)}"
    words = {
        name: "rolled back" if item.is_whole else "left in part"
        for name, item in report.back.items()
    }
    for region, word in words.items():
        if f"{region} {word}" not in ending.message and region != GLOBAL:
            yield f"not said: {region} {word}"
    if GLOBAL in words and words[GLOBAL] not in ending.message:
        yield f"not said: what reaches all at once is {words[GLOBAL]}"
    rows = {row["region"]: row["state"] for row in report.came.rows}
    if wrong := [region for region in not_begun if rows.get(region) != "not started"]:
        yield f"have not begun, and the table says otherwise: {wrong}"


def not_ended(reader: Reader, plan: Plan) -> Iterator[str]:
    """Yield what is otherwise than planned after a run that said all is done, or is left over."""
    yield from (f"still to do: {step.does} {step.resource.id}" for step in plan.work)
    steps = _last([step for step in plan.steps if step.resource.body])
    for difference in reader.not_as_planned(steps, plan.steps, ()):
        yield f"after the next run: {difference}"
    known = {same_id(step.resource.id).split("#")[0] for step in plan.steps}
    yield from (f"left over: {name}" for name in _ours(reader.held) if name not in known)


def theirs_moved(before: Holdings, after: Holdings) -> Iterator[str]:
    """Yield what others have made and is not as it was."""
    now = dict(_theirs(after))
    for key, item in _theirs(before):
        if now.get(key) != item:
            yield f"what others made is not as it was: {key} was {item}, is {now.get(key)}"


# -- regions -----------------------------------------------------------------------------


def _regions(report: Report) -> list[str]:
    steps = report.whole.steps if report.whole else ()
    return sorted({step.resource.region for step in steps if step.resource.region})


def _missed(report: Report, region: str) -> list[Step]:
    return [
        step
        for part in report.parts
        for step in missed(part, lambda step: step.resource.region == region)
    ]


def _has_not_begun(report: Report, region: str) -> bool:
    """Say whether the plan has work in a region, and no part that was carried out has."""
    plans = [part.plan for part in report.parts]
    wanted, tried = (
        {
            same_id(step.resource.id)
            for plan in of
            for step in plan.work
            if step.resource.region == region
        }
        for of in ([report.whole] if report.whole else [], plans)
    )
    return bool(wanted) and not tried


def _kept(part: Rollout, report: Report) -> Iterator[Step]:
    """Yield the steps of a part that should have had their effect, and it should be there still.

    What is left alone has the effect that it has with what it needs: a goal state on members.
    """
    progress = part.schedule.progress
    for step in part.plan.steps:
        is_there = step.resource.body and (step.resource.region or GLOBAL) not in report.back
        key = same_id(step.resource.id)
        rests_on = (key, *(part.schedule.needs[key] if isinstance(step, Nothing) else ()))
        if is_there and all(progress[name] is Progress.DONE for name in rests_on):
            yield step


def _written_back(report: Report) -> Iterator[Step]:
    """Yield what roll-backs have done to others than those who are taken back themselves.

    It comes after what the rollout did.
    """
    for back in (item.rollout for item in report.back.values() if item.rollout):
        for step in back.plan.work:
            is_done = back.schedule.progress_of(step) is Progress.DONE
            if is_done and (step.resource.region or GLOBAL) not in report.back:
                yield step


def _last(steps: Sequence[Step]) -> list[Step]:
    """Return steps without those that a later one has changed again, in part or as a whole."""
    last = {same_id(step.resource.id).removesuffix("#scope"): step for step in steps}
    return [step for key, step in last.items() if f"{key}#withdrawn" not in last]


def _not_as_before(region: str, report: Report, before: Reader, after: Reader) -> Iterator[str]:
    back = report.back[region]
    named = _named(back)
    if named is None:
        return
    steps = [step for part in report.parts for step in part.plan.steps]
    for difference in after.not_as_before(before, region, steps, whole=back.is_whole):
        if difference.id not in named:
            yield f"{region} is taken back, and is not as before: {difference}"


def _named(back: TakenBack) -> set[str] | None:
    """Return the ids that a roll-back says it left, None where it could do nothing."""
    if back.rollout is None:
        return None
    return {same_id(step.resource.id).split("#")[0] for step in missed(back.rollout)}


def _left_by_all(report: Report) -> set[str] | None:
    """Return the ids that roll-backs say they left; None where one could do nothing."""
    named = [_named(back) for back in report.back.values()]
    known = [ids for ids in named if ids is not None]
    return set().union(*known) if len(known) == len(named) else None


# -- whose it is -------------------------------------------------------------------------


def _ours(held: Holdings) -> Iterator[str]:
    """Yield the ids of what has our tags."""
    for key, bodies in held.items():
        tags = bodies[0].get("tags") if isinstance(bodies[0], Mapping) else None
        if (tags or {}).get("managed-by") == "orrery":
            yield key


def _theirs(held: Holdings) -> Iterator[tuple[str, Any]]:
    for key, bodies in held.items():
        if key.endswith("#states"):
            for state in bodies[0]["value"]:
                if names := [name for name in state["configurationIds"] if THEIRS in name]:
                    yield f"{key}/{state['region']}/{state['deploymentType']}", names
        elif key != "effective":
            if THEIRS in key:
                yield key, bodies
            for name, value in (bodies[0].get("properties") or {}).items():
                for item in value if isinstance(value, list) else ():
                    if isinstance(item, Mapping) and item.get("name") == THEIRS:
                        yield f"{key}/{name}", _without_table(item)


def _without_table(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a child without the table that AVNM gives a subnet of a member."""
    moving = {"routeTable", "provisioningState"}
    told = {key: value for key, value in item["properties"].items() if key not in moving}
    return {**item, "properties": told}
