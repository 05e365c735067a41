"""How many requests Azure lets through: counting on simulated time, and the refusals.

Azure throttles at two levels (learn: request-limits-and-throttling). The gateway has a
bucket of tokens per subscription, principal and kind of call, and one per subscription
for all principals together; requests that name no subscription have a bucket per
principal. A provider that a request reaches has limits of its own: so many calls in a
while. A refused request is not processed and costs nothing.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from simulator.arm.errors import ArmError
from simulator.request_limits import CallLimit, RequestLimits, Tokens

_EPSILON = 1e-9
_KINDS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}


class Bucket:
    """Tokens that requests take and time brings back, never more than it holds."""

    def __init__(self, tokens: Tokens, now: float) -> None:
        self._tokens = tokens
        self._level = tokens.size
        self._then = now

    def level(self, now: float) -> float:
        """Return how many tokens there are."""
        gained = max(now - self._then, 0) * self._tokens.per_second
        self._level, self._then = min(self._level + gained, self._tokens.size), now
        return self._level

    def has(self, cost: float, now: float) -> bool:
        """Tell whether a request of this cost finds its tokens, or all that can be."""
        return self.level(now) + _EPSILON >= min(cost, self._tokens.size)

    def take(self, cost: float, now: float) -> int:
        """Take tokens, perhaps the last ones, and return how many whole ones are left."""
        self._level = max(self.level(now) - cost, 0.0)
        return math.floor(self._level + _EPSILON)

    def full_after(self, now: float) -> float:
        """Return the seconds until the bucket is full."""
        return (self._tokens.size - self.level(now)) / self._tokens.per_second


class Window:
    """At most so many calls in any stretch of so many seconds."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        # When each call of the last while leaves the window, oldest first.
        self._ends: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Return the seconds until there is room for a call, 0 when there is."""
        while self._ends and self._ends[0] <= now:
            self._ends.popleft()
        return self._ends[0] - now if len(self._ends) >= self._count else 0.0

    def add(self, now: float) -> int:
        """Count a call, and return how many more there is room for."""
        self._ends.append(now + self._seconds)
        return self._count - len(self._ends)


class Throttling:
    """Every bucket and window of one simulated Azure.

    `strictness` divides all limits: 1 is as strict as Azure, 2 leaves half of its
    limits, 0 throttles nobody.
    """

    def __init__(self, limits: RequestLimits, strictness: float, now: Callable[[], float]) -> None:
        if strictness < 0:
            raise ValueError(f"throttling is {strictness:g}; it must be 0 (none) or more")
        self._limits = limits
        self._strictness = strictness
        self._now = now
        self._buckets: dict[tuple[str, ...], Bucket] = {}
        self._windows: dict[tuple[str, ...], Window] = {}

    def admit(
        self, method: str, subscription: str | None, principal: str, cost: float = 1.0
    ) -> dict[str, str]:
        """Return the headers that tell what is left, or raise the gateway's 429.

        `cost` is 1; a fault that throttles makes a request cost more.
        """
        if not self._strictness:
            return {}
        kind = _KINDS.get(method, "write")
        scope = f"subscription {subscription}" if subscription else "tenant"
        buckets = {_header(subscription, kind): self._bucket(kind, 1, scope, principal)}
        if subscription:
            together = self._bucket(kind, self._limits.all_principals, scope)
            buckets[_header(subscription, f"global-{kind}")] = together
        now = self._now()
        for name, bucket in buckets.items():
            if not bucket.has(cost, now):
                refusal = _requests_throttled(kind, subscription, principal, bucket.full_after(now))
                refusal.headers[name] = "0"
                raise refusal
        return {name: str(bucket.take(cost, now)) for name, bucket in buckets.items()}

    def drain(self, method: str, subscription: str | None, principal: str) -> None:
        """Leave a principal's bucket empty, as if it had been used up."""
        kind = _KINDS.get(method, "write")
        scope = f"subscription {subscription}" if subscription else "tenant"
        self._bucket(kind, 1, scope, principal).take(math.inf, self._now())

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Count and refuse nothing within the block."""
        before, self._strictness = self._strictness, 0.0
        try:
            yield
        finally:
            self._strictness = before

    def _bucket(self, kind: str, times: float, *who: str) -> Bucket:
        found = self._buckets.get((kind, *who))
        if found is None:
            scale = times / (self._strictness or 1)
            tokens = self._limits.buckets[kind].times(scale)
            found = self._buckets[kind, *who] = Bucket(tokens, self._now())
        return found

    def admit_call(self, verb: str, type_name: str, places: Mapping[str, str]) -> int | None:
        """Return how many more calls of this sort a provider takes, or raise its 429.

        `places` says where the call goes: its subscription, region, group and zone. None
        where nothing is counted.
        """
        if not self._strictness:
            return None
        now = self._now()
        windows = [
            (limit, self._window(str(number), limit, places))
            for number, limit in enumerate(self._limits.calls)
            if limit.covers(verb, type_name)
        ]
        for limit, window in windows:
            wait = window.wait(now)
            if wait:
                raise _too_many_calls(limit, places, wait)
        return min((window.add(now) for _, window in windows), default=None)

    def _window(self, number: str, limit: CallLimit, places: Mapping[str, str]) -> Window:
        key = (number, *(places[name] for name in limit.per))
        if key not in self._windows:
            count = max(int(limit.count / self._strictness), 1)
            self._windows[key] = Window(count, limit.seconds)
        return self._windows[key]


def _header(subscription: str | None, kind: str) -> str:
    return f"x-ms-ratelimit-remaining-{'subscription' if subscription else 'tenant'}-{kind}s"


def _requests_throttled(
    kind: str, subscription: str | None, principal: str, full_after: float
) -> ArmError:
    """Return the gateway's 429.

    The text was seen in public logs of 2026, with '10' for reads: the time in which
    250 tokens come back at 25 a second. That it is this time for all kinds, and the
    code for a tenant, are `assumed`.
    """
    wait = max(math.ceil(full_after - _EPSILON), 1)
    whose = f"subscription '{subscription}'" if subscription else "tenant"
    return ArmError(
        429,
        "SubscriptionRequestsThrottled" if subscription else "TenantRequestsThrottled",
        f"Number of '{kind}' requests for {whose} actor '{principal}' exceeded. Please try again "
        f"after '{wait}' seconds after additional tokens are available. Refer to "
        "https://aka.ms/arm-throttling for additional information.",
        gateway=True,
        retry_after=wait,
    )


def _too_many_calls(limit: CallLimit, places: Mapping[str, str], wait: float) -> ArmError:
    if "query" in limit.verbs:
        return _too_many_queries(wait)
    if limit.retry_after is not None:
        return ArmError(
            429,
            "TooManyRequests",
            "Too many requests. Please try again later.",
            retry_after=limit.retry_after,
        )
    seconds = math.ceil(wait)
    # The network provider's own words (learn: troubleshoot 429 of AKS, July 2026).
    detail = {
        "code": "RetryableErrorDueToTooManyCalls",
        "message": f"Subscription {places['subscription']} was used to perform too many calls "
        "within last 5 minutes. The number of calls exceeds Microsoft.Network throttling limit. "
        f"The call can be retried in {seconds} seconds.",
    }
    return ArmError(
        429, "RetryableError", "A retryable error occurred.", details=[detail], retry_after=seconds
    )


def quota(left: int | None, seconds: float) -> dict[str, str]:
    """Return Resource Graph's headers: how many queries are left, and until when."""
    if left is None:
        return {}
    whole = timedelta(seconds=math.ceil(seconds))
    return {
        "x-ms-user-quota-remaining": str(left),
        "x-ms-user-quota-resets-after": f"{whole}".zfill(8),
    }


def _too_many_queries(wait: float) -> ArmError:
    """Return Resource Graph's 429 (azure-cli-extensions issue 3325).

    That it has no Retry-After is `assumed`: the headers of the quota tell.
    """
    text = (
        "Client application has been throttled and should not attempt to repeat the request until "
        "an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for "
        "help."
    )
    details = [{"code": "RateLimiting", "message": text}]
    asking = "Please provide below info when asking for support."
    headers = quota(0, wait)
    return ArmError(429, "RateLimiting", asking, details=details, headers=headers)
