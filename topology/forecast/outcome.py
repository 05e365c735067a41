"""A forecast against what happened, and what is learned from that for the next one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from topology.forecast.duration import History, Learned, Timed, expected, sort_of, timeline
from topology.forecast.telling import duration
from topology.kind import same_id
from topology.planning.plan import Plan

Row = dict[str, Any]


@dataclass(frozen=True)
class Took:
    """When a step started and ended, in Azure's seconds from the begin of its part."""

    start: float
    end: float


@dataclass(frozen=True)
class Done:
    """A part of a plan that was carried out; `times` are of steps that ended well, by id.

    A `whole` plan went step by step, and not region by region.
    """

    title: str
    plan: Plan
    times: Mapping[str, Took]
    whole: bool = False


def stage_rows(parts: Iterable[Done], history: History, parallel: int | None) -> list[Row]:
    """Return a row for each stage of each part: when it should have ended, and when it did."""
    return [row for part in parts for row in _stages(part, history, parallel)]


def learned_rows(parts: Sequence[Done], history: History, where: str) -> list[Row]:
    """Return a row for each sort of step: what it took, and what was expected.

    `where` is the endpoint at which that is so.
    """
    found: dict[str, list[float]] = {}
    before: dict[str, float] = {}
    for part in parts:
        for step in part.plan.work:
            if took := part.times.get(same_id(step.resource.id)):
                sort = sort_of(step, part.plan)
                found.setdefault(sort, []).append(took.end - took.start)
                before[sort] = expected(step, part.plan, history).seconds
    return [
        {
            "sort": sort,
            "steps": len(seconds),
            "expected s": round(before[sort], 1),
            "took s": round(median(seconds), 1),
            "where": where,
        }
        for sort, seconds in sorted(found.items())
    ]


def history_of(tables: Iterable[Iterable[Row]], where: str) -> dict[str, Learned]:
    """Return what these tables of past runs have learned at an endpoint.

    A run counts by the steps that it had; the median of all is what is expected. Rows of
    another form are passed over.
    """
    found: dict[str, list[float]] = {}
    for row in (row for table in tables for row in table):
        if row.get("where") == where and {"sort", "steps", "took s"} <= row.keys():
            found.setdefault(row["sort"], []).extend([row["took s"]] * row["steps"])
    return {sort: Learned(median(seconds), len(seconds)) for sort, seconds in found.items()}


def _stages(part: Done, history: History, parallel: int | None) -> Iterator[Row]:
    planned: dict[str, list[Timed]] = {}
    for item in timeline(part.plan, history, parallel, whole=part.whole):
        planned.setdefault(item.step.resource.stage.value, []).append(item)
    for stage, items in sorted(planned.items(), key=lambda entry: max(i.end for i in entry[1])):
        keys = [same_id(item.step.resource.id) for item in items]
        times = [part.times[key] for key in keys if key in part.times]
        expected_end = max(item.end for item in items)
        end = max((took.end for took in times), default=None)
        yield {
            "part": part.title,
            "stage": stage,
            "steps": f"{len(times)} of {len(items)}",
            "expected to end after": duration(expected_end),
            "ended after": "" if end is None else duration(end),
            "ratio": "" if end is None else f"{end / expected_end:.2f}",
        }
