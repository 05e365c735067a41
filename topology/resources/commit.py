"""Commits: the goal state of AVNM in each region, for each type of configuration.

A commit is a POST and no resource, and is planned all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from topology.isolation import denying, has_admin_rules
from topology.kind import Kind, Listing, Ownership, Resource, Severity, Stage
from topology.naming import CONFIGURATIONS, HUB, HUBS, joined_group, spokes_group
from topology.network import Hub, Network
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield for each region: mesh, then security, then routing, each after the one before.

    Routes come last, so that no path opens before what must not use it is denied; by rules of
    other regions, where it has none of its own.
    """
    for hub in network.hubs:
        before: set[str] = set()
        for commit in _in_order(network, hub):
            yield replace(commit, needs=commit.needs | before)
            before = {commit.id}


def _in_order(network: Network, hub: Hub) -> Iterator[Resource]:
    if network.is_meshed(hub) or network.takes_in:
        yield _connectivity(network, hub)
    if has_admin_rules(network, hub):
        yield _security(network, hub)
    if network.has_spokes(hub):
        yield _routing(network, hub)


def _connectivity(network: Network, hub: Hub) -> Resource:
    """Return the commit of the mesh, where it joins the hub, and of who joined the region."""
    names, ids, members = network.names, [], set()
    if network.is_meshed(hub):
        ids.append(names.configuration_id("connectivityConfigurations"))
        members.add(names.member_id(HUBS, hub.region, HUB))
    if network.takes_in:
        ids.append(names.join_id(hub.region))
    return _commit(network, hub, "Connectivity", Stage.MESH, members, *ids)


def _security(network: Network, hub: Hub) -> Resource:
    names = network.names
    members = {names.member_id(item.environment, item.region, item.name) for item in hub.spokes}
    for name in network.grouped:
        members |= _taken_in(network, f"{name}-{hub.region}")
    rules = names.configuration_id("securityAdminConfigurations")
    return _commit(network, hub, "SecurityAdmin", Stage.SECURITY, members, rules)


def _routing(network: Network, hub: Hub) -> Resource:
    routes = network.names.configuration_id("routingConfigurations")
    needs = {network.names.commit_id("SecurityAdmin", name) for name in denying(network, hub)}
    needs |= set(_routed(network, hub))
    return _commit(network, hub, "Routing", Stage.ROUTING, needs, routes)


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


def _commit(
    network: Network, hub: Hub, commit_type: str, stage: Stage, needs: set[str], *ids: str
) -> Resource:
    return Resource(
        kind=KIND.name,
        id=network.names.commit_id(commit_type, hub.region),
        region=hub.region,
        stage=stage,
        body={
            "commitType": commit_type,
            "targetLocations": [hub.region],
            "configurationIds": list(ids),
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
    needs_whole=frozenset(CONFIGURATIONS),
    # The path of what differs in a goal state is its type.
    severity={"Connectivity": Severity.HIGH, "*": Severity.CRITICAL},
    # Commit to Deployed was measured by nobody (facts.md section 2): an assumption.
    seconds=Seconds(create=120, assumed=True),
)
