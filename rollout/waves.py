"""A plan in waves: none starts before the one before it is proved good."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from rollout.change_policy import change_policy
from rollout.executor import Executor, Planned
from rollout.gate import bake_left, named, not_good
from rollout.result import MOST_TOLD, RolloutResult
from rollout.rollout import Rollout
from rollout.wave import carry_out_wave
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.at_once import at_once
from topology.planning.explain import summary
from topology.planning.plan import Plan
from topology.planning.planner import InTheWayError
from topology.planning.turns import taken_early
from topology.planning.waves import Wave, beyond, part_after, waves_of


async def roll_out(
    executor: Executor, network: Network, whole: Plan, found: Actual, planned: Planned
) -> RolloutResult:
    """Carry a plan out wave by wave, and say what came of it.

    What reaches all regions at once goes before the first wave, and no wave starts unless
    it is proved good. Each wave is planned anew from what Azure then holds, by `planned`, and
    does nothing that the whole plan does not have. `found` is what Azure held when the whole
    was planned. What Azure says after each wave must be as it was foreseen, after the last as
    the topology means it.
    """
    so_far = RolloutResult(network, whole)
    if not (first := at_once(whole)).is_empty:
        so_far.add_policy(await change_policy(executor, network, first, found, planned))
        if so_far.refused:
            return so_far
    rolling = _Rolling(executor, planned, found, anew=not first.is_empty)
    so_far.stopped = await _in_waves(rolling, so_far)
    return so_far


@dataclass
class _Rolling:
    """What all waves share; `anew`: Azure is no longer as it was `found`.

    `passed` are the waves that had nothing to do since one was proved last, `fallen` the regions
    that were taken back whole, each with the rollout in which it failed.
    """

    executor: Executor
    planned: Planned
    found: Actual
    anew: bool
    passed: list[Wave] = field(default_factory=list)
    fallen: dict[str, Rollout] = field(default_factory=dict)


async def _in_waves(rolling: _Rolling, so_far: RolloutResult) -> str | None:
    """Carry out wave after wave; return why the rest did not start or the last is not proved."""
    executor = rolling.executor
    for wave in waves_of(so_far.network):
        try:
            part, before, stopped = await _turn(rolling, wave, so_far)
            if stopped:
                return stopped
            await _keep(rolling, wave, part, so_far)
        except Exception as error:  # noqa: BLE001  what is in place is told all the same
            return f"{wave.title} did not start: {executor.words(error)}"
        try:
            came = await carry_out_wave(executor, so_far.network, part, wave, rolling.fallen)
            so_far.add(came)
            await _keep_begun(executor, wave, part, came.begun)
            stopped = await _proved(rolling, wave, part, before, so_far)
        except InTheWayError as error:
            stopped = f"nothing after {wave.title} has started: {error}"
        except Exception as error:  # noqa: BLE001  the same
            stopped = f"{wave.title} is not proved good: {executor.words(error)}"
        if stopped:
            return stopped
    return None


async def _keep(rolling: _Rolling, wave: Wave, part: Plan, so_far: RolloutResult) -> None:
    """Keep a wave's part, where it is not all that was saved, and the names that it uses up."""
    executor = rolling.executor
    if rolling.anew or len(waves_of(so_far.network)) > 1:
        executor.tell(f"{wave.title}: {summary(part)}")
        await executor.save(part, f"wave-{wave.number}")
    so_far.network = executor.keep_names(so_far.network, part)


async def _keep_begun(executor: Executor, wave: Wave, part: Plan, begun: Plan) -> None:
    """Save what a wave has begun, where that is not all: a later roll-back takes no more back."""
    if begun == part:
        return
    try:
        await executor.save(begun, f"wave-{wave.number}")
    except Exception as error:  # noqa: BLE001  what is in place is told all the same
        words = executor.words(error)
        executor.tell(f"{wave.title} is saved as it was planned, not as it was done: {words}")


async def _turn(
    rolling: _Rolling, wave: Wave, so_far: RolloutResult
) -> tuple[Plan, Actual, str | None]:
    """Return a wave's part, what Azure holds before it, and why it may not start, or None.

    What waits for the proof of waves that this run passed by is planned after it, which may take
    hours.
    """
    part, before = await _part(rolling, wave, so_far)
    stopped = _stops(so_far, wave, part)
    if rolling.passed and not part.is_empty and not stopped:
        stopped = await _passed(rolling, before, so_far)
        return (part, before, stopped) if stopped else await _turn(rolling, wave, so_far)
    return part, before, stopped


async def _part(rolling: _Rolling, wave: Wave, so_far: RolloutResult) -> tuple[Plan, Actual]:
    """Return a wave's part of the plan, and what Azure holds before it.

    Regions that failed stay as they were taken back.
    """
    network, plan, actual = so_far.network, so_far.whole, rolling.found
    if rolling.anew or wave.number > 1:
        actual = await rolling.executor.read(network)
        plan = rolling.planned(network, actual)
    return part_after(plan, wave, so_far.failed), actual


def _stops(so_far: RolloutResult, wave: Wave, part: Plan) -> str | None:
    """Return why a wave may not start, or None."""
    if reason := so_far.network.topology.rollout.frozen(datetime.now(UTC)):
        return f"{wave.title} did not start: {reason}"
    if steps := beyond(part, so_far.whole):
        named = "; ".join(steps[:MOST_TOLD])
        return f"{wave.title} did not start, for the world moved: {named}; run again"
    if early := taken_early(part, wave):
        return f"{wave.title} did not start, for it {early}"
    return None


async def _proved(
    rolling: _Rolling, wave: Wave, part: Plan, before: Actual, so_far: RolloutResult
) -> str | None:
    """Prove what came of a wave; return why no further wave may start, or None."""
    if part.is_empty:
        rolling.passed.append(wave)
        return None
    network, executor = so_far.network, rolling.executor
    if not so_far.has_ended:
        # Regions that failed were taken back: nothing is expected of their steps.
        steps = [step for step in part.steps if step.resource.region not in so_far.failed]
        so_far.findings = await executor.prove(network, before, steps, wave.title)
    if wave.last:
        return None
    rollout = network.topology.rollout
    if len(so_far.failed) > rollout.failures_allowed:
        return f"nothing after {wave.title} has started"
    return await not_good(executor, rolling.planned, so_far, [wave], rollout.bake_minutes * 60)


async def _passed(rolling: _Rolling, before: Actual, so_far: RolloutResult) -> str | None:
    """Prove the waves that had nothing to do; return why no further wave may start, or None.

    A run before has carried them out, and may have been cut or refused before they were proved.
    `before` is what Azure holds.
    """
    waves, executor, network = rolling.passed, rolling.executor, so_far.network
    rolling.passed = []
    so_far.findings = await executor.prove(network, before, (), named(waves))
    left = bake_left(network.topology.rollout, waves[-1].so_far, before, executor.azure.time.now)
    return await not_good(executor, rolling.planned, so_far, waves, left)
