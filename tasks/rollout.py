"""What the flows and tasks of one run share: the plan, its schedule, the connection.

It is not passed as a parameter: Prefect records parameters, and this holds clients.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from prefect.client.schemas.objects import State

from azure_api.apply import Applying, Outcome
from azure_api.client import Azure
from topology.forecast.outcome import Done, Took
from topology.kind import same_id
from topology.planning.places import GLOBAL, LAST, places
from topology.planning.plan import Nothing, Plan, Step
from topology.planning.schedule import Progress, Schedule
from topology.resources import KINDS

Mine = Callable[[Step], bool]


@dataclass
class Rollout:
    """One plan while it is carried out.

    `outcomes` (what was done) and `errors` are texts, keyed by lower-case id, as `times` of
    steps that ended well are.
    """

    azure: Azure
    plan: Plan
    schedule: Schedule
    applying: Applying
    places: dict[str, str]
    outcomes: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    times: dict[str, Took] = field(default_factory=dict)
    states: dict[tuple[UUID, str], State] = field(default_factory=dict)
    begun: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: defaultdict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)
    )

    @classmethod
    def of(cls, azure: Azure, plan: Plan, failed: Rollout | None = None) -> Rollout:
        """Start carrying out a plan; one that takes back what `failed` did shares its values."""
        late = failed.applying.late if failed else None
        applying = Applying.of(azure, KINDS, plan.topology, late, plan.steps)
        return cls(azure, plan, Schedule(plan), applying, places(plan))

    def belongs_to(self, place: str) -> Mine:
        """Return the test for the steps of a place: a region, GLOBAL or LAST."""
        return lambda step: self.places[same_id(step.resource.id)] == place

    @property
    def regions(self) -> list[str]:
        """Return the regions that have something to do of their own, sorted."""
        found = {self.places[same_id(step.resource.id)] for step in self.plan.work}
        return sorted(found - {GLOBAL, LAST})

    @contextmanager
    def active(self) -> Iterator[Rollout]:
        """Make this the rollout that `current_rollout` returns, here and in what is awaited."""
        token = _CURRENT.set(self)
        try:
            yield self
        finally:
            _CURRENT.reset(token)

    async def begin(self, region: str) -> None:
        """Say that a region's own run has begun, and wait until the rollout is open."""
        self._begun[region].set()
        await self._open.wait()

    def open(self) -> None:
        """Let all regions go on."""
        self._open.set()

    async def has_begun(self, region: str) -> None:
        """Wait until a region's own run has begun."""
        await self._begun[region].wait()

    async def next_change(self) -> None:
        """Wait until a step ends, in whichever flow."""
        await self._changed.wait()

    def done(self, step: Step) -> None:
        """Record that a step ended well."""
        self.schedule.done(step)
        self._notify()

    def did(self, outcome: Outcome, told: str) -> None:
        """Record what a step came to, and when."""
        key, scale = same_id(outcome.step), self.azure.settings.time_scale
        end = asyncio.get_running_loop().time() - self.begun
        self.outcomes[key] = told
        self.times[key] = Took((end - outcome.seconds) / scale, end / scale)

    def carried_out(self, title: str) -> Done:
        """Return what was done so far, and when, under a title."""
        return Done(title, self.plan, dict(self.times))

    def failed(self, step: Step, error: str) -> None:
        """Record that a step failed for good, and skip what needs it."""
        self.errors[same_id(step.resource.id)] = error
        self.schedule.fail(step)
        self._notify()

    def give_up(self, mine: Mine) -> None:
        """Skip all steps of mine that have not started."""
        self.schedule.skip([step for step in self.plan.work if mine(step)])
        self._notify()

    def count(self, mine: Mine) -> dict[Progress, int]:
        """Return how many writing steps of mine stand where."""
        counts = dict.fromkeys(Progress, 0)
        for step in self.plan.work:
            if mine(step):
                counts[self.schedule.progress_of(step)] += 1
        return counts

    def first_error(self, mine: Mine) -> str | None:
        """Return the first error among steps of mine, in the order of the plan."""
        for step in self.plan.work:
            if mine(step) and (error := self.errors.get(same_id(step.resource.id))):
                return error
        return None

    def states_of_needs(self, step: Step, flow_run: UUID) -> list[State]:
        """Return the final states of what a step needs, within one flow run.

        Prefect draws edges inside a flow run only; through a step that does nothing
        the edge goes to what that one needed.
        """
        found: dict[str, State] = {}
        waiting, seen = [same_id(step.resource.id)], set[str]()
        while waiting:
            for need in self.schedule.needs[waiting.pop()]:
                if need in seen:
                    continue
                seen.add(need)
                if state := self.states.get((flow_run, need)):
                    found[need] = state
                elif isinstance(self.schedule.steps[need], Nothing):
                    waiting.append(need)
        return list(found.values())

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


_CURRENT: ContextVar[Rollout] = ContextVar("rollout")


def current_rollout() -> Rollout:
    """Return the rollout that this flow or task belongs to."""
    return _CURRENT.get()
