"""A whole plan in the flow at hand, with what people see of it."""

from __future__ import annotations

from azure_api.client import Azure
from flows.prefect_executor import PrefectExecutor
from rollout.rollout import Rollout
from tasks.history import publish_history
from tasks.publish import publish_result
from topology.forecast.duration import WHOLE_PART
from topology.network import Network
from topology.planning.plan import Plan
from topology.planning.status import region_rows


async def run_plan(azure: Azure, network: Network, plan: Plan) -> Rollout:
    """Carry a saved plan out, step by step and not region by region; return what came of it."""
    executor = PrefectExecutor(azure)
    rollout = Rollout.of(executor, plan)
    async with executor.carrying(rollout):
        await rollout.run_all()
    rows = region_rows(plan, rollout.schedule, rollout.errors, None, rollout.left_out)
    await publish_result(network, plan, rows)
    await publish_history(network, [rollout.carried_out(WHOLE_PART, whole=True)], azure.settings)
    return rollout
