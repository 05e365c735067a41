"""Azure is out while it is written to: a region for hours, or all of it for minutes."""

from __future__ import annotations

import asyncio

import pytest

from simulator.fault import Fault
from simulator.faults import Faults
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import read_network
from tests.life.rolling_out import roll_out
from topology.planning.planner import make_plan

OUT, OTHERS = "westus", {"eastus", "northeurope"}
_BEGINS, _LASTS = 120.0, 4 * 3600.0  # seconds: while firewalls are being made


async def test_a_region_that_is_out_fails_alone_and_the_next_run_completes_it() -> None:
    """It ends in time, names the region in Azure's words, and nothing is left to do later."""
    network = a_network("eastus", OUT, "northeurope")
    outage = Fault(region=OUT, outage=True, after=_BEGINS, until=_BEGINS + _LASTS)
    async with simulated_azure(faults=Faults([outage])) as (azure, _):
        report = await roll_out(azure, network)
        ended = asyncio.get_running_loop().time()
        now = make_plan(network, await read_network(azure, network))
        await asyncio.sleep(_BEGINS + _LASTS - ended)
        again = await roll_out(azure, network)
        last = make_plan(network, await read_network(azure, network))

    assert ended < _BEGINS + _LASTS
    assert "GatewayTimeout" in " ".join(report.errors.values())
    assert set(report.back) == {OUT}
    missing = {step.resource.kind for step in now.work if step.resource.region in OTHERS}
    assert missing == {"remote-routes"}  # to its firewall, which has no address yet
    assert (again.ending.is_well, last.is_empty) == (True, True)


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_an_azure_that_is_unwell_for_five_minutes_costs_no_region(method: str) -> None:
    """Whether it refuses lists or writes: InternalServerError passes, if not by the fifth try."""
    network = a_network("eastus", OUT)
    begins = _BEGINS + 130  # commits and what is proved after them come in its time
    unwell = Fault(method=method, after=begins, until=begins + 300, times=None)
    async with simulated_azure(faults=Faults([unwell])) as (azure, _):
        report = await roll_out(azure, network)

    assert (report.ending.is_well, report.back) == (True, {})
