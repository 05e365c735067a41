"""All lives pass in virtual time, hours in seconds, and all that they send is listened to."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator

import pytest
from starlette.types import ASGIApp

from tests.azure_api.in_process import AsgiTransport
from tests.life.listening import Listening
from tests.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], AbstractEventLoop]]:
    """Let time be virtual."""
    return {"virtual-time": VirtualTimeLoop}


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Listening]]:
    """Whatever a life tests: no write of ours is in the way of another, or sent twice at once."""
    heard: list[Listening] = []

    def listened_to(app: ASGIApp) -> ASGIApp:
        heard.append(Listening(app))
        return heard[-1]

    monkeypatch.setattr(AsgiTransport, "between", staticmethod(listened_to))
    yield heard
    assert [line for one in heard for line in one.broken] == []
