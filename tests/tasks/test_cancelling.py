"""A cancelled run goes on to say so, whatever Prefect answers."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tasks import cancelling
from tests.tasks.failing_prefect import failing_prefect


async def test_it_is_told_again_where_prefect_did_not_hear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server ends what is silent for five minutes, and another run begins to write."""
    monkeypatch.setattr(cancelling, "_LOOK_EVERY", 0.01)
    run = uuid4()

    with failing_prefect() as asked:
        async with asyncio.timeout(10), cancelling.cancelling(run, "nothing new starts"):
            while sum(str(run) in path for path in asked) < 3:  # noqa: ASYNC110  a thread adds to it
                await asyncio.sleep(0.01)


async def test_a_run_that_prefect_does_not_tell_about_is_not_known_to_be_held() -> None:
    """Nothing may be written for it."""
    with failing_prefect():
        assert not await cancelling.is_cancelling(uuid4())
