"""Late values: what Azure assigns, read when it is needed and once a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.ids import kind_of
from azure_api.read import read_one
from topology.kind import Kind, Late, at, late_in, same_id


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


class _NotThereError(Exception):
    """A late value that cannot be had."""

    def __init__(self, late: Late) -> None:
        super().__init__(late.resource_id, late.path)
        self.late = late


async def fill(
    body: Mapping[str, Any], values: LateValues, resource_id: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a body with its late values filled in, and the list items left out.

    An item of a list that holds a value which cannot be had is left out, named by its
    path. Raises Final for such a value that stands in no list.
    """
    left_out: list[str] = []
    try:
        filled = await _fill(body, values, "", left_out)
    except _NotThereError as error:
        raise _missing(error.late, resource_id) from None
    return filled, tuple(left_out)


async def _fill(value: Any, values: LateValues, path: str, left_out: list[str]) -> Any:
    if late := late_in(value):
        found = await values.get(late)
        if found is None:
            raise _NotThereError(late)
        return found
    if isinstance(value, Mapping):
        return {
            key: await _fill(item, values, f"{path}.{key}".lstrip("."), left_out)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return await _fill_items(value, values, path, left_out)
    return value


async def _fill_items(
    items: Iterable[Any], values: LateValues, path: str, left_out: list[str]
) -> list[Any]:
    filled = []
    for number, item in enumerate(items):
        name = item.get("name", number) if isinstance(item, Mapping) else number
        try:
            filled.append(await _fill(item, values, f"{path}.{name}", left_out))
        except _NotThereError as error:
            left_out.append(
                f"{path}.{name} ({error.late.resource_id} has no {error.late.path} yet)"
            )
    return filled


def _missing(late: Late, resource_id: str) -> Final:
    text = f"it needs {late.path} of {late.resource_id}, which is absent or has not succeeded"
    return Final(resource_id, None, "LateValueMissing", text, "", "bring that about, run again")
