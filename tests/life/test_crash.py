"""A run that is cut anywhere: the next one ends where it would have ended.

There is no state file and no journal, so nothing is to be mended: the next run waits for
what is still under way, reads, and plans what is left.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from typing import Any

import pytest

from azure_api.client import Azure
from simulator.fault import Fault
from tests.azure_api.in_process import AsgiTransport, connected_by
from tests.builders import a_network
from tests.life.copies import Copies
from tests.life.cutting import Cut, Cuts, Side, end, otherwise, until_gone
from tests.life.listening import Listening
from tests.life.undisturbed import GLOBOJAVA, Move, a_world, looked_at, undisturbed
from tests.virtual_time import run
from topology.addressing import allocate

# A seeded sample where there are many boundaries; `make soak` cuts at all of them.
_ALL = "ORRERY_EXAMPLES" in os.environ
_SAMPLE = 3
# How much slower than Azure's own pace we wait between looks: a sixth of the time is theirs.
_PACE = 1.0 if _ALL else 3.0
_PARTS = 4
# Nothing made twice, none in the way of another, nothing failed, nothing otherwise: and so nothing
# is left to do, as after the run that nobody disturbed.
_NOTHING: object = ([], [], {}, [])

DYNAMIC = {"membership": "dynamic"}
SMALL = a_network("eastus", "westeurope")
LOCK = allocate(SMALL.topology)
FIRST = Move(None, SMALL)
MOVES = {
    "a first rollout": FIRST,
    "a new region": Move(SMALL, a_network("eastus", "westeurope", "northeurope", lock=LOCK)),
    "another isolation": Move(SMALL, a_network("eastus", "westeurope", isolation="strict")),
    "a destroy": Move(SMALL, None),
    "others may join": Move(SMALL, a_network("eastus", "westeurope", groups=DYNAMIC)),
}


@pytest.mark.slow
@pytest.mark.timeout(3600 if _ALL else 120)
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("name", MOVES)
def test_a_run_is_ended_from_wherever_it_was_cut(name: str, side: Side) -> None:
    """All comes, rules go over to their next generation, regions come, all goes."""
    assert _wrong(MOVES[name], side) == {}


@pytest.mark.slow
@pytest.mark.timeout(3600 if _ALL else 120)
@pytest.mark.parametrize("part", range(_PARTS))
@pytest.mark.parametrize("side", Side)
def test_six_regions_are_ended_from_wherever_they_were_cut(side: Side, part: int) -> None:
    """GloboJava at each of its writes, on one side or the other; in `make soak` on both.

    With all that is in flight in its regions. In parts, so that they can be run side by side.
    """
    assert _wrong(GLOBOJAVA, side, every=True, part=slice(part, None, _PARTS)) == {}


@pytest.mark.parametrize("seconds", [5, 60, 200, 400, 500])
def test_a_cancelled_run_is_ended_by_the_next(seconds: float) -> None:
    """The task is cancelled, as Prefect does, with steps in flight."""
    told, found = run(_cancelled_and_ended(seconds))

    assert told == ([], {}, ())
    assert otherwise(undisturbed(FIRST)[1], found) == []


def test_a_firewall_that_failed_while_nobody_looked_is_put_again() -> None:
    """Its creation was accepted, then the process was gone, then it failed."""
    failing = Fault(type="Microsoft.Network/azureFirewalls", when="provisioning")
    told, found = run(_cancelled_and_ended(300, failing))

    assert told == ([], {}, ())
    assert otherwise(undisturbed(FIRST)[1], found) == []


# -- runs that are cut -------------------------------------------------------------------


def _wrong(
    move: Move, side: Side, *, every: bool = False, part: slice = slice(None)
) -> dict[int, object]:
    """Cut a run at its boundaries, end it by another; return what is otherwise than undisturbed."""
    writes, expected = undisturbed(move)
    boundaries = _boundaries(writes, side, every=every)[part]
    copies = Copies()
    with copies.told():
        run(_cut_and_ended(move, Cuts(boundaries, side, copies), expected))
    assert copies.ends.keys() == {*boundaries}
    return {at: wrong for at, wrong in copies.ends.items() if wrong != _NOTHING}


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


async def _cut_and_ended(move: Move, cuts: Cuts, expected: dict[str, Any]) -> None:
    """Cut a run at some of its writes; each copy says what is wrong after the next run."""
    app = await a_world(move)
    cut = Cut(app, cuts)
    async with connected_by(AsgiTransport(cut), time_scale=_PACE) as azure:
        await until_gone(move.make(azure), cut.gone)
    if cuts.copies.is_one:
        listening = Listening(app)
        async with connected_by(AsgiTransport(listening), time_scale=_PACE) as azure:
            errors = await move.make(azure)
        twice, found = await looked_at(app)
        cuts.copies.end((twice, listening.broken, errors, otherwise(expected, found)))


async def _cancelled_and_ended(seconds: float, *faults: Fault) -> tuple[object, dict[str, Any]]:
    app = await a_world(FIRST)
    app.state.world.faults.extend(list(faults))

    async def cancelled(azure: Azure) -> None:
        running = asyncio.create_task(FIRST.make(azure))
        await asyncio.sleep(seconds)
        assert not running.done()
        await end({running})

    async with connected_by(AsgiTransport(app), time_scale=_PACE) as azure:
        await cancelled(azure)
    async with connected_by(AsgiTransport(app), time_scale=_PACE) as azure:
        errors = await FIRST.make(azure)
        left = await FIRST.left(azure)
    twice, found = await looked_at(app)
    return (twice, errors, left), found
