"""What reaches all regions at once, in a run of its own."""

from __future__ import annotations

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.one_signal import one_signal
from tasks.current import current_rollout
from topology.planning.schedule import Progress


@flow(name="apply-policy", flow_run_name="firewall policy", log_prints=False)
async def apply_policy() -> State:
    """Change the rules that all firewalls share; it runs within a rollout."""
    rollout = current_rollout()
    with one_signal():
        error = await rollout.run_all()
    if error:
        return Failed(message=error)
    return Completed(message=f"{rollout.count()[Progress.DONE]} steps done")
