"""Machines of others that have a security group of their own, in a network that was rolled out."""

from __future__ import annotations

from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life import by_hand
from tests.life.outsider import outsider
from topology.kind import same_id
from topology.verification.unread import unread
from topology.verification.verdict import model_of

ONE = a_network("eastus")
PROD = ONE.names.vnet_id("eastus", "prod")


async def test_a_group_of_a_machine_that_no_subnet_names_is_read_and_told() -> None:
    """It stands in a group of resources of theirs, and names the interface that has it."""
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, ONE) == {}
        async with outsider(azure, world) as client:
            there = await by_hand.read(client, PROD)
            group = f"{PROD.partition('/resourceGroups/')[0]}/resourceGroups/rg-machines"
            network, location = f"{group}/providers/Microsoft.Network", there["location"]
            shut = f"{network}/networkSecurityGroups/shut"
            subnet = {"id": there["properties"]["subnets"][0]["id"]}
            properties = {
                "networkSecurityGroup": {"id": shut},
                "ipConfigurations": [{"name": "ip", "properties": {"subnet": subnet}}],
            }
            await by_hand.write(client, group, {"location": location})
            await by_hand.write(client, shut, {"location": location})
            interface = {"location": location, "properties": properties}
            await by_hand.write(client, f"{network}/networkInterfaces/nic", interface)
        actual = await read_network(azure, ONE)

    [told] = unread(model_of(ONE, actual, as_read=True), [same_id(PROD)])
    where = "vnet-sample-prod-eastus/snet-sample-workload"
    assert told == f"what security groups of interfaces in {where} let through: shut (nic)"
