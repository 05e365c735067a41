"""A forecast told to people: in a few lines, and whole as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topology.forecast.cost import Cost
from topology.forecast.forecast import BucketForecast, Forecast
from topology.limits import BUCKETS, provider_takes

Row = dict[str, Any]


def in_short(forecast: Forecast) -> Iterator[str]:
    """Yield a line on time, on calls, on the limit that growth meets first, and on money."""
    if forecast.parts:
        yield f"time: {_time(forecast)}"
        yield f"calls: {_calls(forecast)}"
    yield f"limits: {_limits(forecast)}"
    yield f"cost: {_cost(forecast.cost)}"


def markdown(forecast: Forecast) -> str:
    """Return the same as a section of a page."""
    lines = "\n".join(f"- {line}" for line in in_short(forecast))
    return f"\n## Forecast\n\n{lines}\n"


def duration(seconds: float) -> str:
    """Return seconds as people say them: `45 s`, `13 min 35 s`, `2 h 5 min`."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"


def parts(forecast: Forecast) -> list[Row]:
    """Return a row for each stage of each part of the rollout."""
    return [
        {
            "part": part.title,
            "stage": stage.stage,
            "steps": stage.steps,
            "starts after": duration(stage.start),
            "ends after": duration(stage.end),
        }
        for part in forecast.parts
        for stage in part.stages
    ]


def critical_paths(forecast: Forecast) -> Iterator[str]:
    """Yield the steps of each part that nothing else can make wait less."""
    for part in forecast.parts:
        yield f"{part.title}, {duration(part.critical)} at least:"
        yield from (f"    {step}" for step in part.path)


def calls(forecast: Forecast) -> list[Row]:
    """Return a row for each bucket of Resource Manager's that is drawn from."""
    return [
        {
            "subscription": bucket.subscription,
            "sort": bucket.sort,
            "calls": bucket.calls,
            "bucket": f"{BUCKETS[bucket.sort].size:g}, {BUCKETS[bucket.sort].per_second:g}/s",
            "busiest 5 min of a region": _busiest(bucket),
        }
        for bucket in forecast.calls
    ]


def _busiest(bucket: BucketForecast) -> str:
    sorts, most = provider_takes(bucket.sort)
    others = " and ".join(f"{sort}s" for sort in sorted(sorts - {bucket.sort}))
    return f"{bucket.busiest:,} of {most:,}{f', with {others}' if others else ''}"


def limits(forecast: Forecast) -> list[Row]:
    """Return a row for each limit that is used, at the place where least is left."""
    return [
        {
            "limit": room.limit.what,
            "used": f"{room.used:,} of {room.most:,}",
            "share": f"{room.used / room.most:.0%}" if room.used >= room.most / 100 else "< 1%",
            "of others": f"{room.others:,}" if room.others else "",
            "where": f"{room.where}, amid the rollout" if room.amid else room.where,
        }
        for room in forecast.limits
    ]


def money(forecast: Forecast) -> list[Row]:
    """Return a row for each meter: what it costs before and after, by which price."""
    return [
        {
            "meter": line.meter,
            "before": "" if line.before is None else f"{line.before:,.2f}",
            "after": "" if line.after is None else f"{line.after:,.2f}",
            "units": f"{line.units_before:g} -> {line.units_after:g}",
            "price": line.price,
        }
        for line in forecast.cost.lines
    ]


def sources(forecast: Forecast) -> Iterator[str]:
    """Yield who says so, and when, of each price."""
    by_source: dict[str, list[str]] = {}
    for line in forecast.cost.lines:
        source = f"{line.source}, {line.date}" if line.source else "nobody"
        by_source.setdefault(source, []).append(line.meter)
    for source, meters in by_source.items():
        yield f"{', '.join(meters)}: {source}"


def _time(forecast: Forecast) -> str:
    known = ", ".join(f"{count} steps {name}" for name, count in sorted(forecast.known.items()))
    waits = f", {duration(forecast.pauses)} of pauses" if forecast.pauses else ""
    return (
        f"{duration(forecast.seconds)}, {duration(forecast.critical)} of it the critical path"
        f"{waits} ({known})"
    )


def _calls(forecast: Forecast) -> str:
    counts = ", ".join(f"{forecast.total(sort):,} {sort}s" for sort in ("write", "delete", "read"))
    stretched = forecast.stretched
    waits = f"Azure's buckets add {duration(stretched)}" if stretched >= 1 else "no pacing"
    passed = [bucket for bucket in forecast.calls if bucket.is_passed]
    beyond = f"; more in 5 minutes than a region takes: {_busiest(passed[0])}" if passed else ""
    return f"{counts}, and {forecast.reading:,} to read what is there; {waits}{beyond}"


def _limits(forecast: Forecast) -> str:
    certain = (room for room in forecast.limits if room.limit.certain)
    nearest = next(certain, None)
    return f"{forecast.growth}" + (f"; now nearest: {nearest}" if nearest else "")


def _cost(cost: Cost) -> str:
    text = f"{cost.before:,.2f} -> {cost.after:,.2f} {cost.currency} a month"
    notes = ["fixed costs only"] if cost.fixed_only else []
    notes += [f"no price for {', '.join(cost.unpriced)}"] if cost.unpriced else []
    notes += [f"prices of {', '.join(cost.assumed)} are assumptions"] if cost.assumed else []
    notes += [f"prices of {_days(cost)}"] if cost.dates else []
    return f"{text} ({'; '.join(notes)})" if notes else text


def _days(cost: Cost) -> str:
    first, last = cost.dates[0], cost.dates[-1]
    return first if first == last else f"{first} to {last}"
