"""A rollout below Prefect, in the order of flows/: regions, what joins them, what is taken back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from azure_api.client import Azure
from azure_api.errors import AzureError
from azure_api.read import read_actual
from tests.carry_out import Carrying, Mine, read_network
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.at_once import at_once, not_proved_at_once
from topology.planning.places import GLOBAL, LAST, falls_with, places
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.planning.rollback import plan_roll_back
from topology.resources import KINDS, wanted


@dataclass
class TakenBack:
    """What came of taking a region back; without `carrying` it could not even be planned."""

    carrying: Carrying | None = None
    error: str = ""

    @property
    def is_whole(self) -> bool:
        """Say whether all was taken back."""
        return self.carrying is not None and not self.carrying.missed()


@dataclass
class Report:
    """What a run says of itself; without `carrying` it could not read, and wrote no more.

    `first` is what reaches all regions at once, if that went well. If not, it is `carrying`, and
    taken back as GLOBAL.
    """

    carrying: Carrying | None = None
    error: str = ""
    back: dict[str, TakenBack] = field(default_factory=dict)
    first: Carrying | None = None

    @property
    def is_well(self) -> bool:
        """Say whether all is done."""
        return self.carrying is not None and not self.carrying.missed()

    @property
    def plans(self) -> list[Plan]:
        """Return what was carried out, in its order."""
        return [part.plan for part in (self.first, self.carrying) if part is not None]


async def roll_out(azure: Azure, network: Network) -> Report:
    """Read, plan, carry out as flows/roll_out.py does, and take back what failed."""
    first = None
    try:
        plan = make_plan(network, await read_network(azure, network))
        if not (part := at_once(plan)).is_empty:
            first = Carrying.of(azure, part)
            if not await _is_proved(azure, network, first):
                return Report(first, back={GLOBAL: await _take_back(azure, network, first, None)})
            plan = make_plan(network, await read_network(azure, network))
    except AzureError as error:
        return Report(error=str(error), first=first)
    report = await roll_out_plan(azure, network, plan)
    report.first = first
    return report


async def take_back_all(azure: Azure, network: Network, report: Report) -> list[str]:
    """Take back what a run did as flows/roll_back_run.py does; return the errors."""
    errors: list[str] = []
    for plan in reversed(report.plans):
        back = plan_roll_back(plan, None, await read_network(azure, network), network.policies)
        carrying = Carrying.of(azure, back)
        await carrying.run()
        errors += carrying.errors.values()
    return errors


async def _is_proved(azure: Azure, network: Network, first: Carrying) -> bool:
    """Carry out what waits for no wave as flows/apply_policy.py does; say if it is proved good."""
    await first.run()
    if first.missed():
        return False
    try:
        actual = await _read(azure, network)
    except AzureError:
        return False
    return not not_proved_at_once(first.plan, make_plan(network, actual), actual)


async def roll_out_plan(azure: Azure, network: Network, plan: Plan) -> Report:
    """Carry a plan out as flows/carry_out_wave.py does."""
    carrying, place = Carrying.of(azure, plan), places(plan)
    report = Report(carrying)

    def belongs_to(name: str) -> Mine:
        return lambda step: place[same_id(step.resource.id)] == name

    async def region_alone(region: str) -> None:
        await carrying.run(belongs_to(region))
        if carrying.missed(belongs_to(region)):
            carrying.give_up(falls_with(plan, region))
            report.back[region] = await _take_back(azure, network, carrying, region)

    regions = {place[same_id(step.resource.id)] for step in plan.work} - {GLOBAL, LAST}
    async with asyncio.TaskGroup() as side_by_side:
        for region in sorted(regions):
            side_by_side.create_task(region_alone(region))
        side_by_side.create_task(carrying.run(belongs_to(GLOBAL)))
    await carrying.run(belongs_to(LAST))
    for region in _not_joined(carrying):
        if region not in report.back:
            report.back[region] = await _take_back(azure, network, carrying, region)
    return report


def _not_joined(carrying: Carrying) -> list[str]:
    """Return the regions in which a step failed that joins them to others."""
    wrong = {
        step.resource.region
        for step in carrying.plan.work
        if same_id(step.resource.id) in carrying.errors and step.resource.stage.joins_regions
    }
    return sorted(region for region in wrong if region is not None)


async def _read(azure: Azure, network: Network) -> Actual:
    """Read as tasks/read_actual.py does."""
    ids = [resource.id for resource in wanted(network)]
    return await read_actual(azure, KINDS, network.topology.topology, ids)


async def _take_back(
    azure: Azure, network: Network, failed: Carrying, region: str | None
) -> TakenBack:
    """Take one region, or all of it, back as flows/take_back.py does."""
    try:
        actual = await _read(azure, network)
    except AzureError as error:
        return TakenBack(error=str(error))
    plan = plan_roll_back(failed.plan, region, actual, network.policies)
    back = Carrying.of(azure, plan, failed)
    await back.run()
    return TakenBack(back)
