"""One file a kind of resource; `KINDS` lists them, parents first.

To add a kind, write its file here and add it to the tuple. `READ` are these, and the
kinds of others that are looked at and never made.
"""

from __future__ import annotations

from topology.kind import Kind, Resource
from topology.network import Network
from topology.resources import (
    commit,
    connectivity_configuration,
    firewall,
    firewall_policy,
    network_group,
    network_manager,
    network_security_group,
    peering,
    policy_assignment,
    policy_definition,
    private_dns_link,
    private_dns_zone,
    public_ip,
    remote_routes,
    resource_group,
    route_table,
    routing_collection,
    routing_configuration,
    routing_rule,
    rule_collection_group,
    security_admin_collection,
    security_admin_configuration,
    security_admin_rule,
    static_member,
    virtual_network,
)
from topology.resources.neighbours import NEIGHBOURS

KINDS: tuple[Kind, ...] = (
    resource_group.KIND,
    network_security_group.KIND,
    route_table.KIND,
    virtual_network.KIND,
    public_ip.KIND,
    firewall_policy.KIND,
    rule_collection_group.KIND,
    firewall.KIND,
    peering.KIND,
    remote_routes.KIND,
    private_dns_zone.KIND,
    private_dns_link.KIND,
    network_manager.KIND,
    network_group.KIND,
    static_member.KIND,
    policy_definition.KIND,
    policy_assignment.KIND,
    connectivity_configuration.KIND,
    security_admin_configuration.KIND,
    security_admin_collection.KIND,
    security_admin_rule.KIND,
    routing_configuration.KIND,
    routing_collection.KIND,
    routing_rule.KIND,
    commit.KIND,
)

READ: tuple[Kind, ...] = (*KINDS, *NEIGHBOURS)

KIND_BY_NAME: dict[str, Kind] = {kind.name: kind for kind in READ}


def wanted(network: Network) -> tuple[Resource, ...]:
    """Return everything that Azure should hold for this network, parents first."""
    return tuple(resource for kind in KINDS for resource in kind.expand(network))
