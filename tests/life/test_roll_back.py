"""One region of three fails for good, at each kind of step and by each final error.

The two others end as planned, the one is as before: gone where it was new, restored where it
stood. Each case is a step of a kind at a stage, and a final line of tests/cases/errors.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network, as_deployed
from tests.carry_out import apply_network
from tests.life.fault_life import look
from tests.life.listening import Listening
from tests.life.refusing import Refusing
from tests.life.rolling_out import roll_out
from tests.life.verdict import not_ended, untrue
from tests.virtual_time import run
from tests.written_errors import WrittenError, written_errors
from topology.addressing import allocate
from topology.kind import Stage, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.places import falls_with
from topology.planning.plan import Commit, Create, Step
from topology.planning.planner import make_plan

# One error for each kind of step in every run; `make soak` takes all.
_ALL = "ORRERY_EXAMPLES" in os.environ
_REGIONS = ("eastus", "westus", "northeurope")
_FAILS = "westus"
_A_WHILE = 7200

_ONE: dict[str, Any] = {"prod": {"subnets": {"workload": {}}}}
_MORE: dict[str, Any] = {"prod": {"subnets": {"workload": {}, "more": {}}}, "nonprod": {}}
_STANDS = a_network(*_REGIONS, spokes=_ONE)
_CHANGED = a_network(*_REGIONS, lock=allocate(_STANDS.topology), spokes=_MORE)
_FIRST = a_network(*_REGIONS, spokes={"prod": {}, "nonprod": {}})
_PEERED = a_network(*_REGIONS, interconnect="peering")


@dataclass(frozen=True)
class Case:
    """A step of the region that fails, and how: without an error it is accepted and fails."""

    before: Network | None
    after: Network
    step: Step
    error: WrittenError | None

    @property
    def name(self) -> str:
        """Return what the test is called by."""
        resource = self.step.resource
        how = self.error.name if self.error else "accepted-and-failed"
        when = "change" if self.before else "first"
        joined = self.after.topology.interconnect
        return f"{when}-{joined}-{resource.stage}-{resource.kind}-{how}"


def _cases() -> Iterator[Case]:
    for before, after in ((None, _FIRST), (_STANDS, _CHANGED)):
        actual = as_deployed(before) if before else Actual()
        for step in _one_of_each(make_plan(after, actual).work):
            ways = [*_ways(step)]
            chance = random.Random(f"{step.resource.id} {before is None}")  # noqa: S311  no secret
            for error in ways if _ALL else [chance.choice(ways)]:
                yield Case(before, after, step, error)
    # What others have to do with a region that fails is another thing where hubs are peered.
    peered = _one_of_each(make_plan(_PEERED, Actual()).work)
    joined = [item for item in peered if item.resource.stage in {Stage.FIREWALL, Stage.MESH}]
    yield from (Case(None, _PEERED, step, next(_ways(step))) for step in joined)


def _one_of_each(steps: tuple[Step, ...]) -> list[Step]:
    """Return a step of the region for each kind and stage, and a commit for each type."""
    found: dict[tuple[object, ...], Step] = {}
    for step in steps:
        resource = step.resource
        if resource.region == _FAILS:
            kind = resource.body["commitType"] if isinstance(step, Commit) else resource.kind
            found.setdefault((resource.stage, kind, type(step)), step)
    return list(found.values())


def _ways(step: Step) -> Iterator[WrittenError | None]:
    """Yield the final errors that a step can meet; None where it can be accepted and fail."""
    puts = [item for item in written_errors() if "PUT" in item.methods]
    yield from (item for item in puts if item.is_final("PUT"))
    if isinstance(step, Commit) or step.resource.kind in _WITH_OPERATIONS:
        yield None


# Whose PUT begins an operation (facts.md section 7).
_WITH_OPERATIONS = {"public-ip", "virtual-network", "firewall", "peering", "route-table"}


@cache
def _cases_once() -> tuple[Case, ...]:
    return tuple(_cases())


# Every second of them in every run, all in `make soak`.
_DRAWN = _cases_once() if _ALL else _cases_once()[::2]


@pytest.mark.slow
@pytest.mark.parametrize("case", _DRAWN, ids=[case.name for case in _DRAWN])
def test_one_region_of_three_is_as_before_and_the_others_as_planned(case: Case) -> None:
    """And the report says so, and the next run ends what this one could not."""
    assert run(_life(case)) == []


def test_the_cases_are_of_every_stage_of_a_region() -> None:
    """No stage is left out, of a first rollout in which regions share their rules."""
    stages = {case.step.resource.stage for case in _cases_once() if case.before is None}

    of_none = {Stage.GLOBAL, Stage.POLICY, Stage.SCOPE, Stage.WITHDRAWAL}
    assert stages == set(Stage) - of_none


async def _life(case: Case) -> list[str]:
    """Roll out with the failure, then without; return what is wrong."""
    async with simulated_azure() as (azure, world):
        if case.before is not None:
            assert await apply_network(azure, case.before) == {}
            await asyncio.sleep(_A_WHILE)
        before = await look(azure, world, case.after)
        refusing = Refusing(azure.transport.app, world, case.step, case.error, _passing(case))
        listening = Listening(refusing)
        azure.transport.app = listening
        report = await roll_out(azure, case.after)
        await asyncio.sleep(_A_WHILE)
        after = await look(azure, world, case.after)
        wrong = [*untrue(report, before, after)]
        assert report.carrying is not None
        if not refusing.met:
            wrong.append("the step did not fail")
        if {*report.carrying.errors} != {same_id(case.step.resource.id)}:
            wrong.append(f"failed: {report.carrying.errors}")
        if {name: back.is_whole for name, back in report.back.items()} != {_FAILS: True}:
            wrong.append(f"taken back: {report.back}")
        falls = falls_with(report.carrying.plan, _FAILS)
        missed = [step for step in report.carrying.missed() if not falls(step)]
        if others := [step for step in missed if step.resource.region is not None]:
            wrong.append(f"others miss {[step.resource.id for step in others]}")
        await roll_out(azure, case.after)
        last = await roll_out(azure, case.after)
        await asyncio.sleep(_A_WHILE)
        assert last.carrying is not None
        wrong += not_ended(await look(azure, world, case.after), last.carrying.plan)
        return wrong + listening.broken


def _passing(case: Case) -> int:
    """Return how many writes of the same resource come before the step's."""
    parts = "#" in case.step.resource.id
    return int(parts and isinstance(case.step, Create) and case.before is None)
