"""Rules that others put into our policy may name IP groups: their addresses decide."""

from __future__ import annotations

from azure_api.client import Azure
from simulator.arm.world import World
from tests.azure_api.in_process import SUBSCRIPTION, simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life import by_hand
from tests.life.outsider import outsider
from topology.verification.verdict import Verdict, model_of, proof_of, prove

ONE = a_network("eastus", regions={"eastus": {"admin_rules": False}})
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-theirs"
EVERYONE = f"{GROUP}/providers/Microsoft.Network/ipGroups/everyone"


async def test_an_ip_group_in_a_rule_of_others_breaks_isolation() -> None:
    """As the same addresses would."""
    async with simulated_azure() as (azure, world):
        verdict = await _with_everyone(azure, world)

    assert {item.rule for item in verdict.findings} == {"isolation", "too-open"}
    assert verdict.unread == ()


async def test_an_ip_group_that_may_not_be_read_is_told() -> None:
    """Its rule counts for nobody."""
    async with simulated_azure() as (azure, world):
        world.faults.add(
            method="GET", type="Microsoft.Network/ipGroups", status=403, code="No", times=None
        )
        verdict = await _with_everyone(azure, world)

    assert verdict.findings == ()
    assert verdict.unread == ("whom these rules of theirs are about: x (everyone)",)


async def _with_everyone(azure: Azure, world: World) -> Verdict:
    """Build ours, let others open all of it by an IP group, and prove what is read."""
    assert await apply_network(azure, ONE) == {}
    rule = {
        "name": "x",
        "ruleType": "NetworkRule",
        "ipProtocols": ["Any"],
        "destinationPorts": ["*"],
        "sourceIpGroups": [EVERYONE],
        "destinationIpGroups": [EVERYONE],
    }
    collection = {
        "name": "theirs",
        "priority": 100,
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "action": {"type": "Allow"},
        "rules": [rule],
    }
    async with outsider(azure, world) as client:
        for name, body in {
            GROUP: {"location": "eastus"},
            EVERYONE: {"location": "eastus", "properties": {"ipAddresses": ["10.0.0.0/8"]}},
            f"{ONE.names.policy_id}/ruleCollectionGroups/theirs": {
                "properties": {"priority": 100, "ruleCollections": [collection]}
            },
        }.items():
            await by_hand.write(client, name, body)
    actual = await read_network(azure, ONE)
    return prove(proof_of(ONE, model_of(ONE, actual, as_read=True)))
