"""The addresses of networks and subnets, read but never checked."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from simulator.arm.store import Resource
from simulator.avnm.types import NETWORK

Network = IPv4Network | IPv6Network


def prefixes_of(resource: Resource) -> list[str]:
    """Return the prefixes of a virtual network or of a subnet."""
    values = resource.properties
    if resource.type == NETWORK:
        return list((values.get("addressSpace") or {}).get("addressPrefixes") or [])
    single = values.get("addressPrefix")
    return [single] if single else list(values.get("addressPrefixes") or [])


def as_networks(prefixes: Iterable[str]) -> list[Network]:
    """Return prefixes as networks."""
    return [_network(prefix) for prefix in prefixes]


@lru_cache(maxsize=4096)
def _network(prefix: str) -> Network:
    return ip_network(prefix, strict=False)


def contains(outer: Network, inner: Network) -> bool:
    """Tell whether one network lies within another; of two families it never does."""
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(outer)
    return False


def overlap(left: Network, right: Network) -> bool:
    """Tell whether two networks share an address; two families never do."""
    return left.version == right.version and left.overlaps(right)
