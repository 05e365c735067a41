"""Networks that take their address space from pools of a network manager.

`addressSpace.ipamPoolPrefixAllocations` names pools and numbers of addresses (the SDK's
IpamPoolPrefixAllocation). A network gets the lowest free prefix with room for them and keeps
it; a subnet's own allocations are stored and not acted on. No recording shows one: all of
this is `assumed`.
"""

from typing import Any

from simulator.arm.draft import Draft
from simulator.arm.errors import ArmError, invalid_reference, invalid_request
from simulator.arm.ids import same_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm import ipam
from simulator.avnm.types import POOL


def allocate(draft: Draft, existing: Resource | None, world: World) -> None:
    """Complete a network's address space from the pools that it names."""
    space = draft.properties.get("addressSpace") or {}
    wanted = space.get("ipamPoolPrefixAllocations")
    if not wanted:
        return
    before = ((existing.properties if existing else {}).get("addressSpace") or {}).get(
        "ipamPoolPrefixAllocations"
    ) or []
    found = [_allocation(item, before, draft, world) for item in wanted]
    given = list(space.get("addressPrefixes") or [])
    new = [prefix for item in found for prefix in item["allocatedAddressPrefixes"]]
    draft.properties["addressSpace"] = {
        **space,
        "addressPrefixes": [*given, *(prefix for prefix in new if prefix not in given)],
        "ipamPoolPrefixAllocations": found,
    }


def _allocation(
    item: dict[str, Any], before: list[dict[str, Any]], draft: Draft, world: World
) -> dict[str, Any]:
    pool_id = str((item.get("pool") or {}).get("id") or "")
    number = str(item.get("numberOfIpAddresses") or "")
    pool = world.store.find(pool_id)
    if pool is None or pool.type != POOL:
        raise invalid_reference(pool_id, draft.id.text)
    shown = {"pool": {"id": pool_id}, "numberOfIpAddresses": number}
    for old in before:
        if same_id(old["pool"]["id"], pool_id) and old["numberOfIpAddresses"] == number:
            return {**shown, "allocatedAddressPrefixes": old["allocatedAddressPrefixes"]}
    prefix = ipam.first_fit(world, pool, int(number)) if number.isdigit() else None
    if prefix is None:
        raise _no_room(draft, pool, number)
    return {**shown, "allocatedAddressPrefixes": [prefix]}


def _no_room(draft: Draft, pool: Resource, number: str) -> ArmError:
    return invalid_request(
        f"Ipam pool {pool.id.text} has no room for {number!r} addresses of {draft.id.text}.",
        "IpamPoolHasNotEnoughAddresses",
    )
