"""A run that holds a topology ends as it ended, whatever becomes of letting it go."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect import flow, get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.hold_topology import hold_topology
from tests.tasks.failing_prefect import failing

pytestmark = pytest.mark.slow


@flow(name="holds")
async def _holds(broken: str) -> State:
    with pytest.MonkeyPatch.context() as patch:
        async with hold_topology("let-go"), get_client() as client:
            # All that a run asks goes by one client, whatever settings say since it began.
            patch.setattr(client._client, "base_url", broken)  # noqa: SLF001
    return Completed(message="done")


async def test_a_prefect_that_fails_at_the_end_takes_no_result_away(
    prefect_server: Path,  # noqa: ARG001  it must be there
) -> None:
    """What is not closed the next run closes; a slot that is not given back ends by itself."""
    with failing() as broken:
        ended = await _holds(f"{broken.url}/", return_state=True)

    assert ended.message == "done"
    assert len(broken.asked) > 1
