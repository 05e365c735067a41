"""What a rollout has done so far, taken back while its plan is at hand."""

from __future__ import annotations

from azure_api.errors import AzureError
from rollout.rollout import Rollout
from topology.network import Network
from topology.planning.plan import Plan
from topology.planning.roll_back.planner import plan_roll_back


async def take_back(failed: Rollout, network: Network, region: str | None) -> Rollout:
    """Take back what a rollout did in a region, or all of it; return what was carried out.

    It goes on with what it can. Raises AzureError where Azure cannot be read: nothing is
    taken back then.
    """
    executor = failed.executor
    plan = await _planned(failed, network, region)
    executor.keep_names(network, plan)
    back = Rollout.of(executor, plan, failed)
    await back.run_all()
    return back


async def is_more_left(failed: Rollout, network: Network, region: str) -> bool:
    """Say whether something is to be taken back once more, since others have gone on."""
    try:
        return bool((await _planned(failed, network, region)).work)
    except AzureError as error:
        failed.executor.tell(f"{region} is not looked at again: {error}")
        return False


async def _planned(failed: Rollout, network: Network, region: str | None) -> Plan:
    actual = await failed.executor.read(network)
    return plan_roll_back(failed.plan, region, actual, network.policies, amid=True)


async def is_taken_back(failed: Rollout, network: Network, region: str | None) -> bool:
    """Have the executor take it back, and say if nothing is left; it is told if that breaks off."""
    executor = failed.executor
    try:
        return await executor.take_back(failed, network, region)
    except Exception as error:  # noqa: BLE001  other regions go on
        executor.tell(f"{region or 'it'} is not taken back whole: {executor.words(error)}")
        return False
