"""One region taken back, amid a run or later: as before, or what cannot be so is named."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from azure_api.client import Azure
from simulator.fault import Fault
from simulator.faults import Faults
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import read_network
from tests.life.rolling_out import Report, roll_out, take_back_all
from topology.addressing import allocate
from topology.kind import at, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.roll_back.outcome import TakenBack
from topology.verification.verdict import findings_of, model_of

_REGIONS = ("eastus", "westus2", "northeurope")
_CANARY = {"canary": "westus2"}
_A_WHILE = 7200  # seconds in which Azure ends what it began


async def test_the_region_of_an_earlier_wave_gets_the_rules_back_that_it_had() -> None:
    """Their generation goes with the last wave, whose part of the run it is."""
    before, after = _succession({"rollout": _CANARY}, {"rollout": _CANARY, "isolation": "strict"})
    async with simulated_azure() as (azure, _):
        was, _, back, now = await _later(azure, before, after, "westus2")

    assert back.left == ()
    assert _goals(now, "westus2") == _goals(was, "westus2")
    assert _goals(now, "eastus") != _goals(was, "eastus")


async def test_a_region_that_comes_back_to_a_mesh_alone_is_told() -> None:
    """It lost its peerings with the part of its wave, and the others left with the last."""
    peering = {"rollout": _CANARY, "interconnect": "peering"}
    before, after = _succession({"rollout": _CANARY}, peering)
    async with simulated_azure() as (azure, _):
        _, _, back, _ = await _later(azure, before, after, "westus2")

    assert [why for _, why in back.left] == [
        "westus2 is alone in it, and joined to no other region until the next rollout"
    ]


async def test_a_region_that_had_left_is_routed_by_what_it_had() -> None:
    """Others have gone on to routing that has nothing for it: their firewalls were made anew."""
    stays = {"eastus": {"zones": ["1"]}, "westus2": {}}
    before, after = _succession({}, {"regions": stays})
    async with simulated_azure() as (azure, _):
        was, _, back, now = await _later(azure, before, after, "northeurope")

    assert back.left == ()
    assert _goals(now, "northeurope") == _goals(was, "northeurope")
    assert _goals(now, "eastus") != _goals(was, "eastus")
    assert _findings(before, now) == []


async def test_a_firewall_keeps_to_its_rules_where_those_of_all_are_gone() -> None:
    """They would come back for all firewalls, and it would let nothing pass without them."""
    before, after = _succession(
        {"rollout": _CANARY}, {"rollout": {**_CANARY, "policy": "per-wave"}}
    )
    async with simulated_azure() as (azure, _):
        _, report, back, now = await _later(azure, before, after, "westus2")

    [(what, why)] = back.left
    assert "leave firewall afw-sample-westus2" in what
    assert (
        why
        == "it keeps to rules of its own: afwp-sample has none until the whole run is taken back"
    )
    assert _findings(before, now) == []
    assert report.whole is not None
    assert report.whole.notes[-1] == (
        "eastus, northeurope, westus2 keep to rules of their own when taken back alone after the "
        "run: afwp-sample has none until the whole run is taken back"
    )


@pytest.mark.parametrize("more", [{}, {"northeurope": {"zones": ["1"]}}], ids=["left", "anew"])
async def test_a_firewall_that_comes_back_to_no_rules_is_told(more: dict[str, Any]) -> None:
    """Those of all are gone, and it has none of its own. The plan has said so beforehand."""
    regions = {"eastus": {}, "westus2": {}, **more}
    before, after = _succession({}, {"rollout": {"policy": "per-wave"}, "regions": regions})
    async with simulated_azure() as (azure, _):
        _, report, back, now = await _later(azure, before, after, "northeurope")

    none = "afwp-sample has none until the whole run is taken back"
    [(what, why)] = back.left
    assert "leave firewall afw-sample-northeurope" in what
    assert why == f"no rules let anything pass: {none}"
    assert all("afw-sample-northeurope denied" in text for text in _findings(before, now))
    assert report.whole is not None
    assert report.whole.notes[-1] == (
        f"northeurope has no rules when taken back alone after the run: {none}"
    )


async def test_a_hub_that_loses_a_spoke_is_written_while_both_are_peered() -> None:
    """It carries its side of the pair: once the spoke's has gone, Azure refuses it."""
    tags, more = {"tags": {"x": "1"}}, {"tags": {"y": "2"}}
    before, after = _succession(tags, {**more, "environments": ["prod", "nonprod", "dev"]})
    async with simulated_azure() as (azure, _):
        _, _, back, now = await _later(azure, before, after, "westus2")

    assert back.left == ()
    tagged = now.resources[same_id(before.names.vnet_id("westus2", "hub"))].body["tags"]
    assert "y" not in tagged


async def test_a_region_that_fails_finds_the_rules_that_all_followed() -> None:
    """They go when all who went over to rules of their own are through."""
    before, after = _succession({}, {"rollout": {"policy": "per-wave"}, "isolation": "strict"})
    commits = "Microsoft.Network/networkManagers/commits"
    fails = Fault(when="deployment", type=commits, region="westus2")
    report, now = await _failing(before, after, fails)

    assert report.ending.message == "westus2 rolled back; 2 other regions in place"
    assert not [text for text in _findings(before, now) if "afw-sample-westus2 denied" in text]


async def test_a_region_that_fails_leads_to_firewalls_that_were_being_made_anew() -> None:
    """They had no address yet when it was taken back."""
    anew = {region: {"zones": ["1"]} for region in _REGIONS}
    before, after = _succession({}, {"regions": anew})
    fails = Fault(
        method="PUT",
        type="Microsoft.Network/azureFirewalls",
        region="westus2",
        status=400,
        code="BadRequest",
        message="It fails for good.",
    )
    report, now = await _failing(before, after, fails)

    assert report.ending.message.startswith("westus2 rolled back")
    assert _led_to(now, before.names.route_table_id("westus2")) == {"eastus", "northeurope"}


# -- lives -------------------------------------------------------------------------------


def _succession(before: dict[str, Any], after: dict[str, Any]) -> tuple[Network, Network]:
    first = a_network(*_REGIONS, **before)
    regions = () if "regions" in after else _REGIONS
    return first, a_network(*regions, lock=allocate(first.topology), **after)


async def _later(
    azure: Azure, before: Network, after: Network, region: str
) -> tuple[Actual, Report, TakenBack, Actual]:
    """Roll both out, take a region back later; return what was, what came, and what is."""
    assert (await roll_out(azure, before)).ending.is_well
    await asyncio.sleep(_A_WHILE)
    was = await read_network(azure, before)
    report = await roll_out(azure, after)
    assert report.ending.is_well
    await asyncio.sleep(_A_WHILE)
    back = await take_back_all(azure, after, report, region)
    await asyncio.sleep(_A_WHILE)
    return was, report, back, await read_network(azure, after)


async def _failing(before: Network, after: Network, fails: Fault) -> tuple[Report, Actual]:
    """Roll both out, the second with a fault; return what came of it, and what is."""
    met = Faults()
    async with simulated_azure(faults=met) as (azure, _):
        assert (await roll_out(azure, before)).ending.is_well
        await asyncio.sleep(_A_WHILE)
        met.extend([fails])
        report = await roll_out(azure, after)
        await asyncio.sleep(_A_WHILE)
        return report, await read_network(azure, after)


def _goals(actual: Actual, region: str) -> dict[str, tuple[str, ...]]:
    return {
        state.commit_type: state.configuration_ids
        for states in actual.goal_states.values()
        for state in states
        if state.region == region
    }


def _findings(network: Network, actual: Actual) -> list[str]:
    return [finding.text for finding in findings_of(network, model_of(network, actual))]


def _led_to(actual: Actual, table: str) -> set[str]:
    """Return the regions that a table of routes leads to."""
    routes = at(actual.resources[same_id(table)].body, "properties.routes")
    return {route["name"].removeprefix("to-") for route in routes if route["name"][:3] == "to-"}
