"""A person's yes before the first write, given in Prefect's UI."""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast
from uuid import UUID

from prefect.exceptions import NotPausedError
from prefect.flow_runs import pause_flow_run, resume_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from pydantic import Field

_LOOK_AGAIN = 2  # seconds between looks at whether somebody has answered
_SPARE = 600  # seconds in which we answer before Prefect would


class Approval(RunInput):
    """The answer to a plan; what is not ticked is a no."""

    approve: bool = Field(default=False, description="Carry this plan out.")


async def is_approved(shown: str, minutes: float) -> bool:
    """Pause this run until a person has answered, and say whether with yes.

    What is shown with the question is Markdown. No answer within so many minutes means no, which
    is then given in the person's place: a pause that Prefect itself lets expire ends the
    run in a state of Prefect's own (3.9, its rule for expired pauses).
    """
    asking = asyncio.create_task(_ask(shown, round(minutes * 60) + _SPARE))
    answered, _ = await asyncio.wait({asking}, timeout=minutes * 60)
    if not answered:
        with contextlib.suppress(NotPausedError):  # a person was faster: theirs counts
            await resume(UUID(flow_run.get_id()), approve=False)
    return (await asking).approve


async def _ask(shown: str, seconds: int) -> Approval:
    form = Approval.with_initial_data(description=shown)
    answer = await pause_flow_run(  # type: ignore[misc]  # typed as when called without await
        wait_for_input=form, timeout=seconds, poll_interval=_LOOK_AGAIN
    )
    return cast("Approval", answer)


async def resume(run: UUID, *, approve: bool) -> None:
    """Answer the question of a paused run, as its page in the UI does."""
    await resume_flow_run(run, run_input={"approve": approve})  # type: ignore[misc]  # the same
