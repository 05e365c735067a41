"""Late values: what Azure assigns, read when it is needed and once a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.ids import kind_of
from azure_api.read import read_one
from topology.kind import Kind, Late, at, late_values, same_id
from topology.planning.late import prune


class LateValues:
    """The late values of one run; each resource that has some is read once.

    What cannot be had yet is not remembered, so it is asked for again.
    """

    def __init__(self, azure: Azure, kinds: Iterable[Kind]) -> None:
        self._azure = azure
        self._kinds = tuple(kinds)
        self._bodies: dict[str, Mapping[str, Any]] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def get(self, late: Late) -> Any:
        """Return the value, or None where the resource is absent or has not succeeded."""
        key = same_id(late.resource_id)
        async with self._turns.setdefault(key, asyncio.Lock()):
            if key not in self._bodies:
                body = await self._read(late.resource_id)
                if body is None:
                    return None
                self._bodies[key] = body
        return at(self._bodies[key], late.path)

    def forget(self, resource_id: str) -> None:
        """Read a resource again next time: it is about to be written."""
        self._bodies.pop(same_id(resource_id), None)

    async def _read(self, resource_id: str) -> Mapping[str, Any] | None:
        kind = kind_of(resource_id, self._kinds)
        body = await read_one(self._azure, kind, resource_id)
        # A firewall's address stands in a GET once it has succeeded (facts.md section 6).
        return body if at(body, "properties.provisioningState") == "Succeeded" else None


async def fill(
    body: Mapping[str, Any], values: LateValues, resource_id: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a body with its late values filled in, and the list items left out.

    Items are left out as `topology.planning.late.prune` says. Raises Final for a value
    that cannot be had and stands in no list.
    """
    had = {late: await values.get(late) for late in set(late_values(body))}
    filled, left_out = prune(body, had.get)
    for late in late_values(filled):
        raise _missing(late, resource_id)
    return filled, left_out


def _missing(late: Late, resource_id: str) -> Final:
    text = f"it needs {late.path} of {late.resource_id}, which is absent or has not succeeded"
    return Final(resource_id, None, "LateValueMissing", text, "", "bring that about, run again")
