"""Members that Azure Policy adds to network groups."""

from typing import Any

import pytest

from tests.simulator.azure import GROUP, MANAGEMENT_GROUP, SUBSCRIPTION, Azure, a_network, a_table
from tests.simulator.manager import (
    A_MANAGER,
    MANAGER,
    MESH,
    a_group,
    a_member,
    a_mesh,
    a_routing_rule,
    deployed,
    forced,
    group_id,
    network_id,
    put,
    routing,
)
from tests.simulator.policy import (
    PRODUCTION,
    a_definition,
    a_set,
    an_assignment,
    assign,
    assignment_id,
    define,
    definition_id,
    set_id,
)

# Beyond the longest lag, and short of the shortest.
A_FEW_MINUTES, A_MOMENT = 300, 50
TAGGED = {"environment": "production"}


async def a_spoke(
    azure: Azure, name: str, number: int = 0, group: str = GROUP, **changes: Any
) -> str:
    """Make a network with one subnet, and return its id."""
    body = {**a_network(f"10.{number}.0.0/16", a=f"10.{number}.0.0/24"), **changes}
    path = f"{group}/providers/Microsoft.Network/virtualNetworks/{name}"
    response = await azure.put(path, body)
    assert response.status_code in (200, 201), response.text
    azure.clock.advance(10)
    return path


async def a_policy_group(azure: Azure, condition: dict[str, Any] = PRODUCTION) -> None:
    """Make the group `prod`, and the definition `d` that adds to it."""
    await a_group(azure, "prod")
    response = await define(azure, "d", a_definition(condition))
    assert response.status_code == 201, response.text


async def members(azure: Azure, group: str = "prod") -> dict[str, str]:
    """Return the names of a group's members, and why they are in it."""
    path = f"{MANAGER}/networkGroups/{group}/listEffectiveVirtualNetworks"
    response = await azure.ask("POST", path, {})
    assert response.status_code == 200, response.text
    found = response.json()["value"]
    return {item["id"].rsplit("/", 1)[-1]: item["membershipType"] for item in found}


async def soon(azure: Azure, group: str = "prod") -> dict[str, str]:
    """Return the same after a few minutes."""
    azure.clock.advance(A_FEW_MINUTES)
    return await members(azure, group)


# --- joining and leaving ------------------------------------------------------------------


async def test_a_definition_does_nothing_until_it_is_assigned(azure: Azure) -> None:
    """And then the members arrive after a few minutes."""
    await a_spoke(azure, "v", tags=TAGGED)
    await a_policy_group(azure)
    assert await soon(azure) == {}
    await assign(azure, definition_id("d"))
    azure.clock.advance(A_MOMENT)
    assert await members(azure) == {}
    assert await soon(azure) == {"v": "Dynamic"}


async def test_a_new_network_joins_by_itself(azure: Azure) -> None:
    """Nobody has to do anything at the manager."""
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    await a_spoke(azure, "v", tags=TAGGED)
    await a_spoke(azure, "w", 1)
    assert await soon(azure) == {"v": "Dynamic"}


async def test_a_network_follows_its_tags(azure: Azure) -> None:
    """Set by PUT or by PATCH, it joins and leaves, each with the lag."""
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    await a_spoke(azure, "v")
    await azure.ask("PATCH", "virtualNetworks/v", {"tags": TAGGED})
    assert await members(azure) == {}
    assert await soon(azure) == {"v": "Dynamic"}
    await a_spoke(azure, "v", tags={"environment": "test"})
    assert await members(azure) == {"v": "Dynamic"}
    assert await soon(azure) == {}


async def test_the_last_word_counts_however_changes_overtake_each_other(azure: Azure) -> None:
    """Each change has a lag of its own."""
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    await a_spoke(azure, "v")
    for number in range(20):
        tags = TAGGED if number % 2 else {}
        await azure.ask("PATCH", "virtualNetworks/v", {"tags": tags})
        azure.clock.advance(7)
    assert await soon(azure) == {"v": "Dynamic"}


async def test_all_sources_must_go_before_a_network_leaves(azure: Azure) -> None:
    """Two policies and a static member (facts.md section 1)."""
    await a_spoke(azure, "v", tags=TAGGED)
    await a_policy_group(azure)
    await assign(azure, definition_id("d"), name="one")
    await assign(azure, definition_id("d"), GROUP, name="two")
    await soon(azure)
    await a_member(azure, "prod", network_id("v"))
    assert await members(azure) == {"v": "Static"}
    await azure.delete(assignment_id("one"))
    await forced(azure, f"{MANAGER}/networkGroups/prod/staticMembers/v")
    assert await soon(azure) == {"v": "Dynamic"}
    await azure.delete(assignment_id("two", GROUP))
    assert await members(azure) == {"v": "Dynamic"}
    assert await soon(azure) == {}


async def test_a_changed_definition_is_evaluated_anew(azure: Azure) -> None:
    """The latest content counts (assignment structure)."""
    await a_spoke(azure, "v", tags=TAGGED)
    await a_spoke(azure, "w", 1)
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    assert await soon(azure) == {"v": "Dynamic"}
    await define(azure, "d", a_definition({"not": PRODUCTION}))
    assert await soon(azure) == {"w": "Dynamic"}


async def test_a_network_that_is_deleted_is_gone_at_once(azure: Azure) -> None:
    """And one of the same name has to be found again."""
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    await a_spoke(azure, "v", tags=TAGGED)
    await soon(azure)
    await azure.delete("virtualNetworks/v")
    azure.clock.advance(20)
    await a_spoke(azure, "v", tags=TAGGED)
    assert await members(azure) == {}
    assert await soon(azure) == {"v": "Dynamic"}


async def test_a_group_made_after_its_policy_is_filled(azure: Azure) -> None:
    """The definition names it before it exists."""
    await a_spoke(azure, "v", tags=TAGGED)
    await define(azure, "d", a_definition())
    await assign(azure, definition_id("d"))
    azure.clock.advance(A_FEW_MINUTES)
    await a_group(azure, "prod")
    assert await members(azure) == {}
    assert await soon(azure) == {"v": "Dynamic"}


async def test_a_group_follows_the_tags_of_resource_groups(azure: Azure) -> None:
    """Where a condition asks for them."""
    condition = {"value": "[resourceGroup().tags['owner']]", "equals": "network"}
    await a_spoke(azure, "v")
    await a_policy_group(azure, condition)
    await assign(azure, definition_id("d"))
    assert await soon(azure) == {}
    await azure.put(GROUP, {"location": "westeurope", "tags": {"owner": "Network"}})
    assert await soon(azure) == {"v": "Dynamic"}


# --- where and whether --------------------------------------------------------------------


async def test_an_assignment_applies_below_its_scope(azure: Azure) -> None:
    """Less what it leaves out."""
    other = f"{SUBSCRIPTION}/resourceGroups/other"
    await azure.put(other, {"location": "westeurope"})
    await a_spoke(azure, "v", tags=TAGGED)
    await a_spoke(azure, "w", 1, other, tags=TAGGED)
    await a_policy_group(azure)
    await assign(azure, definition_id("d"), other)
    assert await soon(azure) == {"w": "Dynamic"}
    await assign(azure, definition_id("d"), name="all", notScopes=[other])
    assert await soon(azure) == {"v": "Dynamic", "w": "Dynamic"}
    await azure.delete(assignment_id("a", other))
    assert await soon(azure) == {"v": "Dynamic"}


async def test_an_assignment_at_a_management_group_applies_to_all(azure: Azure) -> None:
    """It holds the subscription."""
    await a_spoke(azure, "v", tags=TAGGED)
    await a_group(azure, "prod")
    await define(azure, "d", a_definition(), MANAGEMENT_GROUP)
    await assign(azure, definition_id("d", MANAGEMENT_GROUP), MANAGEMENT_GROUP)
    assert await soon(azure) == {"v": "Dynamic"}


async def test_what_is_not_enforced_adds_nothing(azure: Azure) -> None:
    """Until it is (facts.md section 1)."""
    await a_spoke(azure, "v", tags=TAGGED)
    await a_policy_group(azure)
    await assign(azure, definition_id("d"), enforcementMode="DoNotEnforce")
    assert await soon(azure) == {}
    await assign(azure, definition_id("d"))
    assert await soon(azure) == {"v": "Dynamic"}


async def test_a_set_applies_its_definitions_with_its_parameters(azure: Azure) -> None:
    """An assignment gives the value, the set passes it on."""
    condition = {"field": "[concat('tags[', parameters('tag'), ']')]", "exists": True}
    tag = {"tag": {"type": "String", "defaultValue": "environment"}}
    await a_spoke(azure, "v", tags={"owner": "me"})
    await a_group(azure, "prod")
    await define(azure, "d", a_definition(condition, parameters=tag))
    body = a_set(definition_id("d"), parameters={"wanted": {"type": "String"}})
    reference = body["properties"]["policyDefinitions"][0]
    reference["parameters"] = {"tag": {"value": "[parameters('wanted')]"}}
    assert (await azure.put(set_id("s"), body)).status_code == 201
    await assign(azure, set_id("s"), parameters={"wanted": {"value": "owner"}})
    assert await soon(azure) == {"v": "Dynamic"}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        (
            {
                "resourceSelectors": [
                    {"selectors": [{"kind": "resourceLocation", "in": ["eastus"]}]}
                ]
            },
            {"w": "Dynamic"},
        ),
        (
            {
                "overrides": [
                    {
                        "kind": "policyEffect",
                        "value": "disabled",
                        "selectors": [{"kind": "resourceLocation", "in": ["eastus"]}],
                    }
                ]
            },
            {"v": "Dynamic"},
        ),
    ],
)
async def test_an_assignment_may_select_and_override(
    azure: Azure, properties: dict[str, Any], expected: dict[str, str]
) -> None:
    """By region, for a gradual rollout."""
    await a_spoke(azure, "v", tags=TAGGED)
    await a_spoke(azure, "w", 1, tags=TAGGED, location="eastus")
    await a_policy_group(azure)
    await assign(azure, definition_id("d"), **properties)
    assert await soon(azure) == expected


async def test_networks_outside_the_manager_s_scope_get_nothing(azure: Azure) -> None:
    """Whatever a policy says (facts.md section 1)."""
    elsewhere = f"/subscriptions/{'0' * 8}-0000-4000-8000-{'0' * 11}2"
    body: dict[str, Any] = {**A_MANAGER, "properties": dict(A_MANAGER["properties"])}
    body["properties"]["networkManagerScopes"] = {"subscriptions": [elsewhere]}
    await a_spoke(azure, "v", tags=TAGGED)
    await a_policy_group(azure)
    await put(azure, MANAGER, body)
    await assign(azure, definition_id("d"))
    assert await soon(azure) == {}


async def test_a_group_of_subnets_takes_subnets(azure: Azure) -> None:
    """And no networks, though the condition meets both."""
    await put(azure, MANAGER, A_MANAGER)
    await put(azure, f"{MANAGER}/networkGroups/prod", {"properties": {"memberType": "Subnet"}})
    await a_spoke(azure, "v-a")
    await a_spoke(azure, "w", 1)
    await define(azure, "d", a_definition({"field": "fullName", "contains": "-a"}))
    await assign(azure, definition_id("d"))
    assert await soon(azure) == {"a": "Dynamic"}


async def test_a_manager_tells_all_its_members(azure: Azure) -> None:
    """Each once, and as static where it is static in a group."""
    await a_spoke(azure, "v", tags=TAGGED)
    await a_spoke(azure, "w", 1, tags=TAGGED)
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    await a_group(azure, "other", "v")
    azure.clock.advance(A_FEW_MINUTES)
    response = await azure.ask("POST", f"{MANAGER}/listEffectiveVirtualNetworks", {})
    found = {item["id"]: item["membershipType"] for item in response.json()["value"]}
    assert found == {network_id("v"): "Static", network_id("w"): "Dynamic"}


# --- what follows from membership ---------------------------------------------------------


async def connected(azure: Azure) -> set[str]:
    """Return the names of the networks that are in a connected group."""
    found = (await azure.client.get("/_simulator/effective")).json()["networks"]
    return {item["id"].rsplit("/", 1)[-1] for item in found if item["connectedGroup"]}


async def test_a_deployed_mesh_follows_a_tag(azure: Azure) -> None:
    """Without another commit (facts.md section 1)."""
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    for number, name in enumerate(("v", "w", "x")):
        await a_spoke(azure, name, number, tags=TAGGED if name != "x" else {})
    azure.clock.advance(A_FEW_MINUTES)
    await put(azure, MESH, a_mesh("prod"))
    await deployed(azure, "Connectivity", MESH)
    assert await connected(azure) == {"v", "w"}
    await azure.ask("PATCH", "virtualNetworks/x", {"tags": TAGGED})
    await azure.ask("PATCH", "virtualNetworks/v", {"tags": {}})
    assert await connected(azure) == {"v", "w"}
    azure.clock.advance(A_FEW_MINUTES)
    assert await connected(azure) == {"w", "x"}


async def test_routes_follow_a_tag(azure: Azure) -> None:
    """The subnets of a network that joins get the managed route table."""
    await azure.made("routeTables/own", a_table())
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    await a_spoke(azure, "v")
    await routing(azure, "prod", a_routing_rule())
    await deployed(azure, "Routing", f"{MANAGER}/routingConfigurations/routing")
    assert "routeTable" not in (await azure.get("virtualNetworks/v/subnets/a"))["properties"]
    await azure.ask("PATCH", "virtualNetworks/v", {"tags": TAGGED})
    azure.clock.advance(2 * A_FEW_MINUTES)
    assert "routeTable" in (await azure.get("virtualNetworks/v/subnets/a"))["properties"]


async def test_a_group_that_stands_for_addresses_is_frozen_at_the_commit(azure: Azure) -> None:
    """Who is dynamic then is counted, and who joins later is not (facts.md section 3)."""
    source = {"addressPrefix": group_id("prod"), "addressPrefixType": "NetworkGroup"}
    await a_policy_group(azure)
    await assign(azure, definition_id("d"))
    await a_spoke(azure, "v", tags=TAGGED)
    await soon(azure)
    admin = f"{MANAGER}/securityAdminConfigurations/admin"
    await put(azure, admin, {"properties": {"networkGroupAddressSpaceAggregationOption": "Manual"}})
    body = {"properties": {"appliesToGroups": [{"networkGroupId": group_id("prod")}]}}
    await put(azure, f"{admin}/ruleCollections/c", body)
    rule = {
        "kind": "Custom",
        "properties": {
            "protocol": "Tcp",
            "access": "Allow",
            "direction": "Inbound",
            "priority": 1,
            "sources": [source],
            "destinationPortRanges": ["22"],
        },
    }
    await put(azure, f"{admin}/ruleCollections/c/rules/r", rule)
    await deployed(azure, "SecurityAdmin", admin)
    await a_spoke(azure, "w", 1, tags=TAGGED)
    await soon(azure)
    found = (await azure.client.get("/_simulator/effective")).json()["networks"]
    rules = {item["id"].rsplit("/", 1)[-1]: item["adminRules"] for item in found}
    assert [rule["sources"] for rule in rules["w"]] == [["10.0.0.0/16"]]


@pytest.mark.parametrize(
    ("version", "shown"),
    [("2022-01-01", {"groupMembers": [], "conditionalMembership": ""}), ("2024-03-01", {})],
)
async def test_lists_of_what_is_active_say_nothing_of_conditions(
    azure: Azure, version: str, shown: dict[str, Any]
) -> None:
    """The first api-version had two properties for it, always empty."""
    await a_policy_group(azure)
    await a_spoke(azure, "v", tags=TAGGED)
    await assign(azure, definition_id("d"))
    await put(azure, MESH, a_mesh("prod"))
    await deployed(azure, "Connectivity", MESH)
    path = f"{MANAGER}/listActiveConnectivityConfigurations?api-version={version}"
    found = (await azure.ask("POST", path, {"regions": ["westeurope"]})).json()["value"]
    group = found[0]["configurationGroups"][0]["properties"]
    names = ("groupMembers", "conditionalMembership")
    assert {name: group[name] for name in names if name in group} == shown


async def test_policies_of_other_modes_touch_no_group(azure: Azure) -> None:
    """They are kept, and do nothing."""
    await a_group(azure, "prod")
    await a_spoke(azure, "v", tags=TAGGED)
    built_in = "/providers/Microsoft.Authorization/policyDefinitions"
    body = an_assignment(f"{built_in}/06a78e20-9358-41c9-923c-fb736d382a4d")
    assert (await azure.put(assignment_id("a"), body)).status_code == 201
    assert await soon(azure) == {}
