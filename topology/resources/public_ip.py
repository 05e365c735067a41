"""Public addresses: one for each firewall."""

from __future__ import annotations

from collections.abc import Iterable

from topology.billed import Billed
from topology.kind import Kind, Ownership, Resource, Stage
from topology.limits import PUBLIC_ADDRESSES
from topology.network import Network
from topology.recorded import Seconds, small


def expand(network: Network) -> Iterable[Resource]:
    """Yield an address a hub, in the zones of its firewall.

    Azure Firewall takes Standard, static addresses only (facts.md section 6). A
    region without zones must be sent none.
    """
    for hub in network.hubs:
        yield Resource(
            kind=KIND.name,
            id=network.names.public_ip_id(hub.region),
            region=hub.region,
            stage=Stage.HUB,
            body={
                "location": hub.region,
                "tags": network.tags(hub.region),
                "zones": list(hub.zones) or None,  # None takes out those that are there
                "sku": {"name": "Standard"},
                "properties": {
                    "publicIPAllocationMethod": "Static",
                    "publicIPAddressVersion": "IPv4",
                },
            },
        )


KIND = Kind(
    name="public-ip",
    arm_type="Microsoft.Network/publicIPAddresses",
    client="network",
    operations="public_ip_addresses",
    owned_by=Ownership.TAG,
    tags_method="update_tags",
    expand=expand,
    replaced_by=frozenset({"location", "sku", "zones"}),
    read_only=frozenset({"ipConfiguration", "ipAddress"}),
    used_by=frozenset({"ipConfiguration", "natGateway"}),
    is_protected=True,
    azure_gives=("properties.ipAddress",),
    seconds=Seconds(create=3, change=2, delete=11, looks=small(1), delete_looks=(10,)),
    limits=(PUBLIC_ADDRESSES,),
    billed=(Billed("public-ip"),),
)
