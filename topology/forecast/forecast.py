"""`Forecast`: what a plan will take, as a value that the command line, flows and tests read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from topology.forecast.calls import Buckets, Calls, Counting, subscription_of
from topology.forecast.cost import Cost, cost_of
from topology.forecast.duration import (
    History,
    Part,
    Timed,
    critical_path,
    expected,
    parts_of,
    timeline,
    whole_of,
)
from topology.forecast.limits import (
    Growth,
    Headroom,
    beside,
    counted,
    growth,
    headroom,
    nearest,
    standing,
)
from topology.forecast.peaks import peaks
from topology.forecast.prices import BUILT_IN, PriceTable
from topology.kind import Resource, same_id
from topology.limits import PROVIDER_SECONDS, provider_takes
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.explain import title
from topology.planning.plan import Plan
from topology.planning.removal import as_resource
from topology.resources import wanted
from topology.verification.foreseen import foresee


@dataclass(frozen=True)
class StageForecast:
    """One stage of a part: how many steps, and when they start and end, in seconds."""

    stage: str
    steps: int
    start: float
    end: float


@dataclass(frozen=True)
class PartForecast:
    """One part of a rollout: its critical path, and how long it takes with and without pacing."""

    title: str
    steps: int
    seconds: float
    unpaced: float
    critical: float
    path: tuple[str, ...]
    stages: tuple[StageForecast, ...]


@dataclass(frozen=True)
class BucketForecast:
    """The calls of one sort in one subscription.

    `busiest` is the most in one region in five minutes, with those sorts that the provider counts
    together with it; it takes `most`.
    """

    subscription: str
    sort: str
    calls: int
    busiest: int
    most: int

    @property
    def is_passed(self) -> bool:
        """Say whether the provider takes fewer in that time, so that some have to wait."""
        return self.busiest > self.most


@dataclass(frozen=True)
class Forecast:
    """What a plan will take. Times are Azure's seconds, money is of a month.

    Of each limit it has the nearest place; one that is passed anywhere is that.
    """

    topology: str
    parts: tuple[PartForecast, ...]
    pauses: float
    known: Mapping[str, int]
    calls: tuple[BucketForecast, ...]
    reading: int
    limits: tuple[Headroom, ...]
    growth: Growth
    cost: Cost
    by_step: Mapping[str, Timed] = field(default_factory=dict, repr=False)

    @property
    def seconds(self) -> float:
        """Return how long it takes, the pauses between waves included."""
        return sum(part.seconds for part in self.parts) + self.pauses

    @property
    def critical(self) -> float:
        """Return how long it takes at least."""
        return sum(part.critical for part in self.parts) + self.pauses

    @property
    def stretched(self) -> float:
        """Return by how much Azure's buckets make it longer."""
        return sum(part.seconds - part.unpaced for part in self.parts)

    def total(self, sort: str) -> int:
        """Return all calls of a sort."""
        return sum(bucket.calls for bucket in self.calls if bucket.sort == sort)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON; a limit is told by its name."""
        rooms = [
            {**asdict(room), "limit": room.limit.name, "source": room.limit.source}
            for room in self.limits
        ]
        value = {name: item for name, item in vars(self).items() if name != "by_step"}
        return {
            **value,
            "seconds": self.seconds,
            "critical": self.critical,
            "parts": [asdict(part) for part in self.parts],
            "calls": [asdict(bucket) for bucket in self.calls],
            "limits": rooms,
            "growth": {**vars(self.growth), "nearest": str(self.growth.nearest or "")},
            "cost": asdict(self.cost),
        }


def forecast_of(  # noqa: PLR0913  what is known of the plan, and of the past
    network: Network,
    plan: Plan,
    actual: Actual,
    history: History | None = None,
    prices: PriceTable = BUILT_IN,
    *,
    whole: bool = False,
) -> Forecast:
    """Return what a plan will take, for the state from which it was made.

    It is carried out in waves as a rollout is, or `whole` as what `run_plan` carries out.
    """
    learned, parallel = history or {}, network.topology.rollout.parallel
    parts = tuple(whole_of(plan) if whole else parts_of(network, plan))
    timed = dict[str, Timed]()
    told, counting, calls = [], Counting(plan), _Calls()
    for part in parts:
        buckets = Buckets()
        going = partial(timeline, part.plan, learned, parallel, whole=part.whole)
        times = going(buckets)
        unpaced = going() if buckets.have_waited else times
        told.append(_part(part, times, _end(unpaced), learned))
        for item in times:
            timed[same_id(item.step.resource.id)] = item
            calls.add(item, counting.of(item.step, item.end - item.start))
        calls.passed += told[-1].seconds + part.pause
    raised, then = network.topology.policies.limits, foresee(actual, plan.steps, plan.topology)
    counts, before = counted(standing(then)), counted(standing(actual))
    others = beside(counts, counted(wanted(network)))
    after = tuple(_after(plan, then))
    return Forecast(
        plan.topology,
        tuple(told),
        sum(part.pause for part in parts),
        Counter(expected(step, plan, learned).known for step in plan.work),
        calls.buckets(),
        sum((counting.reading(_before(plan)) + counting.reading(after)).values())
        + 2 * sum(counting.reading_others(actual).values()),
        _nearest(
            headroom(counts, raised, others, before),
            headroom(peaks((part.plan for part in parts), actual), raised, others, before),
        ),
        growth(network, others, raised, before),
        cost_of(_before(plan), after, prices),
        timed,
    )


def _nearest(rooms: tuple[Headroom, ...], amid: tuple[Headroom, ...]) -> tuple[Headroom, ...]:
    """Return the nearest place of each limit: where it is passed, at the end or amid the plan."""
    every = (*rooms, *(replace(room, amid=True) for room in amid))
    return nearest((*(room for room in every if room.is_passed), *rooms))


@dataclass
class _Calls:
    """The calls of a rollout in time: when, how many and in which region, by bucket."""

    passed: float = 0.0
    found: dict[tuple[str, str], list[tuple[float, int, str]]] = field(default_factory=dict)

    def add(self, timed: Timed, calls: Calls) -> None:
        resource = timed.step.resource
        for sort, count in calls.items():
            entry = (self.passed + timed.start, count, resource.region or "")
            self.found.setdefault((subscription_of(resource.id), sort), []).append(entry)

    def buckets(self) -> tuple[BucketForecast, ...]:
        return tuple(self._bucket(*key) for key in sorted(self.found))

    def _bucket(self, subscription: str, sort: str) -> BucketForecast:
        sorts, most = provider_takes(sort)
        together = [call for one in sorts for call in self.found.get((subscription, one), ())]
        count = sum(count for _, count, _ in self.found[subscription, sort])
        return BucketForecast(subscription, sort, count, _busiest(together), most)


def _busiest(calls: list[tuple[float, int, str]]) -> int:
    """Return the most calls that begin in one region within the provider's five minutes."""
    return max(
        _most([(moment, count) for moment, count, where in calls if where == region])
        for region in {region for _, _, region in calls}
    )


def _most(calls: list[tuple[float, int]]) -> int:
    ordered, most, within, first = sorted(calls), 0, 0, 0
    for moment, count in ordered:
        within += count
        while ordered[first][0] <= moment - PROVIDER_SECONDS:
            within -= ordered[first][1]
            first += 1
        most = max(most, within)
    return most


def _part(part: Part, times: tuple[Timed, ...], unpaced: float, history: History) -> PartForecast:
    path, critical = critical_path(part.plan, history)
    return PartForecast(
        part.title,
        len(part.plan.work),
        _end(times),
        unpaced,
        critical,
        tuple(title(step) for step in path),
        tuple(_stages(times)),
    )


def _stages(times: tuple[Timed, ...]) -> Iterator[StageForecast]:
    found: dict[str, list[Timed]] = {}
    for item in times:
        found.setdefault(item.step.resource.stage.value, []).append(item)
    for stage, items in sorted(found.items(), key=lambda entry: min(i.start for i in entry[1])):
        yield StageForecast(stage, len(items), min(item.start for item in items), _end(items))


def _end(times: tuple[Timed, ...] | list[Timed]) -> float:
    return max((item.end for item in times), default=0.0)


def _before(plan: Plan) -> Iterator[Resource]:
    return (as_resource(found, plan.found) for found in plan.before)


def _after(plan: Plan, then: Actual) -> Iterator[Resource]:
    """Yield what of ours stands when a plan is done; the part of one leaves the rest as it is."""
    ids = [item.id for item in plan.before]
    ids += [step.resource.id.split("#")[0] for step in plan.steps]
    for key in dict.fromkeys(same_id(name) for name in ids):
        if found := then.resources.get(key):
            yield as_resource(found, then)
