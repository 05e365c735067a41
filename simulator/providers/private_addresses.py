"""Who has which address of a subnet.

Firewalls note theirs as `private_address`, network interfaces as `private_addresses`, by
the id of the ipConfiguration.
"""

from ipaddress import ip_address

from simulator.arm.errors import invalid_request
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.addresses import networks, prefixes_of
from simulator.providers.peering_rules import PEERINGS, remote_id

_SUBNETS = "Microsoft.Network/virtualNetworks/subnets"

# Azure keeps the first four addresses of a subnet and the last one.
_FIRST_USABLE, _LAST_KEPT = 4, 1


def taken(subnet: Resource, world: World) -> dict[str, str]:
    """Return the addresses in use and the id of who has each."""
    found: dict[str, str] = {}
    for user in world.store.referrers(subnet.key):
        own = user.hidden.get("private_addresses", {})
        found.update({address: holder for holder, address in own.items()})
        if user.hidden.get("private_address"):
            found[user.hidden["private_address"]] = user.id.text
    return found


def first_free(subnet: Resource, world: World) -> str | None:
    """Return the lowest address that nobody has."""
    used = taken(subnet, world)
    for space in networks(prefixes_of(subnet.properties), subnet.id.text):
        first = int(space.network_address) + _FIRST_USABLE
        for number in range(first, int(space.broadcast_address) - _LAST_KEPT + 1):
            address = str(ip_address(number))
            if address not in used:
                return address
    return None


def refuse_excess(subnet: Resource, world: World) -> None:
    """Refuse one more address than a network, or it and its peers, may have in use.

    The limits are facts.md section 8, the codes `assumed`.
    """
    network, settings = subnet.id.root.key, world.settings
    peers = {remote_id(item).lower() for item in world.store.children(network, PEERINGS)} - {
        network
    }
    own = _in_use(network, world)
    if own >= settings.addresses_per_network:
        limit, code = settings.addresses_per_network, "VirtualNetworkAddressLimitReached"
    elif own + sum(_in_use(peer, world) for peer in peers) >= settings.addresses_of_peers:
        limit, code = settings.addresses_of_peers, "PeeredVirtualNetworksAddressLimitReached"
    else:
        return
    raise invalid_request(
        f"Cannot use more than {limit} private IP addresses in virtual network "
        f"{subnet.id.root.text} and those that count with it.",
        code,
    )


def _in_use(network_key: str, world: World) -> int:
    subnets = world.store.children(network_key, _SUBNETS)
    return sum(len(taken(subnet, world)) for subnet in subnets)


def is_within(address: str, subnet: Resource) -> bool:
    """Tell whether an address is one of the subnet's; what is no address is not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in space for space in networks(prefixes_of(subnet.properties), subnet.id.text))
