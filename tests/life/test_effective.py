"""The proof's model against another source: what the simulator says is in effect.

Both follow the same facts by different code. Where they differ, one of them is wrong.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.settings import Settings
from tests.azure_api.in_process import simulated_azure
from tests.carry_out import apply_network
from tests.life import effective
from tests.life.outsider import outsider
from tests.simulator.azure import Azure, signed_in
from tests.topology.examples import NAMES, example
from tests.topology.verification.sketches import MANAGER, Sketch, sketches
from tests.virtual_time import run
from topology.kind import Listing, Resource
from topology.planning.actual import Actual
from topology.resources import KIND_BY_NAME, wanted
from topology.verification.model import Model

_EXAMPLES = int(os.environ.get("ORRERY_EXAMPLES", "10"))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_the_routes_and_rules_that_the_simulator_tells(name: str) -> None:
    """With AVNM's tables as they were read, and as they follow from its rules."""

    async def live() -> tuple[Actual, Any]:
        network = example(name)
        several = Settings(subscription_ids=network.subscriptions)
        async with simulated_azure(settings=several) as (azure, world):
            assert await apply_network(azure, network) == {}
            async with outsider(azure, world) as client:
                told = (await client.get("/_simulator/effective")).json()["networks"]
                ids = [item.id for item in wanted(network) if _is_whole(item)]
                return await effective.read(client, network.names.manager_id, ids), told

    actual, told = run(live())

    for tables_as_read in (True, False):
        _agree(Model.of(actual, tables_as_read=tables_as_read), told)


@given(sketches())
@settings(max_examples=_EXAMPLES, deadline=None)
def test_any_network_has_the_routes_and_rules_that_the_simulator_tells(sketch: Sketch) -> None:
    """Whatever of it the simulator takes."""

    async def live() -> tuple[Actual, Any]:
        async with _simulator() as azure:
            await effective.build(azure, sketch)
            told = (await azure.get("/_simulator/effective"))["networks"]
            return await effective.read(azure.client, MANAGER, sketch.resources), told

    actual, told = asyncio.run(live())

    _agree(Model.of(actual, tables_as_read=True), told)


def _is_whole(item: Resource) -> bool:
    """Say whether it is a resource of Azure's: neither a part of one nor a commit."""
    kind = KIND_BY_NAME[item.kind]
    return kind.part_of is None and kind.listing is not Listing.DEPLOYMENT_STATUS


@asynccontextmanager
async def _simulator() -> AsyncIterator[Azure]:
    clock = ManualClock()
    async with signed_in(create_app(clock)) as client:
        yield Azure(client, clock)


def _agree(model: Model, told: Any) -> None:
    ours, theirs = effective.modelled_routes(model), effective.told_routes(told)
    assert set(ours) == set(theirs)
    assert {
        key: {"only the model": found - theirs[key], "only the simulator": theirs[key] - found}
        for key, found in ours.items()
        if found != theirs[key]
    } == {}
    rules, told_rules = effective.modelled_rules(model), effective.told_rules(told)
    for key, found in rules.items():
        for direction in (" Inbound ", " Outbound "):
            # Probes of load balancers are nobody whom the model knows.
            assert [rule for rule in found if direction in rule] == [
                rule for rule in told_rules[key] if direction in rule and "loadbalancer" not in rule
            ]
