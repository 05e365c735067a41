"""The networks that are given out as examples, and what tests ask of any network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from topology.kind import Kind, Resource
from topology.network import Network
from topology.reading import read
from topology.resources import wanted

ROOT = Path(__file__).parents[2]
NAMES = ("branch", "globojava", "landing-zones", "shared")


@cache
def example(name: str) -> Network:
    """Return the network of an example, with addresses as a first run gives them."""
    return read((ROOT / f"examples/{name}.yaml").read_text(), f"{name}.yaml", None)[0]


def of_kind(network: Network, kind: Kind) -> Iterator[Resource]:
    """Yield what is wanted of one kind."""
    return (item for item in wanted(network) if item.kind == kind.name)
