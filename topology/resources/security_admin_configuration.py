"""The security admin configuration: what keeps environments apart, before any NSG."""

from __future__ import annotations

from collections.abc import Iterable

from topology.isolation import denied_pairs
from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage
from topology.network import Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield the one configuration, where any environment is kept from another.

    Azure takes one a region and manager (facts.md section 0.4).
    """
    if denied_pairs(network):
        yield Resource(
            kind=KIND.name,
            id=network.names.configuration_id("securityAdminConfigurations"),
            region=None,
            stage=Stage.GLOBAL,
            body={"properties": {"description": our_description(network.topology.topology)}},
        )


KIND = Kind(
    name="security-admin-configuration",
    arm_type="Microsoft.Network/networkManagers/securityAdminConfigurations",
    client="network",
    operations="security_admin_configurations",
    listing=Listing.PARENT,
    list_method="list",
    parent="network-manager",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData"}),
    delete_arguments={"force": True},
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3, delete=31),
)
