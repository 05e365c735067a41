"""A whole plan in the flow at hand, with what people see of it."""

from __future__ import annotations

from azure_api.client import Azure
from flows.run_steps import run_steps
from rollout.rollout import Rollout
from tasks.history import publish_history
from tasks.publish import live_status, publish_result
from topology.forecast.duration import WHOLE_PART
from topology.network import Network
from topology.planning.plan import Plan
from topology.planning.status import region_rows


async def run_plan(azure: Azure, network: Network, plan: Plan) -> Rollout:
    """Carry a saved plan out, step by step and not region by region; return what came of it."""
    rollout = Rollout.of(azure, plan)
    async with live_status(rollout):
        await run_steps(rollout, lambda _step: True)
    rows = region_rows(plan, rollout.schedule, rollout.errors)
    await publish_result(network, plan, rows)
    await publish_history(network, [rollout.carried_out(WHOLE_PART, whole=True)], azure.settings)
    return rollout
