"""The routing configuration: what sends a spoke's traffic to its firewall."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage
from topology.network import Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield the one configuration, whose tables AVNM makes itself.

    `routeTableUsageMode` stays at Azure's default, ManagedOnly (facts.md section 4).
    """
    yield Resource(
        kind=KIND.name,
        id=network.names.configuration_id("routingConfigurations"),
        region=None,
        stage=Stage.GLOBAL,
        body={"properties": {"description": our_description(network.topology.topology)}},
    )


KIND = Kind(
    name="routing-configuration",
    arm_type="Microsoft.Network/networkManagers/routingConfigurations",
    client="network",
    operations="network_manager_routing_configurations",
    listing=Listing.PARENT,
    list_method="list",
    parent="network-manager",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData"}),
    delete_arguments={"force": True},
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3),
)
