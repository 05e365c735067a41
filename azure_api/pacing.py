"""Slowing down before Azure refuses: how many requests it would still take.

Resource Manager keeps a bucket of tokens for each subscription, principal and sort of call, and
tells in every answer how many are left. Services behind it count too, and tell nothing until they
refuse: no recording of the network provider or of private DNS has a header for it. Those limits
are a table, `topology.limits.CALL_LIMITS`. Pure: times come in, in Azure's seconds.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from topology.limits import BUCKETS, CALL_LIMITS, CallLimit, Tokens

# Tokens left to others who use our principal, and to what is under way: our choice.
_LEFT_ALONE = 5.0

# How long a call may be on its way: Azure counts it when it comes. Our choice.
_ON_THE_WAY = 5.0

_SORTS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?]+)", re.IGNORECASE)

# How services say that there were too many calls. A 429 may also say that a resource is busy.
_TOO_MANY = ("TooManyRequests", "TooManyCalls", "RateLimiting")


@dataclass
class Bucket:
    """Resource Manager's tokens as we know them; what waits for its turn has taken its own."""

    tokens: Tokens
    level: float
    then: float
    unanswered: int = 0
    closed_until: float = 0.0

    def take(self, now: float) -> float:
        """Take a token for a request; return when it may be sent."""
        start = max(now, self.closed_until)
        gained = max(start - self.then, 0.0) * self.tokens.per_second
        self.level = min(self.level + gained, self.tokens.size) - 1
        self.then = max(start, self.then)
        self.unanswered += 1
        return start + max(_LEFT_ALONE - self.level, 0.0) / self.tokens.per_second

    def answered(self, now: float, left: int | None) -> None:
        """Learn how many tokens are left; None where an answer does not say, or none came."""
        self.unanswered -= 1
        if left is not None:
            self.level, self.then = float(left - self.unanswered), now

    def close(self, until: float) -> None:
        """Let nothing through until then."""
        self.closed_until = max(self.closed_until, until)


@dataclass
class Window:
    """What we use of a limit of so many calls in so many seconds, at one place."""

    limit: CallLimit
    closed_until: float = 0.0
    # When the last calls were sent, or will be, the earliest first.
    _sent: list[float] = field(default_factory=list)

    def free_at(self, now: float) -> float:
        """Return when a further call may be sent."""
        start = max(now, self.closed_until)
        if len(self._sent) < self.limit.most:
            return start
        return max(start, self._sent[0] + self.limit.seconds + _ON_THE_WAY)

    def book(self, at: float) -> None:
        """Count a call that is sent then."""
        insort(self._sent, at)
        del self._sent[: -self.limit.most]

    def move(self, at: float, now: float) -> None:
        """Count a call that was to be sent then as one that is sent now."""
        place = bisect_left(self._sent, at)
        if at in self._sent[place : place + 1]:
            del self._sent[place]
            insort(self._sent, now)

    def close(self, until: float) -> None:
        """Let nothing through until then."""
        self.closed_until = max(self.closed_until, until)


@dataclass
class Turn:
    """When one request may be sent, and who learns from its answer; it is good for one request."""

    at: float
    bucket: Bucket
    windows: list[Window]
    is_used: bool = False
    is_over: bool = False

    def use(self, now: float) -> None:
        """Send the request now: what was made when its turn had come may have taken a while."""
        self.is_used = True
        for window in self.windows:
            window.move(self.at, now)

    def answered(
        self, now: float, left: int | None = None, *, closed: str = "", retry_after: float = 0.0
    ) -> None:
        """Learn from an answer; from a refusal, until when those that refused take nothing more.

        `closed` is what `refused_by` says of it. What comes after the answer is not learnt from:
        so whoever took a turn ends it, whether or not something was sent.
        """
        if self.is_over:
            return
        self.is_over = True
        self.bucket.answered(now, left)
        if closed == "gateway":
            self.bucket.close(now + retry_after)
        elif closed == "service":
            for window in self.windows:
                window.close(now + retry_after)


@dataclass
class Pacing:
    """The buckets and windows of one principal.

    `regions` are those of resource groups, by their lower-case ids, as far as they are known: a
    group of an unknown one is counted by itself.
    """

    regions: dict[str, str] = field(default_factory=dict)
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _windows: dict[tuple[int, str], Window] = field(default_factory=dict)

    def take(self, method: str, url: str, now: float) -> Turn:
        """Count a request wherever it counts, and return its turn."""
        sort, path = sort_of(method), urlsplit(url).path
        bucket, windows = self._bucket(sort, path, now), list(self._counting(sort, path))
        at = max([bucket.take(now), *(window.free_at(now) for window in windows)])
        for window in windows:
            window.book(at)
        return Turn(at, bucket, windows)

    def _bucket(self, sort: str, path: str, now: float) -> Bucket:
        found = _SUBSCRIPTION.search(path)
        key = (found[1].lower() if found else "", sort)
        if key not in self._buckets:
            self._buckets[key] = Bucket(BUCKETS[sort], BUCKETS[sort].size, now)
        return self._buckets[key]

    def _counting(self, sort: str, path: str) -> list[Window]:
        """Return the windows of all limits that a call counts against."""
        places = (
            (number, limit, self._place(limit, path))
            for number, limit in enumerate(CALL_LIMITS)
            if sort in limit.sorts
        )
        return [
            self._windows.setdefault((number, place), Window(limit))
            for number, limit, place in places
            if place is not None
        ]

    def _place(self, limit: CallLimit, path: str) -> str | None:
        place = limit.place_of(path)
        if place is None or not limit.by_region or place not in self.regions:
            return place
        return f"{place.split('/resourcegroups/')[0]}/{self.regions[place]}"


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


def refused_by(status: int, headers: Mapping[str, str], text: str) -> str:
    """Return who refuses for too many calls: gateway, service, or "" where nobody does."""
    if status != 429:  # noqa: PLR2004
        return ""
    if left(headers) == 0:
        return "gateway"
    return "service" if any(code in text for code in _TOO_MANY) else ""
