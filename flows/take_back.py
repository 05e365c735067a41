"""What a rollout has done so far, taken back while its plan is at hand."""

from __future__ import annotations

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.run_steps import run_steps
from tasks.read_actual import read_actual
from tasks.read_topology import keep_names
from tasks.report_roll_back import report_roll_back
from tasks.rollout import Rollout, current_rollout
from topology.network import Network
from topology.planning.rollback import plan_roll_back


async def take_back(region: str | None, network: Network) -> State:
    """Take back what the current rollout did in a region, or all of it, in the flow at hand.

    It goes on with what it can. The state, and tables beside it, name what is left, and the
    addresses that Azure assigned anew with those that follow them.
    """
    failed = current_rollout()
    actual = await read_actual(failed.azure, network)
    plan = plan_roll_back(failed.plan, region, actual, network.policies)
    keep_names(network, plan)
    back = Rollout.of(failed.azure, plan, failed)
    with back.active():
        await run_steps(lambda _step: True)
    report = await report_roll_back(network, failed.plan, back)
    return Failed(message=str(report)) if report.left else Completed(message=str(report))
