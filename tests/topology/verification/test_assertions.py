"""What the file asserts is so, or there is a finding with the assertion's name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_network
from topology.network import Network
from topology.planning.actual import Actual
from topology.verification.verdict import as_wanted, findings_of, model_of, prove

EGRESS = [{"name": "registry", "fqdns": ["registry.example.com"], "environments": ["prod"]}]


def _network(*assertions: dict[str, Any], **verify: Any) -> Network:
    named = [{"name": f"a{number}", **item} for number, item in enumerate(assertions)]
    return a_network("eastus", "westus", egress=EGRESS, verify={"assertions": named, **verify})


def _told(network: Network) -> list[str]:
    return [str(item) for item in findings_of(network, model_of(network, as_wanted(network)))]


REGISTRY = {"to": "internet", "fqdn": "registry.example.com"}
SO = [
    {"from": "prod", "to": "nonprod", "expect": "allowed", "by": "own-firewalls"},
    {"from": "nonprod", "to": "prod", "expect": "denied"},
    {"from": "eastus/prod", "to": "westus/prod", "expect": "allowed", "by": ["eastus", "westus"]},
    {"from": "eastus/prod", "to": "eastus/nonprod", "expect": "allowed", "by": ["eastus"]},
    {"from": "10.0.32.0/24", "to": "10.1.16.9", "expect": "allowed", "port": 22},
    {"from": "westus/nonprod", "to": "10.1.32.0/24", "expect": "denied", "protocol": "icmp"},
    {"from": "prod", **REGISTRY, "expect": "allowed", "by": "own-firewalls"},
    {"from": "nonprod", **REGISTRY, "expect": "denied"},
    {"from": "prod", "to": "internet", "expect": "denied"},
    {"from": "prod", "to": "8.8.8.8", "protocol": "udp", "port": 53, "expect": "denied"},
]


@pytest.mark.parametrize("item", SO, ids=lambda item: " ".join(map(str, item.values())))
def test_what_is_so_has_no_finding(item: dict[str, Any]) -> None:
    """By environments, regions, spokes, prefixes, and to the internet by name."""
    assert _told(_network(item)) == []


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"from": "nonprod", "to": "prod", "expect": "allowed"}, "a0: is not reached, and must be"),
        ({"from": "prod", "to": "nonprod", "expect": "denied"}, "a0: is reached, and must not be"),
        (
            {"from": "eastus/prod", "to": "westus", "expect": "allowed", "by": ["westus"]},
            "a0: goes by afw-sample-eastus, afw-sample-westus",
        ),
        ({"from": "nonprod", **REGISTRY, "expect": "allowed"}, "to the internet"),
        ({"from": "prod", **REGISTRY, "expect": "denied"}, "a0: is reached, and must not be"),
        (
            {"from": "prod", **REGISTRY, "expect": "allowed", "by": ["westus"]},
            "vnet-sample-prod-eastus to the internet",
        ),
        ({"from": "172.16.0.0/16", "to": "prod", "expect": "denied"}, "nobody has an address of"),
        ({"from": "prod", "to": "10.200.0.1", "expect": "allowed"}, "nobody has an address of"),
    ],
)
def test_what_is_not_so_is_a_finding_with_its_example(item: dict[str, Any], told: str) -> None:
    """The first says which assertion, between whom and why."""
    network = _network(item)
    first = findings_of(network, model_of(network, as_wanted(network)))[0]

    assert first.rule == "a0"
    assert told in first.text


def test_an_assertion_of_a_part_of_a_subnet_is_about_that_part_alone() -> None:
    """Its prefixes cut addresses where no route and no rule does."""
    item = {"from": "10.0.32.128/25", "to": "10.0.16.0/26", "expect": "denied"}
    [finding] = findings_of(network := _network(item), model_of(network, as_wanted(network)))

    assert "vnet-sample-prod-eastus to vnet-sample-nonprod-eastus" in finding.text


def test_what_the_file_does_without_is_not_checked_and_said() -> None:
    """With its reason."""
    waived = {"reach": "the mesh comes in March"}
    assumptions = {"mesh_forwards": False}
    whole = _network(assumptions=assumptions)
    less = _network(assumptions=assumptions, without=waived)

    verdict = prove(less, model_of(less, as_wanted(less)))

    assert {item.rule for item in findings_of(whole, model_of(whole, as_wanted(whole)))} == {
        "reach"
    }
    assert verdict.holds
    assert verdict.waived == waived
    assert "reach" not in verdict.checked


def test_a_verdict_names_the_assumption_that_it_stands_on() -> None:
    """The opposite of the others changes nothing."""
    network = _network()
    verdict = prove(network, model_of(network, as_wanted(network)))

    needed = {item.name for item in verdict.assumptions if item.otherwise}
    assert needed == {"mesh_forwards"}


def test_a_verdict_sums_up_who_reaches_whom_and_how_far_that_is() -> None:
    """From Virginia to California it is 3,721 km, as any great-circle calculator has it."""
    network = _network()
    rows = {
        (row.source, row.target): (row.reached, row.of, row.firewalls, row.km)
        for row in prove(network, model_of(network, as_wanted(network))).between
    }

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
    verdict = prove(network, model_of(network, as_wanted(network)))

    assert verdict.holds
    assert [item.name for item in verdict.assumptions if item.otherwise] == []


def test_a_region_without_connected_groups_is_proved_by_its_peerings() -> None:
    """The mesh joins the others."""
    network = a_network("eastus", "polandcentral", "westus")

    assert _told(network) == []


def test_a_verdict_says_what_of_the_topology_is_not_there() -> None:
    """Of nothing everything may be proved."""
    network = _network()
    empty = prove(network, model_of(network, Actual()))

    assert "checked for 0 of 6 networks, the others are not there;" in empty.summary
