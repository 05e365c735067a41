"""A run is taken back when others have come after it, or the region that it had let go alone."""

from __future__ import annotations

import asyncio
from typing import Any

from azure_api.client import Azure
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import read_network
from tests.life.rolling_out import Report, roll_out, take_back_all, take_back_parts
from tests.virtual_time import run
from topology.addressing import allocate
from topology.network import Network
from topology.planning.planner import make_plan
from topology.planning.roll_back.later_runs import built_on, done_by_then
from topology.verification.verdict import findings_of, model_of

_E, _W, _N = "eastus", "westus", "northeurope"


def _networks(*regions: tuple[str, ...]) -> list[Network]:
    """Return networks of one topology as it was edited, with the addresses of the first."""
    found, lock = list[Network](), None
    for names in regions:
        network = a_network(*names, lock=lock)
        lock = allocate(network.topology, lock)
        found.append(network)
    return found


async def _not_so(azure: Azure, network: Network) -> list[str]:
    model = model_of(network, await read_network(azure, network))
    return [finding.text for finding in findings_of(network, model)]


def test_a_region_that_went_comes_back_alone_and_is_let_through() -> None:
    """Its traffic passes all firewalls, and other regions keep it apart as before."""
    before, after = _networks((_E, _W, _N), (_E, _N))

    async def live() -> tuple[list[str], tuple[Any, ...], int]:
        async with simulated_azure() as (azure, _):
            await roll_out(azure, before)
            report = await roll_out(azure, after)
            back = await take_back_all(azure, before, report, _W)
            again = make_plan(before, await read_network(azure, before))
            return await _not_so(azure, before), back.left, len(again.work)

    assert run(live()) == ([], (), 0)


def test_a_later_region_keeps_what_it_has_when_the_run_before_it_is_taken_back() -> None:
    """Its rules, its routes to the others; it leads to the one that goes no more."""
    first, second, third, kept = _networks((_E,), (_E, _W), (_E, _W, _N), (_E, _N))

    async def live() -> tuple[list[str], list[str]]:
        async with simulated_azure() as (azure, _):
            await roll_out(azure, first)
            report = await roll_out(azure, second)
            await roll_out(azure, third)
            back = await take_back_all(azure, third, report)
            return await _not_so(azure, kept), [why for _, why in back.left]

    wrong, left = run(live())
    assert wrong == []
    assert {*left} == {"a later run has written it"}


def test_a_killed_run_is_taken_back_after_the_one_that_did_the_rest() -> None:
    """Its saved plan has all: what the next made is left to that, and needs what is there."""
    network = a_network(_E, _W)

    async def live() -> tuple[str | None, int, int]:
        async with simulated_azure() as (azure, _):
            killed = make_plan(network, await read_network(azure, network))
            await _killed(azure, network)
            later = await roll_out(azure, network)
            assert later.whole is not None
            known = {"2": later.whole}
            parts = done_by_then([killed], known)
            refused = built_on(parts, None, await read_network(azure, network), known)
            await take_back_all(azure, network, later)
            now = built_on(parts, None, await read_network(azure, network), known)
            assert now is None
            back = await take_back_parts(azure, network, parts)
            read = await read_network(azure, network)
            return refused, len(back.left), len(read.resources)

    refused, left, there = run(live())
    assert refused is not None
    assert "Take run 2 back first" in refused
    assert (left, there) == (0, 0)


async def _killed(azure: Azure, network: Network) -> Report | None:
    """Roll out, and end when the firewalls are under way."""
    try:
        async with asyncio.timeout(300):
            return await roll_out(azure, network)
    except TimeoutError:
        return None
