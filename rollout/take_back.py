"""What a rollout has done so far, taken back while its plan is at hand."""

from __future__ import annotations

from rollout.rollout import Rollout
from topology.network import Network
from topology.planning.roll_back.planner import plan_roll_back


async def take_back(failed: Rollout, network: Network, region: str | None) -> Rollout:
    """Take back what a rollout did in a region, or all of it; return what was carried out.

    It goes on with what it can. Raises AzureError where Azure cannot be read: nothing is
    taken back then.
    """
    executor = failed.executor
    actual = await executor.read(network)
    plan = plan_roll_back(failed.plan, region, actual, network.policies)
    executor.keep_names(network, plan)
    back = Rollout.of(executor, plan, failed)
    await back.run_all()
    return back


async def is_taken_back(failed: Rollout, network: Network, region: str | None) -> bool:
    """Have the executor take it back, and say if nothing is left; it is told if that breaks off."""
    executor = failed.executor
    try:
        return await executor.take_back(failed, network, region)
    except Exception as error:  # noqa: BLE001  other regions go on
        executor.tell(f"{region or 'it'} is not taken back whole: {executor.words(error)}")
        return False
