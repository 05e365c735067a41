"""Collections of admin rules: what may not leave, and what may not enter, a group."""

from __future__ import annotations

from collections.abc import Iterable

from topology.isolation import denied_pairs
from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage
from topology.network import Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield `from-<environment>` for what it may not open, `to-<environment>` for the reverse."""
    pairs = denied_pairs(network)
    for source in dict.fromkeys(source for source, _ in pairs):
        yield _collection(network, f"from-{source}", source)
    for target in dict.fromkeys(target for _, target in pairs):
        yield _collection(network, f"to-{target}", target)


def _collection(network: Network, name: str, group: str) -> Resource:
    names = network.names
    configuration = names.configuration_id("securityAdminConfigurations")
    return Resource(
        kind=KIND.name,
        id=f"{configuration}/ruleCollections/{name}",
        region=None,
        stage=Stage.GLOBAL,
        body={
            "properties": {
                "description": our_description(network.topology.topology),
                "appliesToGroups": [{"networkGroupId": names.network_group_id(group)}],
            }
        },
    )


KIND = Kind(
    name="security-admin-collection",
    arm_type="Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections",
    client="network",
    operations="admin_rule_collections",
    listing=Listing.PARENT,
    list_method="list",
    parent="security-admin-configuration",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData"}),
    delete_arguments={"force": True},
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3),
)
