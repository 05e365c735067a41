"""Room below Azure's limits: counted by kinds, found out by growing, told in the docs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.builders import SUBSCRIPTION, a_network, as_deployed
from tests.topology.examples import example
from topology.addressing import lock_of
from topology.billed import METERS, TRAFFIC
from topology.forecast import telling
from topology.forecast.forecast import Forecast, forecast_of
from topology.forecast.limits import Headroom, counted, growth, headroom, passed, standing
from topology.forecast.peaks import peaks
from topology.forecast.prices import BUILT_IN, parse_prices
from topology.forecast.refusals import refused
from topology.graph import Edge
from topology.kind import at, put_at, same_id
from topology.limits import LIMITS
from topology.naming import AVNM_GROUP, HUB, HUBS
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.planning.plan import Create, Delete, Plan
from topology.planning.planner import make_plan
from topology.planning.removal import as_resource
from topology.reading import TopologyError
from topology.regions import AZURE_REGIONS
from topology.resources import KINDS, READ, wanted

PAGE = (Path(__file__).parents[3] / "docs/forecast.md").read_text()


def test_every_limit_is_counted_by_a_kind() -> None:
    """A limit that nobody counts against would promise what is not looked at."""
    counted = {limit.name for kind in READ for limit in kind.limits}

    assert counted == LIMITS.keys()


def test_every_meter_has_a_price_with_its_source() -> None:
    """Those of kinds, and those of traffic; what nobody names says that it is an assumption."""
    billed = {item.meter for kind in KINDS for item in kind.billed}

    assert {name for name in METERS if "{" not in name} == {
        *(name for name in billed if "{" not in name),
        "firewall-premium",
        "firewall-standard",
    }
    assert {*BUILT_IN.prices} == {*METERS, *TRAFFIC}
    assert all(
        price.assumed == ("ASSUMPTION" in price.source) for price in BUILT_IN.prices.values()
    )


def test_page_names_every_limit_and_every_meter() -> None:
    """Whoever writes a price table or raises a limit finds the word there."""
    rows = dict(re.findall(r"^\| `([\w-]+)` \| ([\d,]+) \|", PAGE, re.MULTILINE))

    assert rows == {name: f"{limit.most:,}" for name, limit in LIMITS.items()}
    assert [name for name in (*METERS, *TRAFFIC) if f"`{name}`" not in PAGE] == []


def test_the_example_on_the_page_is_what_a_first_plan_tells() -> None:
    """Of GloboJava, before any run was measured."""
    network = example("globojava")
    told = telling.in_short(forecast_of(network, make_plan(network, Actual()), Actual()))

    assert [*told] == PAGE.split("```")[1].strip().split("\n")


@pytest.mark.parametrize("most", [3, 4, 7, 58])
def test_growth_ends_where_a_network_of_that_size_would_be_refused(most: int) -> None:
    """What growing foretells is what each size by itself says."""
    raised = {"dns-links": 3 * most}  # a hub and two spokes a region
    found = growth(a_network("eastus", "westus"), {}, raised)
    sizes = [size for size in (most, most + 1) if size <= len(AZURE_REGIONS)]
    refused = {
        size: passed(headroom(counted(wanted(a_network(*islice(AZURE_REGIONS, size)))), raised))
        for size in sizes
    }

    assert found.regions + found.fits == most
    assert [bool(refused[size]) for size in sizes] == [size > most for size in sizes]
    assert bool(found.meets) == (most < len(AZURE_REGIONS))


def test_routes_of_a_table_are_counted_whoever_writes_them() -> None:
    """The default route is the table's own, those to other regions are a part of theirs."""
    rooms = headroom(counted(wanted(a_network("eastus", "westus", "uksouth"))), {})

    assert {room.used for room in rooms if room.limit.name == "routes"} == {3}


@pytest.mark.parametrize(
    "prefixes",
    [
        {"addressPrefix": "10.0.0.0/24"},
        {"addressPrefixes": ["10.0.0.0/24"]},
        {"addressPrefixes": ["10.0.0.0/25", "10.0.0.128/25", "fd00::/64"]},
    ],
)
def test_addresses_of_a_subnet_are_counted_however_its_prefixes_are_told(
    prefixes: dict[str, Any],
) -> None:
    """Azure tells one prefix, or a list; five addresses are its own."""
    properties = {"subnets": [{"name": "s", "properties": prefixes}]}

    assert LIMITS["addresses"].count({"properties": properties}) == 251


# -- what others put into ours -------------------------------------------------------------

MORE_SPOKES: dict[str, Any] = {"environments": ["prod", "nonprod", "lab"]}
MORE_REGIONS: dict[str, Any] = {"regions": {name: {} for name in ("eastus", "westus", "uksouth")}}
OTHERS = 3


def _children(parent: str, kind: str, body: Mapping[str, Any]) -> list[Found]:
    return [Found(kind, f"{parent}/theirs-{n}", {"name": f"theirs-{n}", **body}) for n in range(3)]


def _into(actual: Actual, resource_id: str, path: str, item: Mapping[str, Any]) -> list[Found]:
    """Return a resource of ours into whose list others have put three items."""
    found = actual.resources[same_id(resource_id)]
    items = [*(at(found.body, path) or ()), *({**item, "name": f"theirs-{n}"} for n in range(3))]
    body = deepcopy(dict(found.body))
    put_at(body, path, items)
    return [replace(found, body=body)]


def _theirs(network: Network, actual: Actual, limit: str) -> list[Found]:
    """Return three things of others that count against a limit, in what is ours."""
    names, zone = network.names, network.names.zone_id(network.topology.dns_zone)
    rule = {"sourceAddresses": ["192.0.2.1"], "destinationAddresses": ["192.0.2.2"] * OTHERS}
    match limit:
        case "peerings":
            remote = {"remoteVirtualNetwork": {"id": f"{names.group_id('eastus')}-x/v"}}
            parent = f"{names.vnet_id('eastus', HUB)}/virtualNetworkPeerings"
            return _children(parent, "peering", {"properties": remote})
        case "dns-links":
            return _children(f"{zone}/virtualNetworkLinks", "private-dns-link", {})
        case "rule-pairs":
            group = {"properties": {"ruleCollections": [{"rules": [rule]}]}}
            name = f"{names.policy_id}/ruleCollectionGroups/theirs"
            return [Found("rule-collection-group", name, {"name": "theirs", **group})]
        case "admin-rules":
            found = (i for i in actual.resources.values() if i.kind == "security-admin-collection")
            return _children(f"{next(found).id}/rules", "security-admin-rule", {})
        case "meshed-networks":
            found = (i for i in actual.resources.values() if i.kind == "static-member")
            hubs = next(i.id.rpartition("/")[0] for i in found if f"/{HUBS}/" in same_id(i.id))
            return _children(hubs, "static-member", {})
        case _:
            tables = (i for i in actual.resources.values() if i.kind == "route-table")
            table = max(tables, key=lambda item: len(item.body["properties"]["routes"]))
            return _into(actual, table.id, "properties.routes", {"properties": {}})


@pytest.mark.parametrize(
    ("limit", "more"),
    [
        ("peerings", MORE_SPOKES),
        ("dns-links", MORE_SPOKES),
        ("rule-pairs", MORE_SPOKES),
        ("admin-rules", MORE_SPOKES),
        ("meshed-networks", MORE_REGIONS),
        ("routes", MORE_REGIONS),
    ],
)
def test_a_limit_that_only_others_things_pass_is_refused_with_that_word(
    limit: str, more: Mapping[str, Any]
) -> None:
    """Ours alone would fit to the last one, where no generation stands beside another."""
    actual = replace(as_deployed(a_network()), goal_states={})
    theirs = {same_id(item.id): item for item in _theirs(a_network(), actual, limit)}
    among = replace(actual, resources={**actual.resources, **theirs})
    most = _room(_after(limit, 10**6, more, actual)[1], limit).used

    network, alone = _after(limit, most, more, actual)
    assert refused(network, alone) is None
    network, forecast = _after(limit, most, more, among)
    assert _room(forecast, limit).others == OTHERS
    assert f"there would be {most + OTHERS} of {most} " in str(refused(network, forecast))
    assert f", {OTHERS} of them others'; without theirs all" in str(refused(network, forecast))


def _after(
    limit: str, most: int, more: Mapping[str, Any], actual: Actual
) -> tuple[Network, Forecast]:
    """Return a network that has grown, where Azure takes so much of something, and its forecast."""
    fields = {"regions": {"eastus": {}, "westus": {}}, **more}
    network = a_network(lock=lock_of(a_network()), **fields, policies={"limits": {limit: most}})
    return network, forecast_of(network, make_plan(network, actual), actual)


def _room(forecast: Forecast, limit: str) -> Headroom:
    return next(room for room in forecast.limits if room.limit.name == limit)


def test_what_others_have_put_into_ours_leaves_less_to_grow() -> None:
    """A mesh of ten takes three regions less where three of its members are not ours."""
    network = a_network(policies={"limits": {"meshed-networks": 10}})
    actual = as_deployed(network)
    theirs = {item.id: item for item in _theirs(network, actual, "meshed-networks")}
    among = replace(actual, resources={**actual.resources, **theirs})
    alone, beside = (
        forecast_of(network, make_plan(network, state), state).growth for state in (actual, among)
    )

    assert beside.fits == alone.fits - OTHERS
    assert beside.meets.startswith("10 networks of the mesh")


def test_more_than_azure_takes_that_stands_already_is_no_reason_to_refuse() -> None:
    """It has raised the limit and the file does not say so; what would be more is refused."""
    network, actual = a_network(policies={"limits": {"admin-rules": 1}}), as_deployed(a_network())

    assert refused(network, forecast_of(network, make_plan(network, actual), actual)) is None
    assert "2 of 1 security admin rules" in str(
        refused(network, forecast_of(network, make_plan(network, Actual()), Actual()))
    )


@pytest.mark.parametrize(("regions", "told"), [(2, None), (3, "3 of 2 routes in rt-sample-afw-")])
def test_a_place_that_stands_beyond_a_limit_hides_no_other(regions: int, told: str | None) -> None:
    """Another team's table is fuller than ours will be, and gets no fuller."""
    before = a_network("eastus", "westus")
    name = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/x/providers/Microsoft.Network"
    theirs = Found("route-table", f"{name}/routeTables/t", {"properties": {"routes": [{}] * 9}})
    actual = replace(as_deployed(before), around={same_id(theirs.id): theirs})
    network = a_network(
        *("eastus", "westus", "uksouth")[:regions],
        lock=lock_of(before),
        policies={"limits": {"routes": 2}},
    )
    forecast = forecast_of(network, make_plan(network, actual), actual)
    fits = "no further region fits" if told is None else "what the file asks for does not fit"

    assert (told or "None") in str(refused(network, forecast))
    assert forecast.growth.meets.startswith("2 routes in rt-sample-afw-")
    assert fits in str(forecast.growth)
    assert _room(forecast, "routes").where != "t"


@pytest.mark.parametrize(("waits", "most"), [(False, 2), (True, 1)])
def test_what_has_to_go_before_something_comes_is_not_counted_beside_it(
    *, waits: bool, most: int
) -> None:
    """A plan is refused for no state that never is."""
    actual = as_deployed(a_network())
    old = next(item for item in actual.resources.values() if item.kind == "private-dns-link")
    going = as_resource(old, actual)
    coming = replace(going, id=f"{old.id}-new")
    edges = (Edge(coming.id, going.id),) if waits else ()
    plan = Plan("sample", (SUBSCRIPTION,), (Delete(going), Create(coming)), edges)
    links = peaks([plan], replace(actual, resources={same_id(old.id): old}))["dns-links"]

    assert [*links.values()] == [most]


def test_tables_that_avnm_makes_count_against_limits_of_its_own() -> None:
    """They take 1,000 routes, those of users 400."""
    actual = as_deployed(a_network())
    name = f"/subscriptions/{SUBSCRIPTION}{AVNM_GROUP}x/providers/Microsoft.Network/routeTables/t"
    made = Found("route-table", name, {"properties": {"routes": [{}] * 900}})
    among = replace(actual, around={same_id(name): made})

    assert counted(standing(among)) == counted(standing(actual))


def test_peerings_that_avnm_makes_count_apart_from_those_of_users() -> None:
    """A hub takes 1,000 of them."""
    network, actual = a_network(), as_deployed(a_network())
    hub = network.names.vnet_id("eastus", HUB)
    made = Found("peering", f"{hub}/virtualNetworkPeerings/ANM_a", {"name": "ANM_a"})
    before = counted(standing(actual))
    after = counted(standing(replace(actual, around={same_id(made.id): made})))

    assert after["peerings"] == before["peerings"]
    assert +after["avnm-peerings"] == {hub.rsplit("/", 1)[-1]: 1}


_TAG = {"name": "a", "properties": {"addressPrefix": "AzureCloud.eastus"}}
_SIX = {"name": "b", "properties": {"addressPrefix": "fd00::/8"}}
_HUB = [
    {"name": "AzureFirewallSubnet", "properties": {}},
    {"name": "theirs", "properties": {"privateEndpoints": [{"id": "/e1"}, {"id": "/e2"}]}},
]


@pytest.mark.parametrize(
    ("limit", "body", "used"),
    [
        ("tag-routes", {"properties": {"routes": [_TAG, _SIX]}}, 1),
        ("registering-links", {"properties": {"registrationEnabled": True}}, 1),
        ("registering-links", {"properties": {"registrationEnabled": False}}, 0),
        (
            "dnat-rules",
            {"properties": {"ruleCollections": [{"rules": [{"ruleType": "NatRule"}, {}]}]}},
            1,
        ),
        ("firewall-addresses", {"properties": {"ipConfigurations": [{}, {}, {}]}}, 3),
        ("ip-groups", {"properties": {"ipGroups": [{"id": "/g"}]}}, 1),
        ("ip-group-prefixes", {"properties": {"ipAddresses": ["10.0.0.0/8", "10.1.0.1"]}}, 2),
        (
            "meshed-endpoints",
            {"tags": {"managed-by": "orrery"}, "properties": {"subnets": _HUB}},
            2,
        ),
        ("meshed-endpoints", {"properties": {"subnets": _HUB}}, 0),
    ],
)
def test_what_others_put_into_ours_is_counted_by_its_body(
    limit: str, body: dict[str, Any], used: int
) -> None:
    """As Azure tells it."""
    assert LIMITS[limit].count(body) == used


def test_spokes_of_an_environment_are_no_mesh() -> None:
    """Only the group of hubs is joined: others may have more members."""
    network = a_network("eastus", spokes={f"s{n}": {"environment": "prod"} for n in range(5)})
    rooms = headroom(counted(step.resource for step in make_plan(network, Actual()).steps), {})

    assert [room.used for room in rooms if room.limit.name == "meshed-networks"] == [1]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("currency: euro\n", 1, "currency"),
        ("currency: EUR\nprices:\n  firewal: {}\n", 3, "is no meter; write one of"),
        ("currency: EUR\ntraffic_gb:\n  public-ip: 3\n", 3, "is no meter; write one of"),
        ("- 1\n", 1, "a price table is a mapping"),
    ],
)
def test_mistake_in_a_price_table_is_told_with_its_line(text: str, line: int, words: str) -> None:
    """As one in a topology is."""
    with pytest.raises(TopologyError) as refused:
        parse_prices(text, "prices.yaml")

    assert f"prices.yaml:{line}" in str(refused.value)
    assert words in str(refused.value)


def test_writes_and_deletes_are_counted_together_against_the_network_provider() -> None:
    """Where a plan does both in one region; a word is said where that is too much."""
    before = a_network("eastus", "westus")
    after = a_network("eastus", "westus", firewall={"tier": "Standard"})
    actual = as_deployed(before)
    found = forecast_of(after, make_plan(after, actual), actual)
    busiest = {bucket.sort: (bucket.busiest, bucket.most) for bucket in found.calls}
    [write] = [bucket for bucket in found.calls if bucket.sort == "write"]
    too_many = replace(found, calls=(replace(write, busiest=1200),))

    assert busiest["write"] == busiest["delete"]
    assert busiest["write"][1] == 1000
    assert "1,200 of 1,000, with deletes" in "".join(telling.in_short(too_many))
    assert "in 5 minutes" not in "".join(telling.in_short(found))


def test_every_limit_that_is_used_is_told() -> None:
    """Also where much is left."""
    network = a_network("eastus", "westus")
    found = forecast_of(network, make_plan(network, Actual()), Actual())

    assert len(telling.limits(found)) == len({room.limit.name for room in found.limits})
    assert "< 1%" in {row["share"] for row in telling.limits(found)}
