"""Refusals in Azure's words, as test suites recorded them (recordings.md section 8)."""

from typing import Any

import httpx
import pytest

from tests.simulator.azure import (
    GROUP,
    NETWORK,
    Azure,
    a_firewall,
    a_network,
    a_nic,
    a_peering,
    a_policy,
    a_table,
    an_address,
)

NSG = f"{NETWORK}/networkSecurityGroups/nsg"


def _error(response: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["error"]
    return found


def _detail(response: httpx.Response) -> dict[str, str]:
    error = _error(response)
    assert (response.status_code, error["code"]) == (429, "RetryableError")
    assert error["message"] == "A retryable error occurred."
    (detail,) = error["details"]
    return dict(detail)


async def test_a_used_security_group_names_its_users(azure: Azure) -> None:
    """With the page that helps (test_delete_dependent_resources)."""
    await azure.made("networkSecurityGroups/nsg", {"location": "westeurope"})
    await azure.made("virtualNetworks/v", a_network())
    subnet = {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": NSG}}
    await azure.made("virtualNetworks/v/subnets/s", {"properties": subnet})
    error = _error(await azure.delete("networkSecurityGroups/nsg"))
    assert error == {
        "code": "InUseNetworkSecurityGroupCannotBeDeleted",
        "message": f"Network security group {NSG} cannot be deleted because it is in use by the "
        f"following resources: {NETWORK}/virtualNetworks/v/subnets/s. In order to delete the "
        "Network security group, remove the association with the resource(s). To learn how to do "
        "this, see aka.ms/deletensg.",
        "details": [],
    }


async def test_a_used_address_names_its_user(azure: Azure) -> None:
    """Two spaces before the page that helps (test_delete_dependent_resources)."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    await azure.made("publicIPAddresses/pip", an_address())
    nic = a_nic("v")
    address = {"id": f"{NETWORK}/publicIPAddresses/pip"}
    nic["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] = address
    await azure.made("networkInterfaces/nic", nic)
    error = _error(await azure.delete("publicIPAddresses/pip"))
    assert error["code"] == "PublicIPAddressCannotBeDeleted"
    assert error["message"].endswith(
        f"allocated to resource {NETWORK}/networkInterfaces/nic/ipConfigurations/ip. In order to "
        "delete the public IP, disassociate/detach the Public IP address from the resource.  To "
        "learn how to do this, see aka.ms/deletepublicip."
    )


async def test_a_route_waits_for_another_that_is_deleted(azure: Azure) -> None:
    """The refusal names the operation (Test_Networking_RouteTable_20240301_CRUD)."""
    await azure.made("routeTables/t", a_table(("10.0.0.0/8", "None"), ("10.1.0.0/16", "None")))
    assert (await azure.delete("routeTables/t/routes/r0")).status_code == 202
    response = await azure.delete("routeTables/t/routes/r1")
    detail = _detail(response)
    assert detail["code"] == "RetryableErrorDueToAnotherOperation"
    assert detail["message"].startswith("Operation DeleteRouteOperation (")
    assert f"is updating resource {NETWORK}/routeTables/t." in detail["message"]
    assert detail["message"].endswith(f"retried in {response.headers['retry-after']} seconds.")


async def test_an_interface_waits_for_its_subnet(azure: Azure) -> None:
    """A retryable error, which tells the state (Test_Compute_VM_20201201_CRUD)."""
    await azure.made("virtualNetworks/v", a_network())
    await azure.put("virtualNetworks/v/subnets/a", {"properties": {"addressPrefix": "10.0.0.0/24"}})
    assert _detail(await azure.put("networkInterfaces/nic", a_nic("v"))) == {
        "code": "ReferencedResourceNotProvisioned",
        "message": "Cannot proceed with operation because resource "
        f"{NETWORK}/virtualNetworks/v/subnets/a used by resource {NETWORK}/networkInterfaces/nic "
        "is not in Succeeded state. Resource is in Updating state and the last operation that "
        "updated/is updating the resource is PutSubnetOperation.",
    }


async def test_a_peering_does_not_wait_for_the_other_network(azure: Azure) -> None:
    """A plain 400 instead (Test_Network_v1api20240301_CreationAndDeletion)."""
    await azure.made("virtualNetworks/a", a_network("10.0.0.0/16"))
    await azure.made("virtualNetworks/b", a_network("10.1.0.0/16"))
    subnet = {"properties": {"addressPrefix": "10.1.0.0/24"}}
    await azure.put("virtualNetworks/b/subnets/s", subnet)
    response = await azure.put("virtualNetworks/a/virtualNetworkPeerings/b", a_peering("b"))
    error = _error(response)
    assert (response.status_code, error["code"]) == (400, "ReferencedResourceNotProvisioned")
    assert error["message"].endswith("is updating the resource is PutSubnetOperation.")


async def test_a_firewall_needs_its_subnet(azure: Azure) -> None:
    """Test_Network_v20250301_CreationAndDeletion."""
    await azure.made("firewallPolicies/policy", a_policy())
    await azure.made("publicIPAddresses/pip", an_address())
    error = _error(await azure.put("azureFirewalls/fw", a_firewall()))
    assert error == {
        "code": "InvalidResourceReference",
        "message": f"Resource {NETWORK}/virtualNetworks/hub/subnets/AzureFirewallSubnet referenced "
        f"by resource {NETWORK}/azureFirewalls/fw was not found. Please make sure that the "
        "referenced resource exists, and that both resources are in the same region.",
        "details": [],
    }


async def test_a_prefix_in_another_notation_is_refused(azure: Azure) -> None:
    """test_manage_appgw_private_endpoint_without_standard."""
    await azure.made("virtualNetworks/v", a_network())
    subnet = {"properties": {"addressPrefix": "10.0.4.0/24--no-wait"}}
    error = _error(await azure.put("virtualNetworks/v/subnets/s", subnet))
    assert error == {
        "code": "InvalidAddressPrefixFormat",
        "message": f"Address prefix 10.0.4.0/24--no-wait of resource {NETWORK}/virtualNetworks/v/"
        "subnets/s is not formatted correctly. It should follow CIDR notation, for example "
        "10.0.0.0/24.",
        "details": [],
    }


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("virtualNetworks/v/subnets/s", "virtualNetworks/v"),
        ("virtualNetworks/v/virtualNetworkPeerings/p", "virtualNetworks/v"),
        ("routeTables/t/routes/r", "routeTables/t"),
        ("networkSecurityGroups/n/securityRules/r", "networkSecurityGroups/n"),
        ("firewallPolicies/p/ruleCollectionGroups/g", "firewallPolicies/p"),
        ("azureFirewalls/f", "azureFirewalls/f"),
        ("publicIPAddresses/p", "publicIPAddresses/p"),
        ("applicationSecurityGroups/a", "applicationSecurityGroups/a"),
    ],
)
async def test_what_is_absent_is_named_by_the_gateway(azure: Azure, path: str, names: str) -> None:
    """A child whose parent is absent too by its parent, for GET and DELETE alike."""
    methods = ("GET",) if path == names else ("GET", "DELETE")
    for method in methods:
        response = await azure.ask(method, path)
        assert response.status_code == 404
        assert response.headers["x-ms-failure-cause"] == "gateway"
        assert _error(response) == {
            "code": "ResourceNotFound",
            "message": f"The Resource 'Microsoft.Network/{names}' under resource group 'rg' was "
            "not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        }


async def test_children_are_named_by_the_provider(azure: Azure) -> None:
    """When their parent exists (Test_Networking_RouteTable_20240301_CRUD)."""
    await azure.made("routeTables/t", a_table())
    response = await azure.ask("GET", "routeTables/t/routes/r")
    assert _error(response) == {
        "code": "NotFound",
        "message": f"Resource {NETWORK}/routeTables/t/routes/r not found.",
        "details": [],
    }
    assert "x-ms-failure-cause" not in response.headers


async def test_below_an_absent_group_the_group_is_named(azure: Azure) -> None:
    """Whatever is asked for."""
    for method in ("GET", "DELETE"):
        path = f"{GROUP}-2/providers/Microsoft.Network/routeTables/t/routes/r"
        error = _error(await azure.ask(method, path))
        assert error == {
            "code": "ResourceGroupNotFound",
            "message": "Resource group 'rg-2' could not be found.",
        }


async def test_default_rules_can_be_read_alone(azure: Azure) -> None:
    """As their group shows them, and not be written."""
    group = await azure.made("networkSecurityGroups/nsg", {"location": "westeurope"})
    rules = "networkSecurityGroups/nsg/defaultSecurityRules"
    assert (await azure.get(rules))["value"] == group["properties"]["defaultSecurityRules"]
    assert (await azure.get(f"{rules}/DenyAllInBound"))["properties"]["priority"] == 65500
    absent = await azure.ask("GET", f"{rules}/other")
    assert (absent.status_code, _error(absent)["code"]) == (404, "NotFound")
    assert (await azure.put(f"{rules}/DenyAllInBound", {"properties": {}})).status_code == 405
