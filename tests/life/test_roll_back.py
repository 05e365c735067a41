"""One step of a rollout fails for good, at each stage and by each final error.

The rollouts and the stages stand in tests/cases/roll_back; `tests/life/matrix_life.py` says what
must then be true. A sample is lived here, all by `python -m tests.life.matrix`.
"""

from __future__ import annotations

import pytest

from tests.life.matrix_cases import Case, Move, all_cases, moves, one_of_each, part_of
from tests.life.matrix_life import live
from tests.virtual_time import run
from topology.kind import Stage

# Every tenth step of them in every run.
_DRAWN = one_of_each()[::10]


@pytest.mark.slow
@pytest.mark.parametrize("case", _DRAWN, ids=[case.name for case in _DRAWN])
def test_what_fails_leaves_each_region_as_planned_or_as_before(case: Case) -> None:
    """And the report says so, and the next run ends what this one could not."""
    assert run(live(case)) == []


def test_the_matrix_has_every_stage_that_a_rollout_has() -> None:
    """Of what belongs to a region and of what belongs to none: a new one needs its line."""
    had = {part_of(step) for move in moves() for step in move.steps()}
    cases = {part_of(case.step) for case in all_cases()}

    assert had - cases == set()
    assert set(Stage) - {stage for stage, _ in cases} == set()


@pytest.mark.parametrize("move", moves(), ids=[move.name for move in moves()])
def test_the_table_names_no_stage_that_a_rollout_lacks(move: Move) -> None:
    """Else a line would promise cases that there are not."""
    assert {*move.parts} - {part_of(step) for step in move.steps()} == set()
