"""Commits: telling AVNM its goal state, and waiting until it has come true."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from azure_api.client import Azure
from azure_api.deployment_status import read_goal_states
from azure_api.effects import shows, shows_any
from azure_api.errors import Final, Passing, from_sdk
from azure_api.ids import parse
from azure_api.retrying import WRITING, Tries
from azure_api.waiting import pause
from topology.kind import same_id
from topology.planning.actual import GoalState

# azurerm looks after 10 s, and takes 20 empty answers as "not yet" (facts.md section 2).
_LOOK_AGAIN = 10.0
_NOT_YET = 20
# After a commit of nothing the entry vanishes, which looks like an answer that is empty
# only for now; how long that lasts is not known: a minute is an assumption.
_VANISHED = 6


@dataclass(frozen=True)
class Committed:
    """A commit that was accepted: the goal, and the commit time that stood before it."""

    manager_id: str
    commit_type: str
    region: str
    configuration_ids: tuple[str, ...]
    stood_before: GoalState | None

    @property
    def body(self) -> dict[str, Any]:
        """Return it as AVNM is told."""
        return {
            "commitType": self.commit_type,
            "targetLocations": [self.region],
            "configurationIds": list(self.configuration_ids),
        }


# Makes the ids of the configurations to commit from the goal state that stands, None where none
# does. Raises Final for what must not be replaced.
Goal = Callable[[GoalState | None], Awaitable[Iterable[str]]]


async def commit(
    azure: Azure, manager_id: str, commit_type: str, region: str, goal: Goal
) -> Committed:
    """Tell AVNM the whole goal state of one region and type; deployment only starts.

    It is made from what stands when its turn has come, and what was told and not taken anew,
    before it is told again. The end of the SDK's long operation is not the end of the deployment,
    and its URL may be invalid, so it is not polled (facts.md section 2). After an answer that was
    lost the deployment status is read, and the goal is told again only where it does not show.
    Raises Final or Passing.
    """
    operations = azure.client_of("network", manager_id).network_manager_commits
    tries = Tries(WRITING, azure.settings)
    key = f"{manager_id}#{commit_type}-{region}"
    # Of parallel commits for one region and type one survives (facts.md section 2).
    async with azure.writing(key):
        while True:
            async with azure.turn("POST", f"{manager_id}/commit") as turn:
                before = await _standing(azure, manager_id, commit_type, region)
                ids = tuple(await goal(before))
                committed = Committed(manager_id, commit_type, region, ids, before)
                arguments = (*parse(manager_id).path_arguments, committed.body)
                try:
                    await operations.begin_post(*arguments, polling=False, turn=turn)
                except Exception as error:
                    told = from_sdk(error, key)
                    if not isinstance(told, Passing):
                        raise told from error
                else:
                    return committed
            await tries.wait_after(told)
            if told.answer_was_lost and await _was_taken(azure, committed, tries):
                return committed


async def _was_taken(azure: Azure, committed: Committed, tries: Tries) -> bool:
    """Say whether a commit shows, which may take a while, as does the end of what it took out."""
    for _ in range(_NOT_YET):
        state = await _present(azure, committed)
        if _is_ours(state, committed) or (state is None and not committed.configuration_ids):
            return True
        if not await tries.wait(_LOOK_AGAIN):
            return False
    return False


async def wait_until_deployed(
    azure: Azure, committed: Committed, limit: float | None = None
) -> None:
    """Return when AVNM says that this very commit is deployed.

    An older success of the same configurations is told from ours by its commit time:
    Azure's clock is compared with itself only. `limit` is in Azure's seconds, by default
    that of the settings. Raises Final with Azure's words when the deployment failed, when
    another commit took its place, and when the time is up.
    """
    limit = limit or azure.settings.deployment_limit
    waited, not_yet = 0.0, 0
    while waited < limit:
        await pause(_LOOK_AGAIN, azure.settings)
        waited += _LOOK_AGAIN
        state = await _present(azure, committed)
        if _is_ours(state, committed):
            if _has_ended(state, committed):
                return
            continue
        # An answer may be empty right after a commit (facts.md section 2), and an old
        # state may show for a while: both are "not yet", a bounded number of times.
        not_yet += 1
        if state is None and not committed.configuration_ids and not_yet >= _VANISHED:
            return
        if not_yet > _NOT_YET:
            raise _replaced(state, committed)
    raise _late(committed, limit)


async def _present(azure: Azure, committed: Committed) -> GoalState | None:
    return await _standing(azure, committed.manager_id, committed.commit_type, committed.region)


async def _standing(
    azure: Azure, manager_id: str, commit_type: str, region: str
) -> GoalState | None:
    states = await read_goal_states(azure, manager_id, [region], [commit_type])
    return next(iter(states), None)


def _is_ours(state: GoalState | None, committed: Committed) -> bool:
    """Say whether a status tells of this commit and of no older or other one.

    After a commit of nothing the entry vanishes or is empty (facts.md section 2).
    """
    before = committed.stood_before
    if state is None:
        return not committed.configuration_ids and before is None
    if _ids(state.configuration_ids) != _ids(committed.configuration_ids):
        return False
    if before is None or _ids(before.configuration_ids) != _ids(committed.configuration_ids):
        return True
    return state.commit_time > before.commit_time  # ISO dates of one zone sort as text


def _has_ended(state: GoalState | None, committed: Committed) -> bool:
    if state is None or state.status == "Deployed":
        return True
    if state.status == "Failed":
        raise _final(committed, "DeploymentFailed", state.error or "Azure gives no reason")
    return False


async def wait_until_effective(
    azure: Azure,
    commit_type: str,
    vnet_ids: Sequence[str],
    configuration_ids: Sequence[str],
    limit: float = 1200.0,
) -> None:
    """Return when every network shows what was deployed: effects lag behind (facts.md section 2).

    Connectivity and SecurityAdmin: the network lists the configurations as effective.
    Routing: its workload subnets have a route table. Nothing to wait for where no
    configuration was committed. Raises Final naming the networks that do not show it
    within `limit`, in Azure's seconds.
    """
    missing = await not_effective(azure, commit_type, vnet_ids, configuration_ids, limit)
    if missing:
        raise _not_effective(commit_type, missing, limit)


async def not_effective(
    azure: Azure,
    commit_type: str,
    vnet_ids: Sequence[str],
    configuration_ids: Sequence[str],
    limit: float = 1200.0,
) -> list[str]:
    """Wait as `wait_until_effective` does; return the networks that do not show it in time."""
    waiting, waited = list(vnet_ids), 0.0
    while configuration_ids and waiting:
        waiting = [
            vnet for vnet in waiting if not await shows(azure, commit_type, vnet, configuration_ids)
        ]
        if not waiting or waited >= limit:
            break
        await pause(_LOOK_AGAIN, azure.settings)
        waited += _LOOK_AGAIN
    return waiting


async def wait_until_withdrawn(
    azure: Azure,
    commit_type: str,
    vnet_ids: Sequence[str],
    configuration_ids: Sequence[str],
    limit: float = 600.0,
) -> None:
    """Return when no network shows what was withdrawn any more, or after `limit`.

    After a commit of nothing AVNM takes routes, rules and mesh out of the networks for a
    while yet (facts.md section 2), and whoever deletes a network in that time works against
    it. It is no error if it lasts, for others' routes keep AVNM's table (facts.md section 4):
    Azure's own refusals are tried again. `limit`, in Azure's seconds, is what a change of
    members took in older text of Microsoft's (facts.md section 2).
    """
    waiting, waited = list(vnet_ids), 0.0
    while waiting and waited <= limit:
        waiting = [
            vnet for vnet in waiting if await shows_any(azure, commit_type, vnet, configuration_ids)
        ]
        if waiting:
            await pause(_LOOK_AGAIN, azure.settings)
            waited += _LOOK_AGAIN


# -- errors ------------------------------------------------------------------------------


def _final(committed: Committed, code: str, message: str, next_step: str = "") -> Final:
    what = f"{committed.manager_id}#{committed.commit_type}-{committed.region}"
    step = next_step or "correct what the message names, run again: the goal is sent anew"
    return Final(what, None, code, message, "", step)


def _replaced(state: GoalState | None, committed: Committed) -> Final:
    shown = "nothing" if state is None else ", ".join(state.configuration_ids) or "nothing"
    text = f"the commit does not show in the deployment status, which has {shown}"
    step = "see whether somebody else commits to this manager, run again"
    return _final(committed, "CommitNotShown", text, step)


def _late(committed: Committed, limit: float) -> Final:
    text = f"not deployed within {limit:.0f} s"
    return _final(committed, "DeploymentTimedOut", text, "wait, then run again: nothing is lost")


def _not_effective(commit_type: str, vnets: Sequence[str], limit: float) -> Final:
    text = f"deployed, but after {limit:.0f} s without effect on {', '.join(vnets)}"
    step = "see whether the networks are in the manager's scope and group, run again"
    return Final(vnets[0], None, f"{commit_type}NotEffective", text, "", step)


def _ids(ids: Sequence[str]) -> set[str]:
    return {same_id(item) for item in ids}
