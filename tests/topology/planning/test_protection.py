"""`protect: true`: what carries traffic is neither deleted nor made anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_network, as_deployed
from topology.addressing import allocate
from topology.planning.planner import make_plan
from topology.planning.protection import protected

BEFORE = a_network(protect=True)


def _refused(*regions: str, **fields: Any) -> str | None:
    after = a_network(*regions, lock=allocate(BEFORE.topology), **{"protect": True, **fields})
    return protected(after, make_plan(after, as_deployed(BEFORE)))


@pytest.mark.parametrize(
    ("regions", "fields", "lost"),
    [
        (("eastus",), {}, "delete resource-group rg-sample-westus"),
        ((), {"spokes": {"prod": {}}}, "delete virtual-network vnet-sample-nonprod-eastus"),
        (
            (),
            {"regions": {"eastus": {"zones": ["1"]}, "westus": {}}},
            "replace firewall afw-sample-eastus",
        ),
        ((), {"home": "westus"}, "replace network-manager vnm-sample"),
        ((), {"dns_zone": "other.internal"}, "delete private-dns-zone sample.internal"),
    ],
    ids=["a region", "a spoke", "zones of a firewall", "the home", "the zone"],
)
def test_what_the_file_lost_is_refused_by_name(
    regions: tuple[str, ...], fields: dict[str, Any], lost: str
) -> None:
    """With the way out."""
    refused = _refused(*regions, **fields)

    assert refused is not None
    assert lost in refused
    assert "write `protect: false` into it" in refused


@pytest.mark.parametrize(
    "fields",
    [
        {"regions": {"eastus": {}, "westus": {}, "northeurope": {}}},
        {"isolation": "strict"},
        {"spokes": {"prod": {"subnets": {"more": {}}}, "nonprod": {}}},
    ],
    ids=["a new region", "other rules", "another subnet"],
)
def test_what_loses_nothing_of_it_goes_on(fields: dict[str, Any]) -> None:
    """Rules, routes, generations of configurations and subnets come and go."""
    assert _refused(**fields) is None


def test_without_protection_all_may_go() -> None:
    """It is a choice."""
    assert _refused("eastus", protect=False) is None
