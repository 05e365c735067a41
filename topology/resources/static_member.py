"""Static members: which network belongs to which group."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage
from topology.limits import MESHED_NETWORKS
from topology.naming import HUB, HUBS, spokes_group
from topology.network import Network
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield hubs of the mesh in `hubs`, and each spoke in its environment's and region's group."""
    for hub in network.hubs:
        if network.is_meshed(hub):
            yield _member(network, HUBS, hub.region, HUB, Stage.MESH)
        for spoke in hub.spokes:
            yield _member(network, spoke.environment, spoke.region, spoke.name, Stage.SECURITY)
            group = spokes_group(spoke.region)
            yield _member(network, group, spoke.region, spoke.name, Stage.ROUTING)


def _member(network: Network, group: str, region: str, role: str, stage: Stage) -> Resource:
    names = network.names
    return Resource(
        kind=KIND.name,
        id=names.member_id(group, region, role),
        region=region,
        stage=stage,
        body={"properties": {"resourceId": names.vnet_id(region, role)}},
    )


KIND = Kind(
    name="static-member",
    arm_type="Microsoft.Network/networkManagers/networkGroups/staticMembers",
    client="network",
    operations="static_members",
    listing=Listing.PARENT,
    list_method="list",
    parent="network-group",
    owned_by=Ownership.NAME,
    our_names="vnet-{topology}-.*",
    expand=expand,
    replaced_by=frozenset({"properties.resourceId"}),
    read_only=frozenset({"systemData", "region"}),
    # A refusal of another tenant's network asks for it (issue 27299 of azure-cli).
    joins={"Microsoft.Network/virtualNetworks": "Microsoft.Network/virtualNetworks/write"},
    # It gives a network its rules and its route.
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3),
    limits=(MESHED_NETWORKS,),
)
