"""A plan carried out below Prefect: the same schedule, the same steps, no flow runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from azure_api.apply import Applying, apply_step
from azure_api.client import Azure
from azure_api.errors import AzureError
from azure_api.in_flight import read_settled
from topology.kind import Resource, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan, Step
from topology.planning.planner import make_plan
from topology.planning.schedule import Progress, Schedule
from topology.resources import KINDS, READ, wanted

Mine = Callable[[Step], bool]


@dataclass
class Carrying:
    """A plan while it is carried out: where its steps stand, and their errors by lower-case id."""

    plan: Plan
    schedule: Schedule
    applying: Applying
    errors: dict[str, str] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, azure: Azure, plan: Plan, failed: Carrying | None = None) -> Carrying:
        """Start carrying out a plan, or one that takes back what `failed` did."""
        late = failed.applying.late if failed else None
        return cls(plan, Schedule(plan), Applying.of(azure, KINDS, plan.topology, late, plan.steps))

    async def run(self, mine: Mine = lambda _step: True) -> None:
        """Do the steps of mine to their end; others that run beside are waited for.

        Whoever cancels it cancels the steps in flight, as Prefect does.
        """
        async with asyncio.TaskGroup() as group:
            while not self.schedule.is_over(mine):
                while (step := self.schedule.take(mine)) is not None:
                    group.create_task(self._do(step))
                if not self.schedule.is_over(mine):
                    await self._changed.wait()

    def give_up(self, mine: Mine) -> None:
        """Skip the steps of mine that have not started."""
        self.schedule.skip([step for step in self.plan.work if mine(step)])
        self._notify()

    def missed(self, mine: Mine = lambda _step: True) -> list[Step]:
        """Return the steps of mine that failed, or were skipped for others that did."""
        wrong = {Progress.FAILED, Progress.SKIPPED}
        work = self.plan.work
        return [step for step in work if mine(step) and self.schedule.progress_of(step) in wrong]

    async def _do(self, step: Step) -> None:
        try:
            await apply_step(self.applying, step)
        except AzureError as error:
            self.errors[same_id(step.resource.id)] = str(error)
            self.schedule.fail(step)
        else:
            self.schedule.done(step)
        self._notify()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def carry_out(azure: Azure, plan: Plan) -> dict[str, str]:
    """Do all steps of a plan; return the errors by lower-case id."""
    carrying = Carrying.of(azure, plan)
    await carrying.run()
    return carrying.errors


async def read_network(
    azure: Azure, network: Network, stays: Iterable[Resource] | None = None
) -> Actual:
    """Read what Azure holds of a network when nothing is changing, as a run begins.

    `stays` is what is wanted when the run is over, by default all.
    """
    ids = [resource.id for resource in (wanted(network) if stays is None else stays)]
    return await read_settled(azure, READ, network.topology.topology, ids)


async def apply_network(azure: Azure, network: Network) -> dict[str, str]:
    """Plan and carry out; return the errors by lower-case id."""
    return await carry_out(azure, make_plan(network, await read_network(azure, network)))


__all__ = ["Carrying", "apply_network", "carry_out", "read_network"]
