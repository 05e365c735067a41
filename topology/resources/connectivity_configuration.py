"""The mesh, which joins hubs; and, a region each, what peers a hub with who joined it."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Listing, Ownership, Resource, Stage
from topology.naming import HUB, HUBS, joined_group
from topology.network import Hub, Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield the global mesh of the group `hubs`; it does nothing until committed.

    Booleans are the strings "True" and "False" here (facts.md section 1). Peerings
    that exist stay: `deleteExistingPeering` would remove those made by hand too. Nothing
    in the configurations of regions ever changes, so they have no generations.
    """
    if any(network.is_meshed(hub) for hub in network.hubs):
        yield _mesh(network)
    for hub in network.hubs:
        if network.takes_in:
            yield _join(network, hub)


def _mesh(network: Network) -> Resource:
    names = network.names
    return Resource(
        kind=KIND.name,
        id=names.configuration_id("connectivityConfigurations"),
        region=None,
        stage=Stage.GLOBAL,
        body={
            "properties": {
                "description": our_description(network.topology.topology),
                "connectivityTopology": "Mesh",
                "isGlobal": "True",
                "deleteExistingPeering": "False",
                "hubs": [],
                "appliesToGroups": [
                    {
                        "networkGroupId": names.network_group_id(HUBS),
                        "groupConnectivity": "DirectlyConnected",
                        "isGlobal": "True",
                        "useHubGateway": "False",
                    }
                ],
            }
        },
    )


def _join(network: Network, hub: Hub) -> Resource:
    names, region = network.names, hub.region
    return Resource(
        kind=KIND.name,
        id=names.join_id(region),
        region=region,
        stage=Stage.MESH,
        body={
            "properties": {
                "description": our_description(network.topology.topology, region),
                "connectivityTopology": "HubAndSpoke",
                "isGlobal": "False",
                "deleteExistingPeering": "False",
                "hubs": [
                    {
                        "resourceId": names.vnet_id(region, HUB),
                        "resourceType": "Microsoft.Network/virtualNetworks",
                    }
                ],
                "appliesToGroups": [
                    {
                        "networkGroupId": names.network_group_id(joined_group(region)),
                        "groupConnectivity": "None",
                        "isGlobal": "False",
                        "useHubGateway": "False",
                    }
                ],
            }
        },
    )


KIND = Kind(
    name="connectivity-configuration",
    arm_type="Microsoft.Network/networkManagers/connectivityConfigurations",
    client="network",
    operations="connectivity_configurations",
    listing=Listing.PARENT,
    list_method="list",
    parent="network-manager",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData"}),
    delete_arguments={"force": True},
    seconds=Seconds(create=3, delete=30),
)
