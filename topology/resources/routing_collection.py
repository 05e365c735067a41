"""Collections of routing rules: one for the spokes of each region."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage
from topology.naming import joined_group, spokes_group
from topology.network import Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield a collection a region; spokes take no routes of gateways (facts.md section 5)."""
    names = network.names
    configuration = names.configuration_id("routingConfigurations")
    for hub in network.hubs:
        if network.has_spokes(hub):
            groups = [spokes_group(hub.region)] if hub.spokes else []
            groups += [joined_group(hub.region)] if network.takes_in else []
            yield Resource(
                kind=KIND.name,
                id=f"{configuration}/ruleCollections/{spokes_group(hub.region)}",
                region=hub.region,
                stage=Stage.ROUTING,
                body={
                    "properties": {
                        "description": our_description(network.topology.topology, hub.region),
                        "disableBgpRoutePropagation": "True",
                        "appliesTo": [
                            {"networkGroupId": names.network_group_id(group)} for group in groups
                        ],
                    }
                },
            )


KIND = Kind(
    name="routing-collection",
    arm_type="Microsoft.Network/networkManagers/routingConfigurations/ruleCollections",
    client="network",
    operations="routing_rule_collections",
    listing=Listing.PARENT,
    list_method="list",
    parent="routing-configuration",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData"}),
    delete_arguments={"force": True},
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3),
)
