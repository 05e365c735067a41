"""What Azure says after a wave: only what was not foreseen of it keeps the next from starting."""

from __future__ import annotations

from azure_api.effects import effective_ids
from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life.outsider import outsider
from topology.addressing import allocate
from topology.planning.planner import make_plan
from topology.planning.waves import wave_of
from topology.verification.afterwards import unforeseen
from topology.verification.effective import disagreements
from topology.verification.verdict import findings_of, model_of

REGIONS, BY_WAVE = ("eastus", "westus"), {"policy": "per-wave"}
BEFORE = a_network(*REGIONS, rollout=BY_WAVE)
LOCK = allocate(BEFORE.topology)
AFTER = a_network(*REGIONS, lock=LOCK, rollout=BY_WAVE, isolation="strict")
PROD = BEFORE.names.vnet_id("eastus", "prod")


async def test_what_is_not_yet_so_was_foreseen_and_what_others_spoil_was_not() -> None:
    """Isolation is closed in one region and not yet in the other; then a peering is taken away."""
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, BEFORE) == {}
        before = await read_network(azure, AFTER)
        part = wave_of(make_plan(AFTER, before), {"eastus"}, last=False)
        assert await carry_out(azure, part) == {}
        after = await read_network(azure, AFTER)
        half = findings_of(AFTER, model_of(AFTER, after, as_read=True))
        foreseen = unforeseen(AFTER, before, part.steps, after)
        async with outsider(azure, world) as client:
            peering = f"{PROD}/virtualNetworkPeerings/peer-sample-prod-to-hub"
            answer = await client.delete(peering, params={"api-version": "2024-05-01"})
            assert answer.is_success
        spoilt = unforeseen(AFTER, before, part.steps, await read_network(azure, AFTER))

    assert {item.rule for item in half} == {"isolation", "too-open", "denial"}
    assert foreseen == []
    assert "reach" in {item.rule for item in spoilt}
    assert all("vnet-sample-prod-eastus" in item.between for item in spoilt)


async def test_the_model_agrees_with_what_azure_lists_as_effective() -> None:
    """Admin rules and meshes of every network, hubs too."""
    async with simulated_azure() as (azure, _):
        await apply_network(azure, BEFORE)
        actual = await read_network(azure, BEFORE)
        vnets = [item.id for item in actual.resources.values() if item.kind == "virtual-network"]
        effective = await effective_ids(azure, vnets)

    assert sum(map(len, effective["SecurityAdmin"].values())) > 0
    assert sum(map(len, effective["Connectivity"].values())) == 2
    assert list(disagreements(model_of(BEFORE, actual, as_read=True), effective)) == []
