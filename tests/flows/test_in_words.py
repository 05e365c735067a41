"""What a person must act on is told in its words; a defect of ours keeps its traceback."""

from __future__ import annotations

import inspect

import pytest
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.in_words import in_words
from tasks.hold_topology import RolloutInProgressError


@in_words
async def run(topology: str = "examples/globojava.yaml", wrong: str = "") -> State:
    """Run.

    Args:
        topology: Where the file is.
        wrong: What to meet.
    """
    if wrong == "held":
        raise RolloutInProgressError(f"another run holds {topology}")
    if wrong:
        raise KeyError(wrong)
    return Completed()


async def test_what_a_person_must_act_on_ends_a_run_in_its_words() -> None:
    """Nothing is raised of which Prefect would log a traceback."""
    state = await run("sample", "held")

    assert state.is_failed()
    assert state.message == "another run holds sample"
    assert (await run()).is_completed()


async def test_a_defect_is_raised() -> None:
    """Whoever mends it needs to see where."""
    with pytest.raises(KeyError):
        await run("sample", "defect")


def test_the_form_in_prefects_ui_is_that_of_the_function() -> None:
    """Its parameters, their defaults and what they mean."""
    form = flow(run).parameters

    assert list(form.properties) == list(inspect.signature(run).parameters)
    assert "Where the file is." in str(form.properties["topology"])
