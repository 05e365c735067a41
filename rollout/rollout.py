"""One plan while it is carried out: where its steps stand, and what came of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from azure_api.apply import Outcome
from azure_api.applying import Applying
from rollout.executor import Executor
from topology.forecast.outcome import Done, Took
from topology.kind import same_id
from topology.planning.places import GLOBAL, LAST, places
from topology.planning.plan import Plan, Step
from topology.planning.schedule import Progress, Schedule
from topology.resources import READ

Mine = Callable[[Step], bool]


def _all(_step: Step) -> bool:
    return True


@dataclass(eq=False)
class Rollout:
    """One plan while it is carried out.

    `errors`, and what steps left out, are texts, keyed by lower-case id, as `times` of steps
    that ended well are.
    """

    executor: Executor
    plan: Plan
    schedule: Schedule
    applying: Applying
    places: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    times: dict[str, Took] = field(default_factory=dict)
    begun: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: defaultdict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)
    )

    @classmethod
    def of(cls, executor: Executor, plan: Plan, failed: Rollout | None = None) -> Rollout:
        """Start carrying out a plan; one that takes back what `failed` did shares its values."""
        late = failed.applying.late if failed else None
        applying = Applying.of(executor.azure, READ, plan.topology, late, plan.steps)
        return cls(executor, plan, Schedule(plan), applying, places(plan))

    # -- doing ---------------------------------------------------------------------------

    async def run(self, mine: Mine) -> None:
        """Do the steps of mine to their end, side by side, the longest way to go first.

        A step that fails skips what needs it and stops nothing else. Steps of others that share
        the rollout are waited for where mine need them. Whoever cancels it cancels the steps in
        flight.
        """
        async with asyncio.TaskGroup() as running:
            while not self.schedule.is_over(mine):
                while (step := self.schedule.take(mine)) is not None:
                    running.create_task(self._do(step))
                if not self.schedule.is_over(mine):
                    await self._changed.wait()

    async def run_region(self, region: str) -> str | None:
        """Do a region's own steps as soon as all may begin; return why not all are done."""
        mine = self.belongs_to(region)
        self.begins(region)
        await self._open.wait()
        await self.run(mine)
        return self.wrong(mine)

    async def run_all(self) -> str | None:
        """Do all steps; return why not all are done."""
        await self.run(_all)
        return self.wrong()

    async def _do(self, step: Step) -> None:
        """Do a step; however it ends, nobody waits for it any more."""
        try:
            error = await self.executor.do(self, step)
        except Exception as raised:  # noqa: BLE001  it stops nothing else
            error = self.executor.words(raised)
        except BaseException:
            self._failed(step, "it was broken off")
            raise
        if error is None:
            self.schedule.done(step)
            self._notify()
        else:
            self._failed(step, error)

    def _failed(self, step: Step, error: str) -> None:
        self.errors[same_id(step.resource.id)] = error
        self.schedule.fail(step)
        self._notify()

    def did(self, outcome: Outcome) -> None:
        """Record when a step was done, and what it left out."""
        key, scale = same_id(outcome.step), self.executor.azure.settings.time_scale
        end = asyncio.get_running_loop().time() - self.begun
        self.times[key] = Took((end - outcome.seconds) / scale, end / scale)
        if outcome.left_out:
            self.left_out[key] = ", ".join(outcome.left_out)

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

    def begins(self, region: str) -> None:
        """Say that a region's own run has begun, or never will."""
        self._begun[region].set()

    async def has_begun(self, region: str) -> None:
        """Wait until a region's own run has begun."""
        await self._begun[region].wait()

    def open(self) -> None:
        """Let all regions go on."""
        self._open.set()

    # -- what came of it -----------------------------------------------------------------

    def carried_out(self, title: str, *, whole: bool = False) -> Done:
        """Return what was done so far, and when, under a title; `whole`: by one run."""
        return Done(title, self.plan, dict(self.times), whole)

    def count(self, mine: Mine = _all) -> dict[Progress, int]:
        """Return how many writing steps of mine stand where."""
        counts = dict.fromkeys(Progress, 0)
        for step in self.plan.work:
            if mine(step):
                counts[self.schedule.progress_of(step)] += 1
        return counts

    def missed(self, mine: Mine = _all) -> list[Step]:
        """Return the steps of mine that failed, or were skipped for others that did."""
        wrong = {Progress.FAILED, Progress.SKIPPED}
        steps = (step for step in self.plan.work if mine(step))
        return [step for step in steps if self.schedule.progress_of(step) in wrong]

    def first_error(self, mine: Mine = _all) -> str | None:
        """Return the first error among steps of mine, in the order of the plan."""
        for step in self.plan.work:
            if mine(step) and (error := self.errors.get(same_id(step.resource.id))):
                return error
        return None

    def wrong(self, mine: Mine = _all) -> str | None:
        """Return why not all of mine is done after `run`, None if it is."""
        if error := self.first_error(mine):
            return error
        return "what the region needs could not be had" if self.missed(mine) else None
