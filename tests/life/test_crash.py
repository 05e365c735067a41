"""A run that is cut anywhere: the next one ends where it would have ended.

There is no state file and no journal, so nothing is to be mended: the next run waits for
what is still under way, reads, and plans what is left.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from starlette.applications import Starlette

from azure_api.client import Azure
from simulator.app import create_app
from simulator.clock import LoopClock
from simulator.fault import Fault
from tests.azure_api.in_process import AsgiTransport, connected_by
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life.cutting import Cut, Side, created_twice, end, holdings, until_gone
from tests.topology.examples import example
from tests.virtual_time import run
from topology.addressing import allocate
from topology.network import Network
from topology.planning.planner import make_plan, plan_removal_of_all

# A seeded sample where there are many boundaries; `make soak` cuts at all of them.
_ALL = "ORRERY_EXAMPLES" in os.environ
_SAMPLE = 3
_A_WHILE = 7200  # Azure ends what it has begun


@dataclass(frozen=True, eq=False)
class Move:
    """A run from one network to another; None is nothing at all."""

    before: Network | None
    after: Network | None

    async def make(self, azure: Azure) -> dict[str, str]:
        """Read, plan and carry out; return the errors."""
        if self.after is not None:
            return await apply_network(azure, self.after)
        assert self.before is not None
        actual = await read_network(azure, self.before)
        return await carry_out(azure, plan_removal_of_all(self.before, actual))

    async def left(self, azure: Azure) -> tuple[object, ...]:
        """Return what a run would still do."""
        if self.after is not None:
            return make_plan(self.after, await read_network(azure, self.after)).work
        assert self.before is not None
        return plan_removal_of_all(self.before, await read_network(azure, self.before)).work


DYNAMIC = {"membership": "dynamic"}
SMALL = a_network("eastus", "westeurope")
LOCK = allocate(SMALL.topology)
FIRST = Move(None, SMALL)
LATER = {
    "a new region": Move(SMALL, a_network("eastus", "westeurope", "northeurope", lock=LOCK)),
    "another isolation": Move(SMALL, a_network("eastus", "westeurope", isolation="strict")),
    "a destroy": Move(SMALL, None),
    "others may join": Move(SMALL, a_network("eastus", "westeurope", groups=DYNAMIC)),
}


@pytest.mark.slow
@pytest.mark.timeout(3600 if _ALL else 240)
@pytest.mark.parametrize("side", Side)
def test_a_first_rollout_is_ended_from_wherever_it_was_cut(side: Side) -> None:
    """At each of its writes, on one side or the other; in `make soak` on both."""
    assert _wrong(FIRST, side, every=True) == {}


@pytest.mark.slow
@pytest.mark.timeout(3600 if _ALL else 120)
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("name", LATER)
def test_a_change_is_ended_from_wherever_it_was_cut(name: str, side: Side) -> None:
    """Rules go over to their next generation, regions come, all goes."""
    assert _wrong(LATER[name], side) == {}


@pytest.mark.slow
@pytest.mark.timeout(3600 if _ALL else 120)
@pytest.mark.parametrize("side", Side)
def test_six_regions_are_ended_from_wherever_they_were_cut(side: Side) -> None:
    """GloboJava, with all that is in flight in its regions."""
    assert _wrong(Move(None, example("globojava")), side) == {}


@pytest.mark.parametrize("seconds", [5, 60, 200, 400, 500])
def test_a_cancelled_run_is_ended_by_the_next(seconds: float) -> None:
    """The task is cancelled, as Prefect does, with steps in flight."""
    told, found = run(_cancelled_and_ended(seconds))

    assert told == ([], {}, ())
    assert _otherwise(_undisturbed(FIRST)[1], found) == []


def test_a_firewall_that_failed_while_nobody_looked_is_put_again() -> None:
    """Its creation was accepted, then the process was gone, then it failed."""
    failing = Fault(type="Microsoft.Network/azureFirewalls", when="provisioning")
    told, found = run(_cancelled_and_ended(300, failing))

    assert told == ([], {}, ())
    assert _otherwise(_undisturbed(FIRST)[1], found) == []


# -- runs that are cut -------------------------------------------------------------------


def _wrong(move: Move, side: Side, *, every: bool = False) -> dict[int, object]:
    """Cut a run at its boundaries, end it by another; return what is otherwise than undisturbed."""
    writes, expected = _undisturbed(move)
    boundaries = _boundaries(writes, side, every=every)
    ends = {at: run(_cut_and_ended(move, at, side)) for at in boundaries}
    return {
        at: _otherwise(expected, found) or told
        for at, (told, found) in ends.items()
        if (told, found) != (([], {}, ()), expected)
    }


def _boundaries(writes: int, side: Side, *, every: bool) -> Sequence[int]:
    """Return at which writes a run is cut; of every write in turn at one of its sides.

    Before a write and after the one before it Azure holds the same.
    """
    boundaries = range(1, writes + 1)
    if _ALL:
        return boundaries
    if every:
        return boundaries[0 if side is Side.BEFORE else 1 :: 2]
    return random.Random(writes).sample(boundaries, _SAMPLE)  # noqa: S311  no secret


@cache
def _undisturbed(move: Move) -> tuple[int, dict[str, Any]]:
    """Return how many writes a run makes, and what is there after it."""

    async def made() -> tuple[int, dict[str, Any]]:
        app = await _world(move)
        cut = Cut(app)
        async with connected_by(AsgiTransport(cut)) as azure:
            assert await move.make(azure) == {}
        await asyncio.sleep(_A_WHILE)
        return cut.writes, await holdings(app)

    return run(made())


async def _cut_and_ended(move: Move, at: int, side: Side) -> tuple[object, dict[str, Any]]:
    app = await _world(move)
    cut = Cut(app, at, side)

    async def until_cut(azure: Azure) -> None:
        azure.transport.app = cut
        await until_gone(move.make(azure), cut.gone)

    told = await _broken_off(app, move, until_cut)
    assert cut.gone.is_set()
    return told, await holdings(app)


async def _cancelled_and_ended(seconds: float, *faults: Fault) -> tuple[object, dict[str, Any]]:
    app = await _world(FIRST)
    app.state.world.faults.extend(list(faults))

    async def cancelled(azure: Azure) -> None:
        running = asyncio.create_task(FIRST.make(azure))
        await asyncio.sleep(seconds)
        assert not running.done()
        await end({running})

    return await _broken_off(app, FIRST, cancelled), await holdings(app)


async def _world(move: Move) -> Starlette:
    """Return a simulator that holds what a move starts from."""
    app = create_app(LoopClock())
    if move.before is not None:
        async with connected_by(AsgiTransport(app)) as azure:
            assert await apply_network(azure, move.before) == {}
    return app


async def _broken_off(
    app: Starlette, move: Move, first: Callable[[Azure], Coroutine[Any, Any, None]]
) -> tuple[list[str], dict[str, str], tuple[object, ...]]:
    """Break a run off, then make it anew; return ids made twice, errors, and what is left."""
    async with connected_by(AsgiTransport(app)) as azure:
        await first(azure)
    async with connected_by(AsgiTransport(app)) as azure:
        errors = await move.make(azure)
        left = await move.left(azure)
    await asyncio.sleep(_A_WHILE)
    return await created_twice(app), errors, left


def _otherwise(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    return [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
