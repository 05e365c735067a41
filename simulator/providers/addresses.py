"""Address arithmetic that networks, subnets and peerings check alike."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from simulator.arm.errors import ArmError

Network = IPv4Network | IPv6Network

# The pools of a network manager that an address space comes from. These api-versions show
# the list when it is empty too, others do not (recordings.md section 6; peerings of recording
# test_network_vnet_peering).
POOLS = "ipamPoolPrefixAllocations"
SHOWS_NO_POOLS = frozenset({"2023-11-01", "2024-01-01"})


def networks(prefixes: Iterable[str], owner: str) -> list[Network]:
    """Return the prefixes as networks, or raise Azure's words for a bad one."""
    return [_network(prefix, owner) for prefix in prefixes]


def _network(prefix: str, owner: str) -> Network:
    try:
        if "/" not in prefix:
            raise ValueError(prefix)  # noqa: TRY301 - the same refusal as an unreadable one
        found = ip_network(prefix, strict=False)
    except ValueError as error:
        raise ArmError(
            400,
            "InvalidAddressPrefixFormat",
            f"Address prefix {prefix} of resource {owner} is not formatted correctly. It should "
            "follow CIDR notation, for example 10.0.0.0/24.",
            details=[],
        ) from error
    if str(found.network_address) != str(ip_address(prefix.partition("/")[0])):
        # From general knowledge of Azure, not from a recording: `assumed`.
        raise ArmError(
            400,
            "InvalidCIDRNotation",
            f"The address prefix {prefix} in resource {owner} has an invalid CIDR notation. For "
            f"the given prefix length, the address prefix should be {found}.",
            details=[],
        )
    return found


def space_of(properties: dict[str, Any]) -> list[str]:
    """Return the prefixes of a network's address space."""
    return list((properties.get("addressSpace") or {}).get("addressPrefixes") or [])


def prefixes_of(properties: dict[str, Any]) -> list[str]:
    """Return the prefixes of a subnet, which may give one or a list."""
    single = properties.get("addressPrefix")
    return [single] if single else list(properties.get("addressPrefixes") or [])


def overlaps(left: Network, right: Network) -> bool:
    """Tell whether two networks share an address; two families never do."""
    return left.version == right.version and left.overlaps(right)


def contains(outer: Network, inner: Network) -> bool:
    """Tell whether one network lies within another."""
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(outer)
    return False


def clashes(left: Iterable[Network], right: Iterable[Network]) -> list[Network]:
    """Return the networks on the left that overlap any on the right."""
    others = list(right)
    return [item for item in left if any(overlaps(item, other) for other in others)]
