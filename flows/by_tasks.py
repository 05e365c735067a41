"""Steps, reads and names of a rollout by tasks of the flow at hand."""

from __future__ import annotations

from dataclasses import dataclass

from azure_api.client import Azure
from flows.run_steps import run_steps
from rollout.rollout import Mine, Rollout
from tasks.read_actual import read_actual
from tasks.read_topology import keep_names
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan


@dataclass(frozen=True)
class ByTasks:
    """The hands of a rollout (rollout/hands.py) whose work is tasks."""

    azure: Azure

    async def read(self, network: Network) -> Actual:
        """Return what Azure holds, by a task."""
        return await read_actual(self.azure, network)

    async def run(self, rollout: Rollout, mine: Mine) -> None:
        """Do the steps of mine, a task each."""
        await run_steps(rollout, mine)

    def keep_names(self, network: Network, part: Plan) -> Network:
        """Keep the names that a part uses up in the lock file."""
        return keep_names(network, part)
