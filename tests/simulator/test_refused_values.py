"""Values that Azure refuses by rules of its own; the codes are assumed where no comment says."""

from typing import Any

import pytest

from tests.simulator.azure import NETWORK, Azure, a_network, a_policy, a_table, code_of

HERE = {"location": "westeurope"}
ANYTHING = {
    "protocol": "*",
    "access": "Allow",
    "direction": "Inbound",
    "priority": 100,
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "*",
}


def a_network_with(**properties: Any) -> dict[str, Any]:
    """Return the body of a network with these properties besides its space."""
    body = a_network()
    body["properties"].update(properties)
    return body


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (a_network("10.0.0.1/16"), "InvalidCIDRNotation"),
        (a_network("10.0.0.0"), "InvalidAddressPrefixFormat"),
        (a_network("224.0.0.0/8"), "AddressPrefixReserved"),
        (a_network("168.63.0.0/16"), "AddressPrefixReserved"),
        (a_network(s="10.0.0.0/30"), "InvalidSubnetPrefixLength"),
        (a_network_with(flowTimeoutInMinutes=3), "InvalidFlowTimeoutInMinutes"),
        (a_network_with(dhcpOptions={"dnsServers": ["dns"]}), "InvalidDnsServerAddress"),
        (
            a_network_with(ddosProtectionPlan={"id": f"{NETWORK}/ddosProtectionPlans/none"}),
            "InvalidResourceReference",
        ),
        (
            a_network_with(encryption={"enabled": True}),
            "MustSpecifyBothEncryptionIntentAndEnforcementPolicy",
        ),
    ],
)
async def test_a_network_is_refused(azure: Azure, body: dict[str, Any], code: str) -> None:
    """The last code is recorded (test_network_vnet_with_encryption)."""
    response = await azure.put("virtualNetworks/v", body)
    assert (response.status_code, code_of(response)) == (400, code)


async def test_a_network_keeps_what_is_allowed(azure: Azure) -> None:
    """Its options are shown as they were given."""
    options = {
        "flowTimeoutInMinutes": 10,
        "dhcpOptions": {"dnsServers": ["10.0.0.4"]},
        "bgpCommunities": {"virtualNetworkCommunity": "12076:20000"},
    }
    made = await azure.made("virtualNetworks/v", a_network_with(**options))
    assert {key: made["properties"][key] for key in options} == options


@pytest.mark.parametrize("name", ["-v", "v-", "v.", "v" * 81, "v$"])
async def test_a_name_is_refused(azure: Azure, name: str) -> None:
    """Of a resource and of a child in its body."""
    response = await azure.put(f"virtualNetworks/{name}", a_network())
    assert code_of(response) == "InvalidResourceName"
    inline = await azure.put("virtualNetworks/v", a_network(**{name: "10.0.0.0/24"}))
    assert code_of(inline) == "InvalidResourceName"


async def test_names_end_in_a_word_character(azure: Azure) -> None:
    """An underscore is one."""
    for name in ("a", "a_", "a.b-c_d", "9"):
        assert (await azure.put(f"routeTables/{name}", HERE)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sourceAddressPrefix": "10.0.0.0/40"}, "SecurityRuleInvalidAddressPrefix"),
        ({"sourceAddressPrefix": None}, "SecurityRuleMissingRequiredProperty"),
        ({"destinationPortRange": None}, "SecurityRuleMissingRequiredProperty"),
        ({"destinationPortRange": "70000"}, "SecurityRuleInvalidPortRange"),
        ({"destinationPortRange": "90-80"}, "SecurityRuleInvalidPortRange"),
    ],
)
async def test_a_security_rule_is_refused(azure: Azure, changes: dict[str, Any], code: str) -> None:
    """Inline as well as alone."""
    await azure.made("networkSecurityGroups/n", HERE)
    rule = {"properties": {**ANYTHING, **changes}}
    alone = await azure.put("networkSecurityGroups/n/securityRules/r", rule)
    body = {**HERE, "properties": {"securityRules": [{"name": "r", **rule}]}}
    inline = await azure.put("networkSecurityGroups/n", body)
    assert code_of(alone) == code_of(inline) == code


async def test_a_number_is_an_address_too(azure: Azure) -> None:
    """Recorded (test_network_nsg): Azure takes "1234"."""
    await azure.made("networkSecurityGroups/n", HERE)
    rule = {"properties": {**ANYTHING, "destinationAddressPrefix": "1234"}}
    response = await azure.put("networkSecurityGroups/n/securityRules/r", rule)
    assert response.status_code == 201


async def test_a_rule_names_security_groups_that_exist(azure: Azure) -> None:
    """And these cannot go before the rule."""
    await azure.made("networkSecurityGroups/n", HERE)
    group = {"id": f"{NETWORK}/applicationSecurityGroups/web"}
    named = {**ANYTHING, "destinationApplicationSecurityGroups": [group]}
    del named["destinationAddressPrefix"]
    path = "networkSecurityGroups/n/securityRules/r"
    missing = await azure.put(path, {"properties": named})
    assert code_of(missing) == "InvalidResourceReference"
    await azure.made("applicationSecurityGroups/web", HERE)
    await azure.made(path, {"properties": named})
    used = await azure.delete("applicationSecurityGroups/web")
    assert code_of(used) == "InUseApplicationSecurityGroupCannotBeDeleted"
    await azure.gone(path)
    await azure.gone("applicationSecurityGroups/web")


async def test_two_routes_of_a_table_have_two_destinations(azure: Azure) -> None:
    """Inline as well as alone."""
    route = ("10.0.0.0/8", "None")
    assert code_of(await azure.put("routeTables/t", a_table(route, route))) == "RouteConflict"
    await azure.made("routeTables/t", a_table(route))
    body = {"properties": {"addressPrefix": "10.0.0.0/8", "nextHopType": "Internet"}}
    assert code_of(await azure.put("routeTables/t/routes/other", body)) == "RouteConflict"
    assert (await azure.put("routeTables/t/routes/r0", body)).status_code == 200


async def test_a_next_hop_is_an_address(azure: Azure) -> None:
    """Not a name."""
    properties = {
        "addressPrefix": "10.0.0.0/8",
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": "firewall",
    }
    await azure.made("routeTables/t", HERE)
    response = await azure.put("routeTables/t/routes/r", {"properties": properties})
    assert code_of(response) == "InvalidNextHopIpAddress"


async def test_a_subnet_names_a_gateway_that_exists(azure: Azure) -> None:
    """There are none here."""
    await azure.made("virtualNetworks/v", a_network())
    properties = {
        "addressPrefix": "10.0.0.0/24",
        "natGateway": {"id": f"{NETWORK}/natGateways/none"},
    }
    response = await azure.put("virtualNetworks/v/subnets/s", {"properties": properties})
    assert code_of(response) == "InvalidResourceReference"


async def test_policies_do_not_rest_on_one_another_in_a_circle(azure: Azure) -> None:
    """A base, its child, and back."""
    await azure.made("firewallPolicies/base", a_policy())
    base = {"id": f"{NETWORK}/firewallPolicies/base"}
    await azure.made("firewallPolicies/child", a_policy(basePolicy=base))
    child = {"id": f"{NETWORK}/firewallPolicies/child"}
    response = await azure.put("firewallPolicies/base", a_policy(basePolicy=child))
    assert code_of(response) == "FirewallPolicyCircularReference"
