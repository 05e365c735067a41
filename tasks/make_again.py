"""What a cancelled run has taken away, made again."""

from __future__ import annotations

from collections.abc import Iterable

from azure_api.apply import Applying, apply_step
from azure_api.client import Azure
from azure_api.errors import AzureError
from topology.planning.explain import title
from topology.planning.plan import Plan, Step
from topology.resources import KINDS


async def make_again(azure: Azure, plan: Plan, steps: Iterable[Step]) -> list[str]:
    """Do these steps one after the other, and return what failed, a sentence each."""
    applying, errors = Applying.of(azure, KINDS, plan.topology), list[str]()
    for step in steps:
        try:
            await apply_step(applying, step)
        except AzureError as error:
            errors.append(f"{title(step)} failed: {error}")
    return errors
