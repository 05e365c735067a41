"""Who is thought to be dead is: by the kernel's word here, by a long silence elsewhere."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from prefect.client.schemas.objects import FlowRun

from tasks.signs_of_life import _LOST, SILENCE, Life, Watch, _file, _Heart, _now, forget

_LIVES = """
import sys, time
from uuid import UUID
from tasks.signs_of_life import _locked_file
with _locked_file(UUID(sys.argv[1])):
    print("lives", flush=True)
    time.sleep(60)
"""
_NOW = datetime(2026, 11, 25, tzinfo=UTC)


@contextmanager
def _a_process_of(run: UUID) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _LIVES, str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def _a_run(heard: datetime = _NOW) -> FlowRun:
    return FlowRun(flow_id=uuid4(), updated=heard)


def _later(run: FlowRun, heard: datetime) -> FlowRun:
    return run.model_copy(update={"updated": heard})


def test_a_killed_process_of_this_machine_is_known_to_be_dead_at_once() -> None:
    """The kernel unlocks its file with it, however it ended."""
    run = _a_run()
    with _a_process_of(run.id) as process:
        alive = Watch().look(run)
        process.kill()
        process.wait(timeout=10)
        dead = Watch().look(run)
    forget(run.id)

    assert (alive, dead) == (Life.UNKNOWN, Life.DEAD)
    assert Watch().look(run) is Life.UNKNOWN


def test_a_run_lives_when_it_is_heard_of() -> None:
    """A beat moves what Prefect has of it; a process alone may be one that hangs."""
    run, watch = _a_run(), Watch(clock=iter([0.0, 20.0]).__next__)

    assert watch.look(run) is Life.UNKNOWN
    assert watch.look(_later(run, _NOW + timedelta(seconds=15))) is Life.ALIVE


def test_a_run_is_dead_after_a_silence_by_our_own_clock() -> None:
    """Its own clock may be hours off."""
    run = _a_run(_NOW - timedelta(hours=5))
    watch = Watch(clock=iter([0.0, SILENCE, SILENCE + 1]).__next__)

    assert [watch.look(run) for _ in range(3)] == [Life.UNKNOWN] * 2 + [Life.DEAD]


def test_what_killed_processes_left_is_removed_a_day_later() -> None:
    """Until then it tells that they are dead; that of a living process stays."""
    run, other, last = _a_run(), _a_run(), _a_run()
    with _a_process_of(run.id) as process:
        _make_old(run.id)
        with _a_process_of(other.id):
            assert _file(run.id).exists()
        process.kill()
        process.wait(timeout=10)
        with _a_process_of(last.id):
            assert not _file(run.id).exists()
            assert _file(other.id).exists()
    forget(other.id)
    forget(last.id)


def _make_old(run: UUID) -> None:
    os.utime(_file(run), (0, 0))


_HANGS = """
import threading, time
from tasks import signs_of_life
signs_of_life._GRACE = 0.5
signs_of_life._end_with_the_main_thread()
threading.Thread(target=time.sleep, args=(60,)).start()
"""


def test_a_process_ends_whose_main_thread_has() -> None:
    """Though another of its threads does not end."""
    command = [sys.executable, "-c", _HANGS]
    ended = subprocess.run(command, check=False, timeout=50)  # noqa: S603

    assert ended.returncode == 1


async def test_a_run_that_prefect_does_not_hear_ends_itself_before_others_think_it_dead() -> None:
    """Two runs of one topology must never write side by side."""

    async def unheard() -> None:
        long_ago = _now() - _LOST
        heart = _Heart(asyncio.current_task(), asyncio.get_running_loop(), long_ago)
        with heart.watched():
            await asyncio.sleep(30)

    running = asyncio.create_task(unheard())
    await asyncio.wait([running], timeout=20)

    assert _LOST < SILENCE
    assert running.cancelled()
