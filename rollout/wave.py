"""One wave: its regions side by side, each taken back alone if it fails, then what joins them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rollout.hands import AllHands
from rollout.rollout import Rollout
from topology.forecast.outcome import Done
from topology.kind import same_id
from topology.network import Network
from topology.planning.places import GLOBAL, LAST, falls_with, regions_at_once
from topology.planning.plan import Plan
from topology.planning.status import region_rows
from topology.planning.taken_back import begun


@dataclass(frozen=True)
class Ended:
    """What came of a wave.

    `failed` has a word on each region that failed, `good` are the others; `error` is the first
    error of what belongs to none or joins regions; `rows` are the result's, a region each;
    `done` is what was carried out when, `begun` the plan without what was never written.
    """

    failed: dict[str, str]
    good: frozenset[str]
    error: str | None
    rows: list[dict[str, Any]]
    done: Done
    begun: Plan


async def carry_out_wave(hands: AllHands, network: Network, part: Plan, title: str) -> Ended:
    """Carry a wave's part of a plan out, and say what came of it."""
    rollout = Rollout.of(hands.azure, part)
    async with hands.carrying(rollout):
        async with asyncio.TaskGroup() as together:
            running = await _start(hands, rollout, network, together)
            together.create_task(hands.run(rollout, rollout.belongs_to(GLOBAL)))
        await hands.run(rollout, rollout.belongs_to(LAST))
        words = {region: task.result() for region, task in running.items()}
        failed = {region: word for region, word in words.items() if word}
        for region in _not_joined(rollout, failed):
            failed[region] = await _take_back(hands, rollout, network, region)
    rows = region_rows(part, rollout.schedule, rollout.errors, failed)
    error = rollout.first_error(lambda step: step.resource.region not in failed)
    good = frozenset({*words} - {*failed})
    refused = rollout.applying.owners.refused
    kept = begun(part, rollout.schedule, refused)
    return Ended(failed, good, error, rows, rollout.carried_out(title), kept)


async def _start(
    hands: AllHands, rollout: Rollout, network: Network, together: asyncio.TaskGroup
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
        running[region] = together.create_task(_region(hands, rollout, network, region, turn))
        if number < at_a_time:
            await rollout.has_begun(region)
    rollout.open()
    return running


async def _region(
    hands: AllHands, rollout: Rollout, network: Network, region: str, turn: asyncio.Semaphore
) -> str | None:
    """Roll a region out, and take it back if it fails; return a word on a failure."""
    async with turn:
        if await hands.run_region(rollout, region):
            return None
        rollout.give_up(falls_with(rollout.plan, region))
        return await _take_back(hands, rollout, network, region)


def _not_joined(rollout: Rollout, failed: Collection[str]) -> list[str]:
    """Return the regions in which a step failed that joins them to others."""
    wrong = {
        step.resource.region
        for step in rollout.plan.work
        if same_id(step.resource.id) in rollout.errors and step.resource.stage.joins_regions
    }
    return sorted(region for region in wrong if region is not None and region not in failed)


async def _take_back(hands: AllHands, rollout: Rollout, network: Network, region: str) -> str:
    is_whole = await hands.take_back(rollout, network, region)
    return "rolled back" if is_whole else "left in part"
