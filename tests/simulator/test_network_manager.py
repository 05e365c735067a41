"""Managers, groups, members, configurations, collections and rules as resources."""

import pytest

from tests.simulator.azure import A_WHILE, GROUP, NETWORK, SUBSCRIPTION, Azure, a_network, code_of
from tests.simulator.manager import (
    A_MANAGER,
    ADMIN,
    ADMIN_COLLECTION,
    MANAGER,
    MANAGER_ID,
    MESH,
    ROUTING,
    ROUTING_COLLECTION,
    a_group,
    a_mesh,
    a_routing_rule,
    an_admin_rule,
    forced,
    group_id,
    network_id,
    of_groups,
    put,
    routing,
)


async def test_a_manager_is_there_at_once(azure: Azure) -> None:
    """A PUT answers 200 with an empty etag, and no asynchronous header."""
    response = await azure.put(MANAGER, A_MANAGER)
    body = response.json()
    assert response.status_code == 200
    assert (body["etag"], body["tags"]) == ("", {})
    assert "azure-asyncoperation" not in response.headers
    assert list(body) == [
        "name",
        "id",
        "location",
        "type",
        "tags",
        "etag",
        "properties",
        "systemData",
    ]


async def test_a_manager_shows_all_three_lists_of_its_scope(azure: Azure) -> None:
    """What was not given is an empty list."""
    body = await put(azure, MANAGER, A_MANAGER)
    assert body["properties"]["networkManagerScopes"] == {
        "managementGroups": [],
        "subscriptions": [SUBSCRIPTION],
        "crossTenantScopes": [],
    }


async def test_system_data_tells_creation_from_change(azure: Azure) -> None:
    """A second PUT changes only the second date."""
    first = await put(azure, MANAGER, A_MANAGER)
    azure.clock.advance(60)
    second = await put(azure, MANAGER, A_MANAGER)
    assert second["systemData"]["createdAt"] == first["systemData"]["createdAt"]
    assert second["systemData"]["lastModifiedAt"] == "2026-01-01T00:01:00.000000Z"


@pytest.mark.parametrize("where", [GROUP, SUBSCRIPTION])
async def test_managers_are_listed_by_group_and_by_subscription(azure: Azure, where: str) -> None:
    """A list has an empty nextLink before its value."""
    await put(azure, MANAGER, A_MANAGER)
    body = await azure.get(f"{where}/providers/Microsoft.Network/networkManagers")
    assert list(body) == ["nextLink", "value"]
    assert [item["name"] for item in body["value"]] == ["nm"]


async def test_a_get_has_an_etag_in_its_body_only(azure: Azure) -> None:
    """The etag ends in the time."""
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.ask("GET", MANAGER)
    assert "etag" not in response.headers
    assert response.json()["etag"].endswith('0000"')


async def test_tags_are_patched(azure: Azure) -> None:
    """A PATCH replaces the tags."""
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.ask("PATCH", MANAGER, {"tags": {"a": "b"}})
    assert response.json()["tags"] == {"a": "b"}


async def test_a_manager_with_children_stays_unless_forced(azure: Azure) -> None:
    """The gateway refuses it."""
    await a_group(azure, "g")
    response = await azure.delete(MANAGER)
    assert (response.status_code, code_of(response)) == (409, "CannotDeleteResource")


async def test_the_poll_of_a_forced_delete_ends_in_the_managers_own_404(azure: Azure) -> None:
    """Clients take that for done."""
    await a_group(azure, "g")
    response = await forced(azure, MANAGER)
    assert response.status_code == 202
    where = response.headers["location"]
    assert (await azure.ask("GET", where)).status_code == 202
    azure.clock.advance(60)
    last = await azure.ask("GET", where)
    assert (last.status_code, code_of(last)) == (404, "ResourceNotFound")


async def test_an_empty_manager_is_deleted_at_once(azure: Azure) -> None:
    """Nothing is to be cleaned up."""
    await put(azure, MANAGER, A_MANAGER)
    assert (await azure.delete(MANAGER)).status_code == 200


async def test_errors_have_the_message_before_the_code(azure: Azure) -> None:
    """Only the network manager writes them so."""
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.ask("GET", f"{MANAGER}/networkGroups/none")
    assert response.status_code == 404
    assert list(response.json()["error"]) == ["message", "code"]
    assert "does not exist or has been deleted" in response.json()["error"]["message"]


async def test_a_member_takes_two_seconds_to_count(azure: Azure) -> None:
    """Until then it has no region."""
    await azure.made("virtualNetworks/v", a_network())
    await a_group(azure, "g")
    path = f"{MANAGER}/networkGroups/g/staticMembers/v"
    body = await put(azure, path, {"properties": {"resourceId": network_id("v")}})
    assert (body["properties"]["provisioningState"], body["properties"]["region"]) == (
        "Updating",
        "",
    )
    azure.clock.advance(3)
    properties = (await azure.get(path))["properties"]
    assert (properties["provisioningState"], properties["region"]) == ("Succeeded", "westeurope")


async def test_a_member_must_exist(azure: Azure) -> None:
    """The refusal is assumed."""
    await a_group(azure, "g")
    path = f"{MANAGER}/networkGroups/g/staticMembers/v"
    response = await azure.put(path, {"properties": {"resourceId": network_id("none")}})
    assert (response.status_code, code_of(response)) == (400, "InvalidResourceReference")


async def test_a_group_with_members_is_deleted_in_the_background(azure: Azure) -> None:
    """The Location names the group's resourceGuid and ends in 204."""
    await azure.made("virtualNetworks/v", a_network())
    await a_group(azure, "g", "v")
    group = await azure.get(f"{MANAGER}/networkGroups/g")
    response = await forced(azure, f"{MANAGER}/networkGroups/g")
    assert response.status_code == 202
    assert group["properties"]["resourceGuid"] in response.headers["location"]
    azure.clock.advance(60)
    assert (await azure.ask("GET", response.headers["location"])).status_code == 204


async def test_a_group_in_use_stays_unless_forced(azure: Azure) -> None:
    """A configuration refers to it."""
    await a_group(azure, "g")
    await put(azure, MESH, a_mesh("g"))
    response = await azure.delete(f"{MANAGER}/networkGroups/g")
    assert (response.status_code, code_of(response)) == (400, "ResourceInUse")


async def test_a_mesh_shows_its_defaults(azure: Azure) -> None:
    """Booleans are strings."""
    await a_group(azure, "g")
    body = await put(azure, MESH, a_mesh("g"))
    properties = body["properties"]
    assert properties["deleteExistingPeering"] == "False"
    assert properties["appliesToGroups"] == [
        {
            "networkGroupId": group_id("g"),
            "groupConnectivity": "DirectlyConnected",
            "useHubGateway": "False",
            "isGlobal": "False",
        }
    ]


async def test_a_mesh_needs_groups(azure: Azure) -> None:
    """They are required."""
    await put(azure, MANAGER, A_MANAGER)
    response = await azure.put(MESH, a_mesh())
    assert code_of(response) == "MissingRequiredProperty"


@pytest.mark.parametrize("path", [MESH, ADMIN_COLLECTION])
async def test_an_item_without_a_group_is_refused(azure: Azure, path: str) -> None:
    """And not taken for one that applies to nothing."""
    await put(azure, MANAGER, A_MANAGER)
    await put(azure, ADMIN, {"properties": {}})
    properties = {"connectivityTopology": "Mesh", "appliesToGroups": [{}]}
    response = await azure.put(path, {"properties": properties})
    assert code_of(response) == "MissingRequiredProperty"


async def test_a_group_of_another_manager_is_not_found(azure: Azure) -> None:
    """Configurations apply to groups of their own manager."""
    await a_group(azure, "g")
    scopes = A_MANAGER["properties"]["networkManagerScopes"]
    await put(
        azure,
        "networkManagers/other",
        {"location": "westeurope", "properties": {"networkManagerScopes": scopes}},
    )
    response = await azure.put("networkManagers/other/connectivityConfigurations/m", a_mesh("g"))
    assert code_of(response) == "InvalidResourceReference"


async def _admin(azure: Azure) -> None:
    await a_group(azure, "g")
    await put(azure, ADMIN, {"properties": {}})
    await put(azure, ADMIN_COLLECTION, of_groups("g"))


async def test_an_admin_rule_shows_its_kind_and_defaults(azure: Azure) -> None:
    """Lists that were not given are empty."""
    await _admin(azure)
    body = await put(azure, f"{ADMIN_COLLECTION}/rules/r", an_admin_rule())
    assert body["kind"] == "Custom"
    assert body["properties"]["destinations"] == []
    assert body["properties"]["flag"] == ""


async def test_priorities_are_unique_within_a_collection(azure: Azure) -> None:
    """A second rule of the same priority is refused."""
    await _admin(azure)
    await put(azure, f"{ADMIN_COLLECTION}/rules/a", an_admin_rule(7))
    response = await azure.put(f"{ADMIN_COLLECTION}/rules/b", an_admin_rule(7))
    assert code_of(response) == "DuplicatePriority"


@pytest.mark.parametrize(
    "change",
    [
        {"priority": 4097},
        {"priority": 0},
        {"access": "Maybe"},
        {"protocol": "Http"},
        {"description": "x" * 141},
    ],
)
async def test_admin_rules_are_checked(azure: Azure, change: dict[str, object]) -> None:
    """Priorities, enumerations and the length of descriptions."""
    await _admin(azure)
    response = await azure.put(f"{ADMIN_COLLECTION}/rules/r", an_admin_rule(**change))  # type: ignore[arg-type]
    assert (response.status_code, code_of(response)) == (400, "InvalidPropertyValue")


async def test_a_manager_takes_a_hundred_admin_rules(azure: Azure) -> None:
    """The hundred and first is refused, and one of them can still be written again."""
    await _admin(azure)
    for priority in range(1, 101):
        await put(azure, f"{ADMIN_COLLECTION}/rules/r{priority}", an_admin_rule(priority))
    response = await azure.put(f"{ADMIN_COLLECTION}/rules/more", an_admin_rule(2000))
    assert code_of(response) == "QuotaExceeded"
    await put(azure, f"{ADMIN_COLLECTION}/rules/r1", an_admin_rule(1))


async def test_routing_resources_show_their_defaults(azure: Azure) -> None:
    """As recorded."""
    await a_group(azure, "g")
    await routing(azure, "g", a_routing_rule("10.0.0.0/16", "VirtualNetworkGateway", ""))
    configuration = await azure.get(ROUTING)
    collection = await azure.get(ROUTING_COLLECTION)
    rule = await azure.get(f"{ROUTING_COLLECTION}/rules/r0")
    assert configuration["properties"]["routeTableUsageMode"] == "ManagedOnly"
    assert collection["properties"]["disableBgpRoutePropagation"] == "True"
    assert collection["properties"]["localRouteSetting"] == "NotSpecified"
    assert rule["properties"]["nextHop"] == {
        "nextHopType": "VirtualNetworkGateway",
        "nextHopAddress": "",
    }
    assert rule["properties"]["priority"] == 0


async def test_parts_that_are_not_deployed_are_deleted_at_once(azure: Azure) -> None:
    """From the rule up."""
    await a_group(azure, "g")
    await routing(azure, "g", a_routing_rule())
    for path in (f"{ROUTING_COLLECTION}/rules/r0", ROUTING_COLLECTION, ROUTING):
        assert (await azure.delete(path)).status_code == 200


async def test_a_configuration_with_collections_stays_unless_forced(azure: Azure) -> None:
    """Assumed, as for managers; forced, it goes in the background with its parts."""
    await _admin(azure)
    assert code_of(await azure.delete(ADMIN)) == "CannotDeleteResource"
    assert (await forced(azure, ADMIN)).status_code == 202
    azure.clock.advance(A_WHILE)
    assert (await azure.ask("GET", ADMIN)).status_code == 404


async def test_reads_just_after_a_write_show_new_etags(azure: Azure) -> None:
    """Recorded, for three seconds; then it stays."""
    await _admin(azure)
    first, second = [(await azure.get(ADMIN))["etag"] for _ in range(2)]
    azure.clock.advance(10)
    third, fourth = [(await azure.get(ADMIN))["etag"] for _ in range(2)]
    assert first != second
    assert third == fourth


async def test_booleans_may_be_written_in_small_letters(azure: Azure) -> None:
    """Azure shows them its own way."""
    await a_group(azure, "g")
    body = await put(azure, MESH, a_mesh("g", is_global="true"))
    assert body["properties"]["isGlobal"] == "True"


@pytest.mark.parametrize(
    ("version", "name"), [("2022-01-01", "location"), ("2025-01-01", "region")]
)
async def test_a_members_region_has_two_names(azure: Azure, version: str, name: str) -> None:
    """One for each generation of clients."""
    await azure.made("virtualNetworks/v", a_network())
    await a_group(azure, "g", "v")
    path = f"{NETWORK}/{MANAGER}/networkGroups/g/staticMembers/v"
    response = await azure.client.get(path, params={"api-version": version})
    found = {"location", "region"} & response.json()["properties"].keys()
    assert found == {name}
    assert (await azure.ask("GET", ADMIN_COLLECTION)).status_code == 404


async def test_a_child_of_no_manager_is_refused_by_the_gateway(azure: Azure) -> None:
    """The error names the manager."""
    response = await azure.ask("GET", f"{MANAGER}/networkGroups/g")
    assert code_of(response) == "ResourceNotFound"
    assert MANAGER_ID.rsplit("/", 1)[-1] in response.text
