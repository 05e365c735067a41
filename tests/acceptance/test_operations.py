"""What operators meet, by deployment and by hand: a real Prefect server and a real worker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployments.local_stack import Environment, local_stack
from simulator.settings import subscriptions
from tests.acceptance.over_http import AzureOverHttp, PrefectOverHttp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

APPLY = "apply-topology/globojava"
SPEED = 120.0

# A subscription a topology: Azure takes one network manager a scope.
# A stack for each that is cut; in `make soak` one that was started by hand too.
_ALL = "ORRERY_EXAMPLES" in os.environ
SUBSCRIPTIONS = dict(zip(("asked", "cut", "hand", "dead"), subscriptions(4), strict=True))


@dataclass(frozen=True)
class Place:
    """A stack, a folder for topologies, and what looks at both over HTTP."""

    folder: Path
    prefect: PrefectOverHttp
    azure: AzureOverHttp
    environment: Environment

    def topology(self, name: str, *regions: str, more: str = "") -> Path:
        """Write a topology file and return its path."""
        path = self.folder / f"{name}.yaml"
        lines = [f"topology: {name}", f"subscription: {SUBSCRIPTIONS[name]}", f"home: {regions[0]}"]
        lines += [f"dns_zone: {name}.internal", "regions:", *(f"  {name}:" for name in regions)]
        path.write_text("\n".join([*lines, more]) + "\n")
        return path

    def orrery(self, *words: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own, on the stack's Prefect."""
        return subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "orrery", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until_written(self, topology: str, word: str) -> None:
        """Wait until a write has been sent in whose path the word stands."""
        deadline = time.monotonic() + 120
        while not any(word in entry["path"] for entry in self.azure.written(topology)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing of {topology} was written with {word} in its path")
            time.sleep(0.2)

    def changing(self, topology: str) -> list[str]:
        """Return what is in the midst of an operation."""
        found: list[dict[str, Any]] = []
        for arm_type in ("virtualNetworks", "azureFirewalls", "publicIPAddresses", "routeTables"):
            path = f"/subscriptions/{SUBSCRIPTIONS[topology]}/providers/Microsoft.Network"
            found += self.azure.get(f"{path}/{arm_type}")["value"]
        return [
            item["name"]
            for item in found
            if item["properties"]["provisioningState"] not in {"Succeeded", "Failed"}
        ]

    def made_twice(self, topology: str) -> list[str]:
        """Return the paths at which something was made more than once."""
        made = Counter(
            entry["path"].lower()
            for entry in self.azure.written(topology)
            if entry["method"] == "PUT" and entry["status"] == 201
        )
        return [path for path, times in made.items() if times > 1]

    def deleted(self, topology: str) -> list[str]:
        """Return what somebody has asked to delete."""
        log = self.azure.written(topology)
        return [entry["path"] for entry in log if entry["method"] == "DELETE"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Start the stack of the demo, with more subscriptions."""
    folder: Path = tmp_path_factory.mktemp("operations")
    with local_stack(
        folder / "stack", speed=SPEED, subscriptions=len(SUBSCRIPTIONS), tell=lambda _text: None
    ) as stack:
        environment = {**stack.client_environment, **stack.azure_environment, "COLUMNS": "200"}
        prefect = PrefectOverHttp(stack.client_environment["PREFECT_API_URL"])
        yield Place(folder, prefect, AzureOverHttp(stack.azure_environment), environment)


def test_the_stacks_server_finds_dead_runs(place: Place) -> None:
    """The automation of deployments/automations.yaml is accepted, and at work."""
    assert place.prefect.automations() == {"orrery-dead-runs": True}


# -- a plan that nobody approves ---------------------------------------------------------


@pytest.mark.parametrize(("minutes", "answers"), [(30, True), (0.05, False)])
def test_a_plan_that_is_not_approved_is_not_carried_out(
    place: Place,
    minutes: float,
    answers: bool,  # noqa: FBT001
) -> None:
    """A person says no, or nobody says anything in time: nothing is written."""
    file = place.topology("asked", "eastus", more=f"rollout: {{approval_minutes: {minutes}}}")
    run = place.prefect.start(APPLY, topology=str(file))
    if answers:
        place.prefect.until(run, lambda now: now["state_name"] == "Paused")
        place.prefect.answer(run, approve=False)
    ended = place.prefect.ended(run)

    assert ended["state_name"] == "NotApproved"
    assert ended["state"]["message"] == "not approved: nothing was written"
    assert place.azure.written("asked") == []


# -- cancel ------------------------------------------------------------------------------

# Its firewalls take so long that they are under way when their run is cancelled.
SLOW = {"type": "Microsoft.Network/azureFirewalls", "slower": 12}


@dataclass(frozen=True)
class Cut:
    """A run that was cancelled while firewalls were being made, and the one that followed."""

    name: str
    under_way: list[str]
    run: dict[str, Any]
    changing: list[str]
    below: dict[str, str]
    rows: dict[str, str]
    log: list[str]
    following: dict[str, Any]


@pytest.fixture(scope="module", params=["cut", "hand"] if _ALL else ["cut"])
def cut(place: Place, request: pytest.FixtureRequest) -> Cut:
    """Cancel a run of a worker's, and one that was started by hand."""
    name: str = request.param
    file = str(place.topology(name, "eastus", "westus"))
    place.azure.control("POST", "faults", [SLOW])
    return (_cut_of_a_worker if name == "cut" else _cut_by_hand)(place, name, file)


def _cut_of_a_worker(place: Place, name: str, file: str) -> Cut:
    """Let another run wait meanwhile: it follows by itself."""
    run = place.prefect.start(APPLY, topology=file)
    place.until_written(name, "resourcegroups")
    following = place.prefect.start(APPLY, topology=file)
    return _cancel(place, name, run, lambda: following)


def _cut_by_hand(place: Place, name: str, file: str) -> Cut:
    by_hand = place.orrery("apply", file, "--yes")
    place.until_written(name, "azureFirewalls")
    (run,) = place.prefect.called(f"apply {file}")
    found = _cancel(place, name, run, lambda: place.prefect.start(APPLY, topology=file))
    said, _ = by_hand.communicate(timeout=240)
    assert "Cancelled: " in said
    assert by_hand.returncode == 1
    return found


def _cancel(
    place: Place, name: str, run: dict[str, Any], follow: Callable[[], dict[str, Any]]
) -> Cut:
    """Cancel a run when a firewall is being made, and look at once when it has ended."""
    place.until_written(name, "azureFirewalls")
    place.prefect.cancel(run)
    under_way = place.changing(name)
    ended = place.prefect.until(run, lambda now: now["state_name"] == "Cancelled")
    changing = place.changing(name)
    place.azure.control("DELETE", "faults")
    return Cut(
        name,
        under_way,
        ended,
        changing,
        place.prefect.children(ended),
        {row["region"]: row["state"] for row in place.prefect.table(ended, f"{name}-result")},
        place.prefect.log(ended),
        place.prefect.ended(follow()),
    )


def test_a_cancelled_run_ends_when_azure_has(cut: Cut) -> None:
    """Firewalls were being made; when the run reads Cancelled nothing is changing any more."""
    assert cut.under_way
    assert cut.changing == []


def test_a_cancelled_run_says_what_was_done(cut: Cut) -> None:
    """Its table has each region, and its log a sentence."""
    assert cut.rows.keys() == {"global", "eastus", "westus"}
    assert cut.rows["eastus"] == "in part"
    assert any("in part: eastus (" in line for line in (*cut.log, cut.run["state"]["message"]))


def test_nothing_of_a_cancelled_run_reads_running(cut: Cut) -> None:
    """Both regions were cancelled with it, and none was taken back."""
    assert cut.below == {"eastus": "Cancelled", "westus": "Cancelled"}


def test_the_run_after_a_cancelled_one_completes_what_is_there(place: Place, cut: Cut) -> None:
    """The topology is free, nothing is made twice, and nothing was taken away."""
    assert cut.following["state_name"] == "Completed"
    assert (place.made_twice(cut.name), place.deleted(cut.name)) == ([], [])


# -- a process that dies -----------------------------------------------------------------


@pytest.mark.skipif("ORRERY_EXAMPLES" not in os.environ, reason="takes minutes: in make soak")
def test_a_run_whose_process_was_killed_reads_crashed(place: Place) -> None:
    """No heartbeat comes from it, nor from the runs below it."""
    file = str(place.topology("dead", "eastus"))
    by_hand = place.orrery("apply", file, "--yes")
    place.until_written("dead", "azureFirewalls")
    by_hand.kill()
    by_hand.communicate(timeout=30)
    (run,) = place.prefect.called(f"apply {file}")
    ended = place.prefect.ended(run)
    place.prefect.until(run, lambda _now: place.prefect.children(run) == {"eastus": "Crashed"})

    assert ended["state_name"] == "Crashed"
    assert "no heartbeat" in ended["state"]["message"]
