"""What stands around ours is read, is in no step, and counts when traffic is proved."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

from azure_api.client import Azure
from tasks.read_topology import keep_names, load
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life import by_hand
from tests.life.outsider import outsider
from tests.life.test_dynamic import A_WHILE, FILE, GROUP, TAGS, VNET, theirs
from tests.topology.verification.spoils import spoils
from topology.compliance.reachability import report_of_proof
from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan
from topology.verification.foreseen import foresee
from topology.verification.model import Model
from topology.verification.pairs import Answers, pairs
from topology.verification.plane import Plane
from topology.verification.rules import Traffic
from topology.verification.verdict import findings_of, model_of, proof_of, prove

PARTNER = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-partner"


async def test_tables_that_avnm_made_are_read_and_in_no_step() -> None:
    """They hold the routes to the firewalls, and the proof on what was read stands on them."""
    network = a_network("eastus", "westus")
    async with simulated_azure() as (azure, _):
        await apply_network(azure, network)
        actual = await read_network(azure, network)
        found = findings_of(network, model_of(network, actual, as_read=True))

    tables = [item for item in actual.around.values() if item.kind == "route-table"]
    assert {item.id.split("/")[4].lower()[:27] for item in tables} == {
        "avnm_managed_resourcegroup_"
    }
    assert (make_plan(network, actual).work, found) == ((), [])


async def test_a_verdict_on_what_azure_holds_names_what_is_missing() -> None:
    """As the file leads to it; that AVNM's tables stand for its rules parts no way."""
    network = a_network("eastus", "westus")
    async with simulated_azure() as (azure, _):
        await apply_network(azure, network)
        actual = await read_network(azure, network)
    route = "rt-sample-afw-eastus/routes/to-westus"
    [gone] = [item for item in spoils(actual) if str(item) == f"no {route}"]
    verdict = prove(proof_of(network, model_of(network, gone.apply(actual), as_read=True)))
    report = report_of_proof(network, verdict.findings, date(2026, 11, 26))

    notes = {item.note for item in report.standing}
    assert notes
    assert all(note.startswith("as planned: vnet-sample-hub-eastus/") for note in notes)
    assert all(f"routeTables/{route}" in note for note in notes)


async def test_a_network_of_others_that_is_peered_with_a_spoke_is_found_around_the_firewall() -> (
    None
):
    """Both sides of the peering are theirs."""
    network = a_network("eastus", "westus")
    spoke = network.names.vnet_id("eastus", "prod")
    async with simulated_azure() as (azure, world):
        await apply_network(azure, network)
        async with outsider(azure, world) as client:
            await by_hand.write(client, GROUP, {"location": "eastus"})
            subnet = {"name": "a", "properties": {"addressPrefix": "172.20.1.0/24"}}
            space = {"addressSpace": {"addressPrefixes": ["172.20.0.0/16"]}, "subnets": [subnet]}
            await by_hand.write(client, PARTNER, {"location": "eastus", "properties": space})
            for here, there in ((spoke, PARTNER), (PARTNER, spoke)):
                await by_hand.write(client, f"{here}/virtualNetworkPeerings/p", _peering(there))
        actual = await read_network(azure, network)
        found = findings_of(network, model_of(network, actual, as_read=True))

    assert make_plan(network, actual).work == ()
    assert {(item.rule, item.between) for item in found} == {
        ("around", "vnet-sample-prod-eastus to vnet-partner")
    }


def _peering(remote: str) -> dict[str, Any]:
    return {"properties": {"remoteVirtualNetwork": {"id": remote}, "allowForwardedTraffic": True}}


async def test_what_is_foreseen_of_a_network_that_joins_is_what_azure_then_holds(
    tmp_path: Path,
) -> None:
    """Its peering with the hub, its rules and its route to the firewall; and when it leaves."""
    path = tmp_path / "sample.yaml"
    path.write_text(FILE)
    network, _ = load(path)
    async with simulated_azure() as (azure, _):
        await theirs(azure, **TAGS)
        before = await read_network(azure, network)
        plan = make_plan(network, before)
        foreseen = model_of(network, foresee(before, plan.steps, plan.topology))
        keep_names(network, plan)
        assert await carry_out(azure, plan) == {}
        actual = await _later(azure, network)

    read = model_of(network, actual, as_read=True)
    assert same_id(VNET) in read.fabric.networks
    assert _who_reaches_whom(foreseen) == _who_reaches_whom(read)
    assert any("vnet-team" in pair for pair in _who_reaches_whom(read))
    assert findings_of(network, read) == []


async def _later(azure: Azure, network: Network) -> Actual:
    await asyncio.sleep(A_WHILE)
    return await read_network(azure, network)


def _who_reaches_whom(model: Model) -> set[tuple[str, str, int]]:
    plane = Plane.of(model)
    networks, found = model.fabric.networks, set()
    for block in pairs(Answers(plane, model), Traffic()).works:
        for network in plane.networks_of(block.senders):
            if block.targets & plane.workloads:
                found.add((network.name, networks[block.network].name, len(block.way)))
    return found
