"""Whole lives of the example networks, by the product through the real SDK, as exchanges."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from azure_api.client import Azure
from tests.azure_api.in_process import simulated_azure
from tests.carry_out import apply_network, carry_out, read_network
from tests.contract.swagger.exchange import Exchange, Recorder
from tests.virtual_time import run
from topology.addressing import AddressLock, allocate
from topology.network import Network
from topology.planning.planner import plan_removal_of_all
from topology.reading import read

# What each example is changed by: one more region, or nothing.
_CHANGES = {"globojava": "  southafricanorth:\n", "branch": ""}


@cache
def lives() -> tuple[Exchange, ...]:
    """Return all exchanges of the examples: applied, read again, changed, destroyed."""
    return tuple(item for name in _CHANGES for item in run(_life(name)))


async def _life(name: str) -> list[Exchange]:
    network = _network(name)
    grown = _network(name, _CHANGES[name], allocate(network.topology))
    async with simulated_azure() as (azure, _):
        recorder = _listen(azure)
        for wanted in (network, network, grown):
            assert await apply_network(azure, wanted) == {}
        everything = plan_removal_of_all(grown, await read_network(azure, grown))
        assert await carry_out(azure, everything) == {}
    return recorder.exchanges


def _listen(azure: Azure) -> Recorder:
    recorder = Recorder(azure.transport.app)
    azure.transport.app = recorder
    return recorder


def _network(name: str, more: str = "", lock: AddressLock | None = None) -> Network:
    path = Path("examples") / f"{name}.yaml"
    network, _ = read(path.read_text() + more, str(path), lock)
    return network
