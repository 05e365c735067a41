"""Room below Azure's limits: counted by kinds, found out by growing, told in the docs."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from tests.builders import a_network
from topology.billed import METERS, TRAFFIC
from topology.forecast.limits import growth, headroom, passed
from topology.forecast.prices import BUILT_IN, parse_prices
from topology.limits import LIMITS
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.reading import TopologyError
from topology.regions import AZURE_REGIONS
from topology.resources import KINDS, wanted

PAGE = (Path(__file__).parents[3] / "docs/forecast.md").read_text()


def test_every_limit_is_counted_by_a_kind() -> None:
    """A limit that nobody counts against would promise what is not looked at."""
    counted = {limit.name for kind in KINDS for limit in kind.limits}

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


@pytest.mark.parametrize("most", [3, 4, 7, 58])
def test_growth_ends_where_a_network_of_that_size_would_be_refused(most: int) -> None:
    """What growing foretells is what each size by itself says."""
    raised = {"dns-links": 3 * most}  # a hub and two spokes a region
    found = growth(a_network("eastus", "westus"), (), raised)
    sizes = [size for size in (most, most + 1) if size <= len(AZURE_REGIONS)]
    refused = {
        size: passed(headroom(wanted(a_network(*islice(AZURE_REGIONS, size))), raised))
        for size in sizes
    }

    assert found.regions + found.fits == most
    assert [bool(refused[size]) for size in sizes] == [size > most for size in sizes]
    assert bool(found.meets) == (most < len(AZURE_REGIONS))


def test_routes_of_a_table_are_counted_whoever_writes_them() -> None:
    """The default route is the table's own, those to other regions are a part of theirs."""
    rooms = headroom(wanted(a_network("eastus", "westus", "uksouth")), {})

    assert [room.used for room in rooms if room.limit.name == "routes"] == [3]


def test_spokes_of_an_environment_are_no_mesh() -> None:
    """Only the group of hubs is joined: others may have more members."""
    network = a_network("eastus", spokes={f"s{n}": {"environment": "prod"} for n in range(5)})
    rooms = headroom((step.resource for step in make_plan(network, Actual()).steps), {})

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
