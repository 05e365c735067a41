"""A plan in waves: none starts before the one before it is proved good."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from azure_api.client import Azure
from azure_api.waiting import pause
from flows.carry_out_wave import Ended, carry_out_wave
from tasks.publish import publish_addresses, publish_result
from tasks.read_actual import read_actual
from tasks.read_topology import keep_names
from tasks.save_plan import save_plan
from topology.network import Network
from topology.planning.explain import summary
from topology.planning.plan import Plan
from topology.planning.planner import make_plan
from topology.planning.waves import Wave, beyond, not_proved, wave_of, waves_of


@dataclass
class _Progress:
    """What has come of the waves so far."""

    failed: dict[str, str] = field(default_factory=dict)
    good: int = 0
    error: str | None = None
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, ended: Ended) -> None:
        self.failed |= ended.failed
        self.good += ended.good
        self.error = self.error or ended.error
        self.rows |= {row["region"]: row for row in ended.rows}


async def roll_out(azure: Azure, network: Network, whole: Plan) -> State:
    """Carry a plan out wave by wave, and say what came of it.

    Each wave is planned anew from what Azure then holds, and does nothing that the whole
    plan does not have. Both are saved first: under the run's id, and with the wave.
    """
    run, order, so_far = str(flow_run.get_id()), waves_of(network), _Progress()
    await save_plan(whole, run)
    stopped = None
    for wave in order:
        part = await _part(azure, network, whole, wave)
        if stopped := _stops(network, wave, part, whole):
            break
        if len(order) > 1:
            get_run_logger().info("%s: %s", wave.title, summary(part))
            await save_plan(part, f"{run}-wave-{wave.number}")
        network = keep_names(network, part)
        so_far.add(await carry_out_wave(azure, network, part))
        if stopped := await _gate(azure, network, wave, so_far, worked=not part.is_empty):
            break
    await publish_result(whole.topology, _rows(so_far, order))
    await publish_addresses(network, await read_actual(azure, network))
    return _verdict(whole, so_far, stopped)


async def _part(azure: Azure, network: Network, whole: Plan, wave: Wave) -> Plan:
    first = wave.number == 1
    plan = whole if first else make_plan(network, await read_actual(azure, network))
    return wave_of(plan, wave.so_far, last=wave.last)


def _stops(network: Network, wave: Wave, part: Plan, whole: Plan) -> str | None:
    """Return why a wave may not start, or None."""
    if reason := network.topology.rollout.frozen(datetime.now(UTC)):
        return f"{wave.title} did not start: {reason}"
    if steps := beyond(part, whole):
        told = "; ".join(steps[:_MOST_TOLD])
        return f"{wave.title} did not start, for the world moved: {told}; run again"
    return None


async def _gate(
    azure: Azure, network: Network, wave: Wave, so_far: _Progress, *, worked: bool
) -> str | None:
    """Return why no further wave may start, or None when this one is proved good."""
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
    bad = not_proved(wave_of(make_plan(network, actual), regions, last=False), actual, regions)
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
        told = ", ".join(f"{region} {word}" for region, word in so_far.failed.items())
        message = f"{told}; {so_far.good} other regions in place"
        return Failed(name="RolledBack", message=message + more)
    if so_far.error:
        error = f"regions are in place, what joins them is not: {so_far.error}"
        return Failed(message=error + more)
    if stopped:
        return Failed(name="Stopped", message=stopped)
    return Completed(message=f"{summary(whole)}; done")
