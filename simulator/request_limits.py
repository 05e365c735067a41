"""How many requests Azure takes before it answers 429: figures with their sources."""

from dataclasses import dataclass, field

_NETWORK = "Microsoft.Network/"
_ZONES = "Microsoft.Network/privateDnsZones"
_LINKS = _ZONES + "/virtualNetworkLinks"


@dataclass(frozen=True)
class Tokens:
    """A bucket: how many tokens it holds, and how many come back in a second."""

    size: float
    per_second: float

    def times(self, factor: float) -> "Tokens":
        """Return a bucket so many times as large, and as fast; it holds at least a token."""
        return Tokens(max(self.size * factor, 1.0), self.per_second * factor)


@dataclass(frozen=True)
class CallLimit:
    """A provider's limit: so many calls of some verbs on some types in so many seconds.

    `types` is how the names of its types begin. `per` names what is counted apart:
    subscription, region, group, zone, principal. A verb is create, update, delete, get, list
    (what is below a group or a resource), list-all (of a subscription) or query.
    """

    types: str
    verbs: tuple[str, ...]
    count: int
    seconds: float
    per: tuple[str, ...]
    except_types: str = ""
    # Seconds of Retry-After; None: until the oldest call leaves the window.
    retry_after: float | None = None

    def covers(self, verb: str, type_name: str) -> bool:
        """Tell whether a call counts against this limit."""
        excepted = bool(self.except_types) and type_name.startswith(self.except_types)
        return verb in self.verbs and type_name.startswith(self.types) and not excepted


# Microsoft.Network: "write / delete (PUT) 1000 per 5 minutes, read (GET) 10000 per 5
# minutes" (learn: request-limits-and-throttling; facts.md section 7), counted by
# subscription and region ("shared at the subscription-region level": learn, 429 of AKS).
# That private DNS, a global service with limits of its own, is not among them, and
# that a POST which asks counts as a read: `assumed`.
_WRITES = ("create", "update", "delete")
_READS = ("get", "list", "list-all")
NETWORK_CALLS = (
    CallLimit(_NETWORK, _WRITES, 1_000, 300, ("subscription", "region"), _ZONES),
    CallLimit(_NETWORK, _READS, 10_000, 300, ("subscription", "region"), _ZONES),
)


def _dns(types: str, verb: str, count: int, *per: str) -> CallLimit:
    # "Retry-after of 10 seconds": kubernetes-sigs/external-dns issue 4839.
    below = _ZONES + "/" if types == _ZONES else ""
    return CallLimit(types, (verb,), count, 60, ("subscription", *per), below, 10)


# Private DNS, calls a minute (learn: Azure DNS limits), and 500 reads in 5 minutes (learn:
# request-limits-and-throttling).
PRIVATE_DNS_CALLS = (
    _dns(_ZONES, "create", 40),
    _dns(_ZONES, "update", 40),
    _dns(_ZONES, "delete", 40),
    _dns(_ZONES, "get", 200, "zone"),
    _dns(_ZONES, "list", 100, "group"),
    _dns(_ZONES, "list-all", 60),
    _dns(_LINKS, "create", 60, "zone"),
    _dns(_LINKS, "update", 60, "zone"),
    _dns(_LINKS, "delete", 60, "zone"),
    _dns(_LINKS, "get", 100, "zone"),
    CallLimit(_ZONES, _READS, 500, 300, ("subscription",), retry_after=10),
)


# "At most 15 queries within every 5-second window", for each user (learn: guidance for throttled
# requests in Azure Resource Graph).
GRAPH_CALLS = (CallLimit("Microsoft.ResourceGraph/resources", ("query",), 15, 5, ("principal",)),)


@dataclass(frozen=True)
class RequestLimits:
    """All of them: the gateway's buckets, and the providers' limits."""

    # Per principal and subscription, or tenant (learn: request-limits-and-throttling,
    # text since 2024; facts.md section 7), for one region of the gateway.
    buckets: dict[str, Tokens] = field(
        default_factory=lambda: {
            "read": Tokens(250, 25),
            "write": Tokens(200, 10),
            "delete": Tokens(200, 10),
        }
    )
    # All principals of a subscription together have so many times as much.
    all_principals: float = 15
    calls: tuple[CallLimit, ...] = NETWORK_CALLS + PRIVATE_DNS_CALLS + GRAPH_CALLS
