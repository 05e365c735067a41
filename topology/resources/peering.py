"""Peerings between each spoke and its hub, both ways."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Body, Kind, Listing, Ownership, Resource, Stage
from topology.naming import HUB
from topology.network import Network


def expand(network: Network) -> Iterable[Resource]:
    """Yield two peerings a spoke.

    Both let forwarded traffic pass: what comes from another spoke reaches this one
    by the firewall, not from the hub's own addresses (facts.md section 5).
    """
    for spoke in network.spokes:
        yield _peering(network, spoke.region, HUB, spoke.name)
        yield _peering(network, spoke.region, spoke.name, HUB)


def _peering(network: Network, region: str, source: str, target: str) -> Resource:
    names = network.names
    name = names.peering_name(region, source, target)
    return Resource(
        kind=KIND.name,
        id=f"{names.vnet_id(region, source)}/virtualNetworkPeerings/{name}",
        region=region,
        stage=Stage.SPOKE,
        body={
            "properties": {
                "remoteVirtualNetwork": {"id": names.vnet_id(region, target)},
                "allowVirtualNetworkAccess": True,
                "allowForwardedTraffic": True,
                "allowGatewayTransit": False,
                "useRemoteGateways": False,
            }
        },
    )


def joins_hub_and_spoke(one: Body, other: Body) -> bool:
    """Say whether two networks of ours are a hub and a spoke of its region.

    Azure takes one peering a pair, and of this pair it is the one that we want, whatever
    its name is. Spokes alone have an environment.
    """
    first, second = one.get("tags") or {}, other.get("tags") or {}
    same_region = first.get("region") == second.get("region")
    return same_region and ("environment" in first) != ("environment" in second)


KIND = Kind(
    name="peering",
    arm_type="Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    client="network",
    operations="virtual_network_peerings",
    listing=Listing.INLINE,
    parent="virtual-network",
    inline_path="properties.virtualNetworkPeerings",
    owned_by=Ownership.NAME,
    our_names="peer-{topology}-.*",
    ours_between=("properties.remoteVirtualNetwork.id", joins_hub_and_spoke),
    made_by_azure="ANM_.*",  # by AVNM, between a hub and its spokes (facts.md section 1)
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
    expected_seconds=10,
)
