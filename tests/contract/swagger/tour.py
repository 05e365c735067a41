"""A tour of all that the simulator serves: every type, every verb, made and taken away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
from starlette.types import ASGIApp

from simulator.app import create_app
from simulator.arm.ids import parse_id
from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.providers import PROVIDERS
from simulator.settings import Settings
from tests.contract.swagger.exchange import Exchange, Recorder
from tests.contract.swagger.stops import (
    COMMITTED,
    LISTED_BY_GROUP,
    LISTS,
    NAMELESS,
    STOPS,
    UNDESCRIBED,
    VIEWS,
)
from tests.simulator.azure import NETWORK, SUBSCRIPTION, Azure
from tests.simulator.manager import MANAGER


@cache
def tour(api_version: str) -> tuple[Exchange, ...]:
    """Return the exchanges of a tour in one api-version."""
    return tuple(asyncio.run(_tour(api_version)))


async def _tour(api_version: str) -> list[Exchange]:
    clock = ManualClock()
    recorder = Recorder(create_app(clock))
    async with _signed_in(recorder, clock, api_version) as azure:
        for path, body in STOPS:
            await _visit(azure, path, body)
        for path in LISTS:
            await azure.ask("GET", path)
        await _commit(azure, COMMITTED)
        for path, body in VIEWS:
            await _ask(azure, path, body)
        await _commit(azure, {})
        for path, _ in reversed(STOPS):
            await _leave(azure, path)
    return recorder.exchanges


@asynccontextmanager
async def _signed_in(app: ASGIApp, clock: ManualClock, api_version: str) -> AsyncIterator[Azure]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="https://localhost",
        headers={"Authorization": f"Bearer {bearer_token(Settings())}"},
        params={"api-version": api_version},
    ) as client:
        yield Azure(client, clock)


async def put_back() -> dict[str, str]:
    """Make everything and write each as it was read; return what was refused, and how."""
    clock, refused = ManualClock(), dict[str, str]()
    async with _signed_in(create_app(clock), clock, "2026-03-01") as azure:
        for path, body in STOPS:
            shown = await azure.made(path, body)
            again = await azure.put(path, shown)
            clock.advance(3600)
            if again.is_error:
                refused[path] = again.text
    return refused


async def _visit(azure: Azure, path: str, body: Any) -> None:
    """Make a resource, twice, and look at it and its kind in every way."""
    await azure.ask("GET", path)
    await azure.made(path, body)
    await azure.made(path, body)
    kind = path.rpartition("/")[0]
    await azure.ask("GET", kind)
    if "/" not in kind.removeprefix(SUBSCRIPTION + "/"):
        everywhere = (
            kind if kind.startswith("/") else f"{SUBSCRIPTION}/providers/Microsoft.Network/{kind}"
        )
        if kind not in LISTED_BY_GROUP:
            await azure.ask("GET", everywhere)
        await azure.ask("PATCH", path, {"tags": {"a": "c"}})
        azure.clock.advance(3600)


async def _ask(azure: Azure, path: str, body: Any) -> None:
    """Ask a question, and again where its answer is until it is there."""
    response = await azure.ask("POST", path, body)
    if response.status_code == 202:
        azure.clock.advance(3600)
        await azure.client.get(response.headers["location"])


async def _commit(azure: Azure, configurations: dict[str, str]) -> None:
    for kind in COMMITTED:
        ids = [f"{NETWORK}/{configurations[kind]}"] if configurations else []
        body = {"commitType": kind, "targetLocations": ["westeurope"], "configurationIds": ids}
        await azure.ask("POST", f"{MANAGER}/commit", body)
        azure.clock.advance(3600)


async def _leave(azure: Azure, path: str) -> None:
    await azure.ask("DELETE", path)
    azure.clock.advance(3600)
    await azure.ask("DELETE", path)
    await azure.ask("GET", path)


def visited() -> set[str]:
    """Return the lower-case types that the tour makes one of."""
    paths = (*LISTS, *(path for path, _ in STOPS))
    ids = (parse_id(path if path.startswith("/") else f"{NETWORK}/{path}") for path in paths)
    return {item.type.lower() for item in ids if item is not None} | NAMELESS


def served() -> set[str]:
    """Return the lower-case types that the simulator serves and a swagger describes."""
    return {provider.type.lower() for provider in PROVIDERS} - UNDESCRIBED
