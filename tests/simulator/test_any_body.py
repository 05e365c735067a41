"""Whatever stands in a body, the answer is one of Azure's and no failure of ours."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.settings import Settings
from tests.contract.swagger.stops import STOPS
from tests.simulator.azure import A_WHILE, Azure

_OTHERWISE: tuple[Any, ...] = (None, 7, True, "x", "", [], {}, [None], [7], {"id": 7}, [{}])
_FIRST_FAILURE = 500


def _places(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value inside a body."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in inside:
        yield (*steps, step)
        if isinstance(item, dict | list):
            yield from _places(item, (*steps, step))


def _with(body: Any, steps: tuple[Any, ...], value: Any) -> Any:
    changed = deepcopy(body)
    here = changed
    for step in steps[:-1]:
        here = here[step]
    here[steps[-1]] = value
    return changed


@pytest.fixture
def app(clock: ManualClock) -> Starlette:
    """Return a simulator that takes thousands of writes in a row."""
    return create_app(clock, settings=Settings(throttling=0))


async def _make_sound(azure: Azure, where: str, body: Any) -> None:
    """Put what the next stops need, anew where it was made so that it cannot change."""
    response = await azure.put(where, body)
    azure.clock.advance(A_WHILE)
    if response.is_error:
        await azure.delete(where)
        azure.clock.advance(A_WHILE)
        await azure.made(where, body)


async def test_no_body_makes_the_simulator_fail(azure: Azure) -> None:
    """Every value of every type's body is replaced by what does not belong there."""
    failed = []
    for where, body in STOPS:
        for steps in _places(body):
            for value in _OTHERWISE:
                try:
                    response = await azure.put(where, _with(body, steps, value))
                except Exception as error:  # noqa: BLE001 - any is a failure of ours
                    failed.append((where, steps, value, repr(error)))
                    continue
                if response.status_code >= _FIRST_FAILURE:
                    failed.append((where, steps, value, response.text))
                azure.clock.advance(600)
        await _make_sound(azure, where, body)
    assert failed == []
