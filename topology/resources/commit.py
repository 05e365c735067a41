"""Commits: the goal state of AVNM in each region, for each type of configuration.

A commit is a POST and no resource, and is planned all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from topology.isolation import has_admin_rules
from topology.kind import Kind, Listing, Ownership, Resource, Stage
from topology.naming import HUB, HUBS, joined_group, spokes_group
from topology.network import Hub, Network


def expand(network: Network) -> Iterable[Resource]:
    """Yield for each region: mesh, then security, then routing, each after the one before.

    Routes come last, so that no path opens before what must not use it is denied.
    """
    for hub in network.hubs:
        before = _mesh(network, hub)
        yield before
        if has_admin_rules(network, hub):
            before = _security(network, hub, before)
            yield before
        if network.has_spokes(hub):
            yield _routing(network, hub, before)


def _mesh(network: Network, hub: Hub) -> Resource:
    member = network.names.member_id(HUBS, hub.region, HUB)
    join = [network.names.join_id(hub.region)] if network.takes_in else []
    return _commit(network, hub, "Connectivity", Stage.MESH, {member}, *join)


def _security(network: Network, hub: Hub, before: Resource) -> Resource:
    names = network.names
    members = {names.member_id(item.environment, item.region, item.name) for item in hub.spokes}
    for name in network.grouped:
        members |= _taken_in(network, f"{name}-{hub.region}")
    return _commit(network, hub, "SecurityAdmin", Stage.SECURITY, {*members, before.id})


def _routing(network: Network, hub: Hub, before: Resource) -> Resource:
    return _commit(network, hub, "Routing", Stage.ROUTING, {*_routed(network, hub), before.id})


def _routed(network: Network, hub: Hub) -> Iterator[str]:
    """Yield what stands before routes: the members, and the firewall's way to other regions."""
    names = network.names
    for spoke in hub.spokes:
        yield names.member_id(spokes_group(hub.region), spoke.region, spoke.name)
    yield from _taken_in(network, joined_group(hub.region))
    yield f"{names.route_table_id(hub.region)}#remote-routes"


def _taken_in(network: Network, serves: str) -> set[str]:
    """Return what puts networks of others into a group: they are in it before the commit."""
    names, places = network.names, network.used_subscriptions if network.takes_in else ()
    return {names.assignment_id(serves, subscription) for subscription in places}


_CONFIGURATION = {
    "Connectivity": "connectivityConfigurations",
    "SecurityAdmin": "securityAdminConfigurations",
    "Routing": "routingConfigurations",
}


def _commit(
    network: Network, hub: Hub, commit_type: str, stage: Stage, needs: set[str], *more: str
) -> Resource:
    names = network.names
    return Resource(
        kind=KIND.name,
        id=names.commit_id(commit_type, hub.region),
        region=hub.region,
        stage=stage,
        body={
            "commitType": commit_type,
            "targetLocations": [hub.region],
            "configurationIds": [names.configuration_id(_CONFIGURATION[commit_type]), *more],
        },
        needs=frozenset(needs),
    )


KIND = Kind(
    name="commit",
    arm_type="Microsoft.Network/networkManagers/commits",
    client="network",
    operations="network_manager_commits",
    listing=Listing.DEPLOYMENT_STATUS,
    parent="network-manager",
    owned_by=Ownership.NAME,
    expand=expand,
    needs_whole=frozenset(_CONFIGURATION.values()),
    # Commit to Deployed was measured by nobody (facts.md section 2): an assumption.
    expected_seconds=120,
)
