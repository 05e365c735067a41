"""A process that is gone at one of its writes, and what a program that only asks then finds."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Collection, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from tests.life.copies import Copies
from tests.simulator.azure import SUBSCRIPTION


class Side(Enum):
    """On which side of a write the process is gone."""

    BEFORE = "before it is sent"
    AFTER = "after it took effect, before its answer is read"


@dataclass(frozen=True)
class Cuts:
    """At which writes a process is gone, on which side of them, and the copies that are."""

    at: Collection[int] = ()
    side: Side = Side.BEFORE
    copies: Copies = field(default_factory=Copies)


@dataclass
class Cut:
    """An app between a client and the simulator that counts writes, and ends at some of them.

    It ends in a copy of the process, so that what comes before is lived once. In the copy
    nothing gets through from then on: who sends a request waits for ever, until it is cancelled.
    """

    app: Starlette
    cuts: Cuts = Cuts()
    writes: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless the process is gone."""
        await self._unless_gone()
        self.writes += _is_write(scope)
        number = self.writes if _is_write(scope) else 0
        await self._end(number, Side.BEFORE)
        await self.app(scope, receive, send)
        await self._unless_gone()
        await self._end(number, Side.AFTER)

    async def _end(self, number: int, side: Side) -> None:
        ends = number in self.cuts.at and side is self.cuts.side
        if ends and self.cuts.copies.part(number):
            self.gone.set()
            await self._unless_gone()

    async def _unless_gone(self) -> None:
        if self.gone.is_set():
            await asyncio.Event().wait()


async def until_gone(run: Coroutine[Any, Any, object], gone: asyncio.Event) -> None:
    """Run until the event, then end the run with all tasks that it has started."""
    others = asyncio.all_tasks()
    ending, running = asyncio.create_task(gone.wait()), asyncio.create_task(run)
    await asyncio.wait({ending, running}, return_when=asyncio.FIRST_COMPLETED)
    await end(asyncio.all_tasks() - others)


async def end(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _is_write(scope: Scope) -> bool:
    commits = scope["method"] == "POST" and scope["path"].lower().endswith("/commit")
    return commits or scope["method"] in {"PUT", "PATCH", "DELETE"}


# -- what is there -----------------------------------------------------------------------

# What Azure gives anew to each that is made, and names no state. The tables that AVNM
# makes have such a name: they are told apart by the subnets that have them.
_OF_THE_MAKING = {"etag", "resourceGuid", "systemData", "internalId", "commitTime", "ipAddress"}
_OF_THE_MAKING |= {"createdOn", "instanceId"}  # of policies
_MADE_BY_AVNM = re.compile(r"avnm_managed_[0-9a-f]{32}", re.IGNORECASE)
_TYPES = ("Connectivity", "SecurityAdmin", "Routing")


async def holdings(client: httpx.AsyncClient) -> dict[str, Any]:
    """Return all that Azure holds, by path: bodies, goal states, and what a packet meets.

    Asked by plain HTTP, of all that was ever written or that lists show. The client is
    signed in and names an api-version.
    """
    found: dict[str, Any] = {}

    async def ask(method: str, path: str, body: Any = None) -> Any:
        response = await client.request(method, path, json=body)
        return response.json() if response.status_code < 400 else None

    log = (await ask("GET", "/_simulator/log"))["value"]
    listed = [
        item["id"]
        for path in ("resourcegroups", "resources")
        for item in (await ask("GET", f"{SUBSCRIPTION}/{path}"))["value"]
    ]
    puts = [item["path"] for item in log if item["method"] == "PUT"]
    for path in dict.fromkeys(item.lower() for item in [*puts, *listed]):
        if body := await ask("GET", path):
            found[path] = body
    for path in [path for path in found if path.rsplit("/", 2)[-2] == "networkmanagers"]:
        asked = {"deploymentTypes": list(_TYPES)}
        found[f"{path}#states"] = await ask("POST", f"{path}/listDeploymentStatus", asked)
    found["effective"] = await ask("GET", "/_simulator/effective")
    by_name: dict[str, list[Any]] = {}
    for path, body in found.items():
        by_name.setdefault(_plain(path), []).append(body)
    return {name: _plain(bodies) for name, bodies in by_name.items()}


def _plain(value: Any) -> Any:
    """Return a value without what is of its making, and lists in an order of their own."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if key not in _OF_THE_MAKING}
    if isinstance(value, list):
        return sorted((_plain(item) for item in value), key=repr)
    return _MADE_BY_AVNM.sub("avnm_managed_*", value) if isinstance(value, str) else value


async def created_twice(client: httpx.AsyncClient) -> list[str]:
    """Return the ids of which the log tells two creations without a removal between them."""
    log = (await client.get("/_simulator/log")).json()["value"]
    return list(_twice(log))


def otherwise(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return the paths at which two holdings differ."""
    return [name for name in {**expected, **found} if expected.get(name) != found.get(name)]


def _twice(log: list[Mapping[str, Any]]) -> Iterator[str]:
    created: Counter[str] = Counter()
    for item in log:
        path, status = item["path"].lower(), item["status"]
        if item["method"] == "DELETE" and status in {200, 202, 204}:
            for key in [key for key in created if f"{key}/".startswith(f"{path}/")]:
                del created[key]
        if item["method"] == "PUT" and status == 201:
            created[path] += 1
            if created[path] == 2:
                yield path
