"""Which addresses of a network are free, and how full its subnets are."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import islice
from typing import Any

from simulator.arm.call import Call, Reply
from simulator.arm.errors import invalid_request
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers import private_addresses
from simulator.providers.addresses import Network, networks, prefixes_of

SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
Address = IPv4Address | IPv6Address
# The first four addresses of a subnet and the last are Azure's.
_RESERVED_AT_START, _RESERVED = 4, 5
_SUGGESTED = 5
# Azure does not count what lives in a gateway's subnet (the swagger's example).
_UNCOUNTED = ("gatewaysubnet",)


def check_address(call: Call, network: Resource) -> Reply:
    """Answer a CheckIPAddressAvailability: free or not, and five that are free if not.

    Recorded (test_network_vnet) for an address that is free and one that is reserved.
    """
    wanted = _address(call.query.get("ipAddress", ""))
    for subnet in call.world.store.children(network.key, SUBNETS):
        for prefix in networks(prefixes_of(subnet.properties), subnet.id.text):
            if wanted in prefix:
                return Reply(200, _availability(wanted, prefix, used_in(subnet, call.world)))
    # What Azure says outside of all subnets is not known: `assumed`.
    raise invalid_request(
        f"IP address {wanted} does not belong to the range of any subnet of virtual network "
        f"{network.id.text}.",
        "IPAddressNotInAnySubnet",
    )


def _address(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError as error:
        raise invalid_request(f"IP address '{text}' is not valid.", "InvalidIPAddress") from error


def _availability(wanted: Address, prefix: Network, used: set[Address]) -> dict[str, Any]:
    reserved = _is_reserved(wanted, prefix)
    free = not reserved and wanted not in used
    shown: dict[str, Any] = {"available": free}
    if not free:
        suggested = islice(_free_after(wanted, prefix, used), _SUGGESTED)
        shown["availableIPAddresses"] = [str(item) for item in suggested]
    return {**shown, "isPlatformReserved": reserved}


def _is_reserved(address: Address, prefix: Network) -> bool:
    position = int(address) - int(prefix.network_address)
    return position < _RESERVED_AT_START or address == prefix.broadcast_address


def _free_after(wanted: Address, prefix: Network, used: set[Address]) -> Iterator[Address]:
    first = max(int(wanted), int(prefix.network_address) + _RESERVED_AT_START)
    for number in range(first, int(prefix.broadcast_address)):
        address = type(wanted)(number)
        if address not in used:
            yield address


def used_in(subnet: Resource, world: World) -> set[Address]:
    """Return the addresses that something has in a subnet."""
    found = private_addresses.taken(subnet, world)
    return {ip_address(item) for item in found if private_addresses.is_within(item, subnet)}


def usages(call: Call, network: Resource) -> Reply:
    """Answer a GET of usages: how many addresses of each subnet are used, and how many it has."""
    subnets = call.world.store.children(network.key, SUBNETS)
    return Reply(200, {"value": [_usage(item, call.world) for item in subnets]})


def _usage(subnet: Resource, world: World) -> dict[str, Any]:
    used, limit = len(used_in(subnet, world)), _size(subnet)
    if subnet.name.lower() in _UNCOUNTED:
        used = limit = -1
    return {
        "currentValue": float(used),
        "id": subnet.id.text,
        "limit": float(limit),
        "name": {"localizedValue": "Subnet size and usage", "value": "SubnetSpace"},
        "unit": "Count",
    }


def _size(subnet: Resource) -> int:
    prefixes = networks(prefixes_of(subnet.properties), subnet.id.text)
    return sum(prefix.num_addresses - _RESERVED for prefix in prefixes)
