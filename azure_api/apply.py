"""One step of a plan, done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from azure_api.applying import Applying
from azure_api.draft import Draft, goal_now
from azure_api.effects import affected_networks, joined_networks
from azure_api.goal_state import (
    commit,
    not_effective,
    wait_until_deployed,
    wait_until_effective,
    wait_until_withdrawn,
)
from azure_api.ids import whole_id
from azure_api.members import wait_until_members
from azure_api.waiting import pause
from azure_api.write import Making, delete, put, put_tags
from topology.kind import parent_id, same_id
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Replace, Step


@dataclass(frozen=True)
class Outcome:
    """What a step came to: its id, what was done, in how many seconds, and what was left out.

    `seconds` are of this machine's clock.
    """

    step: str
    did: str
    seconds: float
    left_out: tuple[str, ...] = ()


async def apply_step(applying: Applying, step: Step) -> Outcome:
    """Do one step and return what it came to; doing it again does no harm.

    A resource is read just before it is written or deleted, and before each further try: only
    our fields change, and nothing of what others have put there or taken over since the plan was
    made. Raises Final for what a person must act on, Passing for what did not pass in time.
    """
    clock = asyncio.get_running_loop()
    started = clock.time()
    did, left_out = await _do(applying, step)
    return Outcome(step.resource.id, did, round(clock.time() - started, 3), left_out)


async def _do(applying: Applying, step: Step) -> tuple[str, tuple[str, ...]]:
    match step:
        case Create():
            return "created", await _write(applying, step)
        case Change():
            return "changed", await _change(applying, step)
        case Replace():
            await _remove(applying, step)
            return "replaced", await _write(applying, step)
        case Delete():
            return await _delete(applying, step), ()
        case Commit():
            return "committed", await _commit(applying, step)
        case Nothing():
            return "nothing", ()
    assert_never(step)


async def _write(applying: Applying, step: Create | Change | Replace) -> tuple[str, ...]:
    """Lay the wanted body over what is there and put it; return what was left out.

    A rule that puts networks into a group is done when they are in it: the commits come after.
    """
    draft = Draft(applying, step)
    await _put(applying, step, draft.whole)
    await wait_until_members(applying.azure, applying.kinds.values(), step.resource)
    return draft.left_out


async def _put(applying: Applying, step: Step, making: Making) -> None:
    kind, whole = applying.kinds[step.resource.kind], whole_id(step.resource.id)
    applying.late.forget(whole)
    if (after := await put(applying.azure, kind, whole, making)) is not None:
        applying.late.learn(whole, after)


async def _change(applying: Applying, step: Change) -> tuple[str, ...]:
    """Write a change; of one that sets tags and nothing else, our tags beside those of others."""
    kind, resource = applying.kinds[step.resource.kind], step.resource
    if not (kind.tags_method and step.sets_only_tags):
        return await _write(applying, step)
    await put_tags(applying.azure, kind, resource.id, Draft(applying, step).tags)
    return ()


async def _delete(applying: Applying, step: Delete) -> str:
    """Delete a resource, unless that would take along what is not ours."""
    inside = await _remove(applying, step)
    return f"left in place, for it holds {inside}" if inside else "deleted"


async def _remove(applying: Applying, step: Delete | Replace) -> str:
    """Delete a resource; of a part of another, take out its children that are ours.

    Return what keeps it. What is not there is deleted all the same: a reader may lag behind what
    was just made.
    """
    resource, kind, draft = step.resource, applying.kinds[step.resource.kind], Draft(applying, step)
    applying.late.forget(whole_id(resource.id))
    await pause(kind.pause_before_deletion, applying.azure.settings)
    if kind.part_of is not None:
        await _put(applying, step, draft.emptied)
        return ""
    return await delete(applying.azure, kind, resource.id, draft.keeps)


async def _commit(applying: Applying, step: Commit) -> tuple[str, ...]:
    """Commit, wait for Deployed, then for the effect on each network of the region.

    What the goal state no longer names has its effect too: networks let go of it. Networks of
    others that do not show it in time are returned: Azure leaves some alone, as for admin rules
    those with certain services in them, and a region does not fail for them.
    """
    azure, manager = applying.azure, parent_id(step.resource.id)
    commit_type, [region] = step.resource.body["commitType"], step.resource.body["targetLocations"]
    goal = partial(goal_now, applying, step)
    committed = await commit(azure, manager, commit_type, region, goal)
    ids = committed.configuration_ids
    kept = {same_id(name) for name in ids}
    withdrawn = [name for name in step.before if same_id(name) not in kept]
    await wait_until_deployed(azure, committed)
    without: list[str] = []
    for configuration in ids:  # each has groups of its own
        networks = await affected_networks(azure, commit_type, [configuration], region)
        await wait_until_effective(azure, commit_type, networks, [configuration])
        if applying.takes_in:
            kinds = applying.kinds.values()
            joined = await joined_networks(azure, kinds, commit_type, [configuration], region)
            seen = {same_id(name) for name in networks}
            theirs = [name for name in joined if same_id(name) not in seen]
            without += await not_effective(azure, commit_type, theirs, [configuration])
    if not ids:
        left = await affected_networks(azure, commit_type, withdrawn, region)
        await wait_until_withdrawn(azure, commit_type, left, withdrawn)
    return tuple(f"effect on {name}" for name in dict.fromkeys(without))
