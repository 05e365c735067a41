"""One wave: its regions side by side, each taken back alone if it fails, then what joins them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from rollout.executor import Executor
from rollout.result import WaveResult
from rollout.rollout import Rollout
from rollout.take_back import is_more_left, is_taken_back
from topology.kind import same_id
from topology.network import Network
from topology.planning.places import GLOBAL, LAST, falls_with, regions_at_once
from topology.planning.plan import Commit, Delete, Plan, Step
from topology.planning.roll_back.outcome import begun
from topology.planning.schedule import Progress
from topology.planning.status import LEFT_IN_PART, NOT_JOINED, ROLLED_BACK, region_rows
from topology.planning.waves import Wave


async def carry_out_wave(
    executor: Executor, network: Network, part: Plan, wave: Wave, fallen: dict[str, Rollout]
) -> WaveResult:
    """Carry a wave's part of a plan out, and say what came of it.

    `fallen` are the regions that were taken back whole so far, each with the rollout in which it
    failed: those of this wave are added.
    """
    rollout = Rollout.of(executor, part)
    async with executor.carrying(rollout):
        async with asyncio.TaskGroup() as together:
            running = await _start(rollout, network, together)
            together.create_task(rollout.run(rollout.belongs_to(GLOBAL)))
        await rollout.run(rollout.belongs_to(LAST))
        words = {region: task.result() for region, task in running.items()}
        failed = {region: word for region, word in words.items() if word}
        for region in _not_joined(rollout, failed):
            failed[region] = await _restore(rollout, network, region, wave)
        again = {**fallen, **{region: rollout for region, word in words.items() if word}}
        for region in await _to_look_at_again(rollout, network, again, failed):
            executor.tell(f"{region} is taken back once more: others have gone on since")
            if not await is_taken_back(again[region], network, region):
                failed[region] = LEFT_IN_PART
        whole = (region for region, word in failed.items() if word != LEFT_IN_PART)
        fallen |= {region: again.get(region, rollout) for region in whole}
    behind = _behind(rollout, failed)
    changed = {step.resource.region for step in part.work}
    touched = wave.so_far & changed
    return WaveResult(
        failed,
        frozenset(touched - {*failed} - behind),
        frozenset(behind),
        _beside(rollout, failed),
        region_rows(part, rollout.schedule, rollout.errors, failed, rollout.left_out),
        rollout.carried_out(wave.name),
        begun(part, rollout.schedule, rollout.applying.owners.refused),
    )


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
        running[region] = together.create_task(_region(rollout, network, region, turn))
        if number < at_a_time:
            await rollout.has_begun(region)
    rollout.open()
    return running


async def _region(
    rollout: Rollout, network: Network, region: str, turn: asyncio.Semaphore
) -> str | None:
    """Roll a region out, and take it back if it fails; return a word on a failure."""
    executor = rollout.executor
    async with turn:
        try:
            if await executor.run_region(rollout, region):
                return None
        except Exception as error:  # noqa: BLE001  other regions go on
            executor.tell(f"the run of {region} broke off: {executor.words(error)}")
        finally:
            rollout.begins(region)
        rollout.give_up(falls_with(rollout.plan, region))
        is_whole = await is_taken_back(rollout, network, region)
        return ROLLED_BACK if is_whole else LEFT_IN_PART


async def _restore(rollout: Rollout, network: Network, region: str, wave: Wave) -> str:
    """Take back what a wave did in a region that it could not join; return the word for it.

    One of an earlier wave stands: it is as it was before this one.
    """
    if not await is_taken_back(rollout, network, region):
        return LEFT_IN_PART
    return NOT_JOINED if region in wave.so_far - {*wave.regions} else ROLLED_BACK


async def _to_look_at_again(
    rollout: Rollout, network: Network, fallen: Mapping[str, Rollout], failed: Mapping[str, str]
) -> list[str]:
    """Return the fallen regions in which more is to be taken back, since others have gone on.

    As routes to what those were making anew. What was left in part is not tried a second time.
    """
    found = set(_named_no_more(rollout, fallen))
    for region in fallen.keys() - found:
        is_whole = failed.get(region, ROLLED_BACK) == ROLLED_BACK
        if is_whole and await is_more_left(fallen[region], network, region):
            found.add(region)
    return sorted(found)


def _named_no_more(rollout: Rollout, fallen: Collection[str]) -> list[str]:
    """Return the fallen regions that may have been taken back before others went on without them.

    Those have the next generation of rules by now, which is as the topology means it: it does not
    deny what was to leave a region, and has come back. The second time it is found and named. Where
    what all share must be as before for it, no further wave is proved good.
    """

    def goes_on(step: Step) -> bool:
        is_next = isinstance(step, Commit) and bool(step.before and step.fields)
        return is_next and rollout.schedule.progress_of(step) is Progress.DONE

    on = {step.resource.region for step in rollout.plan.work if goes_on(step)}
    return [region for region in fallen if on - {region}]


def _not_joined(rollout: Rollout, failed: Collection[str]) -> list[str]:
    """Return the regions in which a step failed that joins them to others."""
    wrong = {
        step.resource.region
        for step in rollout.plan.work
        if same_id(step.resource.id) in rollout.errors and step.resource.stage.joins_regions
    }
    return sorted(region for region in wrong if region is not None and region not in failed)


def _beside(rollout: Rollout, failed: Collection[str]) -> str | None:
    """Return a sentence on the first error beside the regions that failed, or None."""
    for step in rollout.plan.work:
        error = rollout.errors.get(same_id(step.resource.id))
        if error and step.resource.region not in failed:
            goes = isinstance(step, Delete)
            what = "not all that goes is gone" if goes else "what joins regions is not in place"
            return f"{what}: {error}"
    return None


def _behind(rollout: Rollout, failed: Collection[str]) -> set[str]:
    """Return the regions that miss a step, but for what would join them to those that failed."""
    fall = [falls_with(rollout.plan, region) for region in failed]

    def is_own(step: Step) -> bool:
        return not any(falls(step) for falls in fall)

    return {region for step in rollout.missed(is_own) if (region := step.resource.region)}
