"""Plans carried out below Prefect: in the same order and by the same steps, but no runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from azure_api.apply import apply_step
from azure_api.client import Azure
from azure_api.errors import AzureError
from azure_api.in_flight import read_settled
from azure_api.read import read_actual
from rollout.rollout import Mine, Rollout
from topology.kind import Resource
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan, Step
from topology.planning.planner import make_plan
from topology.planning.policy_names import used_by
from topology.planning.schedule import Progress
from topology.resources import READ, wanted


@dataclass
class Plainly:
    """The hands of a rollout (rollout/hands.py), without Prefect and without a lock file."""

    azure: Azure

    async def read(self, network: Network) -> Actual:
        """Read as tasks/read_actual.py does."""
        ids = [resource.id for resource in wanted(network)]
        return await read_actual(self.azure, READ, network.topology.topology, ids)

    async def run(self, rollout: Rollout, mine: Mine) -> None:
        """Do the steps of mine."""

        async def do(step: Step) -> str | None:
            try:
                await apply_step(rollout.applying, step)
            except AzureError as error:
                return str(error)
            return None

        await rollout.run(mine, do)

    def keep_names(self, network: Network, part: Plan) -> Network:
        """Return the network after the names that a part uses up."""
        used = used_by(part)
        return network.with_policies({name: number + 1 for name, number in used.items()})


def missed(rollout: Rollout, mine: Mine = lambda _step: True) -> list[Step]:
    """Return the steps of mine that failed, or were skipped for others that did."""
    wrong = {Progress.FAILED, Progress.SKIPPED}
    steps = [step for step in rollout.plan.work if mine(step)]
    return [step for step in steps if rollout.schedule.progress_of(step) in wrong]


async def carry_out(azure: Azure, plan: Plan) -> dict[str, str]:
    """Do all steps of a plan; return the errors by lower-case id."""
    return (await carried_out(azure, plan)).errors


async def carried_out(azure: Azure, plan: Plan) -> Rollout:
    """Do all steps of a plan; return what came of them."""
    rollout = Rollout.of(azure, plan)
    await Plainly(azure).run(rollout, lambda _step: True)
    return rollout


async def read_network(
    azure: Azure, network: Network, stays: Iterable[Resource] | None = None
) -> Actual:
    """Read what Azure holds of a network when nothing is changing, as a run begins.

    `stays` is what is wanted when the run is over, by default all.
    """
    ids = [resource.id for resource in (wanted(network) if stays is None else stays)]
    return await read_settled(azure, READ, network.topology.topology, ids)


async def apply_network(azure: Azure, network: Network) -> dict[str, str]:
    """Plan and carry out; return the errors by lower-case id."""
    return await carry_out(azure, make_plan(network, await read_network(azure, network)))


__all__ = ["Plainly", "apply_network", "carried_out", "carry_out", "missed", "read_network"]
