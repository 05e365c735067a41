"""A plan carried out below Prefect: the same schedule, the same steps, no flow runs."""

from __future__ import annotations

import asyncio

from azure_api.apply import Applying, apply_step
from azure_api.client import Azure
from azure_api.errors import AzureError
from azure_api.in_flight import read_settled
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan, Step
from topology.planning.planner import make_plan
from topology.planning.schedule import Schedule
from topology.resources import KINDS, wanted


async def carry_out(azure: Azure, plan: Plan) -> dict[str, str]:
    """Do all steps of a plan; return the errors by lower-case id.

    Whoever cancels it cancels the steps in flight, as Prefect does.
    """
    schedule, errors = Schedule(plan), dict[str, str]()
    applying = Applying.of(azure, KINDS, plan.topology)

    async def run(step: Step) -> None:
        try:
            await apply_step(applying, step)
        except AzureError as error:
            errors[same_id(step.resource.id)] = str(error)
            schedule.fail(step)
        else:
            schedule.done(step)

    running: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as group:
        while not schedule.is_over(lambda _step: True):
            while (step := schedule.take(lambda _step: True)) is not None:
                running.add(group.create_task(run(step)))
            _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    return errors


async def read_network(azure: Azure, network: Network) -> Actual:
    """Read what Azure holds of a network when nothing is changing, as a run begins."""
    ids = [resource.id for resource in wanted(network)]
    return await read_settled(azure, KINDS, network.topology.topology, ids)


async def apply_network(azure: Azure, network: Network) -> dict[str, str]:
    """Plan and carry out; return the errors by lower-case id."""
    return await carry_out(azure, make_plan(network, await read_network(azure, network)))


__all__ = ["apply_network", "carry_out", "read_network"]
