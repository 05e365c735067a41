"""Lives of a firewall policy, with the real SDK: shared, by region, changed and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from azure_api.client import Azure
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from topology.kind import strings
from topology.network import Network
from topology.planning.at_once import at_once, rules_only
from topology.planning.planner import make_plan
from topology.planning.roll_back.planner import plan_roll_back

SHARED, BY_REGION = {"policy": "at-once"}, {"policy": "per-wave"}


def _network(rollout: dict[str, str], end: str = "com", **more: Any) -> Network:
    egress = [{"name": "web", "fqdns": [f"*.example.{end}"]}]
    return a_network("eastus", "westus", rollout=rollout, egress=egress, **more)


async def _rules(azure: Azure, network: Network) -> dict[str, Any]:
    """Return what Azure holds of policies and rules, by id, without what it writes itself."""
    found = (await read_network(azure, network)).resources
    return {
        key: sorted(text for text in strings(item.body) if text != item.body.get("etag"))
        for key, item in found.items()
        if "/firewallpolicies/" in key
    }


async def test_firewalls_are_given_another_policy_in_place_and_back() -> None:
    """From one for all to one a region; each time nothing is left to do, or refused."""
    async with simulated_azure() as (azure, world):
        for rollout in (SHARED, BY_REGION, SHARED):
            network = _network(rollout)
            assert await apply_network(azure, network) == {}
            assert make_plan(network, await read_network(azure, network)).is_empty
        policies = [
            item.id.name for item in world.store.of_type("Microsoft.Network/firewallPolicies")
        ]
    assert policies == ["afwp-sample"]


@pytest.mark.parametrize("rollout", [SHARED, BY_REGION], ids=["at-once", "per-wave"])
async def test_changed_rules_are_taken_back_to_what_azure_held(rollout: dict[str, str]) -> None:
    """In every field that we manage, from the plan of the rules alone."""
    before = _network(rollout, firewall={"threat_intelligence": "Alert"})
    after = _network(rollout, "org", isolation="strict")
    async with simulated_azure() as (azure, _):
        await apply_network(azure, before)
        stood = await _rules(azure, before)
        plan = rules_only(make_plan(after, await read_network(azure, after)))
        assert await carry_out(azure, plan) == {}
        changed = await _rules(azure, before)
        back = plan_roll_back(plan, None, await read_network(azure, before))
        assert await carry_out(azure, back) == {}
        assert (await _rules(azure, before), changed == stood) == (stood, False)


async def test_a_change_of_the_parent_goes_alone() -> None:
    """Its children and their firewalls are busy with it, and come to rest."""
    before, after = (
        _network(BY_REGION),
        _network(BY_REGION, firewall={"threat_intelligence": "Off"}),
    )
    async with simulated_azure() as (azure, _):
        await apply_network(azure, before)
        part = at_once(make_plan(after, await read_network(azure, after)))
        assert await carry_out(azure, part) == {}
        assert at_once(make_plan(after, await read_network(azure, after))).is_empty
        assert await apply_network(azure, after) == {}
