"""The matrix: every pair with how it is reached, and what a plan gains and loses."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from tests.builders import a_network
from tests.topology.pictures.reading import refers_elsewhere, titles, tree, words
from topology.kind import same_id
from topology.network import Network
from topology.pictures.cells import OTHERS, Cell, Look, Matrix
from topology.pictures.matrix import matrix
from topology.pictures.svg import width_of
from topology.regions import AZURE_REGIONS, distance_km
from topology.verification.consequences import Difference
from topology.verification.proof import Proof
from topology.verification.verdict import as_wanted, model_of

THREE = a_network("eastus", "westus", "uksouth")


def _proof(network: Network) -> Proof:
    return Proof(network, model_of(network, as_wanted(network)))


@pytest.fixture(scope="module")
def pairs() -> Matrix:
    """Return the matrix of three regions with two spokes each."""
    return Matrix.of(_proof(THREE))


def test_every_pair_is_in_it_once_and_says_how_it_is_reached(pairs: Matrix) -> None:
    """By which firewalls and how far; or which rule keeps them apart."""
    told = dict(text.split(": ", 1) for text in titles(matrix(pairs)))
    names = [f"{spot.region}/{spot.environment}" for spot in pairs.spots]

    assert set(told) == {f"{one} to {other}" for one, other in permutations(names, 2)}
    assert len(told) == 30
    assert told["eastus/prod to westus/nonprod"] == (
        f"reached by afw-sample-eastus, afw-sample-westus; {distance_km('eastus', 'westus'):,} km"
    )
    assert told["eastus/prod to eastus/nonprod"] == "reached by afw-sample-eastus; 0 km"
    assert told["eastus/nonprod to westus/prod"] == "not reached: rules/deny-to-prod"


def test_environments_stand_together_the_most_trusted_first(pairs: Matrix) -> None:
    """So who is kept from whom is one block."""
    assert [spot.environment for spot in pairs.spots] == ["prod"] * 3 + ["nonprod"] * 3


def test_looks_are_counted_and_told_by_a_sign_too(pairs: Matrix) -> None:
    """Who sees no colours reads the number of firewalls."""
    written = words(matrix(pairs))

    assert (pairs.count(Look.ONE), pairs.count(Look.TWO), pairs.count(Look.NONE)) == (3, 18, 9)
    assert written.count("2") == 18 + 1  # one in the legend
    assert "reached by two firewalls 18" in written


def test_a_pair_that_goes_several_ways_looks_as_the_worst_of_them() -> None:
    """Whichever is found first; what is known of its other parts is told."""
    around, one = Cell(Look.AROUND, "reached by no firewall"), Cell(Look.ONE, "reached by afw")
    unknown, none = Cell(Look.UNKNOWN, "not known: p"), Cell(Look.NONE, "not reached: deny")

    both = Cell(Look.AROUND, "reached by no firewall; in part reached by afw")
    assert around.beside(one) == one.beside(around) == both
    partly = Cell(Look.ONE, "reached by afw; in part not known: p")
    assert one.beside(unknown) == unknown.beside(one) == partly
    assert unknown.beside(none) == none.beside(unknown) == unknown


def test_pairs_behind_a_policy_that_was_not_read_are_not_known() -> None:
    """Not told to be apart: they have a look of their own, and a place in the legend."""
    actual = as_wanted(THREE)
    key = same_id(THREE.names.firewall_id("eastus"))
    found = actual.resources[key]
    elsewhere = {"firewallPolicy": {"id": found.body["properties"]["firewallPolicy"]["id"] + "-x"}}
    body = {**found.body, "properties": {**found.body["properties"], **elsewhere}}
    state = replace(actual, resources={**actual.resources, key: replace(found, body=body)})
    pairs = Matrix.of(Proof(THREE, model_of(THREE, state)))
    drawn = matrix(pairs)

    assert pairs.count(Look.UNKNOWN) > 0
    told = dict(text.split(": ", 1) for text in titles(drawn))
    assert told["eastus/prod to eastus/nonprod"].startswith("not known whether it is reached: ")
    assert told["eastus/nonprod to westus/prod"] == "not reached: rules/deny-to-prod"
    count = pairs.count(Look.UNKNOWN)
    assert f"not known whether it is reached {count}" in words(drawn)
    assert f"{count} not known whether it is reached" in matrix(pairs, told=False).label


def test_a_legend_stays_in_its_picture(pairs: Matrix) -> None:
    """However many looks there are."""
    looks = dict(zip(pairs.cells, [*Look] * len(pairs.cells), strict=False))
    every = replace(pairs, cells={pair: Cell(look, "") for pair, look in looks.items()})
    picture = matrix(every)
    told = [
        item for item in tree(picture).findall(".//{*}text") if item.get("class") == "text middle"
    ]

    assert len(told) == len(Look)
    for item in told:
        assert float(item.get("x", "")) + width_of(str(item.text), 12) < picture.width
        assert float(item.get("y", "")) < picture.height
    assert len({item.get("y") for item in told}) > 1


def test_a_matrix_names_the_traffic_that_it_is_of(pairs: Matrix) -> None:
    """And that a pair counts which is reached in part; a plan gains by whatever traffic."""
    moved = Matrix.of(_proof(THREE), ())

    assert "tcp 443, at least in part · from the rows to the columns" in words(matrix(pairs))
    assert any("gained and lost by any traffic" in text for text in words(matrix(moved)))


def test_a_pair_that_gains_one_thing_and_loses_another_tells_both() -> None:
    """It looks lost."""
    ends = {"senders": ("vnet-sample-prod-eastus",), "targets": ("vnet-sample-prod-westus",)}
    changes = [
        Difference(gained=False, traffic="tcp 22", **ends),
        Difference(gained=True, traffic="udp 53", **ends),
    ]
    found = Matrix.of(_proof(THREE), changes)
    cell = found.cells["vnet-sample-prod-eastus", "vnet-sample-prod-westus"]

    assert cell.look is Look.LOST
    assert cell.says.startswith("lost (tcp 22); gained (udp 53); reached by ")


def test_what_a_plan_gains_and_loses_is_marked() -> None:
    """Also of networks that are none of the topology's after it."""
    gained = Difference(
        gained=True,
        senders=("vnet-sample-prod-eastus",),
        targets=("vnet-sample-prod-westus", "vnet-sample-prod-uksouth"),
        traffic="tcp 443",
    )
    lost = Difference(
        gained=False, senders=("vnet-old",), targets=("vnet-sample-prod-eastus",), traffic="udp 53"
    )
    found = Matrix.of(_proof(THREE), [gained, lost])
    told = titles(matrix(found))

    assert (found.count(Look.GAINED), found.count(Look.LOST)) == (2, 1)
    assert [spot.name for spot in found.spots if spot.environment == OTHERS] == ["vnet-old"]
    assert "vnet-old to eastus/prod: lost (udp 53); not reached" in told


def test_fifty_eight_regions_stay_readable_and_need_nothing_else() -> None:
    """Each name stands at its row and its column, no letter below eight points."""
    network = a_network(*AZURE_REGIONS)
    names = [f"vnet-sample-{spoke.environment}-{spoke.region}" for spoke in network.spokes]
    everyone = Difference(
        gained=True, senders=tuple(names), targets=tuple(names), traffic="tcp 443"
    )
    picture = matrix(Matrix.of(_proof(a_network()), [everyone]), told=False)

    sizes = [
        item.get("style", "")
        for item in tree(picture).iter()
        if "font-size" in item.get("style", "")
    ]
    assert {float(size.split(":")[1][:-2]) >= 8 for size in sizes} == {True}
    assert len(sizes) == 2 * len(names)
    assert refers_elsewhere(picture.svg) == []
