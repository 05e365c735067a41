"""Slowing down before Azure refuses: how many requests it would still take, as far as it told.

Resource Manager keeps a bucket of tokens for each subscription, principal and sort of call, and
tells in every answer how many are left. Private DNS has one for each zone, and tells nothing.
Pure: times come in, in Azure's seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from topology.limits import BUCKETS, LINKS_OF_A_ZONE, Tokens

# Tokens left to others who use our principal, and to what is under way: our choice.
_LEFT_ALONE = 5.0

_SORTS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}
_ZONE_OF_LINK = re.compile(
    r"(/subscriptions/.+/privateDnsZones/[^/?]+)/virtualNetworkLinks/", re.IGNORECASE
)
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?]+)", re.IGNORECASE)


@dataclass
class Pace:
    """One bucket as we know it; what waits for its turn has taken its token already.

    `left_alone` are tokens that it never takes.
    """

    tokens: Tokens
    level: float
    then: float
    unanswered: int = 0
    closed_until: float = 0.0
    left_alone: float = _LEFT_ALONE

    def take(self, now: float) -> float:
        """Take a token for a request; return the seconds after which it may be sent."""
        start = max(now, self.closed_until)
        gained = max(start - self.then, 0.0) * self.tokens.per_second
        self.level = min(self.level + gained, self.tokens.size) - 1
        self.then = max(start, self.then)
        self.unanswered += 1
        short = max(self.left_alone - self.level, 0.0)
        return start - now + short / self.tokens.per_second

    def answered(self, now: float, left: int | None, retry_after: float | None = None) -> None:
        """Learn from an answer how many tokens are left; from a refusal, when there are more.

        `left` is None where the answer does not say, or none came.
        """
        self.unanswered -= 1
        if retry_after is not None:
            self.closed_until = max(self.closed_until, now + retry_after)
        if left is not None:
            self.level, self.then = float(left - self.unanswered), now


@dataclass
class Pacing:
    """The buckets of one principal."""

    _paces: dict[tuple[str, str], Pace] = field(default_factory=dict)

    def of(self, method: str, url: str, now: float) -> Pace:
        """Return the bucket that a request takes its token from."""
        sort = sort_of(method)
        found = _SUBSCRIPTION.search(url)
        key = (found[1].lower() if found else "", sort)
        if key not in self._paces:
            self._paces[key] = Pace(BUCKETS[sort], BUCKETS[sort].size, now)
        return self._paces[key]

    def of_zone(self, method: str, url: str, now: float) -> Pace | None:
        """Return the bucket of a zone from which a write of a link takes a token, too."""
        sort, found = sort_of(method), _ZONE_OF_LINK.search(url)
        if found is None or sort == "read":
            return None
        key = (found[1].lower(), sort)
        if key not in self._paces:
            tokens = LINKS_OF_A_ZONE
            self._paces[key] = Pace(tokens, tokens.size, now, left_alone=0.0)
        return self._paces[key]


def sort_of(method: str) -> str:
    """Return the bucket that a request of a method takes from: read, write or delete."""
    return _SORTS.get(method, "write")


def left(headers: Mapping[str, str]) -> int | None:
    """Return how many requests are left by the headers of an answer, the global ones included."""
    told = [
        int(value)
        for name, value in headers.items()
        if name.lower().startswith("x-ms-ratelimit-remaining-")
        and "-resource" not in name.lower()
        and value.isdigit()
    ]
    return min(told, default=None)
