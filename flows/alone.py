"""What writes a topology does so alone, and can be cancelled at any moment."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State

from azure_api.client import Azure, connect
from azure_api.settings import AzureSettings
from flows.when_cancelled import WhatIsLeft, cancelled_here
from tasks.cancelling import until_cancelled
from tasks.hold_topology import hold_topology
from topology.network import Network


async def alone(
    network: Network, work: Callable[[Azure], Coroutine[Any, Any, State]], what_is_left: WhatIsLeft
) -> State:
    """Do work as the only run that writes a topology, and return the state that it ends in.

    Where it is cancelled, and no worker says what was done, the state says it. Raises
    RolloutInProgressError where another run holds the topology and this one may not wait.
    """
    settings = AzureSettings.from_environment()
    get_run_logger().info(settings.describe(network.subscriptions))
    held = hold_topology(network.topology.topology)
    async with connect(settings, network.subscriptions) as azure, held:
        ended = await until_cancelled(work(azure))
        return ended or await cancelled_here(azure, network, what_is_left)
