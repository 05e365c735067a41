"""What our last run left is kept through a storage that fails now and then."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect.filesystems import LocalFileSystem

import tasks.last_state
from tasks.last_state import begin_to_write, load_last_state
from tests.builders import a_network, as_deployed
from topology.planning.actual import Actual
from topology.planning.planner import make_plan

NETWORK = a_network("eastus")
NOTHING_TO_DO = make_plan(NETWORK, as_deployed(NETWORK))


class _Busy:
    """A storage that is there, and does not answer now."""

    async def read_path(self, path: str) -> bytes:
        raise OSError(f"503 {path}: the storage is busy")


def _kept_in(storage: object, monkeypatch: pytest.MonkeyPatch) -> None:
    async def found() -> object:
        return storage

    monkeypatch.setattr(tasks.last_state, "_storage", found)


async def test_a_run_does_not_begin_to_write_where_it_cannot_read_what_was_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would keep that nothing is known, and all would be taken for its own at its end."""
    _kept_in(_Busy(), monkeypatch)

    with pytest.raises(OSError, match="busy"):
        await begin_to_write(NOTHING_TO_DO)


async def test_the_first_run_begins_to_write_where_nothing_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept yet, and that is no failure."""
    _kept_in(LocalFileSystem(basepath=str(tmp_path)), monkeypatch)

    await begin_to_write(make_plan(NETWORK, Actual()))
    assert (await load_last_state("sample")).writing


async def test_a_check_goes_on_where_what_was_left_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It knows of nobody then."""
    _kept_in(_Busy(), monkeypatch)

    assert (await load_last_state("sample")).left is None
