"""How long a plan takes: its steps in time, as a rollout goes about them.

The schedule is the one that a rollout follows, with its locks; what is left out is our own
overhead, and refusals that are tried again.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from topology.forecast.calls import Buckets
from topology.kind import at, parent_id, same_id, strings
from topology.network import Network
from topology.planning.actual import Found
from topology.planning.at_once import POLICY_PART, at_once
from topology.planning.parts import without
from topology.planning.places import GLOBAL, LAST, places, regions_at_once
from topology.planning.plan import Change, Nothing, Plan, Step
from topology.planning.schedule import Schedule
from topology.planning.waves import in_waves
from topology.resources import KIND_BY_NAME

WHOLE_PART = "the plan"  # where it is carried out whole

_TAGS = 1.0  # a PATCH answers at once (recordings.md section 4)


@dataclass(frozen=True)
class Learned:
    """What past runs of a deployment took for one sort of step: the median of so many."""

    seconds: float
    count: int


History = Mapping[str, Learned]


@dataclass(frozen=True)
class Expected:
    """How long a step takes, in Azure's seconds, and how that is known."""

    seconds: float
    known: str  # recorded, learned or assumed


@dataclass(frozen=True)
class Timed:
    """A step and its time, in seconds from the begin of its part of the plan."""

    step: Step
    start: float
    end: float


@dataclass(frozen=True)
class Part:
    """What of a plan is carried out by itself: what reaches all at once, a wave, or the `whole`.

    A whole plan goes step by step and not region by region, as a destroy or a roll-back does.
    """

    title: str
    plan: Plan
    pause: float = 0.0
    whole: bool = False


def sort_of(step: Step, plan: Plan) -> str:
    """Return what a step is an instance of: `create firewall`, `commit Routing`.

    Durations are learned by it. `in use` is what rests on something that others use.
    """
    resource = step.resource
    name = resource.body.get("commitType") or resource.kind
    if isinstance(step, Change) and _is_tagged(step):
        return f"tag {name}"
    return f"{step.does} {name} in use" if _is_in_use(step, plan) else f"{step.does} {name}"


def expected(step: Step, plan: Plan, history: History) -> Expected:
    """Return how long a step takes: as it took this deployment, or else as recorded."""
    if learned := history.get(sort_of(step, plan)):
        return Expected(learned.seconds, "learned")
    seconds = KIND_BY_NAME[step.resource.kind].seconds
    known = "assumed" if seconds.assumed else "recorded"
    if isinstance(step, Change) and _is_tagged(step):
        return Expected(_TAGS, known)
    if seconds.in_use is not None and _is_in_use(step, plan):
        return Expected(seconds.in_use, known)
    return Expected(seconds.of(step.does), known)


def parts_of(network: Network, plan: Plan) -> Iterator[Part]:
    """Yield what a rollout carries out one after the other; no step is in two of them."""
    first = at_once(plan)
    if first.work:
        yield Part(POLICY_PART, first)
    for wave, part in in_waves(network, without(plan, first)):
        pause = 0.0 if wave.last else network.topology.rollout.bake_minutes * 60
        yield Part(wave.name, part, pause)


def whole_of(plan: Plan) -> Iterator[Part]:
    """Yield the same of a plan that is carried out whole."""
    if plan.work:
        yield Part(WHOLE_PART, plan, whole=True)


def critical_path(plan: Plan, history: History) -> tuple[tuple[Step, ...], float]:
    """Return the chain of steps that takes longest, and its seconds."""
    needs: dict[str, list[str]] = {}
    for edge in plan.edges:
        needs.setdefault(same_id(edge.step), []).append(same_id(edge.need))
    ends, before = dict[str, float](), dict[str, str]()
    steps = {same_id(step.resource.id): step for step in plan.steps}
    for key, step in steps.items():
        earlier = [need for need in needs.get(key, ()) if need in ends]
        own = 0.0 if isinstance(step, Nothing) else expected(step, plan, history).seconds
        ends[key] = own
        if earlier:
            before[key] = max(earlier, key=ends.__getitem__)
            ends[key] += ends[before[key]]
    chain = [max(ends, key=ends.__getitem__)] if ends else []
    while chain and chain[-1] in before:
        chain.append(before[chain[-1]])
    path = (steps[key] for key in reversed(chain))
    seconds = max(ends.values(), default=0.0)
    return tuple(step for step in path if not isinstance(step, Nothing)), seconds


def timeline(
    plan: Plan,
    history: History,
    parallel: int | None = None,
    buckets: Buckets | None = None,
    *,
    whole: bool = False,
) -> tuple[Timed, ...]:
    """Return when each step that writes starts and ends, the way a run carries them out.

    Regions go side by side, `parallel` at most, then what joins them; of a `whole` plan each
    step goes as soon as what it needs is done. Where `buckets` are given a step waits until
    Azure would take its calls.
    """
    return tuple(_Rolling(plan, history, parallel, buckets, whole=whole).run())


class _Rolling:
    """A plan carried out in thought."""

    def __init__(
        self,
        plan: Plan,
        history: History,
        parallel: int | None,
        buckets: Buckets | None,
        *,
        whole: bool,
    ) -> None:
        self._plan, self._history, self._buckets = plan, history, buckets
        self._schedule, self._places = Schedule(plan), places(plan)
        self._left = Counter(self._places[same_id(step.resource.id)] for step in plan.work)
        regions = sorted({*self._left} - {GLOBAL, LAST})
        size = len(regions) if whole else regions_at_once(plan, parallel)
        self._open, self._waiting = {GLOBAL, *regions[:size]}, regions[size:]
        if whole:
            self._open.add(LAST)
        self._running: list[tuple[float, int, Timed]] = []
        self._numbers = count()

    def run(self) -> Iterator[Timed]:
        now = 0.0
        while True:
            while step := self._schedule.take(self._is_open):
                self._start(step, now)
            if not self._running:
                if LAST in self._open:
                    return
                self._open.add(self._waiting.pop(0) if self._waiting else LAST)
                continue
            now, _, timed = heapq.heappop(self._running)
            self._schedule.done(timed.step)
            self._leave(self._places[same_id(timed.step.resource.id)])
            yield timed

    def _is_open(self, step: Step) -> bool:
        return self._places[same_id(step.resource.id)] in self._open

    def _start(self, step: Step, now: float) -> None:
        start = now if self._buckets is None else now + self._buckets.wait_for(step, now)
        timed = Timed(step, start, start + expected(step, self._plan, self._history).seconds)
        heapq.heappush(self._running, (timed.end, next(self._numbers), timed))

    def _leave(self, place: str) -> None:
        self._left[place] -= 1
        if self._left[place] == 0 and self._waiting and place not in {GLOBAL, LAST}:
            self._open.add(self._waiting.pop(0))


def _is_tagged(step: Change) -> bool:
    return step.sets_only_tags and KIND_BY_NAME[step.resource.kind].tags_method is not None


def _is_in_use(step: Step, plan: Plan) -> bool:
    """Say whether a step writes something whose users stay, or under such a thing."""
    if KIND_BY_NAME[step.resource.kind].seconds.in_use is None:
        return False
    above = map(plan.found.get, (step.resource.id, parent_id(step.resource.id)))
    users = {user for found in above if found for user in _users(found)}
    return bool(users - plan.deleted)


def _users(found: Found) -> Iterator[str]:
    for key in KIND_BY_NAME[found.kind].used_by:
        yield from map(same_id, strings(at(found.body, f"properties.{key}")))
