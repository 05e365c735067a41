"""Lives with faults find mistakes: each of a list is put in by hand, and some seed tells.

The mistake is there while the faults last; the world before it and the run after it are sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from _pytest.monkeypatch import derive_importpath

from tests.life.fault_life import live
from tests.life.listening import Listening
from tests.life.mutations import MUTATIONS, Mutation
from tests.life.schedules import Schedule
from tests.virtual_time import run

# The seeds of tests/life/test_faults.py.
_SEEDS = range(150)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=[item.name for item in MUTATIONS])
def test_some_seed_finds_a_mistake(mutation: Mutation, heard: list[Listening]) -> None:
    """A check that cannot fail would show here. The life that has found it comes first."""

    @contextmanager
    def made() -> Iterator[None]:
        name, owner = derive_importpath(mutation.target, raising=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, mutation.mistaken(getattr(owner, name)))
            yield

    assert any(run(live(Schedule.of(seed), made)).wrong for seed in (mutation.seed, *_SEEDS))
    heard.clear()  # what is heard of a mistake's writes is no wrong of ours
