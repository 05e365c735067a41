"""What came of a roll-back: read again, shown, and returned to be said."""

from __future__ import annotations

from tasks.publish import publish_left, publish_reassigned
from tasks.read_actual import read_actual
from tasks.rollout import Rollout
from topology.network import Network
from topology.planning.assigned import Reassigned, reassigned
from topology.planning.plan import Plan
from topology.planning.schedule import Progress
from topology.planning.taken_back import TakenBack, assigns, left_of


async def report_roll_back(network: Network, saved: Plan, back: Rollout) -> TakenBack:
    """Return what came of a roll-back of `saved`, after it was carried out.

    Azure is read again only where something was made to which it assigns an address.
    """
    moved: tuple[Reassigned, ...] = ()
    if assigns(back.plan):
        now = await read_actual(back.azure, network)
        touched = {step.resource.region for step in back.plan.work}
        found = reassigned(saved.found, now)
        moved = tuple(item for item in found if item.region in touched)
    done = back.count(lambda _step: True)[Progress.DONE]
    left = tuple(left_of(back.plan, back.schedule, back.errors))
    report = TakenBack(done, left, moved)
    await publish_left(saved.topology, report)
    await publish_reassigned(saved.topology, moved)
    return report
