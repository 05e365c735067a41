"""Virtual networks with their subnets: a hub for each region, and its spokes."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Any

from topology.billed import Billed
from topology.kind import (
    NOBODY,
    ChildList,
    Kind,
    Ownership,
    Resource,
    Severity,
    Stage,
    firewall_address,
)
from topology.limits import ADDRESSES, CONNECTED_ADDRESSES, MESHED_ENDPOINTS, NETWORKS, SUBNETS
from topology.naming import FIREWALL_SUBNET, HUB
from topology.network import Hub, Network, Spoke
from topology.ownership import matches, tags_naming
from topology.recorded import Seconds, small


def expand(network: Network) -> Iterable[Resource]:
    """Yield each hub with its firewall subnet, then its spokes with their subnets."""
    for hub in network.hubs:
        yield _hub(network, hub)
        for spoke in hub.spokes:
            yield _spoke(network, spoke)


def _hub(network: Network, hub: Hub) -> Resource:
    table = {"id": network.names.route_table_id(hub.region)}
    subnet = _subnet(FIREWALL_SUBNET, hub.firewall_prefix, routeTable=table)
    tags = network.tags(hub.region) | network.names.hub_peering_tags(hub.region)
    properties = {"subnets": [subnet]}
    return _vnet(network, hub.region, HUB, hub.prefix, Stage.HUB, properties, tags)


def _spoke(network: Network, spoke: Spoke) -> Resource:
    """Return a spoke that asks its hub's firewall for names, a DNS proxy.

    Subnets have no default outbound access: until its route is deployed a spoke
    would reach the internet around the firewall (facts.md section 0.12).
    """
    names = network.names
    group = {"id": names.nsg_id(spoke.region, spoke.name)}
    subnets = [
        _subnet(
            names.subnet_name(spoke.region, spoke.name, name),
            prefix,
            networkSecurityGroup=group,
            defaultOutboundAccess=False,
        )
        for name, prefix in spoke.subnets.items()
    ]
    others = [item["name"] for item in subnets if not _is_own_name(item["name"], network)]
    resolver = firewall_address(names.firewall_id(spoke.region))
    properties = {"subnets": subnets, "dhcpOptions": {"dnsServers": [resolver]}}
    return _vnet(
        network,
        spoke.region,
        spoke.name,
        spoke.prefix,
        Stage.SPOKE,
        properties,
        network.tags(spoke.region, spoke.environment) | tags_naming(_TAG, others),
    )


def _is_own_name(subnet: str, network: Network) -> bool:
    return matches(_OURS, subnet, network.topology.topology)


def _vnet(  # noqa: PLR0913  a network has this many facts
    network: Network,
    region: str,
    role: str,
    prefix: IPv4Network,
    stage: Stage,
    properties: dict[str, Any],
    tags: dict[str, str],
) -> Resource:
    space = {"addressSpace": {"addressPrefixes": [str(prefix)]}}
    return Resource(
        kind=KIND.name,
        id=network.names.vnet_id(region, role),
        region=region,
        stage=stage,
        body={
            "location": region,
            "tags": tags,
            "properties": {**space, **properties},
        },
    )


def _subnet(name: str, prefix: IPv4Network, **properties: Any) -> dict[str, Any]:
    return {"name": name, "properties": {"addressPrefix": str(prefix), **properties}}


_OURS = "snet-{topology}-.*|AzureFirewallSubnet"
_TAG = "orrery-subnets"

KIND = Kind(
    name="virtual-network",
    can_join=True,
    arm_type="Microsoft.Network/virtualNetworks",
    client="network",
    operations="virtual_networks",
    owned_by=Ownership.TAG,
    tags_method="update_tags",
    expand=expand,
    replaced_by=frozenset({"location"}),
    read_only=frozenset(
        {
            "ipConfigurations",
            "peeringState",
            "peeringSyncLevel",
            "remoteVirtualNetworkAddressSpace",
        }
    ),
    child_lists=(
        ChildList("properties.subnets", ours=_OURS, tag=_TAG),
        ChildList("properties.virtualNetworkPeerings", ours=NOBODY),
    ),
    # AVNM makes a table with the routes of ours and its own, and swaps the association
    # (facts.md section 4); its names are those of section 1.
    swapped_by_azure={
        "properties.subnets.*.properties.routeTable.id": (
            ".*/resourceGroups/AVNM_Managed_ResourceGroup_[^/]+/.*/AVNM_Managed_[^/]+"
        )
    },
    alone=frozenset({"virtualNetworks"}),
    # What lives in a subnet, as the subnet itself lists it (azure-mgmt-network 33.1, Subnet).
    used_by=frozenset(
        {
            "applicationGatewayIPConfigurations",
            "ipConfigurationProfiles",
            "ipConfigurations",
            "privateEndpoints",
            "resourceNavigationLinks",
            "serviceAssociationLinks",
        }
    ),
    is_protected=True,
    severity={
        "properties.subnets.*.routeTable*": Severity.CRITICAL,
        "properties.subnets.*.networkSecurityGroup*": Severity.CRITICAL,
        "properties.subnets.*.defaultOutboundAccess": Severity.CRITICAL,
        "*": Severity.HIGH,
    },
    seconds=Seconds(create=8, change=1, delete=6, looks=small(3), delete_looks=(10,)),
    limits=(
        NETWORKS,
        SUBNETS,
        ADDRESSES,
        CONNECTED_ADDRESSES,
        MESHED_ENDPOINTS,
    ),
    billed=(Billed("managed-network"),),
)
