"""What others have deployed by network managers, read as far as it reaches networks of ours.

Such a manager is found by the lists of subscriptions that are made anyway. Where its scope has
none of the networks concerned it is left alone; else its goal states are asked for, and only
what they name is read. Who is in its groups Azure Resource Graph knows, whatever put them there.
What stands deployed beside ours in a manager of ours is read whole: our commits deploy it, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, TypeVar

from azure_api.client import Azure
from azure_api.deployment_status import read_goal_states
from azure_api.errors import Final
from azure_api.members import read_members
from azure_api.waiting import together
from topology.graph import references
from topology.kind import Kind, Listing, same_id
from topology.planning.actual import Found, GoalState, OthersManagers
from topology.verification.other_managers import Deployed, may_reach, reaching

T = TypeVar("T")


@dataclass(frozen=True)
class DeployedByOthers:
    """Reads managers of others; `children` lists what stands under one, of a kind."""

    azure: Azure
    kinds: Mapping[str, Kind]
    children: Callable[[Kind, Found], Coroutine[Any, Any, list[Found]]]

    async def read(
        self, managers: Iterable[Found], near: Collection[str]
    ) -> tuple[OthersManagers, dict[str, Found]]:
        """Return what of theirs reaches one of these networks, by key, and what it is made of.

        What may not be read is left out: then a manager has no goal states, or these name what
        is not there. Raises Passing, or Final for what is not a matter of rights.
        """
        concerned = [item for item in managers if may_reach(item, near)]
        if not concerned:
            return OthersManagers(), {}
        states = await together(self._states(item) for item in concerned)
        told = {same_id(m.id): s for m, s in zip(concerned, states, strict=True) if s is not None}
        inside = await together(
            self._configurations(item, told.get(same_id(item.id), ())) for item in concerned
        )
        deployed = Deployed(
            managers={same_id(item.id): item for item in concerned},
            goal_states=told,
            content={same_id(item.id): item for items in inside for item in items},
        )
        members = await self._members(deployed)
        if members is None:  # whom a configuration reaches is not known: as if none could be read
            deployed, members = replace(deployed, content={}), {}
        return reaching(deployed, members, near, self.azure.subscriptions)

    async def beside_ours(
        self, configurations: Iterable[Found]
    ) -> tuple[Mapping[str, frozenset[str]], dict[str, Found]]:
        """Return what these configurations of others hold, after who is in the groups they name."""
        whole = await together(self._whole(item) for item in configurations)
        content = {same_id(item.id): item for items in whole for item in items}
        if not content:
            return {}, {}
        members = await _unless_forbidden(read_members(self.azure, self.azure.subscriptions)) or {}
        groups = {same_id(name) for item in content.values() for name in references(item.body)}
        return {group: names for group, names in members.items() if group in groups}, content

    async def _states(self, manager: Found) -> tuple[GoalState, ...] | None:
        return await _unless_forbidden(read_goal_states(self.azure, manager.id))

    async def _members(self, deployed: Deployed) -> Mapping[str, frozenset[str]] | None:
        if not deployed.content:
            return {}
        return await _unless_forbidden(read_members(self.azure, self.azure.subscriptions))

    async def _configurations(self, manager: Found, states: Iterable[GoalState]) -> list[Found]:
        """Return the configurations that goal states name, each with all that stands in it."""
        named = {same_id(name) for state in states for name in state.configuration_ids}
        lists = await together(
            self._deployed(kind, manager, named)
            for kind in self._below(manager)
            if any(f"/{kind.arm_type.rsplit('/', 1)[-1]}/".lower() in name for name in named)
        )
        return [item for items in lists for item in items]

    async def _deployed(self, kind: Kind, manager: Found, named: Collection[str]) -> list[Found]:
        listed = await _unless_forbidden(self.children(kind, manager)) or []
        there = [item for item in listed if same_id(item.id) in named]
        whole = await together(_unless_forbidden(self._whole(item)) for item in there)
        return [item for items in whole for item in items or ()]

    async def _whole(self, item: Found) -> list[Found]:
        lists = await together(self.children(kind, item) for kind in self._below(item))
        below = await together(self._whole(child) for items in lists for child in items)
        return [item, *(child for items in below for child in items)]

    def _below(self, item: Found) -> list[Kind]:
        kinds = self.kinds.values()
        return [k for k in kinds if k.parent == item.kind and k.listing is Listing.PARENT]


async def _unless_forbidden(asked: Coroutine[Any, Any, T]) -> T | None:
    """Return what was asked for, None to whom it is forbidden."""
    try:
        return await asked
    except Final as error:
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        return None
