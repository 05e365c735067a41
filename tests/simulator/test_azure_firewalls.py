"""Firewalls, policies and public addresses."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from simulator.arm.world import World
from tests.simulator.azure import (
    NETWORK,
    Azure,
    a_firewall,
    a_network,
    a_policy,
    a_rule_group,
    an_address,
    code_of,
)

GROUP_PATH = "firewallPolicies/policy/ruleCollectionGroups/base"


@pytest.fixture
async def hub(azure: Azure) -> Azure:
    """All that a firewall needs."""
    await azure.made("virtualNetworks/hub", a_network(AzureFirewallSubnet="10.0.0.0/26"))
    await azure.made("publicIPAddresses/pip", an_address())
    await azure.made("firewallPolicies/policy", a_policy())
    return azure


def _private(body: Any) -> str | None:
    properties = body["properties"]["ipConfigurations"][0]["properties"]
    found = properties.get("privateIPAddress")
    return None if found is None else str(found)


async def test_an_address_is_known_when_the_create_is_done(azure: Azure) -> None:
    """It is missing in the answer to the PUT."""
    response = await azure.put("publicIPAddresses/pip", an_address())
    assert list(response.json()) == ["name", "id", "etag", "location", "properties", "type", "sku"]
    assert "ipAddress" not in response.json()["properties"]
    azure.clock.advance(10)
    assert (await azure.get("publicIPAddresses/pip"))["properties"]["ipAddress"].startswith("20.")


async def test_zones_must_exist_in_the_region(azure: Azure) -> None:
    """West US has none."""
    body = an_address(location="westus", zones=["1"])
    response = await azure.put("publicIPAddresses/pip", body)
    assert code_of(response) == "AvailabilityZoneNotSupported"


async def test_a_policy_keeps_its_etag_and_polls_another_url(azure: Azure) -> None:
    """Policies belong to another provider (recordings.md sections 4 and 5)."""
    response = await azure.put("firewallPolicies/policy", a_policy())
    assert "/nfvOperations/" in response.headers["azure-asyncoperation"]
    azure.clock.advance(10)
    found = await azure.ask("GET", "firewallPolicies/policy")
    assert found.json()["etag"] == response.json()["etag"]
    assert found.headers["etag"] == f'"{found.json()["etag"]}"'
    assert found.json()["type"] == "Microsoft.Network/FirewallPolicies"


async def test_an_empty_policy_reports_the_recorded_size(azure: Azure) -> None:
    """As every empty policy does."""
    made = await azure.made("firewallPolicies/policy", a_policy())
    assert made["properties"]["size"] == "0.001173019 MB"


async def test_a_policy_and_its_base_share_a_region(hub: Azure) -> None:
    """The code is facts.md section 6."""
    base = {"id": f"{NETWORK}/firewallPolicies/policy"}
    body = {**a_policy(basePolicy=base), "location": "northeurope"}
    response = await hub.put("firewallPolicies/child", body)
    assert code_of(response) == "FirewallPolicyBasePolicyDoesnotExist"


async def test_a_policy_names_its_children_and_cannot_go_before_them(hub: Azure) -> None:
    """Children first."""
    base = {"id": f"{NETWORK}/firewallPolicies/policy"}
    child = await hub.made("firewallPolicies/child", a_policy(basePolicy=base))
    parent = await hub.get("firewallPolicies/policy")
    assert parent["properties"]["childPolicies"] == [{"id": child["id"]}]
    assert code_of(await hub.delete("firewallPolicies/policy")) == "FirewallPolicyInUse"
    assert (await hub.delete("firewallPolicies/child")).status_code == 200
    assert (await hub.delete("firewallPolicies/policy")).status_code == 200


async def test_a_rule_collection_group_is_completed(hub: Azure) -> None:
    """Empty lists and the address family are added, in Azure's order."""
    made = await hub.made(GROUP_PATH, a_rule_group())
    collection = made["properties"]["ruleCollections"][0]
    assert list(made) == ["properties", "id", "name", "type", "etag", "location"]
    assert list(collection) == ["ruleCollectionType", "action", "rules", "name", "priority"]
    assert collection["rules"][0]["ipv6Rule"] is False
    assert collection["rules"][0]["destinationFqdns"] == []


async def test_one_group_at_a_time_under_a_policy(hub: Azure) -> None:
    """Parallel updates are not supported (facts.md section 6)."""
    await hub.put(GROUP_PATH, a_rule_group())
    response = await hub.put(GROUP_PATH + "2", a_rule_group(300))
    assert (response.status_code, code_of(response)) == (409, "AnotherOperationInProgress")


@pytest.mark.parametrize(
    ("priority", "code"),
    [
        (99, "FirewallPolicyRuleCollectionGroupInvalidPriorityValue"),
        (200, "FirewallPolicyRuleCollectionGroupPriorityMustBeUnique"),
    ],
)
async def test_priorities_are_in_range_and_unique(hub: Azure, priority: int, code: str) -> None:
    """100 to 65000."""
    await hub.made(GROUP_PATH, a_rule_group(200))
    assert code_of(await hub.put(GROUP_PATH + "2", a_rule_group(priority))) == code


async def test_deleting_a_group_answers_with_the_group(hub: Azure) -> None:
    """As recorded."""
    await hub.made(GROUP_PATH, a_rule_group())
    response = await hub.delete(GROUP_PATH)
    assert (response.status_code, response.json()["name"]) == (202, "base")


async def test_a_firewall_takes_minutes(hub: Azure) -> None:
    """Polls back off 10, 20, 20, 40 (recordings.md section 4)."""
    response = await hub.put("azureFirewalls/fw", a_firewall())
    waits = [(await hub.poll(response)).headers["retry-after"] for _ in range(4)]
    assert waits == ["10", "20", "20", "40"]
    hub.clock.advance(217)
    assert (await hub.poll(response)).json() == {"status": "InProgress"}
    hub.clock.advance(200)
    assert (await hub.poll(response)).json() == {"status": "Succeeded"}


async def test_the_private_address_shows_only_when_deployed(hub: Azure) -> None:
    """It is the subnet's fifth address."""
    response = await hub.put("azureFirewalls/fw", a_firewall())
    assert _private(response.json()) is None
    assert _private(await hub.get("azureFirewalls/fw")) is None
    hub.clock.advance(500)
    assert _private(await hub.get("azureFirewalls/fw")) == "10.0.0.4"


async def test_a_firewall_shows_on_what_it_uses(hub: Azure) -> None:
    """Policy, address and subnet each point back."""
    firewall = await hub.made("azureFirewalls/fw", a_firewall())
    policy = await hub.get("firewallPolicies/policy")
    address = await hub.get("publicIPAddresses/pip")
    subnet = await hub.get("virtualNetworks/hub/subnets/AzureFirewallSubnet")
    assert policy["properties"]["firewalls"] == [{"id": firewall["id"]}]
    own = firewall["properties"]["ipConfigurations"][0]["id"]
    assert address["properties"]["ipConfiguration"] == {"id": own}
    assert subnet["properties"]["ipConfigurations"][0]["id"].lower() == own.lower()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("virtualNetworks/hub", "InUseSubnetCannotBeDeleted"),
        ("virtualNetworks/hub/subnets/AzureFirewallSubnet", "InUseSubnetCannotBeDeleted"),
        ("publicIPAddresses/pip", "PublicIPAddressCannotBeDeleted"),
        ("firewallPolicies/policy", "FirewallPolicyInUse"),
    ],
)
async def test_what_a_firewall_uses_cannot_go(hub: Azure, path: str, code: str) -> None:
    """The firewall must go first."""
    await hub.made("azureFirewalls/fw", a_firewall())
    response = await hub.delete(path)
    assert (response.status_code, code_of(response)) == (400, code)


async def test_a_network_put_may_not_drop_a_used_subnet(hub: Azure) -> None:
    """The children a PUT leaves out are deleted, or it is refused."""
    await hub.made("azureFirewalls/fw", a_firewall())
    response = await hub.put("virtualNetworks/hub", a_network(other="10.0.1.0/24"))
    assert code_of(response) == "InUseSubnetCannotBeDeleted"


async def test_a_used_subnet_keeps_its_prefix(hub: Azure) -> None:
    """Not even a PUT of the whole network may move it."""
    await hub.made("azureFirewalls/fw", a_firewall())
    response = await hub.put("virtualNetworks/hub", a_network(AzureFirewallSubnet="10.0.9.0/26"))
    assert code_of(response) == "InUsePrefixCannotBeDeleted"


async def test_rules_of_an_attached_policy_take_minutes_and_hold_the_firewall(hub: Azure) -> None:
    """187 to 250 s, and 409 for the firewall (facts.md section 6)."""
    await hub.made("azureFirewalls/fw", a_firewall())
    response = await hub.put(GROUP_PATH, a_rule_group())
    hub.clock.advance(180)
    refused = await hub.put("azureFirewalls/fw", {**a_firewall(), "tags": {"a": "b"}})
    assert (refused.status_code, code_of(refused)) == (409, "AnotherOperationInProgress")
    guid = response.headers["azure-asyncoperation"].rsplit("/", 1)[-1].partition("?")[0]
    # The operation on the firewall is its own, of the version that policies speak.
    named = f"/operations/{guid}?api-version=2020-05-01."
    assert refused.json()["error"]["message"].endswith(named)
    hub.clock.advance(80)
    assert (await hub.poll(response)).json() == {"status": "Succeeded"}


async def test_rules_that_go_hold_the_firewall_too(hub: Azure) -> None:
    """Recorded: the last 409 after 139 s, accepted after 199 (facts.md section 6)."""
    await hub.made(GROUP_PATH, a_rule_group())
    await hub.made("azureFirewalls/fw", a_firewall())
    await hub.delete(GROUP_PATH)
    hub.clock.advance(138)
    again = {**a_firewall(), "tags": {"a": "b"}}
    assert code_of(await hub.put("azureFirewalls/fw", again)) == "AnotherOperationInProgress"
    hub.clock.advance(62)
    assert (await hub.put("azureFirewalls/fw", again)).status_code == 200


async def test_rules_of_a_free_policy_take_seconds(hub: Azure) -> None:
    """All rules first, firewalls after."""
    response = await hub.put(GROUP_PATH, a_rule_group())
    hub.clock.advance(10)
    assert (await hub.poll(response)).json() == {"status": "Succeeded"}


async def test_a_network_holds_one_firewall(hub: Azure) -> None:
    """The second is refused."""
    await hub.made("azureFirewalls/fw", a_firewall())
    await hub.made("publicIPAddresses/second", an_address())
    response = await hub.put("azureFirewalls/fw2", a_firewall(address="second"))
    assert code_of(response) == "AzureFirewallAlreadyExistsInVirtualNetwork"


async def test_a_premium_policy_serves_premium_firewalls_only(hub: Azure) -> None:
    """facts.md section 6."""
    response = await hub.put("azureFirewalls/fw", a_firewall(tier="Standard"))
    assert code_of(response) == "AzureFirewallPolicyTierMismatch"


async def test_a_firewall_needs_a_standard_address(hub: Azure) -> None:
    """Basic is refused."""
    await hub.made("publicIPAddresses/basic", {"location": "westeurope", "properties": {}})
    response = await hub.put("azureFirewalls/fw", a_firewall(address="basic"))
    assert code_of(response) == "AzureFirewallPublicIPMustBeStandardSku"


async def test_a_deleted_firewall_frees_what_it_used(hub: Azure) -> None:
    """After 380 to 480 s."""
    await hub.made("azureFirewalls/fw", a_firewall())
    await hub.delete("azureFirewalls/fw")
    hub.clock.advance(370)
    assert (await hub.get("azureFirewalls/fw"))["properties"]["provisioningState"] == "Deleting"
    hub.clock.advance(200)
    await hub.gone("publicIPAddresses/pip")
    await hub.gone("virtualNetworks/hub")


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize(("tier", "name"), [("Standard", "create"), ("Premium", "create-premium")])
async def test_deployments_that_nobody_measured_have_settings_of_their_own(
    azure: Azure,
    app: Starlette,
    tier: str,
    name: str,
) -> None:
    """They are assumed to take as long as those that were measured."""
    world: World = app.state.world
    durations = dict.fromkeys(world.settings.durations, (5.0, 5.0))
    durations["Microsoft.Network/azureFirewalls", name] = (900.0, 900.0)
    world.settings = replace(world.settings, durations=durations)
    await azure.made("virtualNetworks/hub", a_network(AzureFirewallSubnet="10.0.0.0/26"))
    await azure.made("publicIPAddresses/pip", an_address())
    await azure.made("firewallPolicies/policy", a_policy(tier))
    await azure.put("azureFirewalls/fw", a_firewall(tier=tier))
    azure.clock.advance(899)
    assert _private(await azure.get("azureFirewalls/fw")) is None
    azure.clock.advance(1)
    assert _private(await azure.get("azureFirewalls/fw")) == "10.0.0.4"
