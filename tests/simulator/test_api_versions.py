"""What bodies show depends on the api-version of the request, on the same objects."""

import pytest

from tests.simulator.azure import Azure, a_network, a_policy, an_address


@pytest.mark.parametrize(
    ("version", "name", "shown"),
    [
        ("2020-03-01", "enableVmProtection", True),
        ("2020-11-01", "enableVmProtection", False),
        ("2023-09-01", "privateEndpointVNetPolicies", False),
        ("2024-03-01", "privateEndpointVNetPolicies", True),
    ],
)
async def test_a_network_shows_what_its_version_knows(
    azure: Azure, version: str, name: str, *, shown: bool
) -> None:
    """Recordings test_cli_mgmt_network_virtual_network and section 6 of recordings.md."""
    await azure.made("virtualNetworks/v", a_network())
    found = await azure.get(f"virtualNetworks/v?api-version={version}")
    assert (name in found["properties"]) is shown


@pytest.mark.parametrize(
    ("version", "policies"), [("2020-03-01", "Enabled"), ("2020-11-01", "Disabled")]
)
async def test_a_subnets_policies_have_the_default_of_the_version_that_wrote_it(
    azure: Azure, version: str, policies: str
) -> None:
    """Recordings of 2020-03-01 and of 2020-11-01."""
    await azure.made("virtualNetworks/v", a_network())
    path = f"virtualNetworks/v/subnets/s?api-version={version}"
    made = await azure.made(path, {"properties": {"addressPrefix": "10.0.0.0/24"}})
    assert made["properties"]["privateEndpointNetworkPolicies"] == policies


async def test_old_versions_know_no_tier_of_an_address(azure: Azure) -> None:
    """Recording test_cli_mgmt_network_virtual_network, api-version 2020-03-01."""
    await azure.made("publicIPAddresses/a", an_address())
    old = await azure.get("publicIPAddresses/a?api-version=2020-03-01")
    new = await azure.get("publicIPAddresses/a")
    assert (old["sku"], new["sku"]["tier"]) == ({"name": "Standard"}, "Regional")


async def test_old_versions_know_no_size_of_a_policy(azure: Azure) -> None:
    """Recording test_cli_mgmt_network_firewall_policy, api-version 2020-04-01."""
    await azure.made("firewallPolicies/p", a_policy())
    found = await azure.get("firewallPolicies/p?api-version=2020-04-01")
    assert "size" not in found["properties"]
    order = list(found["properties"])
    assert order.index("threatIntelMode") < order.index("childPolicies")


async def test_a_policy_lists_rule_groups_of_the_old_type(azure: Azure) -> None:
    """As groups of the new type (recording test_cli_mgmt_network_firewall_policy)."""
    before = await azure.made("firewallPolicies/p", a_policy())
    path = "firewallPolicies/p/ruleGroups/g?api-version=2020-04-01"
    await azure.made(path, {"properties": {"priority": 110, "rules": []}})
    after = await azure.get("firewallPolicies/p?api-version=2020-04-01")
    (listed,) = after["properties"]["ruleCollectionGroups"]
    assert listed["id"].endswith("/ruleCollectionGroups/g")
    assert before["etag"] != after["etag"]


@pytest.mark.parametrize(("version", "shown"), [("2024-01-01", True), ("2024-03-01", False)])
async def test_a_subnet_shows_that_it_has_no_pools(
    azure: Azure, version: str, *, shown: bool
) -> None:
    """In one version only (recordings.md section 6)."""
    await azure.made("virtualNetworks/v", a_network(s="10.0.0.0/24"))
    found = (await azure.get(f"virtualNetworks/v/subnets/s?api-version={version}"))["properties"]
    assert ("ipamPoolPrefixAllocations" in found) is shown
    if shown:
        order = list(found)
        assert order.index("ipamPoolPrefixAllocations") == order.index("addressPrefix") + 1
