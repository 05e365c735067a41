"""What Azure refuses about a network apart from its subnets and peerings.

The rules are in Microsoft's pages on virtual networks (FAQ, flow timeout); no recording has
these refusals, so every code and wording here is `assumed`.
"""

from ipaddress import ip_address, ip_network

from simulator.arm.draft import Draft
from simulator.arm.errors import invalid_request
from simulator.providers.addresses import Network, overlaps

# Multicast, broadcast, loopback, link-local, and the address of Azure's own DNS.
_RESERVED = tuple(
    ip_network(text)
    for text in (
        "224.0.0.0/4",
        "255.255.255.255/32",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "168.63.129.16/32",
    )
)
_SHORTEST_FLOW, _LONGEST_FLOW = 4, 30  # minutes
_SMALLEST_SUBNET, _SUBNET_V6 = 29, 64


def refuse_reserved_space(spaces: list[Network], network: Draft) -> None:
    """Refuse address space that Azure or the internet's rules keep for themselves."""
    for space in spaces:
        if any(overlaps(space, reserved) for reserved in _RESERVED):
            raise invalid_request(
                f"Address prefix {space} of virtual network {network.id.text} overlaps with a "
                "reserved range.",
                "AddressPrefixReserved",
            )


def check_options(network: Draft) -> None:
    """Check DNS servers and the flow timeout."""
    for server in (network.properties.get("dhcpOptions") or {}).get("dnsServers") or ():
        try:
            ip_address(str(server))
        except ValueError as error:
            raise invalid_request(
                f"DNS server {server} of virtual network {network.id.text} is no IP address.",
                "InvalidDnsServerAddress",
            ) from error
    minutes = network.properties.get("flowTimeoutInMinutes")
    if minutes is not None and not _SHORTEST_FLOW <= minutes <= _LONGEST_FLOW:
        raise invalid_request(
            f"Flow timeout of virtual network {network.id.text} must be between {_SHORTEST_FLOW} "
            f"and {_LONGEST_FLOW} minutes, not {minutes}.",
            "InvalidFlowTimeoutInMinutes",
        )


def check_size(subnet: Draft, spaces: list[Network]) -> None:
    """Refuse a subnet too small for Azure's own addresses, and IPv6 other than /64."""
    for space in spaces:
        is_v6 = space.version != _RESERVED[0].version
        fits = space.prefixlen == _SUBNET_V6 if is_v6 else space.prefixlen <= _SMALLEST_SUBNET
        if not fits:
            raise invalid_request(
                f"Subnet {subnet.id.text} has prefix {space}; an IPv4 subnet must be at least "
                f"/{_SMALLEST_SUBNET} and an IPv6 subnet exactly /{_SUBNET_V6}.",
                "InvalidSubnetPrefixLength",
            )
