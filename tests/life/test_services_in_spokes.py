"""A team's SQL Managed Instance in a spoke of ours: no admin rules hold, none are awaited."""

from __future__ import annotations

from tests.azure_api.in_process import simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, read_network
from tests.life import by_hand
from tests.life.outsider import outsider
from topology.addressing import allocate
from topology.kind import same_id
from topology.verification.verdict import model_of

BEFORE = a_network("eastus", isolation="none")
AFTER = a_network("eastus", isolation="strict", lock=allocate(BEFORE.topology))
PROD = BEFORE.names.vnet_id("eastus", "prod")


async def test_rules_are_not_awaited_where_a_service_shuts_them_out() -> None:
    """The rollout ends well, and the proof knows that the network has none."""
    async with simulated_azure() as (azure, world):
        assert await apply_network(azure, BEFORE) == {}
        async with outsider(azure, world) as client:
            found = (await client.get(PROD, params={"api-version": "2024-05-01"})).json()
            subnet = found["properties"]["subnets"][0]
            service = {"serviceName": "Microsoft.Sql/managedInstances"}
            subnet["properties"]["delegations"] = [{"name": "sql", "properties": service}]
            await by_hand.write(client, PROD, found)
        failed = await apply_network(azure, AFTER)
        actual = await read_network(azure, AFTER)

    rules = model_of(AFTER, actual, as_read=True).effects.rules
    assert failed == {}
    assert rules[same_id(PROD)] == ()
