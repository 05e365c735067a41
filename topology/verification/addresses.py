"""Addresses: prefixes as ranges of numbers, and the pieces that many prefixes cut them into.

IPv4 only: a prefix of IPv6 is nothing here, as admin rules of mixed prefixes take IPv4 too
(facts.md section 3).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network

EVERYTHING = range(1 << 32)


@lru_cache(maxsize=65536)
def block(text: str) -> range | None:
    """Return the numbers of a prefix, an address or a span `a-b`; None for what is none."""
    try:
        if text == "*" or text.lower() == "any":
            return EVERYTHING
        if "-" in text:
            first, last = text.split("-")
            return range(int(IPv4Address(first.strip())), int(IPv4Address(last.strip())) + 1)
        found = IPv4Network(text, strict=False)
    except ValueError:
        return None
    start = int(found.network_address)
    return range(start, start + found.num_addresses)


def blocks(texts: Iterable[str]) -> tuple[range, ...]:
    """Return the prefixes among texts as ranges; service tags and IPv6 are left out."""
    return tuple(found for text in texts if (found := block(text)) is not None)


def tagged(text: str) -> tuple[range, ...]:
    """Return the ranges of a prefix or of a service tag; of tags only Internet is known.

    What the tags of single services hold is Microsoft's list and changes weekly.
    """
    if text.lower() == "internet":
        return PUBLIC
    found = block(text)
    return () if found is None else (found,)


def unlisted(texts: Iterable[str]) -> tuple[str, ...]:
    """Return what of these `tagged` knows no addresses of: names of service tags.

    Left out are IPv6, and the tag of the load balancer's probes, who are nobody's traffic.
    """
    known = {"internet", "azureloadbalancer"}
    return tuple(
        text
        for text in texts
        if ":" not in text and block(text) is None and text.lower() not in known
    )


def overlaps(one: range, other: range) -> bool:
    """Say whether two ranges share an address."""
    return max(one.start, other.start) < min(one.stop, other.stop)


def holds(outer: range, inner: range) -> bool:
    """Say whether one range holds all of another."""
    return outer.start <= inner.start and inner.stop <= outer.stop


def starts(ranges: Collection[range], cuts: Iterable[range]) -> list[int]:
    """Return the first address of each part into which some cut ranges, in their order."""
    found = [item.start for item in ranges]
    if all(len(item) == 1 for item in ranges):
        return found
    edges = {edge for item in cuts for edge in (item.start, item.stop)}
    inside = (edge for edge in edges if any(item.start < edge < item.stop for item in ranges))
    return sorted({*found, *inside})


def address(number: int) -> str:
    """Return an address as people write it."""
    return str(IPv4Address(number))


def number(text: str) -> int | None:
    """Return an address as a number; None for what is none."""
    try:
        return int(IPv4Address(text))
    except AddressValueError:
        return None


def written(found: range) -> str:
    """Return a range as a prefix where it is one, else as `a-b`."""
    size = len(found)
    if size & (size - 1) == 0 and found.start % size == 0:
        return f"{address(found.start)}/{32 - size.bit_length() + 1}"
    return f"{address(found.start)}-{address(found.stop - 1)}"


def _but(taken: Iterable[range]) -> tuple[range, ...]:
    """Return all addresses but these."""
    rest, start = [], 0
    for found in sorted(taken, key=lambda item: item.start):
        if start < found.start:
            rest.append(range(start, found.start))
        start = max(start, found.stop)
    return tuple([*rest, range(start, EVERYTHING.stop)] if start < EVERYTHING.stop else rest)


# What the host answers on which a machine runs: DNS, health, its agent (168.63.129.16), and what it
# is (169.254.169.254). It is "the virtual IP of the host node and as such it isn't subject to user
# defined routes", and what is asked of the other "never leaves the host"; nor do security groups
# hold but for rules that name the tags of the platform, which are told as not read (docs:
# virtual-network/what-is-ip-address-168-63-129-16, virtual-machines/instance-metadata-service,
# virtual-network/network-security-groups-overview). Of admin rules nothing is said: they are taken
# to be no other.
HOST = blocks(("168.63.129.16/32", "169.254.169.254/32"))

# What a firewall does not translate by default (IANAPrivateRanges: RFC 1918 and RFC 6598,
# facts.md section 5), and what the internet knows: the rest, without what nobody routes.
PRIVATE = blocks(("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
PUBLIC = _but(
    [
        *PRIVATE,
        *HOST,
        *blocks(("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")),
    ]
)


def is_in(number: int, ranges: Iterable[range]) -> bool:
    """Say whether an address is in one of these ranges."""
    return any(number in found for found in ranges)


class Pieces:
    """The pieces into which many ranges cut all addresses; a set of pieces is one number.

    No range given at the start is ever in part of a piece, so what holds for one address of
    a piece holds for all: pieces are the equivalence classes of addresses. Piece `n` is bit
    `n` of a set, which makes sets of thousands of pieces cheap to cut and join.
    """

    def __init__(self, ranges: Iterable[range]) -> None:
        edges = {EVERYTHING.start, EVERYTHING.stop}
        for found in ranges:
            edges.update((found.start, found.stop))
        self._edges = sorted(edges)

    def __len__(self) -> int:
        return len(self._edges) - 1

    def __getitem__(self, piece: int) -> range:
        return range(self._edges[piece], self._edges[piece + 1])

    def of(self, number: int) -> int:
        """Return the piece that an address is in."""
        return bisect_right(self._edges, number) - 1

    def set_of(self, ranges: Iterable[range]) -> int:
        """Return the set of pieces within ranges; each must be one of those given, or joined."""
        found = 0
        for item in ranges:
            first, last = bisect_left(self._edges, item.start), bisect_left(self._edges, item.stop)
            found |= (1 << last) - (1 << first)
        return found

    @property
    def all(self) -> int:
        """Return the set of all pieces."""
        return (1 << len(self)) - 1


def members(pieces: int) -> Iterator[int]:
    """Yield the pieces in a set, lowest first."""
    while pieces:
        lowest = pieces & -pieces
        yield lowest.bit_length() - 1
        pieces ^= lowest
