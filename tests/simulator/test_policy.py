"""Azure Policy on the wire: definitions, sets and assignments, and what is refused."""

from typing import Any

import pytest

from tests.simulator.azure import GROUP, MANAGEMENT_GROUP, SUBSCRIPTION, Azure, a_network, code_of
from tests.simulator.manager import network_id
from tests.simulator.policy import (
    AUTHORIZATION,
    a_definition,
    a_set,
    an_assignment,
    an_audit,
    assign,
    assignment_id,
    define,
    definition_id,
    set_id,
)

ALLOWED_LOCATIONS = f"/{AUTHORIZATION}/policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"


async def names(azure: Azure, path: str) -> list[str]:
    """Return the names that a list shows."""
    return [item["name"] for item in (await azure.get(path))["value"]]


# --- definitions --------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [SUBSCRIPTION, MANAGEMENT_GROUP])
async def test_a_definition_is_created_with_201_and_shown_again(azure: Azure, scope: str) -> None:
    """Also when it is there already; the server says who made it."""
    first = await define(azure, "d", an_audit(metadata={"category": "Naming"}), scope)
    second = await define(azure, "d", an_audit(displayName="Audit"), scope)
    assert (first.status_code, second.status_code) == (201, 201)
    shown = await azure.get(definition_id("d", scope))
    assert list(shown) == ["properties", "id", "type", "name", "systemData"]
    assert shown["id"] == definition_id("d", scope)
    assert shown["properties"]["policyType"] == "Custom"
    metadata = first.json()["properties"]["metadata"]
    assert list(metadata) == ["category", "createdBy", "createdOn", "updatedBy", "updatedOn"]
    assert metadata["updatedOn"] is None
    assert shown["properties"]["metadata"]["updatedOn"] is not None


async def test_a_definition_tells_its_version_where_versions_exist(azure: Azure) -> None:
    """They came with 2023-04-01."""
    await define(azure, "d", an_audit())
    new = await azure.get(definition_id("d"))
    old = await azure.get(definition_id("d") + "?api-version=2021-06-01")
    assert (new["properties"]["version"], new["properties"]["versions"]) == ("1.0.0", ["1.0.0"])
    assert "version" not in old["properties"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("policyDefinitions", "PolicyDefinitionNotFound"),
        ("policySetDefinitions", "PolicySetDefinitionNotFound"),
        ("policyAssignments", "PolicyAssignmentNotFound"),
    ],
)
async def test_what_is_absent_has_an_error_of_its_own(azure: Azure, kind: str, code: str) -> None:
    """404 from the provider, without the gateway's header; a DELETE is 204."""
    response = await azure.ask("GET", f"{SUBSCRIPTION}/{AUTHORIZATION}/{kind}/x")
    assert (response.status_code, code_of(response)) == (404, code)
    assert "x-ms-failure-cause" not in response.headers
    assert (await azure.delete(f"{SUBSCRIPTION}/{AUTHORIZATION}/{kind}/x")).status_code == 204


async def test_built_in_definitions_lie_at_the_tenant(azure: Azure) -> None:
    """Not in a subscription, though its list shows them."""
    name = ALLOWED_LOCATIONS.rsplit("/", 1)[-1]
    assert (await azure.get(ALLOWED_LOCATIONS))["properties"]["displayName"] == "Allowed locations"
    assert code_of(await azure.ask("GET", definition_id(name))) == "PolicyDefinitionNotFound"
    assert name in await names(azure, f"{SUBSCRIPTION}/{AUTHORIZATION}/policyDefinitions")
    assert (await azure.put(ALLOWED_LOCATIONS, an_audit())).status_code == 405
    assert (await azure.delete(ALLOWED_LOCATIONS)).status_code == 405


@pytest.mark.parametrize("kind", ["policyDefinitions", "policySetDefinitions"])
async def test_what_is_not_built_in_is_unsupported_at_the_tenant(azure: Azure, kind: str) -> None:
    """As az hears it when a name is neither custom nor built in."""
    response = await azure.ask("GET", f"/{AUTHORIZATION}/{kind}/error_policy")
    assert (response.status_code, response.json()["error"]) == (
        404,
        {
            "code": "ResourceTypeNotSupported",
            "message": f"Unsupported resource type: 'Microsoft.Authorization/{kind}/error_policy'.",
        },
    )


async def test_lists_of_definitions_hold_those_above_and_take_filters(azure: Azure) -> None:
    """A management group's definitions serve every subscription."""
    await define(azure, "mine", an_audit())
    await define(azure, "above", an_audit(), MANAGEMENT_GROUP)
    path = f"{SUBSCRIPTION}/{AUTHORIZATION}/policyDefinitions?$filter="
    assert await names(azure, path + "policyType -eq 'Custom'") == ["mine", "above"]
    assert await names(azure, path + "atExactScope()") == ["mine"]
    assert code_of(await azure.ask("GET", path + "name gt 3")) == "InvalidFilterInQueryString"


RULE = an_audit()["properties"]["policyRule"]
NETWORK_RULE = a_definition()["properties"]["policyRule"]
A_PARAMETER = {"place": {"type": "String"}}


def network_rule(**then: Any) -> dict[str, Any]:
    """Return a rule with another `then`."""
    return {**NETWORK_RULE, "then": {**NETWORK_RULE["then"], **then}}


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"policyRule": None}, "InvalidRequestContent"),
        ({"mode": "Foo"}, "InvalidPolicyDefinitionMode"),
        ({"policyRule": {"policyRule": RULE}}, "InvalidPolicyRule"),
        ({"policyRule": {"if": RULE["if"]}}, "InvalidPolicyRule"),
        ({"policyRule": {"then": RULE["then"]}}, "InvalidPolicyRule"),
        ({"policyRule": {**RULE, "then": {}}}, "InvalidPolicyRule"),
        ({"parameters": A_PARAMETER}, "UnusedPolicyParameters"),
        (
            {
                "policyRule": {
                    **RULE,
                    "if": {"field": "location", "equals": "[parameters('place')]"},
                }
            },
            "InvalidPolicyParameters",
        ),
        # Network groups take definitions of their own mode only.
        ({"policyRule": NETWORK_RULE}, "InvalidPolicyRule"),
    ],
)
async def test_definitions_are_checked(azure: Azure, properties: dict[str, Any], code: str) -> None:
    """The codes are those that Azure's own tests and users name."""
    response = await define(azure, "d", an_audit(**properties))
    assert (response.status_code, code_of(response)) == (400, code)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (network_rule(effect="deny"), "InvalidPolicyRule"),
        (network_rule(details={}), "InvalidPolicyRuleEffectDetails"),
        (network_rule(details={"networkGroupId": "prod"}), "InvalidPolicyRuleEffectDetails"),
        (
            network_rule(details={"networkGroupId": "[parameters('group')]"}),
            "InvalidPolicyRuleEffectDetails",
        ),
        (
            network_rule(details={"networkGroupId": network_id("v")}),
            "InvalidPolicyRuleEffectDetails",
        ),
        ({**NETWORK_RULE, "if": {"field": "name"}}, "InvalidPolicyRule"),
        ({**NETWORK_RULE, "if": {"allOf": [{"equals": "x"}]}}, "InvalidPolicyRule"),
        ({**NETWORK_RULE, "if": {"value": "[oops(]", "equals": 1}}, "InvalidPolicyRule"),
        ({**NETWORK_RULE, "if": {"value": "[utcNow()]", "equals": 1}}, "InvalidPolicyRule"),
    ],
)
async def test_definitions_for_network_groups_name_one_group_in_full(
    azure: Azure, rule: dict[str, Any], code: str
) -> None:
    """By its literal id: it cannot be a parameter (facts.md section 1)."""
    group = {"group": {"type": "String"}} if "parameters" in str(rule) else {}
    response = await define(azure, "d", a_definition(policyRule=rule, parameters=group))
    assert (response.status_code, code_of(response)) == (400, code)


async def test_the_name_of_a_deleted_definition_is_spent_for_network_groups(azure: Azure) -> None:
    """Other definitions may still have it (facts.md section 1)."""
    await define(azure, "d", a_definition())
    assert (await azure.delete(definition_id("d"))).status_code == 200
    refused = await define(azure, "d", a_definition())
    assert (refused.status_code, code_of(refused)) == (400, "PolicyDefinitionNameNotAvailable")
    assert (await define(azure, "d", an_audit())).status_code == 201
    assert (await define(azure, "d", a_definition(), MANAGEMENT_GROUP)).status_code == 201


async def test_a_definition_in_use_stays(azure: Azure) -> None:
    """Whether a set or an assignment uses it; a set likewise."""
    await define(azure, "d", an_audit())
    await azure.put(set_id("s"), a_set(definition_id("d")))
    await assign(azure, set_id("s"))
    of_set = await azure.delete(definition_id("d"))
    assert (of_set.status_code, code_of(of_set)) == (400, "InvalidDeletePolicyDefinitionRequest")
    of_assignment = await azure.delete(set_id("s"))
    assert code_of(of_assignment) == "InvalidDeletePolicySetDefinitionRequest"
    for path in (assignment_id("a"), set_id("s"), definition_id("d")):
        assert (await azure.delete(path)).status_code == 200


# --- sets ---------------------------------------------------------------------------------


async def test_a_set_names_its_definitions(azure: Azure) -> None:
    """With a number of its own where the body gives no name."""
    await define(azure, "d", an_audit())
    body = {"properties": {"policyDefinitions": [{"policyDefinitionId": definition_id("d")}]}}
    response = await azure.put(set_id("s"), body)
    listed = response.json()["properties"]["policyDefinitions"]
    assert response.status_code == 201
    assert listed[0]["policyDefinitionReferenceId"].isdigit()


async def test_sets_are_checked(azure: Azure) -> None:
    """Definitions must exist and have the parameters they are given."""
    await define(azure, "d", an_audit())
    empty = await azure.put(set_id("s"), {"properties": {}})
    dangling = await azure.put(set_id("s"), a_set(definition_id("x")))
    body = a_set(definition_id("d"))
    body["properties"]["policyDefinitions"][0]["parameters"] = {"foo": {"value": "abc"}}
    foreign = await azure.put(set_id("s"), body)
    codes = [code_of(item) for item in (empty, dangling, foreign)]
    assert codes == [
        "InvalidRequestContent",
        "PolicyDefinitionNotFound",
        "UndefinedPolicyParameter",
    ]


# --- assignments --------------------------------------------------------------------------


async def test_an_assignment_lives_at_any_scope(azure: Azure) -> None:
    """Management group, subscription, group, network; PUT 201 twice, DELETE 200 with the body."""
    await azure.made("virtualNetworks/v", a_network())
    await define(azure, "d", an_audit(), MANAGEMENT_GROUP)
    definition = definition_id("d", MANAGEMENT_GROUP)
    for scope in (MANAGEMENT_GROUP, SUBSCRIPTION, GROUP, network_id("v")):
        assert (await assign(azure, definition, scope)).status_code == 201
        assert (await assign(azure, definition, scope)).status_code == 201
        shown = await azure.get(assignment_id("a", scope))
        assert (shown["properties"]["scope"], shown["name"]) == (scope, "a")
        gone = await azure.delete(assignment_id("a", scope))
        assert (gone.status_code, gone.json()) == (200, shown)


async def test_lists_of_assignments_hold_those_above_and_below(azure: Azure) -> None:
    """Unless a filter says otherwise."""
    await define(azure, "d", an_audit(), MANAGEMENT_GROUP)
    for scope, name in ((MANAGEMENT_GROUP, "above"), (SUBSCRIPTION, "at"), (GROUP, "below")):
        await assign(azure, definition_id("d", MANAGEMENT_GROUP), scope, name)
    path = f"{SUBSCRIPTION}/{AUTHORIZATION}/policyAssignments"
    assert await names(azure, path) == ["above", "at", "below"]
    assert await names(azure, path + "?$filter=atScope()") == ["above", "at"]
    assert await names(azure, path + "?$filter=atExactScope()") == ["at"]
    other = f"policyDefinitionId eq '{definition_id('x')}'"
    assert await names(azure, f"{path}?$filter={other}") == []


async def test_assignments_are_checked(azure: Azure) -> None:
    """What they assign must exist, at or above them, and get its values."""
    await define(azure, "d", an_audit())
    path = assignment_id("a")
    codes = [
        code_of(await azure.put(path, {"properties": {}})),
        code_of(await azure.put(path, an_assignment(definition_id("x")))),
        code_of(await azure.put(path, an_assignment(set_id("x")))),
        code_of(await azure.put(path, an_assignment(ALLOWED_LOCATIONS))),
        code_of(
            await azure.put(path, an_assignment(definition_id("d"), parameters={"x": {"value": 1}}))
        ),
        code_of(await assign(azure, definition_id("d"), MANAGEMENT_GROUP)),
        code_of(await assign(azure, definition_id("d"), enforcementMode="Sometimes")),
    ]
    assert codes == [
        "InvalidRequestContent",
        "PolicyDefinitionNotFound",
        "PolicySetDefinitionNotFound",
        "MissingPolicyParameter",
        "UndefinedPolicyParameter",
        "InvalidCreatePolicyAssignmentRequest",
        "InvalidRequestContent",
    ]


async def test_any_built_in_can_be_assigned(azure: Azure) -> None:
    """There are thousands, and the simulator knows a few."""
    unknown = "/providers/Microsoft.Authorization/policySetDefinitions"
    guid = "095e4ed9-c835-4ab6-9439-b5644362a06c"
    assert (await assign(azure, f"{unknown}/{guid}")).status_code == 201
    assert (await assign(azure, f"{unknown}/mine")).status_code == 400


async def test_an_assignment_has_an_identity_as_long_as_it_wants_one(azure: Azure) -> None:
    """Its own, or one that is a resource; either needs a location."""
    await define(azure, "d", an_audit())
    await azure.put(IDENTITY, {"location": "westus"})
    identity = await azure.get(IDENTITY)
    path, body = assignment_id("a"), an_assignment(definition_id("d"))
    body["identity"] = {"type": "SystemAssigned"}
    assert code_of(await azure.put(path, body)) == "LocationRequired"
    body["location"] = "westus"
    own = (await azure.put(path, body)).json()["identity"]
    assert (list(own), own["type"]) == (["principalId", "tenantId", "type"], "SystemAssigned")
    body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
    theirs = (await azure.put(path, body)).json()["identity"]["userAssignedIdentities"][IDENTITY]
    assert theirs["principalId"] == identity["properties"]["principalId"]
    body["identity"] = {"type": "None"}
    assert (await azure.put(path, body)).json()["identity"] == {"type": "None"}


async def test_a_patch_changes_selectors_and_the_identity(azure: Azure) -> None:
    """And leaves everything else."""
    await define(azure, "d", an_audit())
    await assign(azure, definition_id("d"), displayName="Audit")
    selectors = [{"name": "one", "selectors": [{"kind": "resourceLocation", "in": ["westus"]}]}]
    body = {"properties": {"resourceSelectors": selectors}}
    response = await azure.ask("PATCH", assignment_id("a"), body)
    shown = response.json()["properties"]
    assert (response.status_code, shown["displayName"]) == (200, "Audit")
    assert shown["resourceSelectors"] == selectors


async def test_an_identity_is_a_resource_with_a_principal(azure: Azure) -> None:
    """201 with its place when new, 200 with the same principal after; small letters in its id."""
    first = await azure.put(IDENTITY, {"location": "westus", "tags": {"a": "b"}})
    second = await azure.put(IDENTITY, {"location": "westus"})
    small = IDENTITY.replace("/resourceGroups/", "/resourcegroups/")
    assert (first.status_code, second.status_code) == (201, 200)
    assert (first.headers["location"], first.json()["id"]) == (small, small)
    assert list(first.json()["properties"]) == ["tenantId", "principalId", "clientId"]
    assert first.json()["properties"] == second.json()["properties"]
    assert (await azure.delete(IDENTITY)).status_code == 200
    assert code_of(await azure.ask("GET", IDENTITY)) == "ResourceNotFound"
