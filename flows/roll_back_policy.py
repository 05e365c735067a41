"""A change of the rules that all firewalls share, taken back alone."""

from __future__ import annotations

from prefect import flow
from prefect.client.schemas.objects import State

from flows.take_back import take_back
from topology.network import Network


@flow(
    name="roll-back-policy",
    flow_run_name="take back the firewall policy",
    validate_parameters=False,
)
async def roll_back_policy(network: Network) -> State:
    """Take the firewall policy and its rules back to what stood before, and nothing else."""
    return await take_back(None, network)
