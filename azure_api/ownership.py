"""Whose that is which a step is about to write: others may have come since the plan."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.ids import kind_of, whole_id
from azure_api.read import read_below, read_one
from topology.kind import Kind, Ownership, at, parent_id, same_id
from topology.ownership import OTHER_WAYS, is_ours, told_marks
from topology.planning.actual import Actual, Found
from topology.planning.plan import Change, Delete, Step
from topology.planning.removal import owned, taken_along

# For so long what was read of a parent is believed, in Azure's seconds: a hub has as many peerings
# as spokes, and all are written one after the other. Our choice.
_BELIEVED = 60.0


@dataclass(frozen=True)
class Owners:
    """Tells ours from others' by what stands there now, in the way that the planner does.

    What is owned by name is ours under a parent that is: each is read once for a minute.
    `refused` are the lower-case ids of steps that would have written what is not ours.
    """

    azure: Azure
    kinds: Mapping[str, Kind]
    topology: str
    refused: set[str] = field(default_factory=set)
    _above: dict[str, tuple[float, Found | None]] = field(default_factory=dict, repr=False)

    async def refuse_foreign(self, step: Step, body: Json | None) -> None:
        """Return if a step may write over this body, found at its id; None is nothing there.

        A step that takes over may write what is not ours. Raises Final for any other.
        """
        if body is None or (isinstance(step, Change) and step.takes_over):
            return
        found = self._as_found(step, body)
        if not await self._is_ours(found):
            self.refused.add(same_id(step.resource.id))
            raise _not_ours(step, found, self.kinds[found.kind])

    async def refuse_to_take_along(
        self, step: Step, body: Json, contents: Iterable[str] = ()
    ) -> None:
        """Return if nothing in this body, found at the id of a step that deletes it, is foreign.

        What stands under it is read, and its `contents` are, the ids of what it takes along
        beside. The planner has held back what was foreign by then. Raises Final.
        """
        top, named = self._as_found(step, body), tuple(contents)
        held = [top, *[item for name in named if (item := await self._of_a_kind(name))]]
        for item in tuple(held):
            held += await read_below(self.azure, item, self.kinds.values())
        known = {same_id(item.id) for item in held}
        beside = {name for item in held for name in self._depends_on(item)}
        around = [await self._seen(name) for name in sorted(beside) if same_id(name) not in known]
        inside = Actual.of([*held, *filter(None, around)]).with_contents(named)
        if reason := taken_along(top, inside, self.topology):
            raise _holds_others(top, reason)

    async def own(self, resource_id: str) -> bool | None:
        """Say whether what stands at an id now is ours, None where nothing does."""
        found = await self._read(resource_id)
        return None if found is None else await self._is_ours(found)

    async def _is_ours(self, found: Found) -> bool:
        around = [item for name in self._depends_on(found) if (item := await self._parent(name))]
        return owned(found, Actual.of([found, *around]), self.topology)

    def _depends_on(self, found: Found) -> list[str]:
        """Return the ids of what else says whose it is: its parent, and what it joins to that."""
        kind = self.kinds[found.kind]
        if kind.owned_by is not Ownership.NAME:
            return []
        if kind.ours_between is None or is_ours(kind, found.body, found.id, self.topology):
            return [parent_id(found.id)]
        return [parent_id(found.id), str(at(found.body, kind.ours_between[0]))]

    def _as_found(self, step: Step, body: Json) -> Found:
        whole = whole_id(step.resource.id)
        return Found(kind_of(whole, self.kinds.values()).name, whole, body)

    async def _of_a_kind(self, resource_id: str) -> Found | None:
        """Return what stands at an id, None where it is of no kind of ours."""
        try:
            return await self._read(resource_id)
        except LookupError:
            return None

    async def _seen(self, resource_id: str) -> Found | None:
        """Return what says whose something is, None where it may not be read: so it is not ours."""
        try:
            return await self._parent(resource_id)
        except Final:
            return None

    async def _parent(self, resource_id: str) -> Found | None:
        key, now = same_id(resource_id), asyncio.get_running_loop().time()
        then, found = self._above.get(key, (-math.inf, None))
        if now - then > _BELIEVED * self.azure.settings.time_scale:
            found = await self._read(resource_id)
            self._above[key] = now, found
        return found

    async def _read(self, resource_id: str) -> Found | None:
        kind = kind_of(resource_id, self.kinds.values())
        body = await read_one(self.azure, kind, resource_id)
        return None if body is None else Found(kind.name, resource_id, body)


def _not_ours(step: Step, found: Found, kind: Kind) -> Final:
    what = f"{found.kind.replace('-', ' ')}: {told_marks(kind, found.body)}"
    if isinstance(step, Delete):
        text = f"not ours, where something of ours was to go, and left as it is: {what}"
        way_out = "give it our marks again or remove it yourself, then run again"
        return Final(found.id, None, "NotOurs", text, "", way_out)
    text = f"not ours, and where ours should be: {what}"
    return Final(found.id, None, "NotOurs", text, "", OTHER_WAYS)


def _holds_others(found: Found, reason: str) -> Final:
    text = f"left as it is, for others have come since the plan was made: {reason}."
    way_out = "run again: the plan then keeps what holds it; or move that, or remove it yourself"
    return Final(found.id, None, "HoldsOthers", text, "", way_out)
