"""What works for a rollout breaks off, as where Prefect does not answer: it ends, and says so.

The others go on: each region is as planned or as before, or is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from azure_api.client import Azure
from rollout.rollout import Rollout
from simulator.fault import Fault
from simulator.faults import Faults
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network
from tests.life.fault_life import look
from tests.life.rolling_out import Back, Living, Report, roll_out
from tests.life.verdict import untrue
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.places import GLOBAL
from topology.planning.plan import Plan, Step
from topology.verification.finding import Finding

IN_WAVES = {"at_a_time": 1, "failures_allowed": 1}
_A_WHILE = 7200.0  # Azure ends what it began


@dataclass
class _Breaking(Living):
    """An executor one of whose calls breaks off."""

    name: str
    call: int
    seen: int = 0

    def _perhaps(self, name: str) -> None:
        self.seen += name == self.name
        if name == self.name and self.seen == self.call:
            raise OSError(f"{name} broke off")

    async def read(self, network: Network) -> Actual:
        self._perhaps("read")
        return await super().read(network)

    async def do(self, rollout: Rollout, step: Step) -> str | None:
        self._perhaps("do")
        return await super().do(rollout, step)

    async def run_region(self, rollout: Rollout, region: str) -> bool:
        self._perhaps("run_region before")
        done = await super().run_region(rollout, region)
        self._perhaps("run_region after")
        return done

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:
        self.report.back[region or GLOBAL] = Back(rollout, error="it broke off")
        self._perhaps("take_back")
        return await super().take_back(rollout, network, region)

    async def save(self, plan: Plan, part: str) -> None:
        self._perhaps("save")
        await super().save(plan, part)

    async def prove(
        self, network: Network, before: Actual, steps: Collection[Step], what: str
    ) -> list[Finding]:
        self._perhaps("prove")
        return await super().prove(network, before, steps, what)

    @asynccontextmanager
    async def carrying(self, rollout: Rollout) -> AsyncIterator[None]:
        async with super().carrying(rollout):
            self._perhaps("carrying")
            yield

    def words(self, error: Exception) -> str:
        return str(error) if isinstance(error, OSError) else super().words(error)


async def _live(
    before: Network | None, after: Network, name: str, call: int, *faults: Fault
) -> list[str]:
    """Roll out while a call breaks off, and faults are met, then without; return what is wrong."""

    def by(azure: Azure, report: Report) -> _Breaking:
        return _Breaking(azure, report, name, call)

    met = Faults()
    async with simulated_azure(faults=met) as (azure, world):
        if before is not None:
            assert await apply_network(azure, before) == {}
        then = await look(azure, world, after)
        met.extend(faults)
        report = await roll_out(azure, after, by)
        await asyncio.sleep(_A_WHILE)
        wrong = [*untrue(report, then, await look(azure, world, after))]
        again = await roll_out(azure, after)
    wrong += [f"well: {report.ending.message}"] if report.ending.is_well else []
    said = str([report.ending.message, *(report.came.rows if report.came else ()), *report.told])
    wrong += [f"not said: {name}"] if f"{name} broke off" not in said else []
    wrong += [] if again.ending.is_well else [f"the next run: {again.ending.message}"]
    return wrong


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize(
    "name", ["read", "do", "run_region before", "run_region after", "save", "prove", "carrying"]
)
async def test_a_rollout_ends_whatever_breaks_off_in_its_waves(name: str, call: int) -> None:
    """The run does not end well, and says why; the next one ends what it could not."""
    assert await _live(None, a_network(rollout=IN_WAVES), name, call) == []


@pytest.mark.parametrize("name", ["run_region before", "run_region after"])
async def test_a_region_whose_run_breaks_off_disturbs_no_other(name: str) -> None:
    """Side by side; it is taken back, as one that fails."""
    assert await _live(None, a_network(), name, 1) == []


async def test_a_roll_back_that_breaks_off_leaves_the_region_named() -> None:
    """The other region is in place."""
    kind = "Microsoft.Network/azureFirewalls"
    fails = Fault(method="PUT", type=kind, region="westus", status=400, code="BadRequest")

    assert await _live(None, a_network(), "take_back", 1, fails) == []


@pytest.mark.parametrize("name", ["do", "read", "prove"])
async def test_a_change_of_the_policy_that_breaks_off_is_taken_back(name: str) -> None:
    """Firewalls everywhere follow what it has written."""
    before, after = (
        a_network(egress=[{"name": "web", "fqdns": [f"*.example.{end}"]}]) for end in ("com", "org")
    )
    assert await _live(before, after, name, 1) == []
