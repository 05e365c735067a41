"""Virtual networks and subnets."""

import pytest

from tests.simulator.azure import NETWORK, Azure, a_network, a_table, code_of


async def test_a_network_is_updating_until_its_operation_succeeds(azure: Azure) -> None:
    """201 with one status URL and neither Location nor ETag (recordings.md section 4)."""
    response = await azure.put("virtualNetworks/v", a_network())
    assert response.status_code == 201
    assert response.headers["retry-after"] == "3"
    assert "location" not in response.headers
    assert "etag" not in response.headers
    assert response.json()["properties"]["provisioningState"] == "Updating"
    assert (await azure.poll(response)).json() == {"status": "InProgress"}
    azure.clock.advance(10)
    assert (await azure.poll(response)).json() == {"status": "Succeeded"}
    found = await azure.ask("GET", "virtualNetworks/v")
    assert found.json()["properties"]["provisioningState"] == "Succeeded"
    assert found.headers["etag"] == found.json()["etag"] != response.json()["etag"]


async def test_a_network_shows_what_azure_adds(azure: Azure) -> None:
    """The keys come in Azure's order."""
    body = await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    assert list(body) == ["name", "id", "etag", "type", "location", "properties"]
    assert list(body["properties"]) == [
        "provisioningState",
        "resourceGuid",
        "addressSpace",
        "privateEndpointVNetPolicies",
        "subnets",
        "virtualNetworkPeerings",
        "enableDdosProtection",
    ]
    subnet = body["properties"]["subnets"][0]
    assert subnet["etag"] == body["etag"]
    assert subnet["properties"] == {
        "provisioningState": "Succeeded",
        "addressPrefix": "10.0.0.0/24",
        "delegations": [],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
    }


async def test_an_identical_put_changes_nothing(azure: Azure) -> None:
    """200, Succeeded at once, the same etag, no Retry-After."""
    before = await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    response = await azure.put("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    assert (response.status_code, "retry-after" in response.headers) == (200, False)
    assert response.json() == before
    assert (await azure.poll(response)).json() == {"status": "Succeeded"}


async def test_changed_tags_are_done_at_once(azure: Azure) -> None:
    """A new etag and no work."""
    before = await azure.made("virtualNetworks/v", a_network())
    response = await azure.put("virtualNetworks/v", {**a_network(), "tags": {"a": "b"}})
    assert response.json()["properties"]["provisioningState"] == "Succeeded"
    assert response.json()["etag"] != before["etag"]


async def test_patch_sets_tags_without_an_operation(azure: Azure) -> None:
    """UpdateTags is synchronous."""
    await azure.made("virtualNetworks/v", a_network())
    response = await azure.ask("PATCH", "virtualNetworks/v", {"tags": {"a": "b"}})
    assert (response.status_code, response.json()["tags"]) == (200, {"a": "b"})
    assert "azure-asyncoperation" not in response.headers


async def test_a_put_without_subnets_deletes_them(azure: Azure) -> None:
    """A PUT is the whole wanted state."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    body = a_network()
    del body["properties"]["subnets"]
    assert (await azure.made("virtualNetworks/v", body))["properties"]["subnets"] == []


async def test_a_deleted_network_is_gone_when_the_operation_is(azure: Azure) -> None:
    """202 with both URLs; Location ends in 204."""
    await azure.made("virtualNetworks/v", a_network())
    response = await azure.delete("virtualNetworks/v")
    assert (response.status_code, response.content) == (202, b"")
    location = response.headers["location"]
    assert "/operationResults/" in location
    assert (await azure.get("virtualNetworks/v"))["properties"]["provisioningState"] == "Deleting"
    azure.clock.advance(20)
    assert (await azure.ask("GET", location)).status_code == 204
    assert code_of(await azure.ask("GET", "virtualNetworks/v")) == "ResourceNotFound"


async def test_deleting_what_is_absent_is_no_content(azure: Azure) -> None:
    """The group exists, the network does not."""
    assert (await azure.delete("virtualNetworks/v")).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {"location": "westeurope", "properties": {"subnets": [{}]}},
        {"location": "westeurope", "properties": []},
        {"location": "westeurope"},
        {},
    ],
)
async def test_a_body_that_makes_no_sense_is_a_400(azure: Azure, body: dict[str, object]) -> None:
    """Never a failure of the simulator's own."""
    assert (await azure.put("virtualNetworks/v", body)).status_code == 400


async def test_lists_hold_the_networks_of_group_and_subscription(azure: Azure) -> None:
    """Lists are {"value": [...]}."""
    made = await azure.made("virtualNetworks/v", a_network())
    everywhere = NETWORK.replace("/resourceGroups/rg", "") + "/virtualNetworks"
    assert await azure.get("virtualNetworks") == {"value": [made]}
    assert await azure.get(everywhere) == {"value": [made]}


async def test_a_missing_subnet_is_the_providers_404(azure: Azure) -> None:
    """The parent exists: the provider answers, with empty details."""
    await azure.made("virtualNetworks/v", a_network())
    response = await azure.ask("GET", "virtualNetworks/v/subnets/a")
    assert response.json()["error"] == {
        "code": "NotFound",
        "message": f"Resource {NETWORK}/virtualNetworks/v/subnets/a not found.",
        "details": [],
    }
    assert "x-ms-failure-cause" not in response.headers


async def test_a_subnet_of_a_missing_network_is_the_gateways_404(azure: Azure) -> None:
    """The gateway names the parent."""
    response = await azure.ask("GET", "virtualNetworks/v/subnets/a")
    assert code_of(response) == "ResourceNotFound"
    assert response.headers["x-ms-failure-cause"] == "gateway"


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("10.0.4.0/24--no-wait", "InvalidAddressPrefixFormat"),
        ("192.168.0.0/24", "NetcfgInvalidSubnet"),
        ("10.0.0.0/25", "NetcfgSubnetRangesOverlap"),
    ],
)
async def test_a_subnet_in_the_wrong_place_is_refused(azure: Azure, prefix: str, code: str) -> None:
    """It must be readable, lie within the network and touch no other subnet."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    body = {"properties": {"addressPrefix": prefix}}
    response = await azure.put("virtualNetworks/v/subnets/b", body)
    assert (response.status_code, code_of(response)) == (400, code)


async def test_two_writes_below_one_network_exclude_each_other(azure: Azure) -> None:
    """The second gets a 429 that says when to come back (facts.md section 7)."""
    await azure.made("virtualNetworks/v", a_network())
    await azure.put("virtualNetworks/v/subnets/a", {"properties": {"addressPrefix": "10.0.0.0/24"}})
    response = await azure.put(
        "virtualNetworks/v/subnets/b", {"properties": {"addressPrefix": "10.0.1.0/24"}}
    )
    detail = response.json()["error"]["details"][0]
    assert (response.status_code, code_of(response)) == (429, "RetryableError")
    assert detail["code"] == "RetryableErrorDueToAnotherOperation"
    assert 11 <= int(response.headers["retry-after"]) <= 14


async def test_a_subnet_waits_for_its_network(azure: Azure) -> None:
    """While the network itself is written, 409."""
    await azure.put("virtualNetworks/v", a_network())
    response = await azure.put(
        "virtualNetworks/v/subnets/a", {"properties": {"addressPrefix": "10.0.0.0/24"}}
    )
    assert (response.status_code, code_of(response)) == (409, "AnotherOperationInProgress")


async def test_a_write_of_a_subnet_shows_on_the_network(azure: Azure) -> None:
    """The network reads Updating, and shares the subnet's etag in the end."""
    await azure.made("virtualNetworks/v", a_network())
    await azure.put("virtualNetworks/v/subnets/a", {"properties": {"addressPrefix": "10.0.0.0/24"}})
    assert (await azure.get("virtualNetworks/v"))["properties"]["provisioningState"] == "Updating"
    azure.clock.advance(20)
    network = await azure.get("virtualNetworks/v")
    subnet = await azure.get("virtualNetworks/v/subnets/a")
    assert network["etag"] == subnet["etag"]


async def test_a_subnet_needs_what_it_refers_to(azure: Azure) -> None:
    """A missing route table is named."""
    body = a_network(a="10.0.0.0/24")
    table = f"{NETWORK}/routeTables/t"
    body["properties"]["subnets"][0]["properties"]["routeTable"] = {"id": table}
    response = await azure.put("virtualNetworks/v", body)
    assert code_of(response) == "InvalidResourceReference"
    assert f"Resource {table} referenced by" in response.json()["error"]["message"]


async def test_a_table_of_another_region_is_not_found(azure: Azure) -> None:
    """Both resources must be in the same region."""
    await azure.made("routeTables/t", {"location": "northeurope"})
    body = a_network(a="10.0.0.0/24")
    table = f"{NETWORK}/routeTables/t"
    body["properties"]["subnets"][0]["properties"]["routeTable"] = {"id": table}
    assert code_of(await azure.put("virtualNetworks/v", body)) == "InvalidResourceReference"


async def test_a_table_that_is_being_made_is_a_passing_error(azure: Azure) -> None:
    """429 without a wait (facts.md section 7)."""
    await azure.put("routeTables/t", a_table())
    body = a_network(a="10.0.0.0/24")
    table = f"{NETWORK}/routeTables/t"
    body["properties"]["subnets"][0]["properties"]["routeTable"] = {"id": table}
    response = await azure.put("virtualNetworks/v", body)
    assert response.status_code == 429
    assert response.json()["error"]["details"][0]["code"] == "ReferencedResourceNotProvisioned"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"addressPrefix": "10.0.0.0/27"}, "AzureFirewallSubnetTooSmall"),
        (
            {"addressPrefix": "10.0.0.0/26", "routeTable": "routeTables/bare"},
            "AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet",
        ),
        (
            {"addressPrefix": "10.0.0.0/26", "networkSecurityGroup": "networkSecurityGroups/nsg"},
            "SubnetWithAzureFirewallCannotHaveNetworkSecurityGroup",
        ),
    ],
)
async def test_a_firewalls_subnet_has_rules_of_its_own(
    azure: Azure, properties: dict[str, str], code: str
) -> None:
    """At least /26, no security group, a default route before any association."""
    await azure.made("routeTables/bare", a_table(("10.9.0.0/16", "None")))
    await azure.made("networkSecurityGroups/nsg", {"location": "westeurope"})
    await azure.made("virtualNetworks/v", a_network())
    linked = {
        key: value if key == "addressPrefix" else {"id": f"{NETWORK}/{value}"}
        for key, value in properties.items()
    }
    path = "virtualNetworks/v/subnets/AzureFirewallSubnet"
    assert code_of(await azure.put(path, {"properties": linked})) == code


async def test_a_subnet_keeps_no_default_outbound_access(azure: Azure) -> None:
    """An explicit false must come back."""
    await azure.made("virtualNetworks/v", a_network())
    body = {"properties": {"addressPrefix": "10.0.0.0/24", "defaultOutboundAccess": False}}
    made = await azure.made("virtualNetworks/v/subnets/a", body)
    assert made["properties"]["defaultOutboundAccess"] is False
