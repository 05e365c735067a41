"""What does the work that a rollout orders: in flows/ by tasks and runs of Prefect's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

from azure_api.client import Azure
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan, Step
from topology.rollout_spec import HookSpec
from topology.verification.finding import Finding

if TYPE_CHECKING:
    from rollout.result import Ending
    from rollout.rollout import Rollout

Planned = Callable[[Network, Actual], Plan]


class Executor(Protocol):
    """What acts, while the order is kept by the other modules of this package.

    Any of it may raise: AzureError for Azure's errors, and whatever else may fail.
    """

    @property
    def azure(self) -> Azure:
        """Return the connection."""

    async def read(self, network: Network) -> Actual:
        """Return what Azure holds of a network."""

    async def do(self, rollout: Rollout, step: Step) -> str | None:
        """Do a step of a rollout; return its final error, None if it ended well."""

    async def run_region(self, rollout: Rollout, region: str) -> bool:
        """Do `Rollout.run_region`, as a run of its own; say whether all is done."""

    async def run_policy(self, rollout: Rollout) -> str | None:
        """Do `Rollout.run_all` of what reaches all regions at once; return what went wrong."""

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:
        """Take back what a rollout did in a region, or all of it; say if nothing is left."""

    def carrying(self, rollout: Rollout) -> AbstractAsyncContextManager[None]:
        """Show how a rollout stands, as long as it is carried out."""

    async def save(self, plan: Plan, part: str) -> None:
        """Keep the plan of a part of the run, so that it can be taken back later."""

    def keep_names(self, network: Network, part: Plan) -> Network:
        """Keep the names that a part uses up; return the network after them."""

    async def may_change_policy(
        self, network: Network, part: Plan, found: Actual, planned: Planned
    ) -> Ending | None:
        """Return how the run ends if what reaches all regions at once may not be written now."""

    async def prove(
        self, network: Network, before: Actual, steps: Collection[Step], what: str
    ) -> list[Finding]:
        """Return what Azure says now that was not foreseen of steps, and must not be."""

    async def run_hook(self, hook: HookSpec, wave: str, regions: Collection[str]) -> str | None:
        """Run a look at a wave of the users' own; return what is wrong."""

    def words(self, error: Exception) -> str:
        """Return an error in words; where it is a defect of ours, the log says where."""

    def tell(self, text: str) -> None:
        """Say something in the log of the run."""
