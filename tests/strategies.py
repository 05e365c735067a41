"""Topologies that nobody wrote: small, valid and unlike each other."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.builders import a_topology
from topology.field_types import NAME
from topology.regions import AZURE_REGIONS
from topology.spec import Topology

# Azure offers no connected groups in polandcentral.
REGIONS = ("brazilsouth", "eastus", "polandcentral", "uksouth", "westeurope", "westus")
ENVIRONMENTS = ("prod", "nonprod", "lab")
LONGEST = "n" * 19

region_lists = st.lists(st.sampled_from(REGIONS), min_size=1, max_size=6, unique=True)
names = st.from_regex(NAME, fullmatch=True).filter(lambda name: name != "hub")
prefix_lengths = st.integers(min_value=22, max_value=29)


def _spokes(region: str, *, given: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Return 0 to 3 spokes; given prefixes stand at the end of the region's block."""
    subnets = st.sampled_from([["workload"], ["web", "data"]])
    spoke = st.builds(
        lambda environment, subnets: {
            "environment": environment,
            "subnets": dict.fromkeys(subnets),
        },
        st.sampled_from(ENVIRONMENTS),
        subnets,
    )
    spokes = st.dictionaries(names, spoke, max_size=3)
    if not given:
        return spokes
    second = 200 + REGIONS.index(region)
    return spokes.map(
        lambda found: {
            name: {**value, "prefix": f"10.{second}.{255 - number * 16 - 15}.0/20"}
            for number, (name, value) in enumerate(found.items())
        }
    )


@st.composite
def _region(draw: st.DrawFn, region: str) -> dict[str, Any]:
    """Return a region: all by default, its own spokes, or a block and prefixes by hand."""
    shape = draw(st.sampled_from(["default", "spokes", "given"]))
    if shape == "default":
        return {}
    fields: dict[str, Any] = {"spokes": draw(_spokes(region, given=shape == "given"))}
    if shape == "given":
        fields["block"] = f"10.{200 + REGIONS.index(region)}.0.0/16"
    if AZURE_REGIONS[region].zones:
        fields["zones"] = draw(st.sampled_from([None, (), ("1",), ("1", "3")]))
    return fields


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    """Return a topology of 1 to 6 regions, each with 0 to 3 spokes."""
    regions = draw(region_lists)
    return a_topology(
        *regions,
        topology=draw(st.sampled_from(["sample", LONGEST])),
        regions={region: draw(_region(region)) for region in regions},
        environments=ENVIRONMENTS,
        interconnect=draw(st.sampled_from(["mesh", "mesh", "peering"])),
        isolation=draw(st.sampled_from(["strict", "one-way", "none"])),
        firewall={
            "tier": draw(st.sampled_from(["Standard", "Premium"])),
            "create_side_by_side": draw(st.booleans()),
        },
        groups=draw(st.sampled_from([{}, {"membership": "dynamic"}])),
        egress=draw(st.sampled_from([(), ({"name": "web", "fqdns": ["*.example.com"]},)])),
        rollout={"policy": draw(st.sampled_from(["at-once", "per-wave"]))},
    )


@st.composite
def successions(draw: st.DrawFn) -> tuple[Topology, Topology]:
    """Return a topology and another one that takes its place: the same name, all else may differ.

    Its addresses may clash with those that the first was given.
    """
    first, second = draw(topologies()), draw(topologies())
    home = draw(st.sampled_from([first.home, second.home]))
    return first, second.model_copy(update={"topology": first.topology, "home": home})
