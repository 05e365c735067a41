"""A rollout below Prefect: ordered by rollout/, as flows/ have it, and what it says of itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from azure_api.client import Azure
from azure_api.errors import AzureError
from rollout import take_back, waves
from rollout.foreseen import not_foreseen
from rollout.hands import Ending
from rollout.rollout import Rollout
from rollout.waves import RolledOut
from tests.carry_out import Plainly, carried_out, missed, read_network
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.places import GLOBAL
from topology.planning.plan import Plan
from topology.planning.planner import InTheWayError, make_plan
from topology.planning.rollback import plan_roll_back
from topology.planning.taken_back import begun
from topology.rollout_spec import HookSpec
from topology.verification.finding import Finding


@dataclass
class TakenBack:
    """What came of taking a region back; without `rollout` it could not even be planned."""

    rollout: Rollout | None = None
    error: str = ""

    @property
    def is_whole(self) -> bool:
        """Say whether all was taken back."""
        return self.rollout is not None and not missed(self.rollout)


@dataclass
class Report:
    """What a run says of itself, and what was carried out and taken back.

    Without `came` it could not begin, and `error` says why. `parts` are in their order: what
    reaches all regions at once, and waves. What is taken back of the first of these is GLOBAL.
    `saved` are the plans that it has kept last, by the name of their part.
    """

    error: str = ""
    came: RolledOut | None = None
    parts: list[Rollout] = field(default_factory=list)
    back: dict[str, TakenBack] = field(default_factory=dict)
    saved: dict[str, Plan] = field(default_factory=dict)

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


async def roll_out(azure: Azure, network: Network) -> Report:
    """Read, plan, carry out wave by wave, and take back what failed."""
    try:
        found = await read_network(azure, network)
    except AzureError as error:
        return Report(error=str(error))
    return await roll_out_plan(azure, network, make_plan(network, found), found)


async def roll_out_plan(azure: Azure, network: Network, whole: Plan, found: Actual) -> Report:
    """Carry a plan out wave by wave; `found` is what Azure held when it was made."""
    report = Report()
    report.came = await waves.roll_out(_Living(azure, report), network, whole, found, make_plan)
    return report


async def take_back_all(azure: Azure, network: Network, report: Report) -> list[str]:
    """Take back what a run did as flows/roll_back_run.py does; return the errors."""
    errors: list[str] = []
    for part in reversed(report.parts):
        plan = begun(part.plan, part.schedule, part.applying.owners.refused)
        back = plan_roll_back(plan, None, await read_network(azure, network), network.policies)
        errors += (await carried_out(azure, back)).errors.values()
    return errors


@dataclass
class _Living(Plainly):
    """All hands of a rollout, without Prefect; what they did goes into the report."""

    report: Report

    @asynccontextmanager
    async def carrying(self, rollout: Rollout) -> AsyncIterator[None]:
        self.report.parts.append(rollout)
        yield

    async def run_region(self, rollout: Rollout, region: str) -> bool:
        mine = rollout.belongs_to(region)
        await rollout.begin(region)
        await self.run(rollout, mine)
        return rollout.wrong(mine) is None

    async def change(self, rollout: Rollout) -> str | None:
        await self.run(rollout, lambda _step: True)
        return rollout.first_error(lambda _step: True)

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:
        try:
            back = TakenBack(await take_back.take_back(self, rollout, network, region))
        except AzureError as error:
            back = TakenBack(error=str(error))
        self.report.back[region or GLOBAL] = back
        return back.is_whole

    async def save(self, plan: Plan, part: str) -> None:
        assert Plan.from_json(plan.to_json()) == plan, part
        self.report.saved[part] = plan

    async def may_change(self, network: Network, part: Plan, found: Actual) -> Ending | None:  # noqa: ARG002  nobody is asked
        return None

    async def prove(
        self, network: Network, before: Actual, part: Plan, failed: Collection[str], _what: str
    ) -> list[Finding]:
        steps = [step for step in part.steps if step.resource.region not in failed]

        async def read() -> Actual:
            return await self.read(network)

        found, _ = await not_foreseen(network, before, steps, read, self.azure.settings)
        return found

    async def run_hook(self, hook: HookSpec, wave: str, regions: Collection[str]) -> str | None:
        raise NotImplementedError(f"{hook.run} for {wave} ({regions}): hooks are Prefect's")

    def told(self, error: Exception) -> str | None:
        return str(error) if isinstance(error, AzureError | InTheWayError) else None

    def tell(self, text: str) -> None:
        """Nobody reads it."""
