"""A whole plan applied without Prefect: each step as soon as what it needs is done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from azure_api.apply import Outcome, apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from azure_api.read import read_actual
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan, Step
from topology.planning.planner import make_plan
from topology.resources import KINDS, wanted


async def read(azure: Azure, network: Network) -> Actual:
    """Return what is there of a network."""
    ids = [resource.id for resource in wanted(network)]
    return await read_actual(azure, KINDS, network.topology.topology, ids)


async def plan_for(azure: Azure, network: Network) -> Plan:
    """Return the plan of what is still to be done."""
    return make_plan(network, await read(azure, network))


async def apply(azure: Azure, plan: Plan) -> list[Outcome]:
    """Do all steps at once as far as their needs allow, without any locks.

    Steps that get into each other's way are refused by Azure and tried again.
    """
    applying = Applying.of(azure, KINDS, plan.topology)
    done = {same_id(step.resource.id): asyncio.Event() for step in plan.steps}
    needs: dict[str, list[str]] = {key: [] for key in done}
    for edge in plan.edges:
        needs[same_id(edge.step)].append(same_id(edge.need))

    async def one(step: Step) -> Outcome:
        key = same_id(step.resource.id)
        await _all(done[need] for need in needs[key])
        outcome = await apply_step(applying, step)
        done[key].set()
        return outcome

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(step)) for step in plan.steps]
    return [task.result() for task in tasks]


async def _all(events: Iterable[asyncio.Event]) -> None:
    for event in events:
        await event.wait()
