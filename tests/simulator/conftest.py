"""The simulator in process, and a resource group to work in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.arm.world import World
from simulator.clock import ManualClock
from simulator.faults import Faults
from simulator.journal import Journal
from tests.simulator.azure import A_WHILE, GROUP, WITH_GROUP, Azure, signed_in
from tests.simulator.worlds import differences, facts


@pytest.fixture
def clock() -> ManualClock:
    """Return time that a test moves."""
    return ManualClock()


@pytest.fixture
def by_hand() -> None:
    """Say that a test changes its world by hand, of which no journal can know."""


@pytest.fixture
def faults(by_hand: None) -> Faults:  # noqa: ARG001 - a test sets faults by hand
    """Return the faults of this test's simulator."""
    return Faults()


@pytest.fixture
def app(request: pytest.FixtureRequest, clock: ManualClock, tmp_path: Path) -> Iterator[Starlette]:
    """Yield a simulator of its own for every test, which a restart finds as the test left it."""
    if "by_hand" in request.fixturenames:
        has_faults = "faults" in request.fixturenames
        faults = request.getfixturevalue("faults") if has_faults else None
        yield create_app(clock, settings=WITH_GROUP, faults=faults)
        return
    with closing(Journal(tmp_path / "state")) as journal:
        app = create_app(clock, settings=WITH_GROUP, journal=journal)
        yield app
    clock.advance(A_WHILE)
    assert_a_restart_changes_nothing(app, clock, tmp_path / "state")


def assert_a_restart_changes_nothing(app: Starlette, clock: ManualClock, state: Path) -> None:
    """Compare a world with the one that its journal makes, some time later.

    Where they differ, something depends on more than the requests that moved the world:
    a read that drew chance, a change that nothing was drawn, saved or planned for.
    """
    world: World = app.state.world
    with closing(Journal(state)) as journal:
        again: World = create_app(clock, settings=world.settings, journal=journal).state.world
    for one in (world, again):
        one.timeline.settle()
    assert differences(facts(world), facts(again)) == []


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that is signed in and sends an api-version."""
    async with signed_in(app) as found:
        yield found


@pytest.fixture
async def azure(client: httpx.AsyncClient, clock: ManualClock) -> Azure:
    """Return the same with words for what tests do, and the resource group `rg`."""
    found = Azure(client, clock)
    response = await found.put(GROUP, {"location": "westeurope"})
    assert response.status_code == 201
    return found
