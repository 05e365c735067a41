"""What a cancelled run has taken away is made again only while nobody else may write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tasks.make_again import make_again
from tests.azure_api.bodies import delete
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from topology.planning.cut import to_make_again
from topology.planning.planner import make_plan
from topology.resources import KIND_BY_NAME

NETWORK = a_network("eastus")
ADDRESS = "eastus: create public ip pip-sample-afw-eastus"
FIREWALL = "eastus: create firewall afw-sample-eastus"
LEFT = "left to the next run, which may have begun"


@pytest.mark.parametrize(
    ("answers", "told", "there"),
    [
        ((True, True), [], ["public-ip", "firewall"]),
        ((True, False), [f"{LEFT}: {FIREWALL}"], ["public-ip"]),
        ((False,), [f"{LEFT}: {ADDRESS}, {FIREWALL}"], []),
    ],
    ids=["held", "closed meanwhile", "closed before"],
)
async def test_nothing_is_made_again_once_another_run_may_write(
    answers: tuple[bool, ...], told: list[str], there: list[str]
) -> None:
    """It is asked before each step: to await the one before may have taken long."""
    asked: Iterator[bool] = iter(answers)

    async def is_held() -> bool:
        return next(asked)

    async with simulated_azure() as (azure, _):
        assert await apply_network(azure, NETWORK) == {}
        before = await read_network(azure, NETWORK)
        gone = [item for item in before.resources.values() if item.kind in _TAKEN_AWAY]
        for item in sorted(gone, key=lambda item: _TAKEN_AWAY.index(item.kind)):
            await delete(azure, KIND_BY_NAME[item.kind], item.id)
        now = make_plan(NETWORK, await read_network(azure, NETWORK))
        saved = make_plan(a_network(regions={"eastus": {"zones": ["1"]}}), before)

        errors = await make_again(azure, now, to_make_again(saved, now), is_held)

        left = await read_network(azure, NETWORK)

    assert errors == told
    assert {item.kind for item in left.resources.values()} & {*_TAKEN_AWAY} == {*there}


_TAKEN_AWAY = ["firewall", "public-ip"]
