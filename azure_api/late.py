"""Late values: what Azure assigns, read when it is needed and once a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from azure_api.client import Azure
from azure_api.errors import AzureError, Final
from azure_api.ids import kind_of
from azure_api.read import read_one
from topology.kind import Kind, Late, at, late_values, same_id
from topology.planning.late import prune


class LateValues:
    """The late values of one run; each resource that has some is read once.

    What cannot be had yet is not remembered, so it is asked for again. What this run tried to
    write and could not, as in a region that is out, may not answer: then it has no values, and
    nobody who names it fails with it.
    """

    def __init__(self, azure: Azure, kinds: Iterable[Kind]) -> None:
        self._azure = azure
        self._kinds = tuple(kinds)
        self._bodies: dict[str, Mapping[str, Any]] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._tried: set[str] = set()

    async def get(self, late: Late) -> Any:
        """Return the value; None where the resource is absent, has failed or does not show it."""
        key = same_id(late.resource_id)
        async with self._turns.setdefault(key, asyncio.Lock()):
            value = at(self._bodies.get(key, {}), late.path)
            if value is None and (body := await self._read(late.resource_id)) is not None:
                self._bodies[key] = body
                value = at(body, late.path)
            return value

    def forget(self, resource_id: str) -> None:
        """Read a resource again next time: it is about to be written."""
        self._bodies.pop(same_id(resource_id), None)
        self._tried.add(same_id(resource_id))

    def learn(self, resource_id: str, body: Mapping[str, Any]) -> None:
        """Take the values from the answer to a write: a reader might lag behind."""
        self._tried.discard(same_id(resource_id))
        if _stands(body):
            self._bodies[same_id(resource_id)] = body

    async def _read(self, resource_id: str) -> Mapping[str, Any] | None:
        kind = kind_of(resource_id, self._kinds)
        try:
            body = await read_one(self._azure, kind, resource_id)
        except AzureError:
            if same_id(resource_id) not in self._tried:
                raise
            return None
        return body if body is not None and _stands(body) else None


def _stands(body: Mapping[str, Any]) -> bool:
    """Say whether the values in a body can be counted on; one that is not shown yet is not in it.

    A firewall shows its address once it has succeeded, and reads Updating for minutes whenever a
    rule of its policy is written (facts.md section 6): it keeps its address meanwhile.
    """
    return at(body, "properties.provisioningState") not in {"Failed", "Deleting"}


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
