"""A region that failed, taken back alone."""

from __future__ import annotations

from prefect import flow
from prefect.client.schemas.objects import State

from flows.take_back import take_back
from topology.network import Network


@flow(name="roll-back-region", flow_run_name="take back {region}", validate_parameters=False)
async def roll_back_region(region: str, network: Network) -> State:
    """Take a region back to what stood before this rollout, and nothing else.

    What the rollout created there is deleted, what it changed is restored. It goes on
    with what it can; its state, and tables beside it, name what is left, and the addresses
    that Azure assigned anew with those that follow them.
    """
    return await take_back(region, network)
