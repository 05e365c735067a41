"""Whose that is which a step is about to write: others may have come since the plan."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.ids import kind_of, whole_id
from azure_api.read import read_one
from topology.kind import Kind, Ownership, at, parent_id, same_id
from topology.ownership import OTHER_WAYS, is_ours, told_marks
from topology.planning.actual import Actual, Found
from topology.planning.plan import Change, Delete, Step
from topology.planning.removal import owned

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
        whole = whole_id(step.resource.id)
        found = Found(kind_of(whole, self.kinds.values()).name, whole, body)
        if not await self._is_ours(found):
            self.refused.add(same_id(step.resource.id))
            raise _not_ours(step, found, self.kinds[found.kind])

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
