"""The mesh: one connectivity configuration that joins all hubs."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Listing, Ownership, Resource, Stage
from topology.naming import HUBS
from topology.network import Network
from topology.ownership import our_description


def expand(network: Network) -> Iterable[Resource]:
    """Yield the global mesh of the group `hubs`; it does nothing until committed.

    Booleans are the strings "True" and "False" here (facts.md section 1). Peerings
    that exist stay: `deleteExistingPeering` would remove those made by hand too.
    """
    names = network.names
    yield Resource(
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
    expected_seconds=3,
)
