"""Trying again what passes, within a budget of time: used by reads and writes alone."""

from __future__ import annotations

import asyncio
import math
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from azure_api.errors import Passing
from azure_api.settings import AzureSettings
from azure_api.waiting import azure_now, pause, pause_as_told

if TYPE_CHECKING:
    from azure_api.client import Azure

T = TypeVar("T")

# In Azure's seconds: so long a write does not believe that what may also last does, whatever
# the number of its tries. Azure as a whole may be unwell for minutes, and whoever gives up takes a
# region back; nobody measured how long: ten minutes are an assumption. Of what is refused at
# once they hold some fifteen tries; firewalls that are made and end Failed take longer for
# their five, and the number decides.
_LASTS = 600.0


@dataclass(frozen=True)
class RetryBudget:
    """How long to go on trying, in Azure's seconds.

    Waits without a Retry-After double from `first` up to `most`, each shortened at
    random by up to a half, so that many writers do not come back together. 1,800 s is
    azurerm's limit for most network types (facts.md section 11). For `longest` at most we
    do as we are told, by reads too: an Azure that throttles is well and says when to come
    back, and a call that hangs ends by the client's own patience, which is minutes.
    An error that may also last ends the tries when it was met for `lasts`, and as often as
    error_codes.py has it; those of reads never, for they harm nobody.
    """

    seconds: float = 1800.0
    longest: float = 1800.0
    lasts: float = math.inf
    first: float = 4.0
    most: float = 60.0


READING = RetryBudget(seconds=120.0, first=1.0, most=20.0)
READING_AMID_WRITES = RetryBudget()
WRITING = RetryBudget(lasts=_LASTS)


@dataclass
class Tries:
    """The tries of one call, and what they have used of its budget."""

    budget: RetryBudget
    settings: AzureSettings
    count: int = 0
    waited: float = 0.0
    unanswered: float = 0.0
    _met: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _sent: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    async def wait_after(self, error: Passing) -> None:
        """Wait until the call may be sent again.

        Raises the error where the budget is used up, or where it may last and does.
        """
        self.count += 1
        if error.status is None and not error.was_taken:
            self.unanswered += asyncio.get_running_loop().time() - self._sent
        if self._lasts(error) or not self._can_afford(error):
            raise error
        if error.retry_after is None:
            await self._pause(self._backoff())
        else:
            self.waited += self._told(error.retry_after)
            await pause_as_told(error.retry_after)
        self._sent = asyncio.get_running_loop().time()

    def _lasts(self, error: Passing) -> bool:
        """Say whether an error may last and does, by number and by time; no other code counts."""
        met = self._met[error.code]
        met.append(azure_now(self.settings))
        if error.at_least is None or len(met) < error.at_least:
            return False
        return met[-1] - met[0] >= self.budget.lasts

    def _can_afford(self, error: Passing) -> bool:
        """Say whether budget is left; a Retry-After that goes far beyond it is not waited for."""
        if self.waited + self.unanswered >= self.budget.longest:
            return False
        if error.retry_after is None:
            return self.waited < self.budget.seconds
        throttled = error.status == 429  # noqa: PLR2004
        seconds = self.budget.longest if throttled else self.budget.seconds
        enough = self.waited + self._told(error.retry_after) <= seconds + self.budget.most
        return enough and self.waited < seconds

    def _told(self, retry_after: float) -> float:
        """Return a Retry-After in Azure's seconds, a second at least so that tries end."""
        return max(retry_after / self.settings.time_scale, 1.0)

    async def wait(self, seconds: float) -> bool:
        """Wait, and say whether any of the budget is left."""
        await self._pause(seconds)
        self._sent = asyncio.get_running_loop().time()
        return self.waited < self.budget.seconds

    async def _pause(self, seconds: float) -> None:
        self.waited += seconds
        await pause(seconds, self.settings)

    def _backoff(self) -> float:
        longest = min(self.budget.first * 2.0 ** (self.count - 1), self.budget.most)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311  jitter is no secret


async def retried(
    call: Callable[[], Awaitable[T]], azure: Azure, budget: RetryBudget | None = None
) -> T:
    """Return what the call returns, trying again what passes. For reads: it may run twice.

    Raises Final at once, Passing when the budget is used up, by default the connection's for reads.
    """
    tries = Tries(budget or azure.reading, azure.settings)
    while True:
        try:
            return await call()
        except Passing as error:
            await tries.wait_after(error)
