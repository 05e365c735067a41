"""How two sides of a peering see each other."""

from collections.abc import Iterator
from typing import Any

from simulator.arm.draft import Draft, linked_ids
from simulator.arm.errors import ArmError, invalid_request
from simulator.arm.ids import same_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers.addresses import POOLS, SHOWS_NO_POOLS, clashes, networks, space_of

_SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
_GATEWAYS = "Microsoft.Network/virtualNetworkGateways"
PEERINGS = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"


def remote_id(peering: Draft | Resource) -> str:
    """Return the id of the network on the other side."""
    return next(iter(linked_ids(peering.properties.get("remoteVirtualNetwork"))), "")


def other_side(peering: Draft | Resource, world: World) -> Resource | None:
    """Return the peering that comes back from the other network."""
    back = world.store.children(remote_id(peering).lower(), PEERINGS)
    return next((item for item in back if same_id(remote_id(item), _network(peering))), None)


def _network(peering: Draft | Resource) -> str:
    return peering.id.root.text


def space_copy(network: Resource | None) -> dict[str, Any]:
    """Return a network's address space as a peering remembers it."""
    return {"addressPrefixes": space_of(network.properties) if network else []}


def shown_space(space: dict[str, Any], world: World) -> dict[str, Any]:
    """Return a copied address space as the request's api-version shows it."""
    return {**space, POOLS: []} if world.api_version in SHOWS_NO_POOLS else space


def sync_level(peering: Resource, world: World) -> str:
    """Return which of the two sides has not seen the other's present address space."""
    back = other_side(peering, world)
    mine = _is_current(peering, world)
    theirs = back is not None and _is_current(back, world)
    if mine:
        return "FullyInSync" if theirs else "RemoteNotInSync"
    return "LocalNotInSync" if theirs else "LocalAndRemoteNotInSync"


def _is_current(peering: Resource, world: World) -> bool:
    remote = world.store.find(remote_id(peering))
    return peering.hidden.get("remote_space") == space_copy(remote)


def remote_gateways(peering: Resource, world: World) -> dict[str, Any]:
    """Return the gateways that a peering uses (recording test_network_vnet_peering)."""
    if not peering.properties["useRemoteGateways"]:
        return {}
    subnets = world.store.children(remote_id(peering).lower(), _SUBNETS)
    inside = [item for item in subnets if item.name.lower() == "gatewaysubnet"]
    found = [user for item in inside for user in world.store.referrers(item.key, _GATEWAYS)]
    return {"remoteGateways": [{"id": item.id.text} for item in found]} if found else {}


def refuse_overlap(peering: Draft, world: World) -> None:
    """Refuse a remote space that overlaps ours or that of another peer, and ours beside those.

    "Already peered with the second virtual network", as the words are (facts.md section 7).
    """
    local = world.store.get(peering.id.root.key)
    remote = world.store.find(remote_id(peering))
    if local is None or remote is None:
        return
    theirs = networks(space_of(remote.properties), remote.id.text)
    ours = networks(space_of(local.properties), local.id.text)
    for network in (local, *_peers(local, world, remote)):
        shared = clashes(theirs, networks(space_of(network.properties), network.id.text))
        if shared:
            raise _overlap(peering.id.text, local, remote, network, [str(item) for item in shared])
    for network in _peers(remote, world, local):
        shared = clashes(ours, networks(space_of(network.properties), network.id.text))
        if shared:
            raise _overlap(peering.id.text, local, remote, network, [str(item) for item in shared])


def _peers(network: Resource, world: World, less: Resource) -> Iterator[Resource]:
    """Yield the networks that one is peered with, but for one."""
    for peering in world.store.children(network.key, PEERINGS):
        peer = world.store.find(remote_id(peering))
        if peer is not None and peer is not less:
            yield peer


def refuse_overlap_of_changed_space(draft: Draft, existing: Resource, world: World) -> None:
    """Refuse a new address space that overlaps that of a peer."""
    if space_of(draft.properties) == space_of(existing.properties):
        return
    wanted = networks(space_of(draft.properties), draft.id.text)
    for peering in world.store.children(existing.key, PEERINGS):
        peer = world.store.find(remote_id(peering))
        if peer is None:
            continue
        shared = clashes(wanted, networks(space_of(peer.properties), peer.id.text))
        if shared:
            prefixes = [str(item) for item in shared]
            raise _overlap(peering.id.text, existing, peer, peer, prefixes)


def _overlap(
    peering: str, local: Resource, remote: Resource, network: Resource, shared: list[str]
) -> ArmError:
    # Recorded text: facts.md section 7.
    return invalid_request(
        f"Cannot create or update peering {peering}. Virtual networks {local.id.text} and "
        f"{remote.id.text} cannot be peered because address space of the first virtual network "
        f"overlaps with address space of third virtual network {network.id.text} already peered "
        f"with the second virtual network. Overlapping address prefixes: {', '.join(shared)}",
        "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet",
    )


def disconnected(peering: str, back: Resource) -> ArmError:
    """Return the refusal to peer with a side that lost its partner (facts.md section 7)."""
    return invalid_request(
        f"Cannot create or update peering {peering} because remote peering {back.id.text} "
        f"referencing parent virtual network {_network(back)} is in Disconnected state. Delete "
        "the remote peering and create it again.",
        "RemotePeeringIsDisconnected",
    )
