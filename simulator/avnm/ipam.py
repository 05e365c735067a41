"""Address pools: who has which prefixes of a pool, and what is left of it.

A pool is used by its child pools, by static CIDRs and by virtual networks whose address
space names it in `ipamPoolPrefixAllocations`. Nothing is ever only reserved here.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, summarize_address_range
from typing import Any

from simulator.arm.ids import same_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.prefixes import Network, as_networks, overlap, prefixes_of
from simulator.avnm.types import CIDR, NETWORK, POOL


def prefixes_in(resource: Resource) -> list[str]:
    """Return the prefixes of a pool, a static CIDR or a network."""
    if resource.type == NETWORK:
        return prefixes_of(resource)
    return list(resource.properties.get("addressPrefixes") or [])


def child_pools(world: World, pool: Resource) -> list[Resource]:
    """Return the pools that name this one as their parent."""
    siblings = world.store.children(pool.id.root.key, POOL)
    name = pool.name.lower()
    return [item for item in siblings if parent_name(item).lower() == name]


def parent_name(pool: Resource) -> str:
    """Return the name of a pool's parent, empty for a root."""
    return str(pool.properties.get("parentPoolName") or "")


def associated(world: World, pool: Resource) -> list[Resource]:
    """Return the static CIDRs and networks that have prefixes of a pool."""
    cidrs = world.store.children(pool.key, CIDR)
    networks = [item for item in world.store.of_type(NETWORK) if _names(item, pool)]
    return [*cidrs, *networks]


def _names(network: Resource, pool: Resource) -> bool:
    space = network.properties.get("addressSpace") or {}
    return any(
        same_id(str((item.get("pool") or item).get("id") or ""), pool.id.text)
        for item in space.get("ipamPoolPrefixAllocations") or []
    )


def allocated(world: World, pool: Resource) -> list[Network]:
    """Return all prefixes of a pool that somebody has, in the pool's own range."""
    own = as_networks(prefixes_in(pool))
    users = [*child_pools(world, pool), *associated(world, pool)]
    taken = [item for user in users for item in as_networks(prefixes_in(user))]
    return [item for item in taken if any(overlap(item, space) for space in own)]


def available(world: World, pool: Resource) -> list[Network]:
    """Return what is left, in the fewest prefixes."""
    free: list[Network] = []
    taken = allocated(world, pool)
    for space in as_networks(prefixes_in(pool)):
        free.extend(_without(space, [item for item in taken if overlap(item, space)]))
    return free


def _without(space: Network, taken: Iterable[Network]) -> Iterator[Network]:
    position, last = int(space.network_address), int(space.broadcast_address)
    kind = type(space.network_address)
    for item in sorted(taken, key=lambda net: int(net.network_address)):
        if int(item.network_address) > position:
            end = kind(int(item.network_address) - 1)
            yield from summarize_address_range(kind(position), end)
        position = max(position, int(item.broadcast_address) + 1)
    if position <= last:
        yield from summarize_address_range(kind(position), kind(last))


def first_fit(world: World, pool: Resource, addresses: int) -> str | None:
    """Return the lowest free prefix with room for so many addresses."""
    for space in available(world, pool):
        size = space.max_prefixlen - max(addresses - 1, 0).bit_length()
        if size >= space.prefixlen:
            return str(next(iter(space.subnets(new_prefix=size))))
    return None


def count(networks: Iterable[Network]) -> int:
    """Return the number of addresses, each counted once."""
    found = list(networks)
    fours = collapse_addresses([item for item in found if isinstance(item, IPv4Network)])
    sixes = collapse_addresses([item for item in found if isinstance(item, IPv6Network)])
    return sum(item.num_addresses for item in fours) + sum(item.num_addresses for item in sixes)


def usage(world: World, pool: Resource) -> dict[str, Any]:
    """Return the answer of getPoolUsage; numbers are texts (the SDK's PoolUsage)."""
    own, taken = as_networks(prefixes_in(pool)), allocated(world, pool)
    total, used = count(own), count(taken)
    children = child_pools(world, pool)
    return {
        "addressPrefixes": prefixes_in(pool),
        "childPools": [
            {"resourceId": item.id.text, "addressPrefixes": prefixes_in(item)} for item in children
        ],
        "allocatedAddressPrefixes": [str(item) for item in taken],
        "reservedAddressPrefixes": [],
        "availableAddressPrefixes": [str(item) for item in available(world, pool)],
        "totalNumberOfIPAddresses": str(total),
        "numberOfAllocatedIPAddresses": str(used),
        "numberOfReservedIPAddresses": "0",
        "numberOfAvailableIPAddresses": str(total - used),
    }


def association(pool: Resource, user: Resource) -> dict[str, Any]:
    """Return an entry of listAssociatedResources (the SDK's PoolAssociation)."""
    return {
        "resourceId": user.id.text,
        "poolId": pool.id.text,
        "description": user.properties.get("description") or "",
        "addressPrefixes": prefixes_in(user),
        "reservedPrefixes": [],
        "totalNumberOfIPAddresses": str(count(as_networks(prefixes_in(user)))),
        "numberOfReservedIPAddresses": "0",
        "createdAt": user.hidden.get("created"),
        "reservationExpiresAt": None,
    }
