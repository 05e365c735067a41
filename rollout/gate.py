"""The gate between waves: those so far must be proved good before a further one starts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from azure_api.waiting import pause
from rollout.executor import Executor, Planned
from rollout.result import MOST_TOLD, RolloutResult
from topology.planning.actual import Actual
from topology.planning.waves import Wave, not_proved, wave_of
from topology.rollout_spec import RolloutSpec

_SECONDS = len("2026-01-01T00:00:00")


async def not_good(
    executor: Executor,
    planned: Planned,
    so_far: RolloutResult,
    waves: Sequence[Wave],
    bake: float,
) -> str | None:
    """Return why nothing after these waves may start, or None when they are proved good.

    Asked when `bake` is over (Azure's seconds): what Azure holds of their regions and of those
    before, then the users' own looks at theirs. What the proof found stands in `so_far`.
    """
    network, failed = so_far.network, {*so_far.failed}
    rollout = network.topology.rollout
    await pause(bake, executor.azure.settings)
    actual = await executor.read(network)
    regions = waves[-1].so_far - failed
    part = wave_of(planned(network, actual), regions, last=False)
    bad = [
        *not_proved(part, actual, regions, rollout.check),
        *(item.text for item in so_far.findings),
    ]
    asked = {region for wave in waves for region in wave.regions} - failed
    for hook in rollout.hooks if not bad else ():
        wrong = await executor.run_hook(hook, named(waves), asked)
        bad += [wrong] if wrong else []
    verb = "is" if len(waves) == 1 else "are"
    return f"{named(waves)} {verb} not proved good: {'; '.join(bad[:MOST_TOLD])}" if bad else None


def bake_left(
    rollout: RolloutSpec, regions: Collection[str], actual: Actual, now: datetime
) -> float:
    """Return how many of Azure's seconds a run that was cut has left to bake, by its commits.

    These regions bake since the last one in any of them. When all else was written Azure does
    not tell. `now` is by Azure's clock, as the commits are.
    """
    states = (state for each in actual.goal_states.values() for state in each)
    times = [state.commit_time for state in states if state.region in regions]
    last = max(times, default="")[:_SECONDS]
    if not last:
        return 0.0
    passed = (now - datetime.fromisoformat(last).replace(tzinfo=UTC)).total_seconds()
    return max(rollout.bake_minutes * 60 - max(passed, 0.0), 0.0)


def named(waves: Sequence[Wave]) -> str:
    """Return what people call waves that are proved together."""
    if len(waves) == 1:
        return waves[0].title
    return f"waves {waves[0].number} to {waves[-1].number}"
