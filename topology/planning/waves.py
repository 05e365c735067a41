"""The part of a plan that a wave carries out.

A wave writes in its own regions, and in those of the waves before it what joins them to
these: routes to new firewalls, for instance. What goes, goes in the last wave, when no
region needs it any more, and so does what leads to it from elsewhere; but what a step of an
earlier one cannot do without goes with that, as the peerings of a spoke before the rules that
keep others from it. Where that would be another region's, `turns.py` refuses the plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from topology.kind import Stage, at, late_values, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.assigned import late_addresses
from topology.planning.at_once import unsettled
from topology.planning.explain import title
from topology.planning.late import without
from topology.planning.led_to import leading_on
from topology.planning.plan import (
    Change,
    Commit,
    Create,
    Delete,
    FieldChange,
    Nothing,
    Plan,
    Replace,
    Step,
)
from topology.planning.policy_names import unnumbered
from topology.planning.removal import region_of
from topology.resources import KIND_BY_NAME
from topology.rollout_spec import BUILT_IN, Check, waves


@dataclass(frozen=True)
class Wave:
    """The regions that go together; `so_far` are those of the waves before as well.

    Waves are counted from 1.
    """

    number: int
    regions: tuple[str, ...]
    so_far: frozenset[str]
    last: bool

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"wave {self.number}"

    @property
    def title(self) -> str:
        """Return its name, and the regions that are in it."""
        return f"{self.name} ({', '.join(self.regions)})"


def waves_of(network: Network) -> tuple[Wave, ...]:
    """Return the waves of a topology's regions, in their order."""
    regions = tuple(hub.region for hub in network.hubs)
    ordered = waves(network.topology.rollout, regions)
    return tuple(
        Wave(
            number,
            wave,
            frozenset(region for earlier in ordered[:number] for region in earlier),
            last=number == len(ordered),
        )
        for number, wave in enumerate(ordered, start=1)
    )


def wave_of(plan: Plan, regions: Collection[str], *, last: bool) -> Plan:
    """Return what a plan does in these regions and in none; in the last wave all of it.

    `regions` are those of this wave and of all before it. A step that is kept needs none
    that is left out, but for an order among regions. What waits for a value of a later
    region is no work of this wave, nor is what takes out the way to something that goes later.
    """
    if last:
        return plan
    later = _made_later(plan, regions)
    kept = {same_id(step.resource.id) for step in plan.steps if _belongs(step, regions, later)}
    kept |= set(_needed(plan, kept))
    going = late_addresses(plan.deleted - kept, plan.found)
    part = plan.only(kept)
    return replace(part, steps=tuple(_for_now(step, going, later) for step in part.steps))


def in_waves(network: Network, plan: Plan) -> Iterator[tuple[Wave, Plan]]:
    """Yield the waves that have something to do, each with its part; no step is in two of them."""
    done: set[str] = set()
    for wave in waves_of(network):
        part = wave_of(plan, wave.so_far, last=wave.last)
        part = part.only({same_id(step.resource.id) for step in part.steps} - done)
        done |= {same_id(step.resource.id) for step in part.work}
        if part.work:
            yield wave, part


def as_written(network: Network, plan: Plan) -> Iterator[tuple[Wave, Plan]]:
    """Yield the same parts as each writes them, from what Azure then holds.

    What has a late value of a later wave is left out of a body: the wave that makes it writes
    the body again, in the regions of those before. So does the last one where something that
    goes last was left in.
    """
    waiting, whole = dict[str, set[str]](), {same_id(s.resource.id): s for s in plan.steps}
    not_whole = set[str]()
    for wave, own in in_waves(network, plan):
        later = _made_later(plan, wave.so_far)
        keys = {same_id(step.resource.id) for step in own.steps}
        again = {key for key, lacks in waiting.items() if lacks - later}
        again |= not_whole if wave.last else set()
        part = wave_of(plan, wave.so_far, last=wave.last).only(keys | again)
        for step in part.work:
            key = same_id(step.resource.id)
            named = {same_id(value.resource_id) for value in late_values(step.resource.body)}
            waiting[key] = named & later
            not_whole |= {key} if step is not whole[key] else set()
        yield wave, replace(part, steps=tuple(_without_late(step, later) for step in part.steps))


def _without_late(step: Step, later: Collection[str]) -> Step:
    body = without(step.resource.body, later)
    return replace(step, resource=replace(step.resource, body=body)) if later else step


def part_after(plan: Plan, wave: Wave, failed: Collection[str]) -> Plan:
    """Return what a wave does when regions of waves before it have failed.

    They stay as they were taken back, and so does what would go in the last wave: they may
    need it still.
    """
    return wave_of(plan, wave.so_far - set(failed), last=wave.last and not failed)


def beyond(part: Plan, whole: Plan) -> list[str]:
    """Return the titles of a wave's steps that the plan of the whole rollout does not have.

    They are of something that has changed since: nobody has seen them. A policy definition
    that was taken back comes with another name, and is the same to those who have seen it.
    """
    known = {unnumbered(step.resource, whole.topology) for step in whole.work}
    return [
        title(step) for step in part.work if unnumbered(step.resource, whole.topology) not in known
    ]


def not_proved(
    part: Plan, actual: Actual, regions: Collection[str], checks: Collection[Check] = BUILT_IN
) -> list[str]:
    """Return what keeps a wave from being proved good; `part` is planned after it.

    Azure must hold what is wanted. As `checks` name them: every commit must be deployed, and
    nothing of these regions may be in another state than Succeeded.
    """
    looked_at = (
        step for step in part.work if "deployment-status" in checks or not isinstance(step, Commit)
    )
    waiting = unsettled(actual, lambda found: region_of(found, actual) in regions)
    return [
        *(title(step) for step in looked_at),
        *(waiting if "provisioning-states" in checks else ()),
    ]


def _made_later(plan: Plan, regions: Collection[str]) -> set[str]:
    """Return what later waves make, by id."""
    return {
        same_id(step.resource.id)
        for step in plan.steps
        if isinstance(step, Create | Replace)
        and step.resource.region is not None
        and step.resource.region not in regions
    }


def _belongs(step: Step, regions: Collection[str], later: Collection[str]) -> bool:
    region = step.resource.region
    if isinstance(step, Nothing):
        return True
    if isinstance(step, Delete) or step.resource.stage in {Stage.WITHDRAWAL, Stage.SCOPE}:
        return False
    if isinstance(step, Commit) and not step.resource.body["configurationIds"]:
        return False  # a region that leaves
    if isinstance(step, Change) and all(_waits(change, later) for change in step.fields):
        return False
    path = KIND_BY_NAME[step.resource.kind].other_side
    if path is not None and same_id(str(at(step.resource.body, path))) in later:
        return False  # it joins a hub that is not there yet
    return region is None or region in regions


def _for_now(step: Step, going: Collection[str], later: Collection[str]) -> Step:
    """Return a step as a wave does it: what leads to what goes later is not taken out yet."""
    if not isinstance(step, Change) or not going:
        return step
    now = leading_on(step, going)
    if now.fields == step.fields:
        return step
    is_over = all(_waits(change, later) for change in now.fields)
    return Nothing(now.resource, "what it loses goes last") if is_over else now


def _waits(change: FieldChange, later: Collection[str]) -> bool:
    return any(same_id(value.resource_id) in later for value in late_values(change.new))


def _needed(plan: Plan, kept: Collection[str]) -> Iterator[str]:
    """Yield what the kept steps that write cannot do without, such as the removal of a user."""
    needs: dict[str, set[str]] = {}
    for edge in plan.edges:
        if not edge.orders_only:
            needs.setdefault(same_id(edge.step), set()).add(same_id(edge.need))
    working = {same_id(step.resource.id) for step in plan.work}
    waiting, seen = [key for key in kept if key in working], set(kept)
    while waiting:
        for need in needs.get(waiting.pop(), ()):
            if need not in seen:
                seen.add(need)
                waiting.append(need)
                yield need
