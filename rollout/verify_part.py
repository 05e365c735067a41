"""What came of a part of a plan, beside what was foreseen of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

from azure_api.settings import AzureSettings
from azure_api.waiting import pause
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.plan import Step
from topology.verification.afterwards import unforeseen
from topology.verification.finding import Finding

# AVNM's tables come with eventual consistency (facts.md section 4): what is not as foreseen is
# looked at again before it is believed. In Azure's seconds.
LOOK_AGAIN = 30.0
_LOOKS = 10


async def not_foreseen(
    network: Network,
    before: Actual,
    steps: Collection[Step],
    read: Callable[[], Awaitable[Actual]],
    settings: AzureSettings,
) -> tuple[list[Finding], Actual]:
    """Return what is not as it must be and was not foreseen of steps, and what Azure holds.

    `before` is what Azure held when they were planned; `read` returns what it holds now.
    """
    for look in range(_LOOKS):
        if look:
            await pause(LOOK_AGAIN, settings)
        actual = await read()
        found = await asyncio.to_thread(unforeseen, network, before, steps, actual)
        if not found:
            break
    return found, actual
