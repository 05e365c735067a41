"""What does the work that a rollout orders: runs and tasks of Prefect in flows/."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from azure_api.client import Azure
from rollout.rollout import Mine, Rollout
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.rollout_spec import HookSpec
from topology.verification.finding import Finding

Planned = Callable[[Network, Actual], Plan]


@dataclass(frozen=True)
class Ending:
    """How a run ends, as people read it: the state's name, if it has one of its own."""

    message: str
    name: str | None = None
    is_well: bool = False


class Hands(Protocol):
    """What does steps while the order is kept elsewhere; Azure's errors are AzureError."""

    @property
    def azure(self) -> Azure:
        """Return the connection."""

    async def read(self, network: Network) -> Actual:
        """Return what Azure holds of a network."""

    async def run(self, rollout: Rollout, mine: Mine) -> None:
        """Do the steps of mine to their end, as `Rollout.run` does."""

    def keep_names(self, network: Network, part: Plan) -> Network:
        """Keep the names that a part uses up; return the network after them."""


class AllHands(Hands, Protocol):
    """What does all that waves need as well."""

    def carrying(self, rollout: Rollout) -> AbstractAsyncContextManager[None]:
        """Show how a rollout stands, as long as it is carried out."""

    async def run_region(self, rollout: Rollout, region: str) -> bool:
        """Begin a region's own run, do its steps, and say whether all is done."""

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:
        """Take back what a rollout did in a region, or all of it; say if nothing is left."""

    async def save(self, plan: Plan, part: str) -> None:
        """Keep the plan of a part of the run, so that it can be taken back later."""

    async def may_change(self, network: Network, part: Plan, found: Actual) -> Ending | None:
        """Return how the run ends if what reaches all regions at once may not be written now."""

    async def change(self, rollout: Rollout) -> str | None:
        """Do all steps of what reaches all regions at once; return what went wrong."""

    async def prove(
        self, network: Network, before: Actual, part: Plan, failed: Collection[str], what: str
    ) -> list[Finding]:
        """Return what Azure says now that was not foreseen of a part, and must not be."""

    async def run_hook(self, hook: HookSpec, wave: str, regions: Collection[str]) -> str | None:
        """Run a look at a wave of the users' own; return what is wrong."""

    def told(self, error: Exception) -> str | None:
        """Return the words of an error that a person can act on; None for a defect of ours."""

    def tell(self, text: str) -> None:
        """Say something in the log of the run."""
