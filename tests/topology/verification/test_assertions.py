"""What the file asserts is so, or there is a finding with the assertion's name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_network
from tests.topology.cases import cases, load
from tests.topology.verification.test_moments import with_an_open_firewall
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual, Found
from topology.regions import distance_km
from topology.verification.verdict import as_wanted, findings_of, model_of, proof_of, prove

EGRESS = [{"name": "registry", "fqdns": ["registry.example.com"], "environments": ["prod"]}]


def _network(*assertions: dict[str, Any], **verify: Any) -> Network:
    named = [{"name": f"a{number}", **item} for number, item in enumerate(assertions)]
    return a_network("eastus", "westus", egress=EGRESS, verify={"assertions": named, **verify})


def _told(network: Network) -> list[str]:
    return [str(item) for item in findings_of(network, model_of(network, as_wanted(network)))]


def _case(path: Path, item: dict[str, Any]) -> Network:
    """Return the network of a case, with one assertion named a0."""
    given = load(path).get("topology") or {}
    verify = {**given.get("verify", {}), "assertions": [{"name": "a0", **item}]}
    return a_network("eastus", "westus", **{**given, "verify": verify})


def _state(path: Path, network: Network) -> Actual:
    """Return a case's network as Azure holds it, with rules that send something to a gateway."""
    actual, added = as_wanted(network), dict[str, Found]()
    for region, prefix in load(path).get("gateway", {}).items():
        rules = next(k for k in actual.resources if f"/rulecollections/spokes-{region}/rules/" in k)
        rule = f"{actual.resources[rules].id.rpartition('/')[0]}/by-gateway"
        destination = {"type": "AddressPrefix", "destinationAddress": prefix}
        hop = {"nextHopType": "VirtualNetworkGateway"}
        body = {"properties": {"destination": destination, "nextHop": hop}}
        added[same_id(rule)] = Found("routing-rule", rule, {"id": rule, **body})
    return replace(actual, resources={**actual.resources, **added})


def _items(key: str) -> list[Any]:
    return [
        pytest.param(path, item, id=f"{path.stem}-{place}")
        for path in cases("assertions")
        for place, item in enumerate(load(path).get(key) or ())
    ]


@pytest.mark.parametrize(("path", "item"), _items("holds"))
def test_what_is_so_has_no_finding(path: Path, item: dict[str, Any]) -> None:
    """As the file says."""
    network = _case(path, item)
    found = findings_of(network, model_of(network, _state(path, network)))
    assert [str(one) for one in found] == []


@pytest.mark.parametrize(("path", "item"), _items("fails"))
def test_what_is_not_so_is_a_finding_with_its_example(path: Path, item: dict[str, Any]) -> None:
    """The first says which assertion, between whom and why."""
    network = _case(path, {key: value for key, value in item.items() if key != "told"})
    first = findings_of(network, model_of(network, _state(path, network)))[0]

    assert first.rule == "a0"
    assert item["told"] in first.text


def test_what_the_file_does_without_is_not_checked_and_said() -> None:
    """With its reason."""
    waived = {"reach": "the mesh comes in March"}
    assumptions = {"mesh_forwards": False}
    whole = _network(assumptions=assumptions)
    less = _network(assumptions=assumptions, without=waived)

    verdict = prove(proof_of(less, model_of(less, as_wanted(less))))

    assert {item.rule for item in findings_of(whole, model_of(whole, as_wanted(whole)))} == {
        "reach"
    }
    assert verdict.holds
    assert verdict.waived == waived
    assert "reach" not in verdict.checked


def test_a_verdict_names_the_assumption_that_it_stands_on() -> None:
    """The opposite of the others changes nothing."""
    network = _network()
    verdict = prove(proof_of(network, model_of(network, as_wanted(network))))

    needed = {item.name for item in verdict.assumptions if item.counts}
    assert needed == {"mesh_forwards"}


def test_a_verdict_sums_up_who_reaches_whom_and_how_far_that_is() -> None:
    """From Virginia to California it is 3,721 km, as any great-circle calculator has it."""
    network = _network()
    found = prove(proof_of(network, model_of(network, as_wanted(network)))).between
    rows = {(row.source, row.target): (row.reached, row.of, row.firewalls, row.km) for row in found}

    assert found[0].told()["reached by tcp 443, at least in part"] == "2 of 2"
    assert rows == {
        ("prod", "prod"): (2, 2, 2, 3721),
        ("prod", "nonprod"): (4, 4, 2, 3721),
        ("nonprod", "prod"): (0, 4, 0, 0),
        ("nonprod", "nonprod"): (2, 2, 2, 3721),
    }


@pytest.mark.parametrize("regions", [("eastus", "westus"), ("eastus", "polandcentral", "westus")])
def test_hubs_that_are_peered_are_proved_without_any_assumption(regions: tuple[str, ...]) -> None:
    """What the mesh stands on is Microsoft's word then."""
    network = a_network(*regions, interconnect="peering")
    verdict = prove(proof_of(network, model_of(network, as_wanted(network))))

    assert verdict.holds
    assert [item.name for item in verdict.assumptions if item.counts] == []


def test_a_region_without_connected_groups_is_proved_by_its_peerings() -> None:
    """The mesh joins the others."""
    network = a_network("eastus", "polandcentral", "westus")

    assert _told(network) == []


def test_a_verdict_has_every_pair_with_its_regions_and_their_distance() -> None:
    """For programs."""
    network = a_network("eastus", "westus")
    pairs = prove(proof_of(network, model_of(network, as_wanted(network)))).pairs
    prod = [same_id(network.names.vnet_id(region, "prod")) for region in ("eastus", "westus")]
    [pair] = [item for item in pairs if (item.source, item.target) == tuple(prod)]

    assert pair.firewalls == ("afw-sample-eastus", "afw-sample-westus")
    assert (pair.regions, pair.km) == (("eastus", "westus"), distance_km("eastus", "westus"))


def test_a_verdict_says_what_of_the_topology_is_not_there() -> None:
    """Of nothing everything may be proved."""
    network = _network()
    empty = prove(proof_of(network, model_of(network, Actual())))

    assert "checked for 0 of 6 networks, the others are not there;" in empty.summary


def test_a_network_that_is_not_there_is_found() -> None:
    """Of those that are not there nothing is proved."""
    network = _network()
    found = as_wanted(network)
    gone = same_id(network.names.vnet_id("westus", "prod"))
    left = {key: item for key, item in found.resources.items() if not key.startswith(gone)}
    verdict = prove(proof_of(network, model_of(network, replace(found, resources=left))))

    [missing] = [item for item in verdict.findings if item.rule == "there"]
    assert (missing.between, missing.region) == ("vnet-sample-prod-westus", "westus")
    assert verdict.summary.startswith("not proved: ")


@pytest.mark.parametrize(
    ("opened", "kinds"), [("ICMP", "icmp"), ("TCP", "tcp"), ("Any", "all traffic")]
)
def test_a_finding_says_of_all_traffic_that_it_is_so_of(opened: str, kinds: str) -> None:
    """Its sentence has an example, which may be the same after more was opened."""
    network = a_network("eastus", regions={"eastus": {"admin_rules": False}})
    state = with_an_open_firewall(network, as_wanted(network), opened)
    findings = prove(proof_of(network, model_of(network, state))).findings

    assert {item.kinds for item in findings if item.rule == "isolation"} == {kinds}


def test_an_assumption_counts_only_what_its_opposite_changes() -> None:
    """What is so in any case is not told of it."""
    network = _network()
    found = as_wanted(network)
    routes = same_id(network.names.route_table_id("westus"))
    left = {key: item for key, item in found.resources.items() if not key.startswith(routes)}
    whole, broken = (
        prove(proof_of(network, model_of(network, replace(found, resources=items))))
        for items in (found.resources, left)
    )

    assert broken.findings
    for item in broken.assumptions:
        assert item.more + item.fewer < len(broken.findings), str(item)
    assert {item.name for item in whole.assumptions if item.fewer} == set()


def _web(expect: str, **more: Any) -> dict[str, Any]:
    return {"from": "prod", "to": "internet", "expect": expect, **more}


BUILT_IN = (
    "which names of the platform pass by the built-in infrastructure rules of afwp-sample: "
    "no last application rule there denies all"
)
THREATS = "what threat intelligence and intrusion detection deny by afwp-sample, beside the rules"


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (_web("denied"), (BUILT_IN,)),
        (_web("denied", port=80), (BUILT_IN,)),
        (_web("denied", port=22), ()),
        (_web("denied") | {"to": "10.0.0.0/8"}, ()),
        (_web("allowed", fqdn="registry.example.com"), (THREATS,)),
    ],
)
def test_what_firewalls_do_beside_their_rules_is_named_where_the_web_is_asserted(
    item: dict[str, Any], told: tuple[str, ...]
) -> None:
    """Which names those are is Microsoft's list, and so is who is a threat."""
    network = _network(item)
    assert prove(proof_of(network, model_of(network, as_wanted(network)))).unread == told


@pytest.mark.parametrize(
    ("ports", "told"), [((80, 443), ()), ((443,), (BUILT_IN,))], ids=["all", "one-port"]
)
def test_where_a_last_application_rule_denies_all_no_built_in_rule_is_named(
    ports: tuple[int, ...], told: tuple[str, ...]
) -> None:
    """Of both ports of the web."""
    network = _network(_web("denied"))
    actual = as_wanted(network)
    policy = next(key for key in actual.resources if key.endswith("/firewallpolicies/afwp-sample"))
    rule = {
        "name": "all",
        "ruleType": "ApplicationRule",
        "protocols": [{"protocolType": "Https", "port": port} for port in ports],
        "sourceAddresses": ["*"],
        "targetFqdns": ["*"],
    }
    last = {"name": "last", "priority": 65000, "action": {"type": "Deny"}, "rules": [rule]}
    group = f"{actual.resources[policy].id}/ruleCollectionGroups/last"
    body = {"properties": {"priority": 65000, "ruleCollections": [last]}}
    added = {same_id(group): Found("rule-collection-group", group, body)}
    denied = replace(actual, resources={**actual.resources, **added})

    assert prove(proof_of(network, model_of(network, denied))).unread == told
