"""A forecast against what happened, and what the next one learns from it."""

from __future__ import annotations

import pytest

from tests.builders import a_network
from topology.forecast.duration import timeline
from topology.forecast.outcome import Done, Took, history_of, learned_rows, stage_rows
from topology.kind import same_id
from topology.planning.actual import Actual
from topology.planning.plan import Plan
from topology.planning.planner import make_plan

HERE = "https://management.azure.com"
PLAN = make_plan(a_network("eastus"), Actual())


def _done(plan: Plan, slower: float = 1.0, *, whole: bool = False) -> Done:
    """Return a plan as it was carried out: as foreseen, or slower."""
    times = {
        same_id(item.step.resource.id): Took(item.start * slower, item.end * slower)
        for item in timeline(plan, {}, whole=whole)
    }
    return Done("wave 1", plan, times, whole)


@pytest.mark.parametrize("whole", [False, True], ids=["region by region", "step by step"])
def test_what_went_as_foreseen_has_the_ratio_one_in_every_stage(whole: bool) -> None:  # noqa: FBT001
    """Each stage has a row, with all of its steps."""
    rows = stage_rows([_done(PLAN, whole=whole)], {}, None)

    assert {row["ratio"] for row in rows} == {"1.00"}
    assert {row["stage"] for row in rows} == {step.resource.stage for step in PLAN.work}


def test_what_took_longer_shows_it_by_stage() -> None:
    """Twice as long is 2.00."""
    assert {row["ratio"] for row in stage_rows([_done(PLAN, 2)], {}, None)} == {"2.00"}


def test_stage_that_never_began_has_no_ratio() -> None:
    """A rollout that failed early has no figures for what it skipped."""
    rows = stage_rows([Done("wave 1", PLAN, {})], {}, None)

    assert {(row["ended after"], row["ratio"]) for row in rows} == {("", "")}


def test_what_a_run_took_is_what_the_next_expects() -> None:
    """Rows that a run leaves are read back as the history that they are."""
    rows = learned_rows([_done(PLAN, 2)], {}, HERE)
    history = history_of([rows], HERE)

    assert history["create firewall"].seconds == 2 * 378
    assert stage_rows([_done(PLAN, 2)], history, None)[-1]["ratio"] != "2.00"


def test_runs_elsewhere_teach_nothing() -> None:
    """A simulator's seconds are not Azure's."""
    rows = learned_rows([_done(PLAN)], {}, "https://localhost:8443")

    assert history_of([rows], HERE) == {}


def test_tables_of_another_form_are_passed_over() -> None:
    """An artifact of an older Orrery, or of somebody else with that key, is no error."""
    assert history_of([[{"region": "eastus"}], [{"where": HERE}]], HERE) == {}


def test_a_run_of_many_steps_counts_more_than_one_of_few() -> None:
    """The median is over steps, not over runs."""
    few = {"sort": "create firewall", "steps": 1, "took s": 900, "where": HERE}
    many = {"sort": "create firewall", "steps": 6, "took s": 300, "where": HERE}

    assert history_of([[few], [many]], HERE)["create firewall"].seconds == 300
