"""One region: its hub, then its firewall, then its spokes."""

from __future__ import annotations

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.one_signal import one_signal
from tasks.current import current_rollout
from topology.planning.schedule import Progress


@flow(name="apply-region", flow_run_name="{region}", log_prints=False)
async def apply_region(region: str) -> State:
    """Bring one region to what the plan says; it needs nothing of another region.

    It runs within `apply-topology`, which takes the region back if this one fails.
    """
    rollout = current_rollout()
    with one_signal():
        error = await rollout.run_region(region)
    if error:
        return Failed(message=error)
    done = rollout.count(rollout.belongs_to(region))[Progress.DONE]
    return Completed(message=f"{done} resources in place")
