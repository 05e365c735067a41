"""One wave: its regions side by side, each taken back alone if it fails, then what joins them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from azure_api.client import Azure
from flows.apply_region import apply_region
from flows.roll_back_region import roll_back_region
from flows.run_steps import run_steps
from flows.side_by_side import side_by_side
from tasks.publish import live_status
from tasks.rollout import Rollout
from topology.forecast.outcome import Done
from topology.kind import same_id
from topology.network import Network
from topology.planning.places import GLOBAL, LAST, falls_with, regions_at_once
from topology.planning.plan import Plan
from topology.planning.status import region_rows


@dataclass(frozen=True)
class Ended:
    """What came of a wave.

    `failed` has a word on each region that failed, `good` are the others; `error` is the first
    error of what belongs to none or joins regions; `rows` are the result's, a region each;
    `done` is what was carried out when.
    """

    failed: dict[str, str]
    good: frozenset[str]
    error: str | None
    rows: list[dict[str, Any]]
    done: Done


async def carry_out_wave(azure: Azure, network: Network, part: Plan, title: str) -> Ended:
    """Carry a wave's part of a plan out, and say what came of it."""
    rollout = Rollout.of(azure, part)
    with rollout.active():
        async with live_status(rollout):
            async with side_by_side() as together:
                running = await _start(rollout, network, together)
                together.create_task(run_steps(rollout.belongs_to(GLOBAL)))
            await run_steps(rollout.belongs_to(LAST))
        words = {region: task.result() for region, task in running.items()}
        failed = {region: word for region, word in words.items() if word}
        for region in _not_joined(rollout, failed):
            failed[region] = await _take_back(region, network)
    rows = region_rows(part, rollout.schedule, rollout.errors, failed)
    error = rollout.first_error(lambda step: step.resource.region not in failed)
    good = frozenset({*words} - {*failed})
    return Ended(failed, good, error, rows, rollout.carried_out(title))


async def _start(
    rollout: Rollout, network: Network, together: asyncio.TaskGroup
) -> dict[str, asyncio.Task[str | None]]:
    """Start the regions' own runs, one after the other, then let all go on side by side.

    While tasks report, Prefect's server on SQLite refuses new runs with 503 (database is
    locked), and its client tries again only after seconds: measured, the last of six
    regions began 15 s after the first. Where fewer may go at a time, the others begin as
    those end.
    """
    at_a_time = regions_at_once(rollout.plan, network.topology.rollout.parallel)
    turn = asyncio.Semaphore(at_a_time)
    running = {}
    for number, region in enumerate(rollout.regions):
        running[region] = together.create_task(_region(rollout, region, network, turn))
        if number < at_a_time:
            await rollout.has_begun(region)
    rollout.open()
    return running


async def _region(
    rollout: Rollout, region: str, network: Network, turn: asyncio.Semaphore
) -> str | None:
    """Roll a region out, and take it back if it fails; return a word on a failure."""
    async with turn:
        state = await apply_region(region, return_state=True)
        if state.is_completed():
            return None
        rollout.give_up(falls_with(rollout.plan, region))
        return await _take_back(region, network)


def _not_joined(rollout: Rollout, failed: Collection[str]) -> list[str]:
    """Return the regions in which a step failed that joins them to others."""
    wrong = {
        step.resource.region
        for step in rollout.plan.work
        if same_id(step.resource.id) in rollout.errors and step.resource.stage.joins_regions
    }
    return sorted(region for region in wrong if region is not None and region not in failed)


async def _take_back(region: str, network: Network) -> str:
    back = await roll_back_region(region, network, return_state=True)
    return "rolled back" if back.is_completed() else "left in part"
