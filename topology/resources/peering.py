"""Peerings, both ways: between each spoke and its hub, and between hubs that no mesh joins."""

from __future__ import annotations

import re
from collections.abc import Iterable

from topology.kind import Body, Kind, Listing, Ownership, Resource, Stage
from topology.limits import AVNM_PEERINGS, PEERINGS
from topology.naming import AVNM_PEERING, HUB, OUR_PEERINGS, PEERINGS_TAG
from topology.network import Network
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield two peerings a spoke, and two for every two hubs that are joined by peering.

    All let forwarded traffic pass: what comes from another spoke reaches this one
    by the firewall, not from the hub's own addresses (facts.md section 5).
    """
    names = network.names
    for spoke in network.spokes:
        for source, target in ((HUB, spoke.name), (spoke.name, HUB)):
            name, region = names.peering_name(spoke.region, source, target), spoke.region
            ends = names.vnet_id(region, source), names.vnet_id(region, target)
            yield _peering(name, region, *ends, Stage.SPOKE)
    for hub in network.hubs:
        for other in network.peered_with(hub):
            name = names.hub_peering_name(hub.region, other.region)
            ends = names.vnet_id(hub.region, HUB), names.vnet_id(other.region, HUB)
            yield _peering(name, hub.region, *ends, Stage.MESH)


def _peering(name: str, region: str, source: str, target: str, stage: Stage) -> Resource:
    return Resource(
        kind=KIND.name,
        id=f"{source}/virtualNetworkPeerings/{name}",
        region=region,
        stage=stage,
        body={
            "properties": {
                "remoteVirtualNetwork": {"id": target},
                "allowVirtualNetworkAccess": True,
                "allowForwardedTraffic": True,
                "allowGatewayTransit": False,
                "useRemoteGateways": False,
            }
        },
    )


def joins_two_of_ours(name: str, one: Body, other: Body) -> bool:
    """Say whether a peering from one of our networks to another is ours, whatever its name.

    Between a hub and a spoke of its region it is: Azure takes one peering a pair, and of this
    pair it is the one that we want. Spokes alone have an environment. Between hubs, which a mesh
    may join, it is where it has the name that the first one's tag tells.
    """
    first, second = one.get("tags") or {}, other.get("tags") or {}
    if "environment" in first or "environment" in second:
        same_region = first.get("region") == second.get("region")
        return same_region and ("environment" in first) != ("environment" in second)
    pattern = re.escape(str(first.get(PEERINGS_TAG, ""))).replace(re.escape("{other}"), ".+")
    return re.fullmatch(pattern, name, re.IGNORECASE) is not None


KIND = Kind(
    name="peering",
    arm_type="Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    client="network",
    operations="virtual_network_peerings",
    listing=Listing.INLINE,
    parent="virtual-network",
    inline_path="properties.virtualNetworkPeerings",
    owned_by=Ownership.NAME,
    our_names=OUR_PEERINGS,
    ours_between=("properties.remoteVirtualNetwork.id", joins_two_of_ours),
    made_by_azure=f"{AVNM_PEERING}.*",  # between a hub and its spokes
    expand=expand,
    replaced_by=frozenset({"properties.remoteVirtualNetwork"}),
    read_only=frozenset({"peeringState", "peeringSyncLevel", "remoteVirtualNetworkAddressSpace"}),
    other_side="properties.remoteVirtualNetwork.id",
    # One side was deleted: both must be made again (facts.md section 7).
    lost_when={"properties.peeringState": "Disconnected"},
    # Azure refuses a peering while either network updates (facts.md section 7).
    alone=frozenset({"virtualNetworks"}),
    # "Create, change, or delete a virtual network peering: permissions" (Microsoft Learn).
    joins={"Microsoft.Network/virtualNetworks": "Microsoft.Network/virtualNetworks/peer/action"},
    seconds=Seconds(create=10, delete=11, looks=(10,), delete_looks=(10,)),
    limits=(PEERINGS, AVNM_PEERINGS),
)
