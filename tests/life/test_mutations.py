"""Lives with faults find mistakes: each of a list is put in by hand, and some seed tells.

The mistake is there while the faults last; the world before it and the run after it are sound.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from _pytest.monkeypatch import derive_importpath

from tests.life.fault_life import live
from tests.life.mutations import MUTATIONS, Mutation
from tests.life.schedules import Schedule
from tests.virtual_time import run

# A few in every run; `make soak` makes every mistake.
_ALL = "ORRERY_EXAMPLES" in os.environ
_MADE = MUTATIONS if _ALL else MUTATIONS[::7]
# The seeds of tests/life/test_faults.py.
_SEEDS = range(150)


@pytest.mark.slow
@pytest.mark.timeout(3600 if _ALL else 240)
@pytest.mark.parametrize("mutation", _MADE, ids=[item.name for item in _MADE])
def test_some_seed_finds_a_mistake(mutation: Mutation) -> None:
    """A check that cannot fail would show here."""

    @contextmanager
    def made() -> Iterator[None]:
        name, owner = derive_importpath(mutation.target, raising=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, mutation.mistaken(getattr(owner, name)))
            yield

    assert any(run(live(Schedule.of(seed), made)).wrong for seed in _SEEDS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[item.name for item in MUTATIONS])
def test_every_mistake_is_put_into_something_that_is_there(mutation: Mutation) -> None:
    """The few of every run would not tell that another has moved."""
    name, owner = derive_importpath(mutation.target, raising=True)

    assert callable(getattr(owner, name))
