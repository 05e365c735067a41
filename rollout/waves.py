"""A plan in waves: none starts before the one before it is proved good."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from azure_api.errors import AzureError
from azure_api.waiting import pause
from rollout.change_at_once import change_at_once
from rollout.hands import AllHands, Ending, Planned
from rollout.wave import Ended, carry_out_wave
from topology.forecast.outcome import Done
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.at_once import at_once
from topology.planning.explain import summary
from topology.planning.plan import Plan
from topology.planning.planner import InTheWayError
from topology.planning.waves import Wave, beyond, not_proved, part_after, wave_of, waves_of
from topology.verification.finding import Finding


@dataclass
class RolledOut:
    """What has come of the `whole` plan.

    `failed` has a word on each region that failed, `good` are the others; `error` is of what
    belongs to none or joins regions; `stopped` says why not all waves have started, or the last
    is not proved; `findings` are those after the last wave; `refused` is how the run ends where
    no wave was let start; `network` has the names that the parts have used up since.
    """

    network: Network
    whole: Plan
    failed: dict[str, str] = field(default_factory=dict)
    good: set[str] = field(default_factory=set)
    error: str | None = None
    stopped: str | None = None
    rows_by_region: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    refused: Ending | None = None

    @property
    def has_ended(self) -> bool:
        """Say whether so much has failed that nothing more starts, whatever else is found."""
        allowed = self.network.topology.rollout.failures_allowed
        return self.error is not None or len(self.failed) > allowed

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the result's rows: a region each, those whose turn did not come too."""
        regions = {region for step in self.whole.work if (region := step.resource.region)}
        rows = {region: {"region": region, "state": "not started"} for region in regions}
        rows |= self.rows_by_region
        return sorted(rows.values(), key=lambda row: (row["region"] != "global", row["region"]))

    def add(self, ended: Ended) -> None:
        """Add what came of a wave."""
        self.failed |= ended.failed
        self.good |= ended.good
        self.error = self.error or ended.error
        self.rows_by_region |= {row["region"]: row for row in ended.rows}
        self.done.append(ended.done)

    @property
    def ending(self) -> Ending:
        """Return how the run ends."""
        more = f"; {self.stopped}" if self.stopped else ""
        if self.refused:
            return self.refused
        if self.failed:
            named = ", ".join(f"{region} {word}" for region, word in self.failed.items())
            message = f"{named}; {len(self.good)} other regions in place"
            return Ending(message + more, "RolledBack")
        if self.error:
            return Ending(f"regions are in place, what joins them is not: {self.error}{more}")
        if self.stopped:
            return Ending(self.stopped, "Stopped")
        if self.findings:
            named = "; ".join(item.text for item in self.findings[:_MOST_TOLD])
            return Ending(f"done, and not as it must be: {named}", "NotAsIntended")
        return Ending(f"{summary(self.whole)}; done", is_well=True)


async def roll_out(
    hands: AllHands, network: Network, whole: Plan, found: Actual, planned: Planned
) -> RolledOut:
    """Carry a plan out wave by wave, and say what came of it.

    What reaches all regions at once goes before the first wave, and no wave starts unless
    it is proved good. Each wave is planned anew from what Azure then holds, by `planned`, and
    does nothing that the whole plan does not have. `found` is what Azure held when the whole
    was planned. What Azure says after each wave must be as it was foreseen, after the last as
    the topology means it.
    """
    so_far = RolledOut(network, whole)
    if not (first := at_once(whole)).is_empty:
        changed = await change_at_once(hands, network, first, found)
        so_far.rows_by_region |= {row["region"]: row for row in changed.rows}
        so_far.done += changed.done
        if changed.ended:
            so_far.refused = changed.ended
            return so_far
    rolling = _Rolling(hands, planned, found, anew=not first.is_empty)
    so_far.stopped = await _in_waves(rolling, so_far)
    return so_far


@dataclass
class _Rolling:
    """What all waves share; `anew`: Azure is no longer as it was `found`."""

    hands: AllHands
    planned: Planned
    found: Actual
    anew: bool


async def _in_waves(rolling: _Rolling, so_far: RolledOut) -> str | None:
    """Carry out wave after wave; return why the rest did not start or the last is not proved."""
    hands, order = rolling.hands, waves_of(so_far.network)
    for wave in order:
        try:
            part, before = await _part(rolling, wave, so_far)
            if stopped := _stops(so_far, wave, part):
                return stopped
            if len(order) > 1 or rolling.anew:
                hands.tell(f"{wave.title}: {summary(part)}")
                await hands.save(part, f"wave-{wave.number}")
        except Exception as error:
            if (text := hands.told(error)) is None:
                raise
            return f"{wave.title} did not start: {text}"
        so_far.network = hands.keep_names(so_far.network, part)
        ended = await carry_out_wave(hands, so_far.network, part, wave.name)
        so_far.add(ended)
        await _keep(hands, wave, part, ended.begun)
        try:
            stopped = await _proved(rolling, wave, part, before, so_far)
        except AzureError as error:
            stopped = f"{wave.title} is not proved good: {error}"
        except InTheWayError as error:
            stopped = f"nothing after {wave.title} has started: {error}"
        if stopped:
            return stopped
    return None


async def _keep(hands: AllHands, wave: Wave, part: Plan, begun: Plan) -> None:
    """Save what a wave has begun, where that is not all: a later roll-back takes no more back."""
    if begun == part:
        return
    try:
        await hands.save(begun, f"wave-{wave.number}")
    except Exception as error:
        if (text := hands.told(error)) is None:
            raise
        hands.tell(f"{wave.title} is saved as it was planned, not as it was done: {text}")


async def _part(rolling: _Rolling, wave: Wave, so_far: RolledOut) -> tuple[Plan, Actual]:
    """Return a wave's part of the plan, and what Azure holds before it.

    Regions that failed stay as they were taken back.
    """
    network, plan, actual = so_far.network, so_far.whole, rolling.found
    if rolling.anew or wave.number > 1:
        actual = await rolling.hands.read(network)
        plan = rolling.planned(network, actual)
    return part_after(plan, wave, so_far.failed), actual


def _stops(so_far: RolledOut, wave: Wave, part: Plan) -> str | None:
    """Return why a wave may not start, or None."""
    if reason := so_far.network.topology.rollout.frozen(datetime.now(UTC)):
        return f"{wave.title} did not start: {reason}"
    if steps := beyond(part, so_far.whole):
        named = "; ".join(steps[:_MOST_TOLD])
        return f"{wave.title} did not start, for the world moved: {named}; run again"
    return None


async def _proved(
    rolling: _Rolling, wave: Wave, part: Plan, before: Actual, so_far: RolledOut
) -> str | None:
    """Prove what came of a wave; return why no further wave may start, or None."""
    if not part.is_empty and not so_far.has_ended:
        failed: Collection[str] = set(so_far.failed)
        so_far.findings = await rolling.hands.prove(
            so_far.network, before, part, failed, wave.title
        )
    return await _gate(rolling, wave, so_far, worked=not part.is_empty)


async def _gate(rolling: _Rolling, wave: Wave, so_far: RolledOut, *, worked: bool) -> str | None:
    """Return why no further wave may start, or None when this one is proved good."""
    hands, network = rolling.hands, so_far.network
    rollout = network.topology.rollout
    if wave.last:
        return None
    if len(so_far.failed) > rollout.failures_allowed:
        return f"nothing after {wave.title} has started"
    if not worked:
        return None
    await pause(rollout.bake_minutes * 60, hands.azure.settings)
    actual = await hands.read(network)
    regions = wave.so_far - set(so_far.failed)
    part = wave_of(rolling.planned(network, actual), regions, last=False)
    bad = [
        *not_proved(part, actual, regions, rollout.check),
        *(item.text for item in so_far.findings),
    ]
    for hook in rollout.hooks if not bad else ():
        wrong = await hands.run_hook(hook, wave.title, set(wave.regions) - set(so_far.failed))
        bad += [wrong] if wrong else []
    return f"{wave.title} is not proved good: {'; '.join(bad[:_MOST_TOLD])}" if bad else None


_MOST_TOLD = 5
