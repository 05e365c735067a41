"""What is wanted of Azure: every kind in every example, and what it comes to as a network."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.builders import a_network
from tests.topology.examples import NAMES, example, of_kind
from topology.graph import Graph, references
from topology.kind import Kind, Ownership, Resource, Stage, at, late_values, same_id
from topology.network import Network
from topology.ownership import is_ours
from topology.planning.diff import lay_over
from topology.resources import (
    KIND_BY_NAME,
    KINDS,
    firewall,
    network_group,
    peering,
    policy_definition,
    remote_routes,
    route_table,
    routing_collection,
    routing_rule,
    rule_collection_group,
    security_admin_rule,
    static_member,
    virtual_network,
    wanted,
)
from topology.selection import group_of

# Commits and remote routes are known by their parent alone, whatever their name.
KNOWN_BY_ITSELF = [
    kind for kind in KINDS if kind.owned_by is not Ownership.NAME or kind.our_names != ".*"
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.name))
every_example = pytest.mark.parametrize("network", [example(name) for name in NAMES], ids=NAMES)


def _path_of_types(resource: Resource) -> str:
    """Return what Azure calls the type of an id: every second segment of its end."""
    tail = resource.id.split("#")[0].split("/providers/")[-1]
    if "/providers/" not in resource.id:
        return "Microsoft.Resources/resourceGroups"
    provider, *parts = tail.split("/")
    return "/".join([provider, *parts[::2]])


def _all_late(network: Network) -> Iterator[tuple[str, str]]:
    for item in wanted(network):
        for value in late_values(item.body):
            yield same_id(value.resource_id), value.path


# -- every kind --------------------------------------------------------------------------


@every_example
@every_kind
def test_kind_expands_the_same_twice(kind: Kind, network: Network) -> None:
    """A plan of the same file is the same plan."""
    assert list(kind.expand(network)) == list(kind.expand(network))


@every_example
@every_kind
def test_id_ends_in_the_path_of_its_type(kind: Kind, network: Network) -> None:
    """The client finds an operation by type, and the type by the id."""
    assert {_path_of_types(item) for item in of_kind(network, kind)} <= {kind.arm_type}


@every_example
@every_kind
def test_kind_says_its_own_name(kind: Kind, network: Network) -> None:
    """The facts of a resource are found by the name of its kind."""
    assert {item.kind for item in kind.expand(network)} <= {kind.name}


@every_example
@every_kind
def test_resource_is_ours_by_its_own_rule(kind: Kind, network: Network) -> None:
    """What we make today we must know tomorrow, for nothing else says whose it is."""
    name = network.topology.topology

    lost = [
        item.id for item in of_kind(network, kind) if not is_ours(kind, item.body, item.id, name)
    ]

    assert lost == []


@every_example
@pytest.mark.parametrize("kind", KNOWN_BY_ITSELF, ids=lambda kind: str(kind.name))
def test_resource_is_not_that_of_another_topology(kind: Kind, network: Network) -> None:
    """Two networks may share a subscription."""
    found = of_kind(network, kind)

    taken = [item.id for item in found if is_ours(kind, item.body, item.id, "other")]

    assert taken == []


@every_example
@every_kind
def test_body_holds_only_json(kind: Kind, network: Network) -> None:
    """Bodies are saved in plans and sent as they are."""
    bodies = [item.body for item in of_kind(network, kind)]

    assert bodies == json.loads(json.dumps(bodies))


@every_example
@every_kind
def test_location_is_the_region(kind: Kind, network: Network) -> None:
    """What belongs to a region stands there; links of a DNS zone are global in Azure."""
    places = {
        (item.region, item.body["location"])
        for item in of_kind(network, kind)
        if item.region is not None and "location" in item.body
    }

    assert [(region, place) for region, place in places if place not in {region, "global"}] == []


@every_kind
def test_every_kind_is_used_by_an_example(kind: Kind) -> None:
    """A kind that nothing expands to would be tested by nobody."""
    assert any(list(of_kind(example(name), kind)) for name in NAMES)


@every_kind
def test_parent_of_a_kind_is_a_kind(kind: Kind) -> None:
    """Lists of children are read under each parent."""
    assert {kind.parent, kind.part_of} <= {None, *KIND_BY_NAME}


@every_kind
def test_pattern_of_names_is_a_regular_expression(kind: Kind) -> None:
    """A pattern that is wrong would be found by the first plan in production."""
    for pattern in (kind.our_names, *(item.ours for item in kind.child_lists)):
        re.compile(pattern.replace("{topology}", "sample"))


# -- all of it ---------------------------------------------------------------------------


@every_example
def test_ids_are_unique_whatever_their_case(network: Network) -> None:
    """Azure ignores case."""
    counts = Counter(same_id(item.id) for item in wanted(network))

    assert [name for name, count in counts.items() if count > 1] == []


@every_example
def test_every_reference_leads_to_something_wanted(network: Network) -> None:
    """A body names nothing that nobody makes; a subnet stands in its network's body."""
    made = {same_id(item.id) for item in wanted(network)}
    made |= {
        same_id(f"{item.id}/subnets/{subnet['name']}")
        for item in of_kind(network, virtual_network.KIND)
        for subnet in item.body["properties"]["subnets"]
    }
    made |= {f"/subscriptions/{item}" for item in network.subscriptions}

    lost = {name for item in wanted(network) for name in references(item.body)}

    assert {name for name in lost if same_id(name) not in made} == set()


@every_example
def test_every_named_need_is_wanted(network: Network) -> None:
    """A need that nothing meets would be forgotten in silence."""
    made = {same_id(item.id) for item in wanted(network)}

    assert {
        need for item in wanted(network) for need in item.needs if same_id(need) not in made
    } == set()


@every_example
def test_late_values_are_the_addresses_of_firewalls(network: Network) -> None:
    """Nothing else has to wait for a value that Azure assigns."""
    firewalls = {same_id(item.id) for item in of_kind(network, firewall.KIND)}
    path = "properties.ipConfigurations.0.properties.privateIPAddress"

    assert set(_all_late(network)) == {(name, path) for name in firewalls}


@every_example
def test_need_of_another_region_only_orders(network: Network) -> None:
    """A region that fails stops nothing in another."""
    graph = Graph(wanted(network))

    hard = [
        edge
        for edge in graph.edges()
        if not edge.orders_only
        and None not in {graph[edge.step].region, graph[edge.need].region}
        and graph[edge.step].region != graph[edge.need].region
    ]

    assert hard == []


@every_example
def test_what_a_regions_own_subflow_makes_needs_no_other_region(network: Network) -> None:
    """Regions are rolled out side by side, from the first group to the last link."""
    graph = Graph(wanted(network))

    crossing = [
        (item.id, need.id)
        for item in graph
        for need in graph.needs(item.id)
        if item.stage.is_regional and need.region not in {None, item.region}
    ]

    assert crossing == []


@every_example
def test_needed_stage_comes_first(network: Network) -> None:
    """Stages run one after the other, so nothing needs what a later stage makes.

    The firewall policy's stage is GLOBAL, and so are groups and configurations.
    """
    graph, order = Graph(wanted(network)), list(Stage)

    late = [
        (item.id, need.id)
        for item in graph
        for need in graph.needs(item.id)
        if order.index(need.stage) > order.index(item.stage)
    ]

    assert late == []


# -- hubs and spokes ---------------------------------------------------------------------


@every_example
def test_hub_and_spoke_are_peered_both_ways(network: Network) -> None:
    """A peering works only when both ends have it."""
    ends = {
        (item.id.split("/virtualNetworkPeerings/")[0], at(item.body, _REMOTE))
        for item in of_kind(network, peering.KIND)
    }
    names = network.names

    expected = set()
    for spoke in network.spokes:
        hub_id, spoke_id = (names.vnet_id(spoke.region, role) for role in ("hub", spoke.name))
        expected |= {(hub_id, spoke_id), (spoke_id, hub_id)}

    assert expected == ends


_REMOTE = "properties.remoteVirtualNetwork.id"


@every_example
def test_peering_lets_forwarded_traffic_pass(network: Network) -> None:
    """What comes from another spoke comes by the firewall."""
    values = {
        at(item.body, "properties.allowForwardedTraffic") for item in of_kind(network, peering.KIND)
    }

    assert values == {True}


@every_example
def test_workload_subnet_has_no_default_way_out(network: Network) -> None:
    """Until its route is deployed it would reach the internet around the firewall."""
    spokes = [
        subnet
        for item in of_kind(network, virtual_network.KIND)
        if item.stage is Stage.SPOKE
        for subnet in item.body["properties"]["subnets"]
    ]

    assert {subnet["properties"]["defaultOutboundAccess"] for subnet in spokes} == {False}


@every_example
def test_workload_subnet_has_a_security_group_and_no_table_of_ours(network: Network) -> None:
    """AVNM makes and associates the table; two owners would fight."""
    keys = {
        key
        for item in of_kind(network, virtual_network.KIND)
        if item.stage is Stage.SPOKE
        for subnet in item.body["properties"]["subnets"]
        for key in subnet["properties"]
    }

    assert keys == {"addressPrefix", "networkSecurityGroup", "defaultOutboundAccess"}


@every_example
def test_firewall_table_leads_to_the_internet_before_a_subnet_has_it(network: Network) -> None:
    """Azure refuses the association otherwise, so the network needs the table."""
    graph = Graph(wanted(network))

    for hub in network.hubs:
        table = graph[network.names.route_table_id(hub.region)]
        routes = [
            (at(route, "properties.addressPrefix"), at(route, "properties.nextHopType"))
            for route in table.body["properties"]["routes"]
        ]
        assert routes == [("0.0.0.0/0", "Internet")]
        assert table in graph.needs(network.names.vnet_id(hub.region, "hub"))


@every_example
def test_firewall_subnet_has_its_table_and_no_security_group(network: Network) -> None:
    """Azure takes no security group there."""
    keys = {
        key
        for item in of_kind(network, virtual_network.KIND)
        if item.stage is Stage.HUB
        for subnet in item.body["properties"]["subnets"]
        for key in subnet["properties"]
    }

    assert keys == {"addressPrefix", "routeTable"}


@every_example
def test_hub_has_a_route_to_each_other_region(network: Network) -> None:
    """Its next hop is the other firewall, and its destination all of the other region."""
    blocks = {hub.region: str(hub.block) for hub in network.hubs}
    for hub in network.hubs:
        [item] = [
            item for item in of_kind(network, remote_routes.KIND) if item.region == hub.region
        ]
        found = {
            route["properties"]["addressPrefix"]: next(late_values(route)).resource_id
            for route in item.body["properties"]["routes"]
        }

        assert found == {
            block: network.names.firewall_id(region)
            for region, block in blocks.items()
            if region != hub.region
        }


@every_example
def test_no_two_routes_of_a_table_have_one_destination(network: Network) -> None:
    """Both kinds of routes are written to one table."""
    for hub in network.hubs:
        table = network.names.route_table_id(hub.region)
        destinations = Counter(
            route["properties"]["addressPrefix"]
            for kind in (route_table.KIND, remote_routes.KIND)
            for item in of_kind(network, kind)
            if item.id.split("#")[0] == table
            for route in item.body["properties"]["routes"]
        )

        assert set(destinations.values()) == {1}


# -- what AVNM deploys -------------------------------------------------------------------


def _members(network: Network) -> dict[str, set[str]]:
    """Return the networks of each group."""
    groups: dict[str, set[str]] = {}
    for item in of_kind(network, static_member.KIND):
        group = item.id.split("/staticMembers/")[0]
        groups.setdefault(group, set()).add(item.body["properties"]["resourceId"])
    return groups


@every_example
def test_no_network_gets_two_next_hops_for_one_destination(network: Network) -> None:
    """Azure would choose one by chance: collections x their groups x members."""
    members, hops = _members(network), Counter[tuple[str, str]]()
    for collection in of_kind(network, routing_collection.KIND):
        rules = [
            item
            for item in of_kind(network, routing_rule.KIND)
            if item.id.startswith(f"{collection.id}/")
        ]
        for target in collection.body["properties"]["appliesTo"]:
            for network_id in members.get(target["networkGroupId"], ()):
                for rule in rules:
                    destination = at(rule.body, "properties.destination.destinationAddress")
                    hops[network_id, destination] += 1

    assert [key for key, count in hops.items() if count > 1] == []


@every_example
def test_every_spoke_is_routed_to_the_firewall_of_its_own_region(network: Network) -> None:
    """Every spoke has a default route, and its next hop stands in its hub."""
    members, hops = _members(network), {}
    for rule in of_kind(network, routing_rule.KIND):
        collection = rule.id.split("/rules/")[0]
        targets = next(
            item.body["properties"]["appliesTo"]
            for item in of_kind(network, routing_collection.KIND)
            if item.id == collection
        )
        for target in targets:
            for network_id in members.get(target["networkGroupId"], ()):
                hops[network_id] = next(late_values(rule.body)).resource_id

    assert hops == {
        network.names.vnet_id(spoke.region, spoke.name): network.names.firewall_id(spoke.region)
        for spoke in network.spokes
    }


@every_example
def test_mesh_joins_all_hubs_and_no_spoke(network: Network) -> None:
    """A spoke in the mesh would reach others around the firewalls."""
    hubs = network.names.network_group_id("hubs")

    assert _members(network)[hubs] == {
        network.names.vnet_id(hub.region, "hub") for hub in network.hubs
    }


@every_example
def test_every_group_that_is_used_has_members_or_takes_some_in(network: Network) -> None:
    """Nothing is committed for nobody."""
    groups = {same_id(item.id) for item in of_kind(network, network_group.KIND)}
    filled = {group_of(item.body) for item in of_kind(network, policy_definition.KIND)}

    assert groups == {*map(same_id, _members(network)), *filled}


# -- who reaches whom --------------------------------------------------------------------

PAIRS = {
    "strict": set(),
    "one-way": {("prod", "nonprod"), ("prod", "lab"), ("nonprod", "lab")},
    "none": {
        (one, other)
        for one in ("prod", "nonprod", "lab")
        for other in ("prod", "nonprod", "lab")
        if one != other
    },
}
every_isolation = pytest.mark.parametrize("isolation", list(PAIRS))


def _isolated(isolation: str) -> Network:
    return a_network(environments=("prod", "nonprod", "lab"), isolation=isolation)


def _allowed(network: Network) -> set[tuple[str, str]]:
    """Return who may open connections to whom, by the firewalls' network rules."""
    environment = {str(spoke.prefix): spoke.environment for spoke in network.spokes}
    return {
        (environment[source], environment[target])
        for item in of_kind(network, rule_collection_group.KIND)
        for collection in item.body["properties"]["ruleCollections"]
        if collection["action"]["type"] == "Allow"
        for rule in collection["rules"]
        if rule["ruleType"] == "NetworkRule"
        for source in rule["sourceAddresses"]
        for target in rule["destinationAddresses"]
    }


def _denied(network: Network, direction: str) -> set[tuple[str, str]]:
    """Return who is denied what, by the admin rules of one direction."""
    environment = {str(spoke.prefix): spoke.environment for spoke in network.spokes}
    found = set()
    for rule in of_kind(network, security_admin_rule.KIND):
        values = rule.body["properties"]
        group = rule.id.split("/ruleCollections/")[1].split("/")[0].split("-", 1)[1]
        far = "destinations" if direction == "Outbound" else "sources"
        if values["direction"] == direction and values["access"] == "Deny":
            others = {environment[item["addressPrefix"]] for item in values[far]}
            found |= {(group, o) if direction == "Outbound" else (o, group) for o in others}
    return found


@every_isolation
def test_firewall_opens_only_what_isolation_allows(isolation: str) -> None:
    """Within an environment all may reach all."""
    within = {(name, name) for name in ("prod", "nonprod", "lab")}

    assert _allowed(_isolated(isolation)) == PAIRS[isolation] | within


@every_isolation
@pytest.mark.parametrize("direction", ["Outbound", "Inbound"])
def test_admin_rules_deny_all_that_isolation_does_not_allow(isolation: str, direction: str) -> None:
    """At the source and at the target, each by itself."""
    expected = PAIRS["none"] - PAIRS[isolation]

    assert expected == _denied(_isolated(isolation), direction)


def test_globojavas_prod_may_open_to_nonprod_and_never_the_reverse() -> None:
    """The requirement that all of this is for."""
    network = example("globojava")

    assert ("prod", "nonprod") in _allowed(network)
    assert ("nonprod", "prod") not in _allowed(network)
    assert _denied(network, "Outbound") == {("nonprod", "prod")}
    assert _denied(network, "Inbound") == {("nonprod", "prod")}


@every_isolation
def test_admin_rules_of_one_direction_have_priorities_of_their_own(isolation: str) -> None:
    """Azure refuses two rules of one priority and direction."""
    counts = Counter(
        (rule.body["properties"]["direction"], rule.body["properties"]["priority"])
        for rule in of_kind(_isolated(isolation), security_admin_rule.KIND)
    )

    assert [key for key, count in counts.items() if count > 1] == []


def test_egress_is_open_to_its_environments_only() -> None:
    """GloboJava's payments are for prod."""
    network = example("globojava")

    sources = {
        rule["name"]: set(rule["sourceAddresses"])
        for item in of_kind(network, rule_collection_group.KIND)
        for collection in item.body["properties"]["ruleCollections"]
        for rule in collection["rules"]
        if rule["ruleType"] == "ApplicationRule"
    }

    prod, nonprod = (set(network.prefixes_of(name)) for name in ("prod", "nonprod"))
    assert sources == {
        "payments": prod,
        "packages": prod | nonprod,
        "microsoft": prod | nonprod,
    }


def test_no_name_leads_inside() -> None:
    """Before names are asked about, firewalls deny what spokes send within the topology's space."""
    network = example("globojava")
    [egress] = [
        item.body["properties"]
        for item in of_kind(network, rule_collection_group.KIND)
        if item.id.endswith("-egress")
    ]
    denying = egress["ruleCollections"][0]
    [rule] = denying["rules"]

    assert egress["priority"] == 65_000  # network rules of others come before
    assert (denying["action"], rule["ruleType"]) == ({"type": "Deny"}, "NetworkRule")
    assert set(rule["sourceAddresses"]) == {str(spoke.prefix) for spoke in network.spokes}
    assert rule["destinationAddresses"] == ["10.0.0.0/8"]


@every_example
def test_every_firewall_rule_has_a_source(network: Network) -> None:
    """Azure refuses a rule without one."""
    rules = [
        rule
        for item in of_kind(network, rule_collection_group.KIND)
        for collection in item.body["properties"]["ruleCollections"]
        for rule in collection["rules"]
    ]

    assert [rule["name"] for rule in rules if not rule["sourceAddresses"]] == []


def test_region_without_zones_is_sent_none() -> None:
    """Azure refuses zones where there are none; westus has none."""
    network = a_network("westus", home="westus")

    sent = [
        lay_over(None, item.body, KIND_BY_NAME[item.kind], "sample") for item in wanted(network)
    ]
    assert [body for body in sent if "zones" in body] == []


def test_firewall_is_in_all_zones_of_its_region() -> None:
    """So is its address, or it could not be moved between them."""
    network = a_network("eastus")

    assert {item.kind: item.body["zones"] for item in wanted(network) if "zones" in item.body} == {
        "public-ip": ["1", "2", "3"],
        "firewall": ["1", "2", "3"],
    }


def test_standard_tier_sends_no_intrusion_detection() -> None:
    """It is a feature of Premium, and Azure refuses it elsewhere."""
    [policy] = (
        item
        for item in wanted(a_network(firewall={"tier": "Standard"}))
        if item.kind == "firewall-policy"
    )

    assert "intrusionDetection" not in policy.body["properties"]


def test_region_without_spokes_is_a_hub_alone() -> None:
    """It is in the mesh and has routes, and nothing else."""
    network = a_network(regions={"eastus": {"spokes": {}}, "westus": {}})

    kinds = {item.kind for item in wanted(network) if item.region == "eastus"}
    assert kinds == {
        "commit",
        "firewall",
        "private-dns-link",
        "public-ip",
        "remote-routes",
        "resource-group",
        "route-table",
        "static-member",
        "virtual-network",
    }
