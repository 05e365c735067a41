"""What a check says of a network on the simulator: whose drift it is, and what is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from azure_api.client import Azure
from azure_api.identity import names_of_us
from simulator.arm.world import World
from simulator.identity import bearer_token
from simulator.principals import Principal
from tests.azure_api.in_process import SUBSCRIPTION, a_tenant, simulated_azure
from tests.builders import a_network
from tests.carry_out import apply_network, carry_out, read_network
from tests.life import by_hand
from tests.life.foreign import described
from tests.life.outsider import outsider
from tests.simulator.azure import signed_in
from topology.addressing import allocate
from topology.compliance.drift import drift
from topology.compliance.finding import Finding
from topology.compliance.last_state import LastState
from topology.compliance.owners import Witnesses
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.planner import make_plan

WHERE = "eastus"
ALICE = Principal(
    "00000000-0000-4000-8000-0000000000a1",
    "00000000-0000-4000-8000-0000000000a2",
    name="alice@example.com",
    role="Owner",
)
_CONTOSO = "/providers/Microsoft.Management/managementGroups/contoso"


@dataclass
class Watched:
    """A network that was applied, and how it was left."""

    azure: Azure
    world: World
    network: Network
    left: Actual

    async def findings(self) -> list[Finding]:
        """Return what a check finds, knowing who we are and what was left."""
        witnesses = Witnesses(await names_of_us(self.azure), LastState(self.left))
        return [*drift(self.network, await self.read(), witnesses)]

    async def read(self) -> Actual:
        """Return what Azure holds."""
        return await read_network(self.azure, self.network)

    @asynccontextmanager
    async def alice(self) -> AsyncIterator[httpx.AsyncClient]:
        """Give the client of somebody else."""
        async with signed_in(self.azure.transport.app) as client:
            token = bearer_token(self.world.settings, ALICE)
            client.headers["Authorization"] = f"Bearer {token}"
            yield client


@pytest_asyncio.fixture
async def watched() -> AsyncIterator[Watched]:
    """Apply a network of two regions in which somebody else has rights too."""
    network = a_network(WHERE, "westus")
    async with simulated_azure(settings=a_tenant(1, principals=(ALICE,))) as (azure, world):
        assert await apply_network(azure, network) == {}
        yield Watched(azure, world, network, await read_network(azure, network))


async def test_what_was_just_applied_has_no_findings(watched: Watched) -> None:
    """Tables, associations and members that AVNM made of it are among what is read."""
    assert await watched.findings() == []


async def test_a_table_that_avnm_swapped_under_a_firewall_is_no_drift(watched: Watched) -> None:
    """Routing rules of others reach its subnet; a later change of ours leaves the table there."""
    names = watched.network.names
    hub = names.vnet_id(WHERE, "hub")
    async with outsider(watched.azure, watched.world) as client:
        await _route_the_firewalls_subnet(client, watched.network)
        swapped = await _table_of(client, hub)
    assert "/AVNM_Managed_ResourceGroup_" in swapped

    assert await watched.findings() == []
    assert make_plan(watched.network, await watched.read()).is_empty

    async with outsider(watched.azure, watched.world) as client:
        marks = {"managed-by": "orrery", "topology": "sample"}
        await by_hand.write(client, hub, {"tags": marks}, "PATCH")
    plan = make_plan(watched.network, await watched.read())
    assert [step.resource.id for step in plan.work] == [hub]
    assert await carry_out(watched.azure, plan) == {}
    async with outsider(watched.azure, watched.world) as client:
        assert await _table_of(client, hub) == swapped


async def test_azure_tells_who_edited_a_rule(watched: Watched) -> None:
    """AVNM's parts say who wrote them last."""
    names = watched.network.names
    rule = (
        f"{names.configuration_id('securityAdminConfigurations')}"
        "/ruleCollections/to-prod/rules/deny-from-nonprod"
    )
    async with watched.alice() as client:
        body = await by_hand.read(client, rule)
        body["properties"]["access"] = "Allow"
        await by_hand.write(client, rule, body)

    [finding] = await watched.findings()
    assert (finding.name, finding.path) == ("to-prod/deny-from-nonprod", "properties.access")
    assert (finding.severity, finding.owner, finding.by) == (
        "critical",
        "someone else",
        "alice@example.com",
    )


async def test_what_azure_tells_nothing_of_is_known_by_what_we_left(watched: Watched) -> None:
    """Networks do not say who wrote them: what differs from what was left was changed since."""
    route = f"{watched.network.names.route_table_id(WHERE)}/routes/to-westus"
    async with watched.alice() as client:
        properties = {"addressPrefix": "10.1.0.0/16", "nextHopType": "Internet"}
        await by_hand.write(client, route, {"properties": properties})
    lock, detection = allocate(watched.network.topology), {"intrusion_detection": "Deny"}
    watched.network = a_network(WHERE, "westus", lock=lock, firewall=detection)

    found = {(f.kind, f.path): f.owner for f in await watched.findings()}
    assert found == {
        ("firewall-policy", "properties.intrusionDetection.mode"): "us",
        ("remote-routes", "properties.routes.to-westus.properties.nextHopType"): "someone else",
        ("remote-routes", "properties.routes.to-westus.properties.nextHopIpAddress"): (
            "someone else"
        ),
    }


@pytest.mark.parametrize("scope", [f"/subscriptions/{SUBSCRIPTION}", _CONTOSO])
async def test_a_policy_is_found_behind_what_it_writes(scope: str, watched: Watched) -> None:
    """Those of the management groups above the subscription too."""
    spoke = watched.network.names.vnet_id(WHERE, "prod")
    policies = f"{scope}/providers/Microsoft.Authorization"
    definition = f"{policies}/policyDefinitions/region-of-finance"
    assigned = {"properties": {"policyDefinitionId": definition}}
    async with watched.alice() as client:
        await by_hand.write(client, definition, {"properties": _TAGS_REGIONS})
        await by_hand.write(client, f"{policies}/policyAssignments/finance", assigned)
        body = await by_hand.read(client, spoke)
        await by_hand.write(client, spoke, {"tags": {**body["tags"], "region": "emea"}}, "PATCH")

    [finding] = await watched.findings()
    assert (finding.path, finding.owner, finding.by) == (
        "tags.region",
        "Azure Policy",
        "Regions of finance",
    )


_TAGS_REGIONS = {
    "displayName": "Regions of finance",
    "policyType": "Custom",
    "mode": "Indexed",
    "policyRule": {
        "if": {"field": "type", "equals": "Microsoft.Network/virtualNetworks"},
        "then": {
            "effect": "modify",
            "details": {
                "roleDefinitionIds": [
                    "/providers/Microsoft.Authorization/roleDefinitions/contributor"
                ],
                "operations": [
                    {"operation": "addOrReplace", "field": "tags['region']", "value": "emea"}
                ],
            },
        },
    },
}


async def _route_the_firewalls_subnet(client: httpx.AsyncClient, network: Network) -> None:
    """Deploy a rule of others for the firewall's subnet, beside ours, and wait for its effect."""
    names = network.names
    group, routing = names.network_group_id("theirs"), f"{names.manager_id}/routingConfigurations"
    subnet = f"{names.vnet_id(WHERE, 'hub')}/subnets/AzureFirewallSubnet"
    collection = f"{routing}/theirs/ruleCollections/theirs"
    bodies: dict[str, Any] = {
        group: described({"memberType": "Subnet"}),
        f"{group}/staticMembers/theirs": {"properties": {"resourceId": subnet}},
        f"{routing}/theirs": described({}),
        collection: described({"appliesTo": [{"networkGroupId": group}]}),
        f"{collection}/rules/theirs": described(_NOWHERE),
    }
    for name, body in bodies.items():
        await by_hand.write(client, name, body)
    both = [names.configuration_id("routingConfigurations"), f"{routing}/theirs"]
    goal = {"commitType": "Routing", "targetLocations": [WHERE], "configurationIds": both}
    answer = await client.post(f"{names.manager_id}/commit", json=goal)
    assert answer.is_success, answer.text
    await asyncio.sleep(1800)


_NOWHERE = {
    "destination": {"type": "AddressPrefix", "destinationAddress": "203.0.113.0/24"},
    "nextHop": {"nextHopType": "NoNextHop"},
}


async def _table_of(client: httpx.AsyncClient, network_id: str) -> str:
    body = await by_hand.read(client, network_id)
    return str(body["properties"]["subnets"][0]["properties"]["routeTable"]["id"])
