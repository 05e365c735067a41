"""The private DNS zone of the topology."""

from __future__ import annotations

from collections.abc import Iterable

from topology.billed import Billed
from topology.kind import Kind, Ownership, Resource, Stage
from topology.limits import DNS_ZONES
from topology.network import Network
from topology.recorded import DNS, Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield the one zone; its location is Azure's word "global"."""
    yield Resource(
        kind=KIND.name,
        id=network.names.zone_id(network.topology.dns_zone),
        region=None,
        stage=Stage.GLOBAL,
        body={"location": "global", "tags": network.tags("global")},
    )


KIND = Kind(
    name="private-dns-zone",
    arm_type="Microsoft.Network/privateDnsZones",
    client="privatedns",
    operations="private_zones",
    list_method="list",
    owned_by=Ownership.TAG,
    tags_method="begin_update",
    expand=expand,
    read_only=frozenset(
        {
            "internalId",
            "maxNumberOfRecordSets",
            "maxNumberOfVirtualNetworkLinks",
            "maxNumberOfVirtualNetworkLinksWithRegistration",
            "numberOfRecordSets",
            "numberOfVirtualNetworkLinks",
            "numberOfVirtualNetworkLinksWithRegistration",
        }
    ),
    when_empty={"properties.numberOfRecordSets": 1},  # the SOA record (recordings.md section 6)
    is_protected=True,
    seconds=Seconds(create=31, looks=DNS, delete_looks=DNS),
    limits=(DNS_ZONES,),
    billed=(Billed("private-dns-zone"),),
)
