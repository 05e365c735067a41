"""The gate between waves stands in the next run too: whoever carried the first one out.

A run that was refused there, or was cut in its bake, has written all of the wave: the next one
finds nothing to do in it, and has to prove it all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from azure_api.client import Azure
from rollout.gate import bake_left
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network, as_deployed
from tests.life.rolling_out import Living, Report, roll_out
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Step
from topology.rollout_spec import HookSpec, RolloutSpec
from topology.verification.finding import Finding

PROBE = "reachability-probe/prod"
WITH_PROBE = {"canary": "westus", "check": ["deployment-status", {"run": PROBE}]}
ONE_BY_ONE = {"at_a_time": 1, "check": [{"run": PROBE}]}
REFUSED = f"wave 1 (westus) is not proved good: {PROBE} ended Failed"
_BAKE = 600.0  # minutes


@dataclass
class Probe:
    """A hook that ends Failed for regions that are `wrong`, and notes for whom it was asked.

    So does a proof, for what was `found`.
    """

    wrong: set[str] = field(default_factory=set)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)

    async def roll_out(self, azure: Azure, network: Network) -> Report:
        """Roll out with it between waves."""
        return await roll_out(azure, network, lambda on, report: _Probed(on, report, self))


@dataclass
class _Probed(Living):
    probe: Probe

    async def prove(
        self, network: Network, before: Actual, steps: Collection[Step], what: str
    ) -> list[Finding]:
        self.probe.proved.append(what)
        return self.probe.found or await super().prove(network, before, steps, what)

    async def run_hook(self, hook: HookSpec, wave: str, regions: Collection[str]) -> str | None:  # noqa: ARG002  there is one
        self.probe.asked.append(tuple(sorted(regions)))
        return f"{PROBE} ended Failed" if self.probe.wrong & {*regions} else None


def _writes(azure: Azure, region: str) -> Iterator[float]:
    """Yield when a region was written to, in seconds."""
    return (entry.time for entry in azure.transport.requests.log if f"-{region}/" in entry.path)


async def test_a_wave_that_was_refused_is_refused_again() -> None:
    """With the same words, and nothing of the next wave is written."""
    network, probe = a_network(rollout=WITH_PROBE), Probe({"westus"})
    async with simulated_azure() as (azure, _):
        said = [(await probe.roll_out(azure, network)).ending for _ in range(2)]
        written = [*_writes(azure, "eastus")]

    assert [(ending.name, ending.message) for ending in said] == [("Stopped", REFUSED)] * 2
    assert probe.asked == [("westus",)] * 2
    assert written == []


async def test_a_wave_that_was_refused_and_is_good_now_lets_the_next_one_start() -> None:
    """It is asked about again, and only then; what has nothing left to do asks nothing."""
    network, probe = a_network(rollout=WITH_PROBE), Probe({"westus"})
    async with simulated_azure() as (azure, _):
        await probe.roll_out(azure, network)
        probe.wrong = set()
        again = await probe.roll_out(azure, network)
        third = await probe.roll_out(azure, network)

    assert (again.ending.is_well, third.ending.is_well) == (True, True)
    assert again.whole is not None
    assert {step.resource.region for step in again.whole.work} >= {"eastus"}
    assert probe.asked == [("westus",)] * 2


async def test_waves_of_another_run_are_proved_once_and_together() -> None:
    """Before the first one that writes: here the one before was refused after two."""
    network, probe = (
        a_network("eastus", "uksouth", "westus", rollout=ONE_BY_ONE),
        Probe({"uksouth"}),
    )
    async with simulated_azure() as (azure, _):
        said = [(await probe.roll_out(azure, network)).ending.message for _ in range(2)]

    assert said == [
        f"wave 2 (uksouth) is not proved good: {PROBE} ended Failed",
        f"waves 1 to 2 are not proved good: {PROBE} ended Failed",
    ]
    assert probe.asked == [("eastus",), ("uksouth",), ("eastus", "uksouth")]


async def test_what_the_proof_finds_in_a_wave_of_another_run_lets_none_start() -> None:
    """It is about what Azure says now, and asked before the users' own looks."""
    network, probe = a_network(rollout=WITH_PROBE), Probe({"westus"})
    async with simulated_azure() as (azure, _):
        await probe.roll_out(azure, network)
        probe.found = [Finding("reach", "westus", "prod does not reach nonprod", "")]
        again = await probe.roll_out(azure, network)
        written = [*_writes(azure, "eastus")]

    assert again.ending.message == (
        "wave 1 (westus) is not proved good: prod does not reach nonprod"
    )
    assert (probe.proved, probe.asked, written) == (["wave 1 (westus)"] * 2, [("westus",)], [])


# -- the bake ------------------------------------------------------------------------------


async def test_a_run_that_was_cut_in_the_bake_is_followed_by_the_rest_of_it() -> None:
    """It counts from the wave's last commit: neither the whole once more nor nothing."""
    network = a_network(rollout={"canary": "westus", "bake_minutes": _BAKE})
    async with simulated_azure() as (azure, _):
        with suppress(TimeoutError):
            await asyncio.wait_for(roll_out(azure, network), 3 * 3600)
        log = azure.transport.requests.log
        committed = max(entry.time for entry in log if entry.path.endswith("/commit"))
        cut = [*_writes(azure, "eastus")]
        again = await roll_out(azure, network)
        began = min(_writes(azure, "eastus"))

    assert (cut, again.ending.is_well) == ([], True)
    assert committed < 3600
    assert _BAKE * 60 <= began - committed < _BAKE * 60 + 60


@pytest.mark.parametrize(("now", "left"), [(0, 60), (45, 15), (60, 0), (600, 0), (-5, 60)], ids=str)
def test_regions_bake_since_the_last_commit_in_any_of_them(now: int, left: int) -> None:
    """In minutes; that of another region does not count, nor what Azure's clock has ahead."""
    rollout, actual = RolloutSpec(bake_minutes=60), as_deployed(a_network())
    states = {
        manager: tuple(replace(s, commit_time=_at(50 if s.region == "eastus" else 0)) for s in each)
        for manager, each in actual.goal_states.items()
    }
    found = replace(actual, goal_states=states)

    assert bake_left(rollout, {"westus"}, found, datetime.fromisoformat(_at(now))) == left * 60


def test_regions_in_which_nothing_was_committed_do_not_bake() -> None:
    """Nothing tells since when."""
    assert bake_left(RolloutSpec(bake_minutes=60), {"westus"}, Actual(), datetime.now(UTC)) == 0.0


def _at(minutes: int) -> str:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
