"""What a rollout has done so far, taken back while its plan is at hand."""

from __future__ import annotations

from rollout.hands import Hands
from rollout.rollout import Rollout
from topology.network import Network
from topology.planning.rollback import plan_roll_back


async def take_back(hands: Hands, failed: Rollout, network: Network, region: str | None) -> Rollout:
    """Take back what a rollout did in a region, or all of it; return what was carried out.

    It goes on with what it can. Raises AzureError where Azure cannot be read: nothing is
    taken back then.
    """
    actual = await hands.read(network)
    plan = plan_roll_back(failed.plan, region, actual, network.policies)
    hands.keep_names(network, plan)
    back = Rollout.of(hands.azure, plan, failed)
    await hands.run(back, lambda _step: True)
    return back
