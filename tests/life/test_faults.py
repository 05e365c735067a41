"""Seeded schedules of faults: whatever goes wrong, a rollout ends well or says what did not.

`tests/life/fault_life.py` says what a life is and what is looked at; `python -m tests.life.soak`
lives thousands of them.
"""

from __future__ import annotations

import pytest

from tests.life.fault_life import live
from tests.life.schedules import Schedule
from tests.virtual_time import run

# A sample in every run: within a minute, on two processors.
_SEEDS = range(200)
_PARTS = 20


@pytest.mark.slow
@pytest.mark.parametrize("part", range(_PARTS))
def test_any_schedule_of_faults_ends_well(part: int) -> None:
    """Each region is as planned or as before, or the report names what is left of it."""
    lives = [run(live(Schedule.of(seed))) for seed in _SEEDS[part::_PARTS]]

    assert [life.told for life in lives if life.wrong] == []
