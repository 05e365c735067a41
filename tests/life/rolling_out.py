"""A rollout below Prefect: ordered by rollout/, as flows/ have it, and what it says of itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from azure_api.client import Azure
from azure_api.errors import AzureError
from rollout import waves
from rollout.executor import Executor
from rollout.result import Ending, RolloutResult
from rollout.rollout import Rollout
from rollout.take_back import take_back
from rollout.take_back_run import take_back_run
from tests.carry_out import Plainly, carried_out, read_network
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.places import GLOBAL
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.planning.roll_back.outcome import TakenBack, begun, left_of
from topology.planning.schedule import Progress


@dataclass
class Back:
    """What came of taking back what `failed` did in a region.

    Without `rollout` it could not even be planned.
    """

    failed: Rollout
    rollout: Rollout | None = None
    error: str = ""

    @property
    def is_whole(self) -> bool:
        """Say whether all was taken back."""
        return self.rollout is not None and not self.rollout.missed()


@dataclass
class Report:
    """What a run says of itself, and what was carried out and taken back.

    Without `came` it could not begin, and `error` says why. `parts` are in their order: what
    reaches all regions at once, and waves. What is taken back of the first of these is GLOBAL; of
    `backs`, all in their order, `back` has the last of each region.
    `saved` are the plans that it has kept last, by the name of their part; `told` is its log.
    """

    error: str = ""
    came: RolloutResult | None = None
    parts: list[Rollout] = field(default_factory=list)
    back: dict[str, Back] = field(default_factory=dict)
    backs: list[Back] = field(default_factory=list)
    saved: dict[str, Plan] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @property
    def ending(self) -> Ending:
        """Return how it says that it has ended."""
        return Ending(self.error) if self.came is None else self.came.ending

    @property
    def whole(self) -> Plan | None:
        """Return what was to be carried out."""
        return self.came.whole if self.came else None

    @property
    def errors(self) -> dict[str, str]:
        """Return the final errors of steps by lower-case id."""
        return {key: error for part in self.parts for key, error in part.errors.items()}


By = Callable[[Azure, Report], Executor]


async def roll_out(azure: Azure, network: Network, by: By | None = None) -> Report:
    """Read, plan, carry out wave by wave `by` an executor, and take back what failed."""
    try:
        found = await read_network(azure, network)
    except AzureError as error:
        return Report(error=str(error))
    return await roll_out_plan(azure, network, make_plan(network, found), found, by)


async def roll_out_plan(
    azure: Azure, network: Network, whole: Plan, found: Actual, by: By | None = None
) -> Report:
    """Carry a plan out wave by wave; `found` is what Azure held when it was made."""
    report = Report()
    executor = (by or Living)(azure, report)
    report.came = await waves.roll_out(executor, network, whole, found, make_plan)
    return report


async def take_back_all(
    azure: Azure, network: Network, report: Report, region: str | None = None
) -> TakenBack:
    """Take back what a run did, or that of a region, as `orrery rollback RUN` does it later."""
    parts = [begun(part.plan, part.schedule, part.applying.owners.refused) for part in report.parts]
    return await take_back_parts(azure, network, parts, region)


async def take_back_parts(
    azure: Azure, network: Network, parts: Sequence[Plan], region: str | None = None
) -> TakenBack:
    """Take back what a run has saved, in its order."""
    came, _ = await take_back_run(_Later(azure), network, parts, region)
    return came


class _Later(Plainly):
    """What `rollout/take_back_run.py` has done for it, without Prefect."""

    async def read(self, network: Network) -> Actual:
        """Read when nothing is changing."""
        return await read_network(self.azure, network)

    async def keep(self, _network: Network, back: Plan, _found: Actual, number: int) -> None:
        """See that nothing is lost."""
        await self.save(back, f"back-{number}")

    async def carry_out(self, _network: Network, _part: Plan, back: Plan) -> TakenBack:
        """Carry it out, and say what is left."""
        rollout = await carried_out(self.azure, back)
        left = tuple(left_of(back, rollout.schedule, rollout.errors))
        return TakenBack(rollout.count()[Progress.DONE], left)

    def told(self, error: Exception) -> str | None:
        """Return what a person can act on."""
        return self.words(error)


@dataclass
class Living(Plainly):
    """An executor without Prefect that notes in a report what it did."""

    report: Report

    @asynccontextmanager
    async def carrying(self, rollout: Rollout) -> AsyncIterator[None]:
        """Note a part."""
        self.report.parts.append(rollout)
        yield

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:
        """Note what is taken back."""
        try:
            back = Back(rollout, await take_back(rollout, network, region))
        except AzureError as error:
            back = Back(rollout, error=str(error))
        self.report.back[region or GLOBAL] = back
        self.report.backs.append(back)
        return back.is_whole

    async def save(self, plan: Plan, part: str) -> None:
        """Note what is kept."""
        await super().save(plan, part)
        self.report.saved[part] = plan

    def tell(self, text: str) -> None:
        """Note what is said."""
        self.report.told.append(text)
