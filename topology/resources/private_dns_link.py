"""Links of the private DNS zone: one for each network, hubs and spokes."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Listing, Ownership, Resource, Stage
from topology.limits import DNS_LINKS, REGISTERING_LINKS
from topology.naming import HUB
from topology.network import Network
from topology.recorded import DNS, Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield a link a network, without registration: only 100 links may have it (section 8)."""
    for hub in network.hubs:
        yield _link(network, hub.region, HUB, Stage.HUB)
        for spoke in hub.spokes:
            yield _link(network, spoke.region, spoke.name, Stage.SPOKE)


def _link(network: Network, region: str, role: str, stage: Stage) -> Resource:
    names = network.names
    zone = names.zone_id(network.topology.dns_zone)
    return Resource(
        kind=KIND.name,
        id=f"{zone}/virtualNetworkLinks/{names.dns_link_name(region, role)}",
        region=region,
        stage=stage,
        body={
            "location": "global",
            "tags": network.tags(region),
            "properties": {
                "virtualNetwork": {"id": names.vnet_id(region, role)},
                "registrationEnabled": False,
            },
        },
    )


KIND = Kind(
    name="private-dns-link",
    arm_type="Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    client="privatedns",
    operations="virtual_network_links",
    listing=Listing.PARENT,
    list_method="list",
    parent="private-dns-zone",
    owned_by=Ownership.TAG,
    tags_method="begin_update",
    expand=expand,
    replaced_by=frozenset({"properties.virtualNetwork"}),
    # A zone takes one link a network (Conflict, "link exists already").
    one_at=("properties.virtualNetwork.id",),
    read_only=frozenset({"virtualNetworkLinkState"}),
    # So say refusals (LinkedAuthorizationFailed) in public reports.
    joins={"Microsoft.Network/virtualNetworks": "Microsoft.Network/virtualNetworks/join/action"},
    seconds=Seconds(create=31, delete=32, looks=DNS, delete_looks=DNS),
    limits=(DNS_LINKS, REGISTERING_LINKS),
)
