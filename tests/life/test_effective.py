"""The proof's model against another source: what the simulator says is in effect.

Both follow the same facts by different code. Where they differ, one of them is wrong.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings

from tests.life.agreement import compare_network, compare_sketch, large_network
from tests.topology.examples import NAMES, example
from tests.topology.verification.sketches import Sketch, sketches

_ALL = "ORRERY_EXAMPLES" in os.environ  # `make soak` has more of its own: tests.life.agreement
_EXAMPLES = int(os.environ.get("ORRERY_EXAMPLES", "12"))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_the_routes_and_rules_that_the_simulator_tells(name: str) -> None:
    """With AVNM's tables as they were read, and as they follow from its rules."""
    assert compare_network(example(name))["subnets"] > 0


def test_a_network_of_many_spokes_has_the_routes_and_rules_that_the_simulator_tells() -> None:
    """Some regions have none, and some are offered no connected groups."""
    assert compare_network(large_network(58 if _ALL else 5, seed=1))["subnets"] > 0


@given(sketches())
@settings(max_examples=_EXAMPLES, deadline=None, derandomize=not _ALL)
def test_any_network_has_the_routes_and_rules_that_the_simulator_tells(sketch: Sketch) -> None:
    """Whatever of it the simulator takes."""
    compare_sketch(sketch)
