"""Forecasts against the simulator, which counts calls and has durations of its own."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from azure_api.client import Azure
from azure_api.pacing import sort_of
from simulator.settings import Settings
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import carry_out, read_network
from tests.virtual_time import run
from topology.forecast.calls import Counting
from topology.forecast.forecast import Forecast, forecast_of
from topology.network import Network
from topology.planning.plan import Plan
from topology.planning.planner import make_plan, plan_removal_of_all

NETWORK = a_network("westeurope", "northeurope")
# Looks depend on when Azure ends, which is drawn at random; writes on nothing.
READS_WITHIN, SECONDS_WITHIN = 0.2, 0.25


async def _carried_out(azure: Azure, plan: Plan) -> tuple[Counter[str], float]:
    """Carry a plan out; return its calls by sort, and Azure's seconds."""
    clock, before = asyncio.get_running_loop(), len(azure.transport.sent)
    started = clock.time()
    assert await carry_out(azure, plan) == {}
    return _calls(azure, before), clock.time() - started


def _calls(azure: Azure, before: int) -> Counter[str]:
    """Return the calls since so many were sent, by sort; tokens are Entra's to count."""
    sent = (item for item in azure.transport.sent[before:] if "/oauth2/" not in item.path)
    return Counter(sort_of(item.method) for item in sent)


async def _first_rollout(network: Network) -> tuple[Forecast, Counter[str], float]:
    async with simulated_azure(settings=Settings()) as (azure, _):
        actual = await read_network(azure, network)
        plan = make_plan(network, actual)
        forecast = forecast_of(network, plan, actual)
        return forecast, *await _carried_out(azure, plan)


async def _removal(network: Network) -> tuple[Forecast, Counter[str], float]:
    async with simulated_azure(settings=Settings()) as (azure, _):
        await carry_out(azure, make_plan(network, await read_network(azure, network)))
        actual = await read_network(azure, network, stays=())
        plan = plan_removal_of_all(network, actual)
        forecast = forecast_of(network, plan, actual)
        return forecast, *await _carried_out(azure, plan)


@pytest.mark.parametrize("rollout", [_first_rollout, _removal])
def test_calls_and_time_come_out_as_foreseen(rollout: object) -> None:
    """Deletes exactly; writes but for looks at deployments; reads and time near enough."""
    forecast, sent, seconds = run(rollout(NETWORK))  # type: ignore[operator]

    assert forecast.total("delete") == sent["delete"]
    assert forecast.total("write") == pytest.approx(sent["write"], rel=READS_WITHIN)
    assert forecast.total("read") == pytest.approx(sent["read"], rel=READS_WITHIN)
    assert forecast.seconds == pytest.approx(seconds, rel=SECONDS_WITHIN)


def test_reading_takes_the_calls_that_were_foreseen() -> None:
    """One list a type and parent, with nothing there and with all."""
    run(_reads_as_foreseen())


async def _reads_as_foreseen() -> None:
    async with simulated_azure(settings=Settings()) as (azure, _):
        for _ in range(2):
            before = len(azure.transport.sent)
            plan = make_plan(NETWORK, await read_network(azure, NETWORK))
            sent = _calls(azure, before)
            standing = [step.resource for step in plan.steps if plan.found.get(step.resource.id)]
            foreseen = Counting(plan).reading(standing)
            assert {"read": foreseen["read"], "write": foreseen["write"]} == {
                "read": sent["read"],
                "write": sent["write"],
            }
            await carry_out(azure, plan)
