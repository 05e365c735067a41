"""The graph: what needs what follows from the bodies, and what excludes what from the kinds."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given

from tests.builders import a_network
from tests.strategies import topologies
from tests.topology.examples import NAMES, example
from topology.addressing import allocate, resolve
from topology.graph import CycleError, Graph, expected_seconds, locks, references
from topology.kind import Resource, Stage, late, same_id
from topology.network import Network
from topology.resources import wanted
from topology.spec import Topology

every_example = pytest.mark.parametrize(
    "network", [example(name) for name in NAMES], ids=list(NAMES)
)


def _graph(network: Network | None = None) -> Graph:
    return Graph(wanted(network or a_network()))


def _excludes(one: Resource, other: Resource) -> bool:
    """Say whether two writes may not run at the same time."""
    first, second = locks(one), locks(other)
    taken = second.alone | second.shared
    return bool(first.alone & taken or first.shared & second.alone)


def _a_group(name: str, *needs: str) -> Resource:
    base = "/subscriptions/s/resourceGroups/"
    return Resource(
        kind="resource-group",
        id=f"{base}{name}",
        region=None,
        stage=Stage.GLOBAL,
        body={},
        needs=frozenset(f"{base}{need}" for need in needs),
    )


# -- needs -------------------------------------------------------------------------------


@given(topologies())
def test_every_edge_joins_two_resources(topology: Topology) -> None:
    """An edge to nowhere would hold a step back for ever."""
    graph = _graph(resolve(topology, allocate(topology)))

    assert [
        edge for edge in graph.edges() if edge.step not in graph or edge.need not in graph
    ] == []


@given(topologies())
def test_graph_has_no_circles(topology: Topology) -> None:
    """Whatever is written in a topology file, something can be first."""
    graph = _graph(resolve(topology, allocate(topology)))

    assert nx.is_directed_acyclic_graph(graph.digraph)


@every_example
def test_resource_comes_after_what_it_needs(network: Network) -> None:
    """One by one in this order, everything finds what it names."""
    graph = _graph(network)
    place = {same_id(item.id): number for number, item in enumerate(graph)}

    early = [
        edge for edge in graph.edges() if place[same_id(edge.need)] > place[same_id(edge.step)]
    ]

    assert early == []


@every_example
def test_resource_needs_its_parent(network: Network) -> None:
    """Azure refuses a child before its parent, and any resource before its group."""
    graph = _graph(network)

    roots = [item.id for item in graph if not graph.needs(item.id)]

    assert {item for item in roots if "/providers/" in item} == set()


def test_resource_needs_what_its_body_names() -> None:
    """A firewall needs its policy, its address and its subnet, so the network of that."""
    network = a_network("eastus")
    names = network.names

    needs = {item.id for item in _graph(network).needs(names.firewall_id("eastus"))}

    assert {
        names.policy_id,
        names.public_ip_id("eastus"),
        names.vnet_id("eastus", "hub"),
    } <= needs


def test_resource_needs_the_owner_of_a_late_value() -> None:
    """A spoke asks its firewall for names, so it needs the firewall's address."""
    network = a_network("eastus")

    needs = [item.kind for item in _graph(network).needs(network.names.vnet_id("eastus", "prod"))]

    assert "firewall" in needs


def test_firewall_needs_every_rule_of_its_policy() -> None:
    """A group written later takes minutes and keeps firewalls busy."""
    network = a_network("eastus", egress=[{"name": "web", "fqdns": ["*.example.com"]}])

    needs = [item.name for item in _graph(network).needs(network.names.firewall_id("eastus"))]

    assert {"rcg-sample-egress", "rcg-sample-spoke-to-spoke"} <= set(needs)


def test_reference_finds_its_resource_whatever_the_case() -> None:
    """Azure ignores the case of ids."""
    target, user = _a_group("target"), _a_group("user")
    user = replace(user, body={"id": target.id.upper().replace("/SUBSCRIPTIONS", "/subscriptions")})

    assert [item.name for item in Graph([target, user]).needs(user.id)] == ["target"]


def test_references_name_ids_and_late_values() -> None:
    """Text that is no id is none."""
    body = {"a": ["/subscriptions/s/x"], "b": late("/subscriptions/s/y", "p"), "c": "/other"}

    assert list(references(body)) == ["/subscriptions/s/x", "/subscriptions/s/y"]


def test_circle_is_an_error_that_names_its_members() -> None:
    """Nobody has to look for them."""
    with pytest.raises(CycleError) as refused:
        Graph([_a_group("a", "b"), _a_group("b", "c"), _a_group("c", "a"), _a_group("d")])

    text = str(refused.value)
    assert all(f"resource-group {name}" in text for name in "abc")
    assert "resource-group d" not in text


# -- stages and time ---------------------------------------------------------------------


def test_stages_of_a_region_are_hub_firewall_and_spoke() -> None:
    """Its own subflow runs these, and no other; before them, the rules that are its own."""
    assert [stage for stage in Stage if stage.is_regional] == [
        Stage.POLICY,
        Stage.HUB,
        Stage.FIREWALL,
        Stage.SPOKE,
    ]


def test_every_stage_is_global_regional_or_joins_regions() -> None:
    """No step is run by two flows, or by none."""
    assert [
        stage
        for stage in Stage
        if (stage in {Stage.GLOBAL, Stage.SCOPE}) + stage.is_regional + stage.joins_regions != 1
    ] == []


@every_example
def test_security_is_committed_before_routes_in_each_region(network: Network) -> None:
    """No path opens before what must not use it is denied."""
    graph = _graph(network)
    for hub in network.hubs:
        mesh, security, routing = (
            network.names.commit_id(name, hub.region)
            for name in ("Connectivity", "SecurityAdmin", "Routing")
        )
        assert graph[mesh] in graph.needs(security)
        assert graph[security] in graph.needs(routing)


@pytest.mark.parametrize("isolation", ["strict", "one-way", "none"])
def test_firewalls_know_other_regions_after_a_region_has_its_rules(isolation: str) -> None:
    """Where a firewall lets all through, only these keep environments apart."""
    network = a_network(isolation=isolation)
    graph = _graph(network)

    needs = graph.needs(f"{network.names.route_table_id('eastus')}#remote-routes")

    commits = {item.id for item in needs if item.kind == "commit"}
    rules = {network.names.commit_id("SecurityAdmin", "eastus")}
    assert commits == (set() if isolation == "none" else rules)


def test_routes_are_committed_after_the_firewalls_know_other_regions() -> None:
    """Until then a spoke's traffic for another region would leave for the internet."""
    network = a_network()
    graph = _graph(network)

    routes = graph[f"{network.names.route_table_id('eastus')}#remote-routes"]

    assert routes in graph.needs(network.names.commit_id("Routing", "eastus"))


@every_example
def test_longest_chain_goes_by_policy_firewall_spoke_and_commits(network: Network) -> None:
    """What a rollout takes at least, and where time is to be won."""
    path = [item.kind for item in _graph(network).critical_path()]

    chain = ["firewall-policy", "rule-collection-group", "firewall", "virtual-network"]
    places = [path.index(kind) for kind in chain]
    assert places == sorted(places)
    assert path[-4:] == ["static-member", "commit", "remote-routes", "commit"]


@every_example
def test_longest_chain_does_not_grow_with_regions(network: Network) -> None:
    """Sixty regions take as long as two."""
    seconds = sum(expected_seconds(item) for item in _graph(network).critical_path())

    assert 600 < seconds < 700


# -- what excludes what ------------------------------------------------------------------


def _one(graph: Graph, suffix: str) -> Resource:
    [found] = [item for item in graph if item.id.endswith(suffix)]
    return found


def test_peerings_of_one_hub_exclude_each_other() -> None:
    """Azure takes one write at a time in a network."""
    graph = _graph(a_network("eastus"))

    assert _excludes(
        _one(graph, "peer-sample-hub-to-prod"), _one(graph, "peer-sample-hub-to-nonprod")
    )


def test_peering_excludes_writes_of_both_its_networks() -> None:
    """Azure refuses it while either updates."""
    graph = _graph(a_network("eastus"))
    peering = _one(graph, "peer-sample-prod-to-hub")

    assert _excludes(peering, _one(graph, "virtualNetworks/vnet-sample-hub-eastus"))
    assert _excludes(peering, _one(graph, "virtualNetworks/vnet-sample-prod-eastus"))


def test_firewall_excludes_writes_of_its_network() -> None:
    """It stands in a subnet of it."""
    graph = _graph(a_network("eastus"))

    assert _excludes(_one(graph, "afw-sample-eastus"), _one(graph, "peer-sample-hub-to-prod"))


def test_networks_of_two_regions_do_not_exclude_each_other() -> None:
    """Regions are rolled out side by side."""
    graph = _graph()

    hubs = [_one(graph, f"virtualNetworks/vnet-sample-hub-{name}") for name in ("eastus", "westus")]
    assert not _excludes(*hubs)


def test_firewalls_are_created_side_by_side() -> None:
    """They share the policy: an assumption that a switch reverses."""
    graph = _graph()

    assert not _excludes(_one(graph, "/afw-sample-eastus"), _one(graph, "/afw-sample-westus"))


def test_firewalls_are_created_one_by_one_when_told_so() -> None:
    """`create_side_by_side: false` gives each the policy alone."""
    graph = _graph(a_network(firewall={"create_side_by_side": False}))

    assert _excludes(_one(graph, "/afw-sample-eastus"), _one(graph, "/afw-sample-westus"))


def test_rule_group_excludes_firewalls_of_its_policy() -> None:
    """A firewall is busy while its rules are written."""
    graph = _graph()

    assert _excludes(_one(graph, "rcg-sample-spoke-to-spoke"), _one(graph, "/afw-sample-eastus"))


def test_rule_groups_of_a_policy_exclude_each_other() -> None:
    """Azure takes no parallel updates of a policy."""
    graph = _graph(a_network(egress=[{"name": "web", "fqdns": ["*.example.com"]}]))

    assert _excludes(_one(graph, "rcg-sample-egress"), _one(graph, "rcg-sample-spoke-to-spoke"))


def test_routes_exclude_writes_of_their_table() -> None:
    """Both are PUTs of one route table."""
    graph = _graph()
    table = _one(graph, "routeTables/rt-sample-afw-eastus")

    assert _excludes(_one(graph, "rt-sample-afw-eastus#remote-routes"), table)


@every_example
def test_resource_occupies_itself(network: Network) -> None:
    """No resource is written twice at a time."""
    graph = _graph(network)

    assert [item.id for item in graph if same_id(item.id) not in locks(item).alone] == []
