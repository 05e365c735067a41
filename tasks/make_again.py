"""What a cancelled run has taken away, made again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from azure_api.apply import apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from azure_api.errors import AzureError
from topology.planning.explain import title
from topology.planning.plan import Plan, Step
from topology.resources import READ


async def make_again(
    azure: Azure, plan: Plan, steps: Sequence[Step], is_held: Callable[[], Awaitable[bool]]
) -> list[str]:
    """Do these steps one after the other, and return what was not done, a sentence each.

    Each only as long as the run that was cancelled holds its topology: it may have been closed
    meanwhile, and another may write.
    """
    applying, errors = Applying.of(azure, READ, plan.topology), list[str]()
    for number, step in enumerate(steps):
        if not await is_held():
            left = ", ".join(title(step) for step in steps[number:])
            return [*errors, f"left to the next run, which may have begun: {left}"]
        try:
            await apply_step(applying, step)
        except AzureError as error:
            errors.append(f"{title(step)} failed: {error}")
    return errors
