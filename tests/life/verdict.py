"""Is a report true: each region is as planned or as before, or it says what is left.

Each function yields what is wrong, a line each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.carry_out import Carrying
from tests.life.compared import Holdings, Reader
from tests.life.foreign import THEIRS
from tests.life.rolling_out import Report, TakenBack
from topology.kind import same_id
from topology.planning.places import GLOBAL
from topology.planning.plan import Plan, Step
from topology.planning.schedule import Progress


def untrue(report: Report, before: Reader, after: Reader) -> Iterator[str]:
    """Yield where a region is neither as planned nor as before and the report does not say so."""
    carrying = report.carrying
    if carrying is None:
        if report.first is None and before.held != after.held:
            yield "nothing is said to be done, and something is"
        return
    for region in [*_regions(carrying.plan), GLOBAL]:
        if region in report.back:
            yield from _not_as_before(region, report.back[region], carrying, before, after)
        elif _missed(carrying, region) and not carrying.errors:
            yield f"{region} misses something, and nothing is said to have failed"
    written = [*_written_back(report)]
    done = [step for step in _last(carrying.plan.steps) if _is_kept(step, report, carrying)]
    done, known = _last([*done, *written]), [*carrying.plan.steps, *written]
    left = _left_by_all(report)
    for difference in after.not_as_planned(done, known, [*report.back]):
        if left is not None and difference.id.split("#")[0] not in left:
            yield f"said to be done, and is not: {difference}"


def fates(report: Report) -> Counter[str]:
    """Return how many regions ended how, by a report that is true."""
    carrying, counts = report.carrying, Counter[str]()
    for region in _regions(carrying.plan) if carrying else ():
        back = report.back.get(region)
        if back is not None:
            counts["regions as before" if back.is_whole else "regions left in part, named"] += 1
        elif carrying is not None:
            missed = _missed(carrying, region)
            counts["regions not joined, named" if missed else "regions as planned"] += 1
    return counts


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


def _regions(plan: Plan) -> list[str]:
    return sorted({step.resource.region for step in plan.steps if step.resource.region})


def _missed(carrying: Carrying, region: str) -> list[Step]:
    return carrying.missed(lambda step: step.resource.region == region)


def _is_kept(step: Step, report: Report, carrying: Carrying) -> bool:
    """Say whether a step should have had its effect, and it should be there still."""
    if (step.resource.region or GLOBAL) in report.back or not step.resource.body:
        return False
    return carrying.schedule.progress_of(step) is Progress.DONE


def _written_back(report: Report) -> Iterator[Step]:
    """Yield what roll-backs have done to others than those who are taken back themselves.

    It comes after what the rollout did.
    """
    for carrying in (back.carrying for back in report.back.values() if back.carrying):
        for step in carrying.plan.work:
            is_done = carrying.schedule.progress_of(step) is Progress.DONE
            if is_done and (step.resource.region or GLOBAL) not in report.back:
                yield step


def _last(steps: Sequence[Step]) -> list[Step]:
    """Return steps without those that a later one has changed again, in part or as a whole."""
    last = {same_id(step.resource.id).removesuffix("#scope"): step for step in steps}
    return [step for key, step in last.items() if f"{key}#withdrawn" not in last]


def _not_as_before(
    region: str, back: TakenBack, carrying: Carrying, before: Reader, after: Reader
) -> Iterator[str]:
    named = _named(back)
    if named is None:
        return
    for difference in after.not_as_before(before, region, carrying.plan, whole=back.is_whole):
        if difference.id not in named:
            yield f"{region} is taken back, and is not as before: {difference}"


def _named(back: TakenBack) -> set[str] | None:
    """Return the ids that a roll-back says it left, None where it could do nothing."""
    if back.carrying is None:
        return None
    return {same_id(step.resource.id).split("#")[0] for step in back.carrying.missed()}


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
