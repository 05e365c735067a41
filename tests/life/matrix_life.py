"""One life of the matrix: a step fails for good, and what must be true then.

A region whose step fails is as before, the others as planned. Where what belongs to no region
fails, each region is as planned or as before, or waits for what joins it and is named. What
cannot be removed is named. What others have made is as it was. Where a failure leaves anything
in part, `orrery rollback RUN` brings back all that stood. The next rollout ends what this one
could not.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from azure_api.client import Azure
from rollout.rollout import Rollout
from simulator.arm.world import World
from simulator.settings import Settings, subscriptions
from tests.azure_api.in_process import simulated_azure
from tests.carry_out import apply_network
from tests.life.compared import Reader
from tests.life.cutting import otherwise
from tests.life.fault_life import look
from tests.life.foreign import put_children
from tests.life.listening import Listening
from tests.life.matrix_cases import FAILS, HOME, Case
from tests.life.refusing import Refusing
from tests.life.rolling_out import Living, Report, roll_out, take_back_all
from tests.life.verdict import not_ended, theirs_moved, untrue
from topology.kind import same_id
from topology.network import Network
from topology.planning.at_once import at_once
from topology.planning.places import GLOBAL, LAST, falls_with, places
from topology.planning.plan import Commit, Create, Delete, Plan, Step

_A_WHILE = 7200  # seconds in which Azure ends what it began


async def live(case: Case) -> list[str]:
    """Roll out with the failure, take back what it left, roll out without; return what is wrong."""
    random.seed(case.name)  # how long the product waits is drawn too
    network = case.move.after
    settings = Settings(subscription_ids=subscriptions(3))
    async with simulated_azure(settings=settings) as (azure, world):
        await _begin(azure, case)
        before = await look(azure, world, network)
        refusing = Refusing(azure.transport.app, world, case.step, case.error, _passing(case))
        listening = Listening(refusing)
        azure.transport.app = listening
        report = await roll_out(azure, network, partial(_Refused, refusing=refusing))
        refusing.over = True
        await asyncio.sleep(_A_WHILE)
        after = await look(azure, world, network)
        wrong = [*untrue(report, before, after), *theirs_moved(before.held, after.held)]
        wrong += [] if refusing.met else ["the step did not fail"]
        wrong += [*_fell_otherwise(case, report)]
        if {*report.back} != {FAILS}:
            wrong += await _not_taken_back(azure, world, report, before)
        await roll_out(azure, network)
        last = await roll_out(azure, network)
        await asyncio.sleep(_A_WHILE)
        assert last.whole is not None
        wrong += not_ended(await look(azure, world, network), last.whole)
        return wrong + listening.broken


@dataclass
class _Refused(Living):
    """An executor whose step fails no more when something is taken back."""

    refusing: Refusing

    async def take_back(self, rollout: Rollout, network: Network, region: str | None) -> bool:
        """Let all pass from here on."""
        self.refusing.over = True
        return await super().take_back(rollout, network, region)


async def _begin(azure: Azure, case: Case) -> None:
    """Make what stands before, with things of others in it."""
    if case.move.before is not None:
        assert await apply_network(azure, case.move.before) == {}
        await put_children(azure, case.move.before, HOME)
        await asyncio.sleep(_A_WHILE)


def _passing(case: Case) -> int:
    """Return how many writes of the same resource come before the step's: that of the whole."""
    whole = same_id(case.step.resource.id.split("#")[0])
    created = {same_id(s.resource.id) for s in case.move.plan.work if isinstance(s, Create)}
    return int("#" in case.step.resource.id and whole in created)


def _fell_otherwise(case: Case, report: Report) -> Iterator[str]:
    """Yield where another step failed than was meant, or others fell with it than should."""
    if not report.parts:
        yield f"nothing was carried out: {report.error}"
        return
    plan, errors = report.parts[-1].plan, report.errors
    if {*errors} != {same_id(case.step.resource.id)}:
        yield f"failed: {errors}"
    if left := [name for name, back in report.back.items() if not back.is_whole]:
        yield f"not taken back whole: {left}"
    if (expected := _falls(case)) is None:
        return
    if {*report.back} != expected:
        yield f"taken back are {[*report.back]}, not {[*expected]}"
    falls = falls_with(plan, FAILS)
    others = [step for step in report.parts[-1].missed() if not falls(step)]
    theirs = [step for step in others if step.resource.region and not _still_deployed(step, plan)]
    if expected == {FAILS} and theirs:
        yield f"others miss {[step.resource.id for step in theirs]}"


def _still_deployed(step: Step, plan: Plan) -> bool:
    """Say whether a step removes a part of what the region that failed goes back to."""
    goals = [
        goal for goal in plan.work if isinstance(goal, Commit) and goal.resource.region == FAILS
    ]
    inside = same_id(step.resource.id)
    kept = (f"{same_id(name)}/" for goal in goals for name in goal.before)
    return isinstance(step, Delete) and any(map(inside.startswith, kept))


def _falls(case: Case) -> set[str] | None:
    """Return what is taken back when the step fails; None: the regions that need it."""
    plan, resource = case.move.plan, case.step.resource
    here = places(plan)[same_id(resource.id)]
    if resource.region is not None:
        return {FAILS} if here != LAST or resource.stage.joins_regions else set()
    if same_id(resource.id) in {same_id(step.resource.id) for step in at_once(plan).work}:
        return {GLOBAL}
    return set() if here == LAST else None


async def _not_taken_back(azure: Azure, world: World, report: Report, before: Reader) -> list[str]:
    """Take the whole run back; return what is otherwise than before it."""
    back = await take_back_all(azure, before.network, report)
    await asyncio.sleep(_A_WHILE)
    now = await look(azure, world, before.network)
    left = otherwise(dict(before.held), dict(now.held))
    return [f"`orrery rollback RUN` leaves {what}" for what in (*back.left, *left)]
