"""Plans carried out below Prefect: in the same order and by the same steps, but no runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from azure_api.apply import apply_step
from azure_api.client import Azure
from azure_api.errors import AzureError
from azure_api.in_flight import read_settled
from azure_api.read import read_actual
from rollout.executor import Planned
from rollout.result import Ending
from rollout.rollout import Rollout
from rollout.take_back import take_back
from rollout.verify_part import not_foreseen
from topology.kind import Resource
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan, Step
from topology.planning.planner import InTheWayError, make_plan
from topology.planning.policy_names import used_by
from topology.resources import READ, wanted
from topology.rollout_spec import HookSpec
from topology.verification.finding import Finding


@dataclass
class Plainly:
    """What an executor (rollout/executor.py) does of steps and reads, without Prefect."""

    azure: Azure

    async def read(self, network: Network) -> Actual:
        """Read as tasks/read_actual.py does."""
        ids = [resource.id for resource in wanted(network)]
        return await read_actual(self.azure, READ, network.topology.topology, ids)

    async def do(self, rollout: Rollout, step: Step) -> str | None:
        """Do a step."""
        rollout.did(await apply_step(rollout.applying, step))
        return None

    async def run_region(self, rollout: Rollout, region: str) -> bool:
        """Do a region."""
        return await rollout.run_region(region) is None

    async def run_policy(self, rollout: Rollout) -> str | None:
        """Do what reaches all regions at once."""
        return await rollout.run_all()

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:
        """Take it back."""
        return not (await take_back(rollout, network, region)).missed()

    @asynccontextmanager
    async def carrying(self, rollout: Rollout) -> AsyncIterator[None]:  # noqa: ARG002  it is shown to nobody
        """Do nothing."""
        yield

    async def save(self, plan: Plan, part: str) -> None:
        """See that nothing is lost."""
        assert Plan.from_json(plan.to_json()) == plan, part

    def keep_names(self, network: Network, part: Plan) -> Network:
        """Return the network after the names that a part uses up; no lock file keeps them."""
        used = used_by(part)
        return network.with_policies({name: number + 1 for name, number in used.items()})

    async def may_change_policy(
        self, _network: Network, _part: Plan, _found: Actual, _planned: Planned
    ) -> Ending | None:
        """Ask nobody."""
        return None

    async def prove(
        self, network: Network, before: Actual, steps: Collection[Step], _what: str
    ) -> list[Finding]:
        """Prove what Azure says."""

        async def read() -> Actual:
            return await self.read(network)

        found, _ = await not_foreseen(network, before, steps, read, self.azure.settings)
        return found

    async def run_hook(self, hook: HookSpec, wave: str, regions: Collection[str]) -> str | None:
        """Say what is wrong: no deployment stands below Prefect."""
        return f"{hook.run} could not be run for {', '.join(sorted(regions))} of {wave}"

    def words(self, error: Exception) -> str:
        """Return what a person can act on; a defect of ours is raised."""
        if not isinstance(error, AzureError | InTheWayError):
            raise error
        return str(error)

    def tell(self, text: str) -> None:
        """Nobody reads it."""


async def carry_out(azure: Azure, plan: Plan) -> dict[str, str]:
    """Do all steps of a plan; return the errors by lower-case id."""
    return (await carried_out(azure, plan)).errors


async def carried_out(azure: Azure, plan: Plan) -> Rollout:
    """Do all steps of a plan; return what came of them."""
    rollout = Rollout.of(Plainly(azure), plan)
    await rollout.run_all()
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


__all__ = ["Plainly", "apply_network", "carried_out", "carry_out", "read_network"]
