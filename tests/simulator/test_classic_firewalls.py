"""Firewalls without a policy, which carry their own rules, and management configurations."""

from typing import Any

import pytest

from tests.simulator.azure import (
    NETWORK,
    Azure,
    a_firewall,
    a_network,
    a_policy,
    a_table,
    an_address,
    code_of,
)

FIREWALL = "azureFirewalls/hub"
NAT_RULE = {
    "name": "web",
    "protocols": ["TCP"],
    "sourceAddresses": ["*"],
    "destinationAddresses": ["20.1.2.3"],
    "destinationPorts": ["443"],
    "translatedAddress": "10.0.0.9",
    "translatedPort": "8443",
}
NETWORK_RULE = {
    "name": "bing",
    "protocols": ["TCP"],
    "sourceAddresses": ["10.0.0.0/8"],
    "destinationPorts": ["80"],
    "destinationFqdns": ["www.bing.com"],
}


def classic(**collections: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body of a firewall with these rule collections and nothing else."""
    return {"location": "westeurope", "properties": collections}


def a_collection(
    name: str, *rules: dict[str, Any], priority: int = 200, action: str = "Allow"
) -> dict[str, Any]:
    """Return a rule collection."""
    properties = {"priority": priority, "action": {"type": action}, "rules": list(rules)}
    return {"name": name, "properties": properties}


async def test_a_collection_carries_what_children_carry(azure: Azure) -> None:
    """Id, type, the firewall's etag and its state; lists are completed (recorded)."""
    body = classic(networkRuleCollections=[a_collection("rc1", NETWORK_RULE)])
    response = await azure.put(FIREWALL, body)
    found = response.json()["properties"]["networkRuleCollections"][0]
    assert found == {
        "name": "rc1",
        "id": f"{NETWORK}/{FIREWALL}/networkRuleCollections/rc1",
        "etag": response.json()["etag"],
        "properties": {
            "provisioningState": "Updating",
            "priority": 200,
            "action": {"type": "Allow"},
            "rules": [
                {
                    "name": "bing",
                    "protocols": ["TCP"],
                    "sourceAddresses": ["10.0.0.0/8"],
                    "destinationAddresses": [],
                    "sourceIpGroups": [],
                    "destinationIpGroups": [],
                    "destinationFqdns": ["www.bing.com"],
                    "destinationPorts": ["80"],
                }
            ],
        },
        "type": "Microsoft.Network/azureFirewalls/networkRuleCollections",
    }
    azure.clock.advance(10)
    shown = (await azure.get(FIREWALL))["properties"]["networkRuleCollections"][0]
    assert shown["properties"]["provisioningState"] == "Succeeded"


async def test_what_was_read_can_be_written_again(azure: Azure) -> None:
    """With all three kinds of rules, and nothing is changed by it."""
    rule = {
        "name": "web",
        "protocols": [{"protocolType": "Https", "port": 443}],
        "targetFqdns": ["example.com"],
        "sourceAddresses": ["*"],
    }
    made = await azure.made(
        FIREWALL,
        classic(
            networkRuleCollections=[a_collection("n", NETWORK_RULE)],
            applicationRuleCollections=[a_collection("a", rule)],
            natRuleCollections=[a_collection("d", NAT_RULE, action="Dnat")],
        ),
    )
    again = await azure.put(FIREWALL, made)
    assert (again.status_code, again.json()["etag"]) == (200, made["etag"])


async def test_rules_of_a_firewall_name_ip_groups(azure: Azure) -> None:
    """The group knows the firewall, and cannot go before it."""
    await azure.made("ipGroups/one", {"location": "westeurope"})
    rule = {**NETWORK_RULE, "sourceIpGroups": [f"{NETWORK}/ipGroups/one"]}
    await azure.made(FIREWALL, classic(networkRuleCollections=[a_collection("n", rule)]))
    group = await azure.get("ipGroups/one")
    assert group["properties"]["firewalls"] == [{"id": f"{NETWORK}/{FIREWALL}"}]
    assert code_of(await azure.delete("ipGroups/one")) == "IpGroupsHasResourceReferences"


@pytest.mark.parametrize(
    ("collections", "code"),
    [
        ([a_collection("a", priority=99)], "InvalidPriorityValue"),
        ([a_collection("a"), a_collection("b")], "MustBeUnique"),
        ([a_collection("a"), a_collection("A", priority=300)], "MustBeUnique"),
    ],
)
async def test_collections_of_a_kind_differ_in_name_and_priority(
    azure: Azure, collections: list[dict[str, Any]], code: str
) -> None:
    """And priorities are in range."""
    response = await azure.put(FIREWALL, classic(networkRuleCollections=collections))
    assert code_of(response) == f"AzureFirewallRuleCollection{code}"


async def test_a_firewall_has_a_policy_or_rules_of_its_own(azure: Azure) -> None:
    """Not both."""
    await azure.made("firewallPolicies/policy", a_policy("Standard"))
    body = classic(networkRuleCollections=[a_collection("n", NETWORK_RULE)])
    body["properties"]["firewallPolicy"] = {"id": f"{NETWORK}/firewallPolicies/policy"}
    response = await azure.put(FIREWALL, body)
    assert code_of(response) == "AzureFirewallPolicyAndRuleCollectionsConflict"


# --- management -----------------------------------------------------------------------------


@pytest.fixture
async def hub(azure: Azure) -> Azure:
    """Make all that a firewall with a management configuration needs."""
    subnets = {
        "AzureFirewallSubnet": "10.0.0.0/26",
        "AzureFirewallManagementSubnet": "10.0.0.64/26",
    }
    await azure.made("virtualNetworks/hub", a_network(**subnets))
    for name in ("pip", "management"):
        await azure.made(f"publicIPAddresses/{name}", an_address())
    await azure.made("firewallPolicies/policy", a_policy())
    return azure


def managed(subnet: str = "AzureFirewallManagementSubnet") -> dict[str, Any]:
    """Return the body of a firewall that is managed through this subnet."""
    body = a_firewall()
    body["properties"]["managementIpConfiguration"] = {
        "name": "management",
        "properties": {
            "subnet": {"id": f"{NETWORK}/virtualNetworks/hub/subnets/{subnet}"},
            "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/management"},
        },
    }
    return body


async def test_a_management_configuration_lives_in_its_subnet(hub: Azure) -> None:
    """And holds its address: neither can go before the firewall."""
    made = await hub.made(FIREWALL, managed())
    shown = made["properties"]["managementIpConfiguration"]
    assert shown["id"] == f"{NETWORK}/{FIREWALL}/azureFirewallIpConfigurations/management"
    assert shown["properties"]["provisioningState"] == "Succeeded"
    subnet = await hub.delete("virtualNetworks/hub/subnets/AzureFirewallManagementSubnet")
    address = await hub.delete("publicIPAddresses/management")
    assert code_of(subnet) == "InUseSubnetCannotBeDeleted"
    assert code_of(address) == "PublicIPAddressCannotBeDeleted"


async def test_a_management_configuration_has_a_subnet_of_its_own_name(hub: Azure) -> None:
    """Any other is refused."""
    response = await hub.put(FIREWALL, managed("AzureFirewallSubnet"))
    assert code_of(response) == "AzureFirewallManagementSubnetNameInvalid"


async def test_a_basic_firewall_needs_a_management_configuration(hub: Azure) -> None:
    """It has no other way to be managed."""
    await hub.made("firewallPolicies/basic", a_policy("Basic"))
    body = a_firewall(tier="Basic")
    body["properties"]["firewallPolicy"] = {"id": f"{NETWORK}/firewallPolicies/basic"}
    response = await hub.put(FIREWALL, body)
    assert code_of(response) == "AzureFirewallMissingManagementIpConfiguration"


async def test_a_managed_firewall_needs_no_default_route(hub: Azure) -> None:
    """Its subnet may send everything elsewhere (facts.md section 5); others may not."""
    await hub.made("routeTables/t", a_table(("0.0.0.0/0", "None")))
    subnet = {
        "properties": {
            "addressPrefix": "10.0.0.0/26",
            "routeTable": {"id": f"{NETWORK}/routeTables/t"},
        }
    }
    path = "virtualNetworks/hub/subnets/AzureFirewallSubnet"
    refused = await hub.put(path, subnet)
    assert code_of(refused) == "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet"
    await hub.made(FIREWALL, managed())
    assert (await hub.put(path, subnet)).status_code == 200
