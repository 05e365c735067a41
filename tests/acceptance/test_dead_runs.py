"""Runs whose process dies: Prefect tells the truth of them, and what they held comes back."""

from __future__ import annotations

import contextlib
import os
import signal

import pytest

from deployments.guard import descendants
from tests.acceptance.place import APPLY, Place

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
IN_SOAK = pytest.mark.skipif(
    "ORRERY_EXAMPLES" not in os.environ, reason="takes minutes: in make soak"
)


def test_the_stacks_server_finds_dead_runs_and_remedies_drift(place: Place) -> None:
    """Automations are accepted and at work, but for the one that lacks a block to notify by."""
    assert place.prefect.automations() == {
        "orrery-dead-runs": True,
        "orrery-new-findings": False,
        "remediate-drift": True,
        "verify-reachability": False,  # here: PrefectOverHttp.start_no_proofs
    }


@IN_SOAK
def test_a_run_whose_process_was_killed_reads_crashed(place: Place) -> None:
    """No heartbeat comes from it, nor from the runs below it; nobody else runs."""
    file = place.topology("dead", "eastus")
    by_hand = place.orrery("apply", file, "--yes")
    place.until_written("dead", "azureFirewalls")
    by_hand.kill()
    by_hand.communicate(timeout=30)
    (run,) = place.prefect.called(f"apply {file}")
    ended = place.prefect.ended(run)
    place.prefect.until(run, lambda _now: place.prefect.children(run) == {"eastus": "Crashed"})

    assert ended["state_name"] == "Crashed"
    assert "no heartbeat" in ended["state"]["message"]


@IN_SOAK
def test_a_worker_tells_of_a_process_of_its_own_that_was_killed(place: Place) -> None:
    """The run reads Crashed at once; the next one closes what is below, and has its slot."""
    file = place.topology("found", "eastus")
    run = place.prefect.start(APPLY, topology=file)
    place.until_written("found", "azureFirewalls")
    for process in descendants([place.worker.process.pid]):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    ended = place.prefect.ended(run)
    following = place.prefect.run(APPLY, topology=file)

    assert ended["state_name"] == "Crashed"
    assert "no heartbeat" not in ended["state"]["message"]
    assert following["state_name"] == "Completed"
    assert place.prefect.children(run) == {"eastus": "Crashed"}
    assert place.prefect.slots("orrery-found") == 0
