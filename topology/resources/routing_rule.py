"""Routing rules: all traffic of a spoke goes to the firewall of its own hub."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage, firewall_address
from topology.limits import MANAGED_ROUTES
from topology.naming import spokes_group
from topology.network import Network
from topology.ownership import our_description
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield one rule a region: 0.0.0.0/0 to its firewall, whose address comes late.

    Two next hops for one destination on one subnet would leave the choice to chance
    (facts.md section 4).
    """
    names = network.names
    configuration = names.configuration_id("routingConfigurations")
    for hub in network.hubs:
        if network.has_spokes(hub):
            collection = f"{configuration}/ruleCollections/{spokes_group(hub.region)}"
            yield Resource(
                kind=KIND.name,
                id=f"{collection}/rules/default-to-firewall",
                region=hub.region,
                stage=Stage.ROUTING,
                body={
                    "properties": {
                        "description": our_description(network.topology.topology, hub.region),
                        "destination": {
                            "type": "AddressPrefix",
                            "destinationAddress": "0.0.0.0/0",
                        },
                        "nextHop": {
                            "nextHopType": "VirtualAppliance",
                            "nextHopAddress": firewall_address(names.firewall_id(hub.region)),
                        },
                    }
                },
            )


KIND = Kind(
    name="routing-rule",
    arm_type="Microsoft.Network/networkManagers/routingConfigurations/ruleCollections/rules",
    client="network",
    operations="routing_rules",
    listing=Listing.PARENT,
    list_method="list",
    parent="routing-collection",
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData"}),
    delete_arguments={"force": True},
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3),
    limits=(MANAGED_ROUTES,),
)
