"""A plan carried out wave by wave, with what people see of it."""

from __future__ import annotations

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure
from flows.prefect_executor import PrefectExecutor
from rollout import waves
from rollout.executor import Planned
from tasks.history import publish_history
from tasks.last_state import read_and_keep
from tasks.publish import (
    publish_addresses,
    publish_reassigned,
    publish_result,
    publish_unintended,
)
from tasks.save_plan import save_plan
from tasks.verify_wave import missing_hooks
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.assigned import reassigned
from topology.planning.plan import Plan


async def roll_out(
    azure: Azure, network: Network, whole: Plan, found: Actual, planned: Planned
) -> State:
    """Carry a plan out as `rollout.waves` orders it, and say what came of it.

    It is saved first under the run's id, and so is each part of it. `found` is what Azure held
    when it was planned; parts are planned anew by `planned`.
    """
    if missing := await missing_hooks(network.topology.rollout):
        return Failed(message=f"nothing was written: {missing}")
    await save_plan(whole, str(flow_run.get_id()))
    came = await waves.roll_out(PrefectExecutor(azure), network, whole, found, planned)
    await publish_result(network, whole, came.rows)
    ending = came.ending
    if came.refused:
        return Failed(name=ending.name, message=ending.message)
    await publish_history(network, came.done, azure.settings)
    await publish_unintended(whole.topology, came.findings)
    message = ending.message
    if (actual := await read_and_keep(azure, came.network)) is not None:
        await publish_addresses(network, actual)
        moved = reassigned(whole.found, actual)
        await publish_reassigned(whole.topology, moved)
        message = "; ".join([message, *map(str, moved)])
    if ending.is_well:
        return Completed(message=message)
    return Failed(name=ending.name, message=message)
