"""Network groups: the hubs, each environment, and of each region its spokes and who joined."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage
from topology.naming import HUBS, joined_group, spokes_group
from topology.network import Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield `hubs`, a group an environment that is used, and `spokes-<region>` a region.

    In `hubs` are those of the mesh. One default route a region needs one group a region: an
    AVNM rule has one next hop and applies to whole groups (facts.md section 0.1). Networks of
    others that join are in `joined-<region>` beside: they have no peering of ours, and get one
    from AVNM.
    """
    if any(network.is_meshed(hub) for hub in network.hubs):
        yield _group(network, HUBS)
    for environment in network.grouped:
        yield _group(network, environment)
    for hub in network.hubs:
        if hub.spokes:
            yield _group(network, spokes_group(hub.region), hub.region, Stage.ROUTING)
        if network.takes_in:
            yield _group(network, joined_group(hub.region), hub.region, Stage.MESH)


def _group(
    network: Network, name: str, region: str | None = None, stage: Stage = Stage.GLOBAL
) -> Resource:
    return Resource(
        kind=KIND.name,
        id=network.names.network_group_id(name),
        region=region,
        stage=stage,
        body={
            "properties": {
                "description": our_description(network.topology.topology, region),
                "memberType": "VirtualNetwork",
            }
        },
    )


KIND = Kind(
    name="network-group",
    arm_type="Microsoft.Network/networkManagers/networkGroups",
    client="network",
    operations="network_groups",
    listing=Listing.PARENT,
    list_method="list",
    parent="network-manager",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    replaced_by=frozenset({"properties.memberType"}),
    read_only=frozenset({"systemData"}),
    delete_arguments={"force": True},
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3, delete=31),
)
