"""Each line of tests/cases/errors/writes.yaml, with the real SDK on the simulator."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from azure_api.client import Azure
from azure_api.errors import Final, Passing
from azure_api.read import read_one
from azure_api.retrying import RetryBudget
from simulator.arm.world import World
from tests.azure_api.bodies import VNET, a_group, a_vnet, delete, put, vnet_body, vnet_id
from tests.azure_api.in_process import AsgiTransport
from tests.written_errors import WrittenError, written_errors

_SEEN = Path(os.environ.get("ORRERY_RECORDINGS", "recordings")).parent / "errors_seen.jsonl"
_BUDGET = RetryBudget(seconds=300, longest=300, lasts=150)
_RETRY_AFTER = 7.0

_CASES = [(error, method) for error in written_errors() for method in error.methods]
_PASSING = [
    (error, method)
    for error, method in _CASES
    if not (error.is_final(method) or error.we == "gone")
]


def _name(case: tuple[WrittenError, str]) -> str:
    return f"{case[1]}-{case[0].name}"


async def _send(azure: Azure, method: str) -> None:
    """Write the network: put it anew, or delete the one that stands."""
    if method == "PUT":
        await put(azure, VNET, vnet_id(), vnet_body(), _BUDGET)
    else:
        await delete(azure, VNET, vnet_id(), _BUDGET)


def _sent_at(transport: AsgiTransport, method: str) -> list[float]:
    return [item.at for item in transport.sent if (item.method, item.path) == (method, vnet_id())]


async def _stands(azure: Azure, method: str) -> None:
    """Make what the write needs."""
    await a_group(azure)
    if method == "DELETE":
        await a_vnet(azure)


@pytest.mark.parametrize(("error", "method"), _CASES, ids=[_name(case) for case in _CASES])
async def test_a_write_that_meets_it_twice_does_what_the_table_says(
    azure: Azure, world: World, transport: AsgiTransport, error: WrittenError, method: str
) -> None:
    """Sent again after as long as Azure said, or not at all."""
    await _stands(azure, method)
    fault = {**error.answer, "retry_after": _RETRY_AFTER}
    world.faults.add(method=method, type=VNET.arm_type, times=2, **fault)
    if error.is_final(method):
        with pytest.raises(Final, match=error.within or error.code):
            await _send(azure, method)
        assert len(_sent_at(transport, method)) == 1
    elif error.we == "gone":
        await _send(azure, method)
        assert len(_sent_at(transport, method)) == 1
    else:
        await _send(azure, method)
        first, second, third = _sent_at(transport, method)
        if error.we == "look":  # as long as a reader may lag behind
            assert 120 <= second - first < 180
            assert 120 <= third - second < 180
        else:
            assert (second, third) == (first + _RETRY_AFTER, first + 2 * _RETRY_AFTER)
        assert (await read_one(azure, VNET, vnet_id()) is None) == (method == "DELETE")


@pytest.mark.parametrize(("error", "method"), _PASSING, ids=[_name(case) for case in _PASSING])
async def test_a_write_that_meets_it_for_ever_ends(
    azure: Azure, world: World, error: WrittenError, method: str
) -> None:
    """By the seconds of its budget; earlier where the same code may also last."""
    await _stands(azure, method)
    world.faults.add(method=method, type=VNET.arm_type, times=None, **error.answer)
    began = asyncio.get_running_loop().time()
    with pytest.raises(Passing, match=error.code):
        await _send(azure, method)
    took = asyncio.get_running_loop().time() - began
    least = 150 if error.we == "for a while" else 300
    assert least <= took <= least + 60


def test_the_table_has_every_code_that_a_write_was_seen_to_meet() -> None:
    """All PUTs and DELETEs of Azure's recorded traffic."""
    if not _SEEN.is_file():
        pytest.skip("errors_seen.jsonl is not at hand: it lies beside the recordings")
    seen = [json.loads(line) for line in _SEEN.read_text(encoding="utf-8").splitlines()]
    table = {
        (method, error.status, code)
        for error in written_errors()
        for method in error.methods
        for code in (error.code, error.within)
    }

    assert {
        (item["method"], item["status"], item["code"])
        for item in seen
        if item["method"] in {"PUT", "DELETE"}
    } <= table
