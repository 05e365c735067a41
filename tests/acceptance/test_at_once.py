"""Two runs at once, a person's answer, and a plan whose world moved: real server, real worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.acceptance.place import APPLY, CHECK, DESTROY, Place

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

WAITS = "this one waits until it has ended"


@dataclass(frozen=True)
class AtOnce:
    """A rollout of a saved plan, and all that was started while it waited for its answer.

    `waiting` are the logs of those that waited. The first is refused, then the second, of the
    same plan, is approved: `after` so many writes were sent. `again` is a third run of it.
    """

    first: dict[str, Any]
    second: dict[str, Any]
    waiting: list[list[str]]
    by_hand: tuple[int, str]
    destroy: dict[str, Any]
    check: dict[str, Any]
    before: int
    after: int
    again: dict[str, Any]
    after_all: int


@pytest.fixture(scope="module")
def at_once(place: Place) -> AtOnce:
    """Start a rollout, and beside it all else that could write, by every way there is."""
    prefect, azure = place.prefect, place.azure
    file = place.topology("twin", "eastus", more="rollout: {approval_minutes: 30}")
    plan = str(place.folder / "plan.json")
    place.orrery("plan", file, "--out", plan).communicate(timeout=240)
    first = prefect.start(APPLY, topology=file, plan=plan)
    prefect.until(first, _is_asking)
    by_hand = place.orrery("apply", file, "--yes")
    second = prefect.start(APPLY, topology=file, plan=plan)
    destroy = prefect.start(DESTROY, topology=file, name="twin")
    check = prefect.run(CHECK, topology=file)
    said, _ = by_hand.communicate(timeout=240)
    for run in (second, destroy):
        prefect.until(run, lambda now: any(WAITS in line for line in prefect.log(now)))
    waiting = [prefect.log(run) for run in (second, destroy)]
    prefect.cancel(destroy)
    destroy = prefect.ended(destroy)
    prefect.answer(first, approve=False)
    first = prefect.ended(first)
    prefect.until(second, _is_asking)
    before = len(azure.written("twin"))
    prefect.answer(second, approve=True)
    second = prefect.ended(second)
    after = len(azure.written("twin"))
    again = prefect.run(APPLY, topology=file, plan=plan)
    return AtOnce(
        first,
        second,
        waiting,
        (by_hand.returncode, said),
        destroy,
        check,
        before,
        after,
        again,
        len(azure.written("twin")),
    )


def _is_asking(run: dict[str, Any]) -> bool:
    return bool(run["state_name"] == "Paused")


def test_a_second_run_waits_for_the_first(at_once: AtOnce) -> None:
    """It says for whom, and goes on when that has ended."""
    log, _ = at_once.waiting

    assert any(f"another run holds twin: {at_once.first['name']}" in line for line in log)
    assert at_once.second["start_time"] < at_once.first["end_time"]
    assert at_once.second["state_name"] == "Completed"


def test_a_run_by_hand_is_refused_while_another_goes_on(at_once: AtOnce) -> None:
    """It says who holds the topology and what to wait for."""
    code, said = at_once.by_hand

    assert code == 1
    assert f"another run holds twin: {at_once.first['name']} ({at_once.first['id']})" in said
    assert "run again when it has ended" in said
    assert "Traceback" not in said


def test_a_destroy_that_waits_for_a_rollout_can_be_cancelled(at_once: AtOnce) -> None:
    """It has done nothing, and does not wait for what the rollout does."""
    _, log = at_once.waiting

    assert any("another run holds twin" in line for line in log)
    assert at_once.destroy["state_name"] == "Cancelled"


def test_a_check_does_not_compare_what_is_being_rolled_out(at_once: AtOnce) -> None:
    """Half of a network is no drift."""
    assert at_once.check["state_name"] == "RolloutInProgress"


def test_a_plan_that_a_person_refuses_is_not_carried_out(at_once: AtOnce) -> None:
    """Nothing was written by it, nor by anyone who came while it asked."""
    assert at_once.first["state_name"] == "NotApproved"
    assert at_once.first["state"]["message"] == "not approved: nothing was written"
    assert at_once.before == 0


def test_a_saved_plan_that_a_person_approves_is_carried_out(place: Place, at_once: AtOnce) -> None:
    """Nothing of it is made twice, and nothing is taken away."""
    assert at_once.second["state_name"] == "Completed"
    assert at_once.after > 0
    assert (place.made_twice("twin"), place.deleted("twin")) == ([], [])


def test_a_saved_plan_whose_world_has_moved_is_refused_with_the_difference(
    at_once: AtOnce,
) -> None:
    """The message names steps, and nothing is written."""
    assert at_once.again["state_name"] == "StalePlan"
    assert "no longer to do: eastus: create" in at_once.again["state"]["message"]
    assert at_once.after_all == at_once.after


def test_a_plan_that_nobody_answers_in_time_is_not_carried_out(place: Place) -> None:
    """Silence is a no."""
    file = place.topology("asked", "eastus", more="rollout: {approval_minutes: 0.05}")
    run = place.prefect.run(APPLY, topology=file)

    assert run["state_name"] == "NotApproved"
    assert place.azure.written("asked") == []
