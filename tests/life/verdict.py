"""Is a report true: each region is as planned or as before, or it says what is left.

Each function yields what is wrong, a line each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rollout.rollout import Rollout
from tests.life.compared import Holdings, Reader
from tests.life.foreign import THEIRS
from tests.life.named import named_no_more
from tests.life.rolling_out import Back, Report
from topology.kind import at, same_id
from topology.planning.places import GLOBAL, falls_with
from topology.planning.plan import Nothing, Plan, Step
from topology.planning.schedule import Progress
from topology.planning.status import LEFT_IN_PART, NOT_JOINED, NOT_STARTED, ROLLED_BACK


def untrue(report: Report, before: Reader, after: Reader) -> Iterator[str]:
    """Yield where a region is neither as planned nor as before and the report does not say so."""
    if not report.parts:
        if before.held != after.held:
            yield "nothing is said to be done, and something is"
        return
    for region in [*_regions(report), GLOBAL]:
        if region in report.back:
            yield from _not_as_before(region, report, before, after)
    written = [*_written_back(report)]
    done = _last([*(step for part in report.parts for step in _kept(part, report)), *written])
    whole = report.whole.steps if report.whole else ()
    known = [*whole, *(step for part in report.parts for step in part.plan.steps), *written]
    known += _as_found(report, done)
    left = _left_by_all(report)
    for difference in after.not_as_planned(done, known, [*report.back]):
        if difference.id.split("#")[0] not in left:
            yield f"said to be done, and is not: {difference}"
    for part in report.parts:
        yield from _missed_for_nothing(part, report)
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
    came, ending = report.came, report.ending
    if {*came.failed} != {*report.back} - {GLOBAL}:
        yield f"said to have failed: {[*came.failed]}; taken back: {[*report.back]}"
    for region, back in report.back.items():
        word = _word(report, region, back)
        if (f"{region} {word}" if region != GLOBAL else word) not in ending.message:
            yield f"not said: {region} {word}"
    rows = {row["region"]: row for row in came.rows}
    for region in [*_regions(report), GLOBAL]:
        yield from _said_of(region, report, rows)
    told = ending.message + " ".join(str(row.get("error")) for row in rows.values())
    for part in report.parts:
        for region, errors in _errors(part).items():
            if not any(error in told for error in errors):
                yield f"not said: {region}: {errors[0]}"


def _said_of(region: str, report: Report, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield where what is said of a region, or of what belongs to none, is not so."""
    assert report.came is not None
    missed, begun = _missed(report, region), not _has_not_begun(report, region)
    if report.ending.is_well and (missed or not begun or report.back):
        yield f"said to be well: {report.ending.message}"
    if not begun and rows[region]["state"] != NOT_STARTED:
        yield f"{region} has not begun, and reads {rows[region]}"
    if missed and region not in report.back and rows[region]["state"] == "done":
        yield f"{region} misses {[step.resource.id for step in missed]}, and reads done"
    if region in report.came.good and any(not _falls(report, step) for step in missed):
        yield f"{region} is said to be in place, and misses something"


def _errors(part: Rollout) -> dict[str, list[str]]:
    """Return the errors of a part's steps, by region."""
    found: dict[str, list[str]] = {}
    for step in part.plan.work:
        if error := part.errors.get(same_id(step.resource.id)):
            found.setdefault(step.resource.region or GLOBAL, []).append(error)
    return found


def _word(report: Report, region: str, back: Back) -> str:
    if not back.is_whole:
        return LEFT_IN_PART
    stood = region != GLOBAL and back.failed is not _first_of(report, region)
    return NOT_JOINED if stood else ROLLED_BACK


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
    """Return the steps of a region, or of none, that some part was to do and did not."""
    return [
        step
        for part in report.parts
        for step in part.missed()
        if (step.resource.region or GLOBAL) == region
    ]


def _first_of(report: Report, region: str) -> Rollout | None:
    """Return the part in which a region was first worked in."""
    return next((part for part in report.parts if _works_in(part.plan, region)), None)


def _has_not_begun(report: Report, region: str) -> bool:
    """Say whether the plan has work in a region, and no part that was carried out has."""
    has_work = report.whole is not None and _works_in(report.whole, region)
    return has_work and _first_of(report, region) is None


def _works_in(plan: Plan, region: str) -> bool:
    return any((step.resource.region or GLOBAL) == region for step in plan.work)


def _falls(report: Report, step: Step) -> bool:
    """Say whether a step belongs to a region that failed, or would join others to it."""
    return any(falls_with(back.failed.plan, name)(step) for name, back in report.back.items())


def _missed_for_nothing(part: Rollout, report: Report) -> Iterator[str]:
    """Yield the steps that were skipped and need nothing that failed, or fell with a region."""
    lost = {same_id(step.resource.id) for step in part.missed()}
    causes = {key for key in lost if key in part.errors}
    causes |= {same_id(step.resource.id) for step in part.missed() if _falls(report, step)}
    while more := {key for key in lost - causes if causes & _needs(part, key)}:
        causes |= more
    yield from (f"skipped, and needs nothing that failed: {key}" for key in lost - causes)


def _needs(part: Rollout, key: str) -> set[str]:
    return {need for need, is_hard in part.schedule.needs[key].items() if is_hard}


def _kept(part: Rollout, report: Report) -> Iterator[Step]:
    """Yield the steps of a part that should have had their effect, and it should be there still.

    What is left alone has the effect that it has with what it needs: a goal state on members. Of
    what a step could not write, and whose answer may have been lost, nobody knows.
    """
    progress = part.schedule.progress
    unknown = {key.split("#")[0] for key in part.errors}
    for step in part.plan.steps:
        key = same_id(step.resource.id)
        rests_on = (key, *(part.schedule.needs[key] if isinstance(step, Nothing) else ()))
        is_done = all(progress[name] is Progress.DONE for name in rests_on)
        is_done = is_done and key.split("#")[0] not in unknown
        if is_done and step.resource.body and not _is_taken_back(step, part, report):
            yield step


def _is_taken_back(step: Step, part: Rollout, report: Report) -> bool:
    """Say whether a step was taken back with the part, or changed by one that was."""
    back = report.back.get(step.resource.region or GLOBAL)
    if back is None:
        return False
    return back.failed is part or not _ids([step]).isdisjoint(_ids(back.failed.plan.work))


def _as_found(report: Report, done: Iterable[Step]) -> Iterator[Step]:
    """Yield what was found of what is still to be changed: nothing of it has to be gone yet."""
    whole, over = report.whole, {same_id(step.resource.id) for step in done}
    for step in whole.work if whole else ():
        found = whole.found.get(step.resource.id.split("#")[0]) if whole else None
        if found is not None and same_id(step.resource.id) not in over:
            yield Nothing(replace(step.resource, body=dict(found.body)), "not yet")


def _written_back(report: Report) -> Iterator[Step]:
    """Yield what roll-backs have done to others than those who are taken back themselves.

    It comes after what the rollout did.
    """
    for back in (item.rollout for item in report.backs if item.rollout):
        for step in back.plan.work:
            is_done = back.schedule.progress_of(step) is Progress.DONE
            if is_done and (step.resource.region or GLOBAL) not in report.back:
                yield step


def _last(steps: Sequence[Step]) -> list[Step]:
    """Return steps without those that a later one has changed again, in part or as a whole."""
    return [*{_whose(step): step for step in steps}.values()]


def _whose(step: Step) -> str:
    return same_id(step.resource.id).removesuffix("#scope").removesuffix("#withdrawn")


def _not_as_before(region: str, report: Report, before: Reader, after: Reader) -> Iterator[str]:
    """Yield what a region has otherwise than before; one that a later wave fails to join stands."""
    back = report.back[region]
    if back.rollout is None or back.failed is not _first_of(report, region):
        return
    steps = [step for part in report.parts for step in part.plan.steps]
    left = _ids(back.rollout.missed())
    for difference in after.not_as_before(before, region, steps, whole=back.is_whole):
        if difference.id not in left and not _waits_for(difference.id, left, after):
            yield f"{region} is taken back, and is not as before: {difference}"
    for difference in named_no_more(before, after, region) if back.is_whole else ():
        yield f"{region} is taken back, and shut out: {difference}"


def _waits_for(key: str, left: Collection[str], after: Reader) -> bool:
    """Say whether this is one side of a peering whose other side is left: Azure waits for it."""
    remote = at(after.body(key), "properties.remoteVirtualNetwork.id")
    other = f"{same_id(str(remote))}/virtualnetworkpeerings/"
    return "/virtualnetworkpeerings/" in key and any(name.startswith(other) for name in left)


def _left_by_all(report: Report) -> set[str]:
    """Return the ids that roll-backs say they left: all of a region where one could do nothing."""
    left: set[str] = set()
    for region, back in report.back.items():
        steps = back.failed.plan.work if back.rollout is None else back.rollout.missed()
        own = (step for step in steps if (step.resource.region or GLOBAL) == region)
        left |= _ids(own if back.rollout is None else steps)
    return left


def _ids(steps: Iterable[Step]) -> set[str]:
    return {same_id(step.resource.id).split("#")[0] for step in steps}


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
