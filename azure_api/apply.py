"""One step of a plan, done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.deployment_status import read_goal_states
from azure_api.effects import affected_networks, joined_networks
from azure_api.errors import Final
from azure_api.goal_state import (
    commit,
    not_effective,
    wait_until_deployed,
    wait_until_effective,
    wait_until_withdrawn,
)
from azure_api.ids import whole_id
from azure_api.late import LateValues, fill
from azure_api.members import wait_until_members
from azure_api.ownership import Owners
from azure_api.read import read_inside, read_one
from azure_api.waiting import pause
from azure_api.write import delete, put, put_tags
from topology.kind import Kind, Resource, parent_id, put_at, same_id
from topology.naming import generation_in
from topology.planning.commits import ONE_A_REGION
from topology.planning.diff import lay_over
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


@dataclass(frozen=True)
class Applying:
    """What all steps of a run share: the connection, the kinds, whose is what, the late values.

    `takes_in` says that rules put networks of others into groups.
    """

    azure: Azure
    kinds: Mapping[str, Kind]
    topology: str
    owners: Owners = field(repr=False)
    late: LateValues = field(repr=False)
    takes_in: bool = False

    @classmethod
    def of(
        cls,
        azure: Azure,
        kinds: Iterable[Kind],
        topology: str,
        late: LateValues | None = None,
        steps: Iterable[Step] = (),
    ) -> Applying:
        """Make it for one run, which is to do these steps; its late values are read once.

        What takes a part of a run back shares the `late` values of that run, which then
        counts on nothing that is gone. From here on reads are tried as long as writes.
        """
        doing, listed = tuple(steps), tuple(kinds)
        azure.begin_to_write((step.resource.id, step.resource.body) for step in doing)
        by_name = {kind.name: kind for kind in listed}
        owners = Owners(azure, by_name, topology)
        takes_in = any(by_name[step.resource.kind].fills_groups for step in doing)
        return cls(azure, by_name, topology, owners, late or LateValues(azure, listed), takes_in)


async def apply_step(applying: Applying, step: Step) -> Outcome:
    """Do one step and return what it came to; doing it again does no harm.

    A resource is read just before it is written or deleted: only our fields change, and
    nothing of what others have put there or taken over since the plan was made. Raises Final
    for what a person must act on, Passing for what did not pass in time.
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

    Late values are filled first: a body that was found never holds any. A rule that puts
    networks into a group is done when they are in it: the commits come after.
    """
    resource = step.resource
    wanted, left_out = await fill(resource.body, applying.late, resource.id)
    await _lay_over(applying, resource, await _found(applying, step), wanted)
    await wait_until_members(applying.azure, applying.kinds.values(), resource)
    return left_out


async def _change(applying: Applying, step: Change) -> tuple[str, ...]:
    if not (applying.kinds[step.resource.kind].tags_method and step.sets_only_tags):
        return await _write(applying, step)
    await _tag(applying, step)
    return ()


async def _tag(applying: Applying, step: Change) -> None:
    """Set our tags beside those of others, without a word on the rest."""
    resource = step.resource
    if (found := await _found(applying, step)) is None:
        raise _gone(resource)
    tags = {**(found.get("tags") or {}), **resource.body["tags"]}
    await put_tags(applying.azure, applying.kinds[resource.kind], resource.id, tags)


def _gone(resource: Resource) -> Final:
    text = "it was there when the plan was made, and is gone"
    return Final(resource.id, 404, "ResourceNotFound", text, "", "run again")


async def _found(applying: Applying, step: Step) -> Json | None:
    """Return what stands where a step writes, None where nothing does.

    Raises Final for what is not ours.
    """
    kind, whole = applying.kinds[step.resource.kind], whole_id(step.resource.id)
    found = await read_one(applying.azure, kind, whole)
    await applying.owners.refuse_foreign(step, found)
    return found


async def _lay_over(
    applying: Applying, resource: Resource, found: Json | None, wanted: Mapping[str, Any]
) -> None:
    kind, whole = applying.kinds[resource.kind], whole_id(resource.id)
    body = lay_over(found, wanted, kind, applying.topology)
    applying.late.forget(whole)
    applying.late.learn(whole, await put(applying.azure, kind, whole, body))


async def _delete(applying: Applying, step: Delete) -> str:
    """Delete a resource, unless that would take along what is not ours."""
    if inside := await _inside(applying, step.resource):
        return f"left in place, for it holds {inside}"
    await _remove(applying, step)
    return "deleted"


async def _inside(applying: Applying, resource: Resource) -> str:
    """Name what a deletion would take along and is not ours: all of ours went before."""
    if not applying.kinds[resource.kind].takes_along:
        return ""
    inside = await read_inside(applying.azure, resource.id)
    return ", ".join(item.rsplit("/", 1)[-1] for item in inside)


async def _remove(applying: Applying, step: Delete | Replace) -> None:
    """Delete a resource; of a part of another, take out its children that are ours.

    What is not there is deleted all the same: a reader may lag behind what was just made.
    """
    resource, kind = step.resource, applying.kinds[step.resource.kind]
    applying.late.forget(whole_id(resource.id))
    await pause(kind.pause_before_deletion, applying.azure.settings)
    found = await _found(applying, step)
    if kind.part_of is None:
        await delete(applying.azure, kind, resource.id)
    elif found is not None:
        await _lay_over(applying, resource, found, _without_children(kind))


def _without_children(kind: Kind) -> dict[str, Any]:
    """Return a body that wants none of the kind's children."""
    body: dict[str, Any] = {}
    for child_list in kind.child_lists:
        put_at(body, child_list.path, [])
    return body


async def _commit(applying: Applying, step: Commit) -> tuple[str, ...]:
    """Commit, wait for Deployed, then for the effect on each network of the region.

    What the goal state no longer names has its effect too: networks let go of it. Networks of
    others that do not show it in time are returned: Azure leaves some alone, as for admin rules
    those with certain services in them, and a region does not fail for them.
    """
    azure, body = applying.azure, await _with_newcomers(applying.azure, step)
    commit_type, [region] = body["commitType"], body["targetLocations"]
    ids = body["configurationIds"]
    kept = {same_id(name) for name in ids}
    withdrawn = [name for name in step.before if same_id(name) not in kept]
    committed = await commit(azure, parent_id(step.resource.id), body)
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


async def _with_newcomers(azure: Azure, step: Commit) -> dict[str, Any]:
    """Return the goal state to commit, with what others have deployed since it was planned.

    A commit drops what it leaves out (facts.md section 0.2), and hours may lie between. Of
    security admin rules a region takes one configuration: then this raises Final.
    """
    body = step.resource.body
    commit_type, [region] = body["commitType"], body["targetLocations"]
    ids = list(body.get("configurationIds") or ())
    known = {same_id(name) for name in (*step.before, *ids)}
    manager = parent_id(step.resource.id)
    states = await read_goal_states(azure, manager, [region], [commit_type])
    deployed = (name for state in states for name in state.configuration_ids)
    new = [name for name in deployed if same_id(name) not in known and not generation_in(name)]
    if new and ids and commit_type == ONE_A_REGION:
        text = f"{', '.join(new)} was deployed in {region} since the plan was made"
        way_out = "see who deployed it, run again: the plan then tells the ways out"
        raise Final(step.resource.id, None, "RulesOfOthers", text, "", way_out)
    return {**body, "configurationIds": [*ids, *new]}
