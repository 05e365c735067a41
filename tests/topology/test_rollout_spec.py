"""The order of regions, and when nothing may start."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from topology.rollout_spec import FreezeSpec, HookSpec, RolloutSpec, waves

REGIONS = ("eastus", "northeurope", "southeastasia", "westeurope", "westus")


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        ({}, (REGIONS,)),
        ({"canary": "westus"}, (("westus",), REGIONS[:4])),
        (
            {"canary": "westus", "at_a_time": 3},
            (("westus",), ("eastus", "northeurope", "southeastasia"), ("westeurope",)),
        ),
        ({"at_a_time": 4}, (REGIONS[:4], ("westus",))),
        (
            {"waves": [["westus"], ["eastus", "westeurope"]]},
            (("westus",), ("eastus", "westeurope"), ("northeurope", "southeastasia")),
        ),
    ],
)
def test_regions_go_in_waves(rule: dict[str, object], order: tuple[tuple[str, ...], ...]) -> None:
    """By name or by rule; each region is in one."""
    assert waves(RolloutSpec.model_validate(rule), REGIONS) == order


def test_canary_that_is_the_only_region_is_the_only_wave() -> None:
    """No wave is empty."""
    assert waves(RolloutSpec(canary="eastus"), ("eastus",)) == (("eastus",),)


@pytest.mark.parametrize(
    ("day", "told"),
    [(19, None), (20, "frozen until 2026-12-27T00:00:00+00:00: holidays"), (27, None)],
)
def test_freeze_holds_from_its_start_until_its_end(day: int, told: str | None) -> None:
    """And says when it ends."""
    days = [datetime(2026, 12, number, tzinfo=UTC) for number in (20, 27)]
    rollout = RolloutSpec(freeze=(FreezeSpec(start=days[0], end=days[1], reason="holidays"),))

    assert rollout.frozen(datetime(2026, 12, day, tzinfo=UTC)) == told


def test_a_hook_names_a_flow_and_its_deployment() -> None:
    """It has half an hour unless more is said; what has no slash is refused."""
    rollout = RolloutSpec.model_validate({"check": ["deployment-status", {"run": "probe/prod"}]})

    assert rollout.hooks == (HookSpec(run="probe/prod", minutes=30),)
    with pytest.raises(ValidationError, match="run"):
        RolloutSpec.model_validate({"check": [{"run": "probe"}]})
