"""Planning as cases: what is wanted, what Azure holds, and what is to be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topology.cases import cases, load
from tests.topology.planning.plan_case import details, plan_of, sentences, value_at, written
from topology.planning.explain import title

every_case = pytest.mark.parametrize("path", cases("plan"), ids=lambda path: str(path.stem))


@every_case
def test_steps_of_the_case_are_planned(path: Path) -> None:
    """Nothing that the case does not name is written."""
    case = load(path)
    plan = plan_of(case)

    if "counts" in case:
        assert case["counts"] == {key: n for key, n in plan.counts.items() if key != "nothing"}
    if "steps" in case:
        assert sorted(case["steps"] or ()) == sentences(plan)


@every_case
def test_details_of_the_case_are_told(path: Path) -> None:
    """Fields of changes, what commits are for, and why something is left alone."""
    case = load(path)
    found = details(plan_of(case))

    named = {**case.get("details", {}), **case.get("left", {})}
    assert named == {sentence: found.get(sentence) for sentence in named}


@every_case
def test_bodies_of_the_case_are_put(path: Path) -> None:
    """What others put into a body stays in it."""
    case = load(path)
    plan = plan_of(case)

    for name, values in case.get("put", {}).items():
        body = written(case, plan, name)
        assert values == {key: value_at(body, key) for key in values}


@every_case
def test_notes_of_the_case_are_told(path: Path) -> None:
    """What a reader must know beyond the steps."""
    case = load(path)
    notes = plan_of(case).notes

    assert case.get("notes", list(notes)) == list(notes)


@every_case
def test_stages_of_the_case_are_planned(path: Path) -> None:
    """What reaches all at once, and what waits for the last."""
    case = load(path)
    stages = {title(step): step.resource.stage for step in plan_of(case).steps}

    assert case.get("stages", {}) == {name: stages[name] for name in case.get("stages", {})}


@every_case
def test_order_of_the_case_is_kept(path: Path) -> None:
    """Steps that the case names in an order stand in it."""
    case = load(path)
    places = {sentence: number for number, sentence in enumerate(details(plan_of(case)))}

    found = sorted(case.get("order", ()), key=places.__getitem__)
    assert case.get("order", []) == found
