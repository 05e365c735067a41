"""Ways that nobody meant: by a third region, in a circle, to where nobody is."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from tests.builders import a_network, as_deployed
from topology.kind import same_id
from topology.planning.actual import Actual, Found
from topology.verification.finding import Finding
from topology.verification.verdict import findings_of, model_of

NETWORK = a_network("eastus", "northeurope", "westus")
NAMES = NETWORK.names
GOOD = as_deployed(NETWORK)
ADDRESS = {hub.region: str(hub.firewall_prefix[4]) for hub in NETWORK.hubs}
HUB = NAMES.vnet_id("eastus", "hub")
GROUP = HUB.rpartition("/virtualNetworks/")[0]


def _found(actual: Actual) -> list[Finding]:
    return findings_of(NETWORK, model_of(NETWORK, actual))


def _rerouted(actual: Actual, region: str, to: str, by: str) -> Actual:
    """Return a state in which a firewall sends what is for one region to another's firewall."""
    key = same_id(NAMES.route_table_id(region))
    body: Any = deepcopy(dict(actual.resources[key].body))
    [route] = [item for item in body["properties"]["routes"] if item["name"] == f"to-{to}"]
    route["properties"]["nextHopIpAddress"] = ADDRESS[by]
    return _with(actual, Found("route-table", NAMES.route_table_id(region), body))


def _with(actual: Actual, *items: Found) -> Actual:
    return replace(actual, resources={**actual.resources, **{same_id(i.id): i for i in items}})


def test_a_way_by_a_third_region_is_found_with_the_firewalls_that_it_takes() -> None:
    """Both ways go so: nothing is half seen, and all of it is a detour."""
    there = _rerouted(GOOD, "eastus", "westus", "northeurope")
    both = _rerouted(there, "westus", "eastus", "northeurope")

    found = [item for item in _found(both) if item.rule == "third-region"]

    assert found
    assert all(
        "afw-sample-eastus, afw-sample-northeurope, afw-sample-westus" in item.text
        or "afw-sample-westus, afw-sample-northeurope, afw-sample-eastus" in item.text
        for item in found
    )


def test_an_answer_of_the_internet_that_does_not_come_home_is_half_seen() -> None:
    """The firewall's own subnet has no way to the spoke any more."""
    network = a_network("eastus", "westus", egress=[{"name": "all", "fqdns": ["*"]}])
    actual, table = as_deployed(network), network.names.route_table_id("eastus")
    body: Any = deepcopy(dict(actual.resources[same_id(table)].body))
    lost = {"addressPrefix": "10.0.32.0/20", "nextHopType": "None"}
    body["properties"]["routes"].append({"name": "lost", "properties": lost})
    spoilt = _with(actual, Found("route-table", table, body))

    found = findings_of(network, model_of(network, spoilt))

    assert [item.by.rpartition("/")[2] for item in found if "internet's answer" in item.text] == [
        "lost"
    ]


def test_two_firewalls_that_send_to_each_other_are_a_loop() -> None:
    """The finding names the route by which it comes back."""
    one = _rerouted(GOOD, "eastus", "westus", "northeurope")
    circle = _rerouted(one, "northeurope", "westus", "eastus")

    loops = [item for item in _found(circle) if item.rule == "loop"]

    assert loops
    assert all("a loop: it was here before" in item.text for item in loops)


def test_a_route_that_takes_what_is_for_a_network_nowhere_is_a_black_hole() -> None:
    """Of a host beside the firewall, for a network of others that the hub is peered with."""
    partner = f"{GROUP}/virtualNetworks/vnet-partner"
    table = f"{GROUP}/routeTables/rt-tools"
    subnet = {"name": "a", "properties": {"addressPrefix": "172.20.1.0/24"}}
    space = {"addressSpace": {"addressPrefixes": ["172.20.0.0/16"]}, "subnets": [subnet]}
    route = {"addressPrefix": "172.20.1.0/24", "nextHopType": "None"}
    hub: Any = deepcopy(dict(GOOD.resources[same_id(HUB)].body))
    tools = {"addressPrefix": "10.0.2.0/24", "routeTable": {"id": table}}
    hub["properties"]["subnets"].append({"name": "tools", "properties": tools})
    spoilt = _with(
        GOOD,
        Found("virtual-network", HUB, hub),
        _thing(partner, {"location": "eastus", "properties": space}),
        _thing(table, {"properties": {"routes": [{"name": "lost", "properties": route}]}}),
        *(
            _thing(
                f"{here}/virtualNetworkPeerings/p",
                {"properties": {"remoteVirtualNetwork": {"id": there}}},
            )
            for here, there in ((HUB, partner), (partner, HUB))
        ),
    )

    [finding] = [item for item in _found(spoilt) if item.rule == "black-hole"]

    assert finding.between == "vnet-sample-hub-eastus to vnet-partner"
    assert "routes/lost" in finding.text


def _thing(name: str, body: dict[str, Any]) -> Found:
    return Found("", name, {"id": name, **body})
