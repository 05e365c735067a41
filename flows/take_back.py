"""What a rollout has done so far, taken back while its plan is at hand."""

from __future__ import annotations

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.errors import AzureError
from flows.one_signal import one_signal
from rollout.take_back import take_back as carry_back
from tasks.current import current_rollout
from tasks.report_roll_back import report_roll_back
from topology.network import Network


async def take_back(region: str | None, network: Network) -> State:
    """Take back what the current rollout did in a region, or all of it, in the flow at hand.

    It goes on with what it can. The state, and tables beside it, name what is left, and the
    addresses that Azure assigned anew with those that follow them. Where Azure cannot be read
    nothing is taken back, and the state says how it is done later.
    """
    failed = current_rollout()
    try:
        with one_signal():
            back = await carry_back(failed, network, region)
    except AzureError as error:
        message = f"nothing was taken back, for Azure cannot be read: {error}"
        return Failed(message=f"{message}; {later(network, region)}")
    report = await report_roll_back(network, failed.plan, back)
    if report.left:
        return Failed(message=f"{report}; {later(network, region)}")
    return Completed(message=str(report))


def later(network: Network, region: str | None) -> str:
    """Return how a person takes back what is left, when what was in the way is gone."""
    of = f" --region {region}" if region else ""
    run = flow_run.get_root_flow_run_id()
    return f"take it back later: orrery rollback {network.source} {run}{of}"
