"""What a person can act on is told in words; a defect of ours is not."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import httpx
import pytest

from tasks.read_topology import load, lock_beside
from tasks.told import told
from tests.topology.examples import ROOT


def test_a_lock_file_that_cannot_be_written_is_told_with_its_path(tmp_path: Path) -> None:
    """A disk that is full, for once: what is written goes to a device that has no room."""
    topology = tmp_path / "globojava.yaml"
    topology.write_text((ROOT / "examples/globojava.yaml").read_text())
    lock = lock_beside(topology)
    lock.with_name(f".{lock.name}.new").symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left on device") as raised:
        load(topology)

    words = told(raised.value)
    assert words is not None
    assert words.startswith(f"{lock}: {os.strerror(errno.ENOSPC)}; ")
    assert "run again" in words
    assert not lock.exists()


def test_that_prefect_does_not_answer_is_told() -> None:
    """Also where its client has no words for it."""
    assert told(httpx.ReadTimeout("")) == "Prefect does not answer: ReadTimeout"


@pytest.mark.parametrize("error", [OSError(errno.EMFILE, "of no file"), KeyError("a defect")])
def test_what_nobody_can_act_on_keeps_its_traceback(error: Exception) -> None:
    """Words would hide where it was raised."""
    assert told(error) is None
