"""Cancel, of everything that writes: a real Prefect server, a real worker, and by hand."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks.read_topology import load
from tests.acceptance.place import ADOPT, APPLY, DESTROY, ROLL_BACK, SPEED, Place
from tests.life.by_hand import strip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

# Firewalls take so long that they are under way when their run is cancelled.
SLOW = {"type": "Microsoft.Network/azureFirewalls", "slower": 8}
# Marks are written at once: each answer takes some seconds.
LATE = {"method": "PATCH", "latency": 4 * SPEED}

Run = dict[str, Any]


@dataclass(frozen=True)
class Cut:
    """A run that was cancelled in the midst of writing, and the one that followed.

    `changing` is what was under way, when the run was cancelled and when it read Cancelled.
    """

    name: str
    run: Run
    changing: tuple[list[str], list[str]]
    below: dict[str, str]
    rows: dict[str, str]
    picture: str
    log: list[str]
    following: Run


def _apply(place: Place, name: str) -> Cut:
    """Cancel a rollout of a worker's; another waits meanwhile, and follows by itself."""
    file = place.topology(name, "eastus", "westus")
    place.azure.control("POST", "faults", [SLOW])
    run = place.prefect.start(APPLY, topology=file)
    place.until_written(name, "resourcegroups")
    following = place.prefect.start(APPLY, topology=file)
    place.until_written(name, "azureFirewalls")
    return _cancel(place, name, run, lambda: following)


def _apply_by_hand(place: Place, name: str) -> Cut:
    file = place.topology(name, "eastus", "westus")
    place.azure.control("POST", "faults", [SLOW])
    by_hand = place.orrery("apply", file, "--yes")
    place.until_written(name, "azureFirewalls")
    (run,) = place.prefect.called(f"apply {file}")
    found = _cancel(place, name, run, lambda: place.prefect.start(APPLY, topology=file))
    said, _ = by_hand.communicate(timeout=240)
    assert "Cancelled: " in said
    assert by_hand.returncode == 1
    return found


def _destroy(place: Place, name: str) -> Cut:
    file, _ = _applied(place, name)
    return _cancel_deletes(place, name, DESTROY, topology=file, name=name)


def _roll_back(place: Place, name: str) -> Cut:
    file, run = _applied(place, name)
    return _cancel_deletes(place, name, ROLL_BACK, topology=file, run=run["id"])


def _adopt(place: Place, name: str) -> Cut:
    file, _ = _applied(place, name)
    asyncio.run(_unmark(place, file))
    before = len(place.azure.written(name))
    place.azure.control("POST", "faults", [LATE])
    run = place.prefect.start(ADOPT, topology=file)
    place.until_written(name, "virtualNetworks", "PATCH", before)
    return _cancel(place, name, run, lambda: place.prefect.start(ADOPT, topology=file))


def _applied(place: Place, name: str) -> tuple[str, Run]:
    file = place.topology(name, "eastus")
    return file, place.prefect.run(APPLY, topology=file)


async def _unmark(place: Place, file: str) -> None:
    """Let the network be one that nobody has marked as ours."""
    environment = place.azure.environment
    async with httpx.AsyncClient(
        base_url=environment["ORRERY_ARM_ENDPOINT"],
        verify=ssl.create_default_context(cafile=environment["SSL_CERT_FILE"]),
        headers={"authorization": f"Bearer {place.azure.token()}"},
        params={"api-version": "2026-03-01"},
    ) as client:
        await strip(client, load(Path(file))[0], {"owner": "somebody"}, 1 / SPEED)


def _cancel_deletes(place: Place, called: str, deployment: str, **parameters: str) -> Cut:
    """Cancel what takes firewalls away."""
    place.azure.control("POST", "faults", [SLOW])
    run = place.prefect.start(deployment, **parameters)
    place.until_written(called, "azureFirewalls", "DELETE")
    return _cancel(place, called, run, lambda: place.prefect.start(deployment, **parameters))


def _cancel(place: Place, name: str, run: Run, follow: Callable[[], Run]) -> Cut:
    """Cancel a run, look at once when it has ended, and let another follow."""
    place.prefect.cancel(run)
    under_way = place.changing(name)
    ended = place.prefect.until(run, lambda now: now["state_name"] == "Cancelled")
    changing = place.changing(name)
    place.azure.control("DELETE", "faults")
    return Cut(
        name,
        ended,
        (under_way, changing),
        place.prefect.children(ended),
        {row["region"]: row["state"] for row in place.prefect.table(ended, f"{name}-result")},
        place.prefect.shown(ended, f"{name}-topology"),
        place.prefect.log(ended),
        place.prefect.ended(follow()),
    )


# In every run of the tests a rollout is cancelled; in `make soak` all else that writes, too.
LIVES = {"cut": _apply}
if "ORRERY_EXAMPLES" in os.environ:
    LIVES |= {"hand": _apply_by_hand, "goes": _destroy, "back": _roll_back, "taken": _adopt}


@pytest.fixture(scope="module", params=LIVES)
def cut(place: Place, request: pytest.FixtureRequest) -> Cut:
    """Cancel one in a topology of its own."""
    name: str = request.param
    return LIVES[name](place, name)


def test_a_cancelled_run_ends_when_azure_has(cut: Cut) -> None:
    """Firewalls were changing; when the run reads Cancelled nothing is any more."""
    under_way, changing = cut.changing

    assert under_way or cut.name == "taken"  # marks are written at once
    assert changing == []


def test_a_cancelled_run_says_what_was_done(cut: Cut) -> None:
    """Its table has each region, its map too, and its log a sentence."""
    done = cut.rows["eastus"]

    assert done == "in part" or (cut.name, done) == ("taken", "done")  # marks take no time
    assert f"{cut.name}, when it was cancelled: " in cut.picture
    said = (*cut.log, cut.run["state"]["message"])
    assert any(done in line and "eastus (" in line for line in said)


def test_nothing_of_a_cancelled_run_reads_running(cut: Cut) -> None:
    """The regions of a rollout were cancelled with it, and none was taken back."""
    assert set(cut.below.values()) <= {"Cancelled"}


def test_the_next_run_ends_what_a_cancelled_one_has_begun(place: Place, cut: Cut) -> None:
    """The topology is free, and nothing is made twice; only what takes away has deleted."""
    takes_away = cut.name in {"goes", "back"}

    assert cut.following["state_type"] == "COMPLETED"
    assert place.made_twice(cut.name) == []
    assert bool(place.deleted(cut.name)) is takes_away
    assert (place.networks(cut.name) == []) is takes_away
