"""IP groups, and the firewalls and policies whose rules name them."""

from typing import Any

import pytest

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

RULES = "firewallPolicies/policy/ruleCollectionGroups/base"


def a_group(*addresses: str) -> dict[str, Any]:
    """Return the body of an IP group."""
    return {"location": "westeurope", "properties": {"ipAddresses": list(addresses)}}


def naming(*groups: str) -> dict[str, Any]:
    """Return the body of a rule collection group whose rule names these IP groups."""
    body = a_rule_group()
    rule = body["properties"]["ruleCollections"][0]["rules"][0]
    rule["sourceAddresses"] = []
    rule["sourceIpGroups"] = [f"{NETWORK}/ipGroups/{name}" for name in groups]
    return body


@pytest.fixture
async def groups(azure: Azure) -> Azure:
    """Make two IP groups, and a policy whose rules name both."""
    for name in ("one", "two"):
        await azure.made(f"ipGroups/{name}", a_group("10.0.0.0/8"))
    await azure.made("firewallPolicies/policy", a_policy())
    await azure.made(RULES, naming("one", "two"))
    return azure


@pytest.fixture
async def deployed(groups: Azure) -> Azure:
    """Put a firewall under that policy."""
    await groups.made("virtualNetworks/hub", a_network(AzureFirewallSubnet="10.0.0.0/26"))
    await groups.made("publicIPAddresses/pip", an_address())
    await groups.made("azureFirewalls/hub", a_firewall())
    return groups


async def test_a_group_is_shown_as_its_provider_writes_it(azure: Azure) -> None:
    """Key order, type and etag are recorded (test_ip_group)."""
    response = await azure.put("ipGroups/one", a_group("10.0.0.1"))
    body = response.json()
    assert response.status_code == 201
    assert "/nfvOperations/" in response.headers["azure-asyncoperation"]
    assert list(body) == ["properties", "id", "name", "type", "etag", "location"]
    assert body["type"] == "Microsoft.Network/IpGroups"
    assert body["properties"] == {
        "firewalls": [],
        "firewallPolicies": [],
        "ipAddresses": ["10.0.0.1"],
        "provisioningState": "Updating",
    }
    azure.clock.advance(10)
    assert (await azure.get("ipGroups/one"))["etag"] == body["etag"]


async def test_a_group_is_deleted_at_once(azure: Azure) -> None:
    """200 without a body, then the gateway's 404."""
    await azure.made("ipGroups/one", a_group())
    response = await azure.delete("ipGroups/one")
    assert (response.status_code, response.content) == (200, b"")
    assert code_of(await azure.ask("GET", "ipGroups/one")) == "ResourceNotFound"


@pytest.mark.parametrize("address", ["10.0.0.256", "fd00::/8", "10.0.0.9-10.0.0.1", "here"])
async def test_only_addresses_prefixes_and_ranges_go_into_a_group(
    azure: Azure, address: str
) -> None:
    """IPv4 only, and a range goes up."""
    await azure.made("ipGroups/one", a_group("10.0.0.1", "10.1.0.0/16", "10.2.0.1-10.2.0.9"))
    response = await azure.put("ipGroups/one", a_group(address))
    assert (response.status_code, code_of(response)) == (400, "IpGroupsInvalidIpAddress")


async def test_a_group_knows_the_policies_whose_rules_name_it(groups: Azure) -> None:
    """Each policy once."""
    found = await groups.get("ipGroups/one")
    assert found["properties"]["firewallPolicies"] == [{"id": f"{NETWORK}/firewallPolicies/policy"}]


async def test_a_group_that_rules_name_cannot_go(groups: Azure) -> None:
    """The code and the words are azure-rest-api-specs issue 25739."""
    response = await groups.delete("ipGroups/one")
    assert code_of(response) == "IpGroupsHasFirewallPolicyReferences"
    await groups.gone(RULES)
    await groups.gone("ipGroups/one")


async def test_rules_name_groups_that_exist(groups: Azure) -> None:
    """Another region will do, absence will not."""
    elsewhere = {**a_group("10.0.0.1"), "location": "northeurope"}
    await groups.made("ipGroups/three", elsewhere)
    assert (await groups.put(RULES, naming("three"))).status_code == 200
    groups.clock.advance(10)
    assert code_of(await groups.put(RULES, naming("four"))) == "InvalidResourceReference"


async def test_a_change_of_a_group_keeps_its_firewalls_busy(deployed: Azure) -> None:
    """For minutes, as a change of their policy does."""
    await deployed.put("ipGroups/one", a_group("10.0.0.0/9"))
    deployed.clock.advance(90)
    response = await deployed.put("azureFirewalls/hub", a_firewall())
    assert code_of(response) == "AnotherOperationInProgress"
    deployed.clock.advance(150)
    assert (await deployed.put("azureFirewalls/hub", a_firewall())).status_code == 200


async def test_two_groups_of_one_firewall_changed_side_by_side_fault_it(deployed: Azure) -> None:
    """The second is accepted and fails (azurerm issue 19843); writing the firewall heals it."""
    await deployed.put("ipGroups/one", a_group("10.0.0.0/9"))
    second = await deployed.put("ipGroups/two", a_group("10.0.0.0/9"))
    assert second.status_code == 200
    deployed.clock.advance(600)
    error = (await deployed.poll(second)).json()["error"]
    assert error == {
        "code": "IpGroupsUpdateFailed",
        "message": "Put on IP Groups two Failed with 1 faulted referenced firewalls",
        "details": [],
    }
    for path in ("ipGroups/two", "azureFirewalls/hub"):
        assert (await deployed.get(path))["properties"]["provisioningState"] == "Failed"
    healed = await deployed.made("azureFirewalls/hub", a_firewall())
    assert healed["properties"]["provisioningState"] == "Succeeded"
