"""A plan in waves: none starts before the one before it is proved good."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure
from azure_api.errors import AzureError
from azure_api.waiting import pause
from flows.apply_policy import change_policy
from flows.carry_out_wave import Ended, carry_out_wave
from tasks.history import publish_history
from tasks.last_state import read_and_keep
from tasks.prove import prove_outcome
from tasks.publish import (
    publish_addresses,
    publish_reassigned,
    publish_result,
    publish_unintended,
)
from tasks.read_actual import read_actual
from tasks.read_topology import keep_names
from tasks.save_plan import save_plan
from tasks.told import told
from tasks.verify_wave import missing_hooks, run_hook
from topology.forecast.outcome import Done
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.assigned import reassigned
from topology.planning.at_once import at_once
from topology.planning.explain import summary
from topology.planning.plan import Plan
from topology.planning.planner import InTheWayError, make_plan
from topology.planning.waves import Wave, beyond, not_proved, part_after, wave_of, waves_of
from topology.verification.finding import Finding


@dataclass
class _Progress:
    """What has come of the waves so far; `findings` are those after the last of them."""

    failed: dict[str, str] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)
    error: str | None = None
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def has_ended(self, network: Network) -> bool:
        """Say whether so much has failed that nothing more starts, whatever else is found."""
        allowed = network.topology.rollout.failures_allowed
        return self.error is not None or len(self.failed) > allowed

    def add(self, ended: Ended) -> None:
        self.failed |= ended.failed
        self.good |= ended.good
        self.error = self.error or ended.error
        self.rows |= {row["region"]: row for row in ended.rows}
        self.done.append(ended.done)


Planned = Callable[[Network, Actual], Plan]


async def roll_out(
    azure: Azure, network: Network, whole: Plan, found: Actual, planned: Planned = make_plan
) -> State:
    """Carry a plan out wave by wave, and say what came of it.

    What reaches all regions at once goes before the first wave, and no wave starts unless
    it is proved good. Each wave is planned anew from what Azure then holds, by `planned`, and
    does nothing that the whole plan does not have. All are saved first: under the run's id,
    and with the wave. `found` is what Azure held when the whole was planned. What Azure says
    after each wave must be as it was foreseen, after the last as the topology means it.
    """
    run, order, so_far = str(flow_run.get_id()), waves_of(network), _Progress()
    if missing := await missing_hooks(network.topology.rollout):
        return Failed(message=f"nothing was written: {missing}")
    await save_plan(whole, run)
    if not (first := at_once(whole)).is_empty:
        changed = await change_policy(azure, network, first, found)
        so_far.rows |= {row["region"]: row for row in changed.rows}
        so_far.done += changed.done
        if changed.ended:
            await publish_result(network, whole, _rows(so_far, order))
            return changed.ended
    rolling = _Rolling(azure, network, planned, whole, found, anew=not first.is_empty)
    stopped = await _in_waves(rolling, order, so_far)
    await publish_result(network, whole, _rows(so_far, order))
    await publish_history(network, so_far.done, azure.settings)
    await publish_unintended(whole.topology, so_far.findings)
    state = _verdict(whole, so_far, stopped)
    if (actual := await read_and_keep(azure, rolling.network)) is not None:
        await publish_addresses(network, actual)
        moved = reassigned(whole.found, actual)
        await publish_reassigned(whole.topology, moved)
        state.message = "; ".join([str(state.message), *map(str, moved)])
    return state


@dataclass
class _Rolling:
    """What all waves share; `anew`: Azure has changed since `whole`.

    The network gets the names that each wave's part gives.
    """

    azure: Azure
    network: Network
    planned: Planned
    whole: Plan
    found: Actual
    anew: bool


async def _in_waves(rolling: _Rolling, order: tuple[Wave, ...], so_far: _Progress) -> str | None:
    """Carry out wave after wave; return why the rest did not start or the last is not proved."""
    for wave in order:
        try:
            part, before = await _part(rolling, wave, so_far.failed)
            if stopped := _stops(rolling.network, wave, part, rolling.whole):
                return stopped
            if len(order) > 1 or rolling.anew:
                get_run_logger().info("%s: %s", wave.title, summary(part))
                await save_plan(part, f"{flow_run.get_id()}-wave-{wave.number}")
        except Exception as error:
            if (text := told(error)) is None:
                raise
            return f"{wave.title} did not start: {text}"
        rolling.network = keep_names(rolling.network, part)
        so_far.add(await carry_out_wave(rolling.azure, rolling.network, part, wave.name))
        try:
            stopped = await _proved(rolling, wave, part, before, so_far)
        except AzureError as error:
            stopped = f"{wave.title} is not proved good: {error}"
        except InTheWayError as error:
            stopped = f"nothing after {wave.title} has started: {error}"
        if stopped:
            return stopped
    return None


async def _part(rolling: _Rolling, wave: Wave, failed: Collection[str]) -> tuple[Plan, Actual]:
    """Return a wave's part of the plan, and what Azure holds before it.

    Regions that failed stay as they were taken back.
    """
    network, plan, actual = rolling.network, rolling.whole, rolling.found
    if rolling.anew or wave.number > 1:
        actual = await read_actual(rolling.azure, network)
        plan = rolling.planned(network, actual)
    return part_after(plan, wave, failed), actual


def _stops(network: Network, wave: Wave, part: Plan, whole: Plan) -> str | None:
    """Return why a wave may not start, or None."""
    if reason := network.topology.rollout.frozen(datetime.now(UTC)):
        return f"{wave.title} did not start: {reason}"
    if steps := beyond(part, whole):
        named = "; ".join(steps[:_MOST_TOLD])
        return f"{wave.title} did not start, for the world moved: {named}; run again"
    return None


async def _proved(
    rolling: _Rolling, wave: Wave, part: Plan, before: Actual, so_far: _Progress
) -> str | None:
    """Prove what came of a wave; return why no further wave may start, or None."""
    if not part.is_empty and not so_far.has_ended(rolling.network):
        outcome = rolling.azure, rolling.network, before, part, set(so_far.failed)
        so_far.findings = await prove_outcome(*outcome, wave.title)
    return await _gate(rolling, wave, so_far, worked=not part.is_empty)


async def _gate(rolling: _Rolling, wave: Wave, so_far: _Progress, *, worked: bool) -> str | None:
    """Return why no further wave may start, or None when this one is proved good."""
    azure, network = rolling.azure, rolling.network
    rollout = network.topology.rollout
    if wave.last:
        return None
    if len(so_far.failed) > rollout.failures_allowed:
        return f"nothing after {wave.title} has started"
    if not worked:
        return None
    await pause(rollout.bake_minutes * 60, azure.settings)
    actual = await read_actual(azure, network)
    regions = wave.so_far - set(so_far.failed)
    part = wave_of(rolling.planned(network, actual), regions, last=False)
    bad = [
        *not_proved(part, actual, regions, rollout.check),
        *(item.text for item in so_far.findings),
    ]
    for hook in rollout.hooks if not bad else ():
        wrong = await run_hook(hook, wave.title, set(wave.regions) - set(so_far.failed))
        bad += [wrong] if wrong else []
    return f"{wave.title} is not proved good: {'; '.join(bad[:_MOST_TOLD])}" if bad else None


_MOST_TOLD = 5


def _rows(so_far: _Progress, order: tuple[Wave, ...]) -> list[dict[str, Any]]:
    regions = [region for wave in order for region in wave.regions]
    waiting = {region: {"region": region, "state": "not started"} for region in regions}
    rows = {**waiting, **so_far.rows} if len(order) > 1 else so_far.rows
    return sorted(rows.values(), key=lambda row: (row["region"] != "global", row["region"]))


def _verdict(whole: Plan, so_far: _Progress, stopped: str | None) -> State:
    more = f"; {stopped}" if stopped else ""
    if so_far.failed:
        named = ", ".join(f"{region} {word}" for region, word in so_far.failed.items())
        message = f"{named}; {len(so_far.good)} other regions in place"
        return Failed(name="RolledBack", message=message + more)
    if so_far.error:
        error = f"regions are in place, what joins them is not: {so_far.error}"
        return Failed(message=error + more)
    if stopped:
        return Failed(name="Stopped", message=stopped)
    if so_far.findings:
        named = "; ".join(item.text for item in so_far.findings[:_MOST_TOLD])
        return Failed(name="NotAsIntended", message=f"done, and not as it must be: {named}")
    return Completed(message=f"{summary(whole)}; done")
