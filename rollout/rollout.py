"""One plan while it is carried out: where its steps stand, and what came of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from azure_api.apply import Applying, Outcome
from azure_api.client import Azure
from topology.forecast.outcome import Done, Took
from topology.kind import same_id
from topology.planning.places import GLOBAL, LAST, places
from topology.planning.plan import Plan, Step
from topology.planning.schedule import Progress, Schedule
from topology.resources import KINDS

Mine = Callable[[Step], bool]
Do = Callable[[Step], Awaitable[str | None]]


@dataclass(eq=False)
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

    # -- doing ---------------------------------------------------------------------------

    async def run(self, mine: Mine, do: Do) -> None:
        """Do the steps of mine to their end, side by side, the longest way to go first.

        `do` does one and returns its final error, None if it ended well. A step that fails
        skips what needs it and stops nothing else. Steps of others that share the rollout are
        waited for where mine need them. Whoever cancels it cancels the steps in flight.
        """
        async with asyncio.TaskGroup() as running:
            while not self.schedule.is_over(mine):
                while (step := self.schedule.take(mine)) is not None:
                    running.create_task(self._do(step, do))
                if not self.schedule.is_over(mine):
                    await self._changed.wait()

    async def _do(self, step: Step, do: Do) -> None:
        error = await do(step)
        if error is None:
            self.schedule.done(step)
        else:
            self.errors[same_id(step.resource.id)] = error
            self.schedule.fail(step)
        self._notify()

    def did(self, outcome: Outcome, told: str) -> None:
        """Record what a step came to, and when."""
        key, scale = same_id(outcome.step), self.azure.settings.time_scale
        end = asyncio.get_running_loop().time() - self.begun
        self.outcomes[key] = told
        self.times[key] = Took((end - outcome.seconds) / scale, end / scale)

    def give_up(self, mine: Mine) -> None:
        """Skip all steps of mine that have not started."""
        self.schedule.skip([step for step in self.plan.work if mine(step)])
        self._notify()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    # -- regions -------------------------------------------------------------------------

    def belongs_to(self, place: str) -> Mine:
        """Return the test for the steps of a place: a region, GLOBAL or LAST."""
        return lambda step: self.places[same_id(step.resource.id)] == place

    @property
    def regions(self) -> list[str]:
        """Return the regions that have something to do of their own, sorted."""
        found = {self.places[same_id(step.resource.id)] for step in self.plan.work}
        return sorted(found - {GLOBAL, LAST})

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

    # -- what came of it -----------------------------------------------------------------

    def carried_out(self, title: str, *, whole: bool = False) -> Done:
        """Return what was done so far, and when, under a title; `whole`: by one run."""
        return Done(title, self.plan, dict(self.times), whole)

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

    def wrong(self, mine: Mine) -> str | None:
        """Return why not all of mine is done after `run`, None if it is."""
        if error := self.first_error(mine):
            return error
        skipped = self.count(mine)[Progress.SKIPPED]
        return "what the region needs could not be had" if skipped else None
