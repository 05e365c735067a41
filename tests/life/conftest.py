"""All lives pass in virtual time: hours in seconds."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable

from tests.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], AbstractEventLoop]]:
    """Let time be virtual."""
    return {"virtual-time": VirtualTimeLoop}
