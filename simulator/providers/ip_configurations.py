"""ipConfigurations: how firewalls, gateways and interfaces live in subnets and hold addresses.

Whoever has some notes in `hidden` which subnets and public addresses it uses; subnets
and addresses look there when they are read or are to be deleted.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from simulator.arm.draft import Draft, linked_ids
from simulator.arm.store import Resource
from simulator.arm.world import World

_SUBNETS, _ADDRESSES = "uses_subnet", "uses_address"


def kept(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return what of an ipConfiguration can be asked for: its name, links and `names`."""
    properties = given.get("properties") or {}
    links = {
        name: {"id": found[0]}
        for name in ("publicIPAddress", "subnet")
        if (found := linked_ids(properties.get(name)))
    }
    plain = {name: properties[name] for name in names if properties.get(name) is not None}
    return {"name": given.get("name"), "properties": {**plain, **links}}


def configuration_id(owner: Draft | Resource, segment: str, name: str) -> str:
    """Return the id of one of a resource's ipConfigurations."""
    return f"{owner.id.text}/{segment}/{name}"


def move_in(
    owner: Resource, segment: str, items: Iterable[Mapping[str, Any]], world: World
) -> None:
    """Let a resource live where its ipConfigurations say, and nowhere else.

    A subnet that somebody enters gets a new etag, and so does its network (recording
    test_network_vnet_peering: a gateway); that leaving does the same is `assumed`.
    """
    before = set(owner.hidden.get(_SUBNETS, {}))
    subnets: dict[str, list[str]] = {}
    addresses: dict[str, str] = {}
    for item in items:
        for subnet in linked_ids(item["properties"].get("subnet")):
            own = configuration_id(owner, segment, item["name"])
            subnets.setdefault(subnet.lower(), []).append(own)
        for address in linked_ids(item["properties"].get("publicIPAddress")):
            addresses[address.lower()] = configuration_id(owner, segment, item["name"])
    owner.hidden[_SUBNETS], owner.hidden[_ADDRESSES] = subnets, addresses
    _touch(before ^ set(subnets), world)


def move_out(owner: Resource, world: World) -> None:
    """Tell the subnets that somebody has left."""
    _touch(owner.hidden.get(_SUBNETS, {}), world)


def _touch(subnets: Iterable[str], world: World) -> None:
    for key in sorted(subnets):
        subnet = world.store.get(key)
        if subnet is not None:
            world.provider_of(subnet).touch(subnet, world)


def shouted(own: str) -> str:
    """Return an ipConfiguration's id as its subnet shows it, with names in capitals.

    Recordings.md section 6; a refusal spells them as they are (test_delete_dependent_resources).
    """
    parts = own.split("/")
    names = {4, *range(8, len(parts), 2)}
    return "/".join(part.upper() if n in names else part for n, part in enumerate(parts))


def tenancies(owner: Resource) -> Collection[str]:
    """Return the keys of the subnets that a resource lives in."""
    return frozenset(owner.hidden.get(_SUBNETS, {}))


def tenants(subnet: Resource, world: World) -> list[str]:
    """Return the ids of the ipConfigurations that live in a subnet."""
    return [
        item
        for user in world.store.referrers(subnet.key)
        for item in user.hidden.get(_SUBNETS, {}).get(subnet.key, [])
    ]


def holder(address: Resource, world: World) -> str | None:
    """Return the id of the ipConfiguration that has this public address."""
    for user in world.store.referrers(address.key):
        found = user.hidden.get(_ADDRESSES, {}).get(address.key)
        if found:
            return str(found)
    return None
