"""What came of a roll-back: read again, shown, and returned to be said."""

from __future__ import annotations

from prefect import get_run_logger

from azure_api.errors import AzureError
from rollout.rollout import Rollout
from tasks.publish import publish_left, publish_reassigned
from tasks.read_actual import read_actual
from topology.network import Network
from topology.planning.assigned import Reassigned, reassigned
from topology.planning.plan import Plan
from topology.planning.roll_back.outcome import TakenBack, assigns, left_of
from topology.planning.schedule import Progress


async def report_roll_back(network: Network, saved: Plan, back: Rollout) -> TakenBack:
    """Return what came of a roll-back of `saved`, after it was carried out.

    Azure is read again only where something was made to which it assigns an address.
    """
    moved = await _moved(network, saved, back) if assigns(back.plan) else ()
    done = back.count()[Progress.DONE]
    left = tuple(left_of(back.plan, back.schedule, back.errors))
    report = TakenBack(done, left, moved)
    await publish_left(saved.topology, report)
    await publish_reassigned(saved.topology, moved)
    return report


async def _moved(network: Network, saved: Plan, back: Rollout) -> tuple[Reassigned, ...]:
    try:
        now = await read_actual(back.executor.azure, network)
    except AzureError as error:
        get_run_logger().warning("what Azure assigned anew is not read: %s", error)
        return ()
    touched = {step.resource.region for step in back.plan.work}
    return tuple(item for item in reassigned(saved.found, now) if item.region in touched)
