"""Recorded traffic of real Azure: the simulator answers all that is in scope as Azure did."""

from functools import cache

import pytest

from tests.contract.replay.recordings import Recording, folder, read_all
from tests.contract.replay.replaying import replay, replay_all
from tests.contract.replay.scope import LEFT_OUT

# Of the 1,743 exchanges of the 51 recordings that came with the project.
_RECORDINGS, _IN_SCOPE = 51, 1650


@cache
def _recordings() -> tuple[Recording, ...]:
    where = folder()
    return tuple(read_all(where)) if where else ()


@pytest.mark.parametrize("recording", _recordings(), ids=lambda item: item.name)
def test_every_exchange_in_scope_is_answered_as_recorded(recording: Recording) -> None:
    """Status, headers, body and errors; `--differences` shows what is not, as a table."""
    found = replay(recording).differences
    assert [(item.exchange.seq, item.what) for item in found] == []


@pytest.mark.skipif(folder() is None, reason="ORRERY_RECORDINGS names no recordings")
def test_few_exchanges_are_out_of_scope_and_each_type_has_its_reason() -> None:
    """At most ten types may be left out; of other recordings than these, any."""
    assert len(LEFT_OUT) <= 10
    if len(_recordings()) == _RECORDINGS:
        figures = replay_all(_recordings())
        assert figures.replayed >= _IN_SCOPE
        assert set(figures.out_of_scope) <= set(LEFT_OUT)
