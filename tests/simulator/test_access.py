"""Roles: who may do what, how a role is given, and what Azure says to those who have none."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from simulator.access.roles import NETWORK_CONTRIBUTOR, OWNER, READER, Role
from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.identity import bearer_token
from simulator.principals import Principal
from simulator.settings import Settings
from tests.simulator.azure import (
    GROUP,
    NETWORK,
    SUBSCRIPTION,
    Azure,
    a_network,
    a_peering,
    a_table,
    code_of,
    signed_in,
)

_GUEST = Principal("guest-app", "00000000-0000-4000-8000-00000000ee01", secret="guest")
_SETTINGS = Settings(principals=(_GUEST,))
_ROLES = "providers/Microsoft.Authorization/roleAssignments"
_DEFINITIONS = "providers/Microsoft.Authorization/roleDefinitions"
_FIRST = "00000000-0000-4000-8000-00000000a001"


@pytest.fixture
def app(clock: ManualClock) -> Starlette:
    """Return a simulator with a guest who has no role."""
    return create_app(clock, settings=_SETTINGS)


@pytest.fixture
async def guest(app: Starlette, azure: Azure) -> AsyncIterator[Azure]:
    """Yield the same subscription as the guest sees it."""
    token = bearer_token(_SETTINGS, _GUEST)
    async with signed_in(app, token) as client:
        yield Azure(client, azure.clock)


def _grant(role: Role | str, **changes: Any) -> dict[str, Any]:
    guid = role if isinstance(role, str) else role.guid
    definition = f"{SUBSCRIPTION}/{_DEFINITIONS}/{guid}"
    values = {"roleDefinitionId": definition, "principalId": _GUEST.object_id, **changes}
    return {"properties": values}


async def _give(azure: Azure, role: Role | str, scope: str, name: str = _FIRST) -> None:
    answer = await azure.put(f"{scope}/{_ROLES}/{name}", _grant(role))
    assert answer.status_code == 201, answer.text


async def test_who_has_no_role_is_refused_in_azures_words(guest: Azure) -> None:
    """The text names who, what and where."""
    answer = await guest.put("virtualNetworks/hub", a_network())
    assert (answer.status_code, code_of(answer)) == (403, "AuthorizationFailed")
    assert answer.json()["error"]["message"] == (
        f"The client 'guest-app' with object id '{_GUEST.object_id}' does not have authorization "
        "to perform action 'Microsoft.Network/virtualNetworks/write' over scope "
        f"'{NETWORK}/virtualNetworks/hub' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials."
    )
    assert answer.headers["x-ms-failure-cause"] == "gateway"


async def test_a_refusal_does_not_tell_what_exists(guest: Azure) -> None:
    """It comes before anything is looked up."""
    found = await guest.ask("GET", f"{SUBSCRIPTION}/resourceGroups/nothing")
    assert code_of(found) == "AuthorizationFailed"


async def test_a_reader_reads_and_no_more(azure: Azure, guest: Azure) -> None:
    """Also below the scope of the assignment."""
    await azure.made("virtualNetworks/hub", a_network())
    await _give(azure, READER, GROUP)
    assert (await guest.get("virtualNetworks/hub"))["name"] == "hub"
    assert (await guest.delete("virtualNetworks/hub")).status_code == 403
    tried = await guest.ask("PATCH", GROUP, {"tags": {}})
    assert "'Microsoft.Resources/subscriptions/resourceGroups/write'" in tried.text


async def test_a_network_contributor_cannot_give_roles(azure: Azure, guest: Azure) -> None:
    """Nor make resource groups."""
    await _give(azure, NETWORK_CONTRIBUTOR, SUBSCRIPTION)
    assert (await guest.put("virtualNetworks/hub", a_network())).status_code == 201
    other = "00000000-0000-4000-8000-00000000a002"
    assert (await guest.put(f"{GROUP}/{_ROLES}/{other}", _grant(OWNER))).status_code == 403
    group = await guest.put(f"{SUBSCRIPTION}/resourceGroups/more", {"location": "westeurope"})
    assert group.status_code == 403


async def test_a_role_on_one_network_says_nothing_of_the_next(azure: Azure, guest: Azure) -> None:
    """Assignments may stand on a resource, which must exist."""
    await azure.made("virtualNetworks/hub", a_network(a="10.0.0.0/24"))
    await azure.made("virtualNetworks/hub2", a_network("10.1.0.0/16"))
    await _give(azure, READER, f"{NETWORK}/virtualNetworks/hub")
    assert (await guest.get("virtualNetworks/hub/subnets/a"))["name"] == "a"
    assert (await guest.ask("GET", "virtualNetworks/hub2")).status_code == 403


async def test_a_list_shows_what_one_may_read_of_it(azure: Azure, guest: Azure) -> None:
    """One role on one network is enough for a list with one entry."""
    await azure.made("virtualNetworks/hub", a_network())
    await azure.made("virtualNetworks/hub2", a_network("10.1.0.0/16"))
    path = f"{SUBSCRIPTION}/providers/Microsoft.Network/virtualNetworks"
    assert (await guest.ask("GET", path)).status_code == 403
    await _give(azure, READER, f"{NETWORK}/virtualNetworks/hub")
    assert [item["name"] for item in (await guest.get(path))["value"]] == ["hub"]


async def test_subscriptions_are_those_one_has_a_role_in(azure: Azure, guest: Azure) -> None:
    """Whatever the role, and however far below."""
    assert (await guest.get("/subscriptions"))["value"] == []
    assert (await guest.ask("GET", SUBSCRIPTION)).status_code == 403
    await _give(azure, NETWORK_CONTRIBUTOR, GROUP)
    assert len((await guest.get("/subscriptions"))["value"]) == 1
    assert (await guest.get(SUBSCRIPTION))["state"] == "Enabled"


async def test_what_is_linked_needs_a_right_of_its_own(azure: Azure, guest: Azure) -> None:
    """A subnet may not take a route table that its writer cannot join."""
    await azure.made("virtualNetworks/hub", a_network(a="10.0.0.0/24"))
    await azure.made("routeTables/out", a_table())
    await _give(azure, NETWORK_CONTRIBUTOR, f"{NETWORK}/virtualNetworks/hub")
    table = {"id": f"{NETWORK}/routeTables/out"}
    body = {"properties": {"addressPrefix": "10.0.0.0/24", "routeTable": table}}
    answer = await guest.put("virtualNetworks/hub/subnets/a", body)
    assert (answer.status_code, code_of(answer)) == (403, "LinkedAuthorizationFailed")
    assert answer.json()["error"]["message"] == (
        f"The client 'guest-app' with object id '{_GUEST.object_id}' has permission to perform "
        "action 'Microsoft.Network/virtualNetworks/subnets/write' on scope "
        f"'{NETWORK}/virtualNetworks/hub/subnets/a'; however, it does not have permission to "
        "perform action(s) 'Microsoft.Network/routeTables/join/action' on the linked scope(s) "
        f"'{table['id']}' (respectively) or the linked scope(s) are invalid."
    )


async def test_peering_needs_a_right_on_the_other_network(azure: Azure, guest: Azure) -> None:
    """The action has a name of its own."""
    await azure.made("virtualNetworks/hub", a_network())
    await azure.made("virtualNetworks/spoke", a_network("10.1.0.0/16"))
    await _give(azure, NETWORK_CONTRIBUTOR, f"{NETWORK}/virtualNetworks/hub")
    answer = await guest.put("virtualNetworks/hub/virtualNetworkPeerings/p", a_peering("spoke"))
    assert "'Microsoft.Network/virtualNetworks/peer/action'" in answer.text


async def test_an_assignment_says_who_gave_it(azure: Azure) -> None:
    """The body comes back with scope, type of principal and stamps."""
    path = f"{GROUP}/{_ROLES}/{_FIRST}"
    made = (await azure.put(path, _grant(READER))).json()
    assert (made["id"], made["name"]) == (path, _FIRST)
    shown = made["properties"]
    assert (shown["scope"], shown["principalType"]) == (GROUP, "ServicePrincipal")
    assert shown["createdBy"] == _SETTINGS.operator.object_id
    assert await azure.get(path) == made


async def test_the_same_role_is_given_once(azure: Azure) -> None:
    """Another name does not make it another assignment."""
    await _give(azure, READER, GROUP)
    other = "00000000-0000-4000-8000-00000000a002"
    again = await azure.put(f"{GROUP}/{_ROLES}/{other}", _grant(READER))
    assert (again.status_code, code_of(again)) == (409, "RoleAssignmentExists")
    changed = await azure.put(f"{GROUP}/{_ROLES}/{_FIRST}", _grant(OWNER))
    assert code_of(changed) == "RoleAssignmentUpdateNotPermitted"


_NOBODY = "00000000-0000-4000-8000-00000000ffff"
_WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("reader", _grant(READER), "InvalidRoleAssignmentId"),
    (_FIRST, _grant(_NOBODY), "RoleDefinitionDoesNotExist"),
    (_FIRST, _grant(READER, principalId=_NOBODY), "PrincipalNotFound"),
]


@pytest.mark.parametrize(("name", "body", "code"), _WRONG)
async def test_a_wrong_assignment_is_told_why(
    azure: Azure, name: str, body: dict[str, Any], code: str
) -> None:
    """Name, role and principal are checked."""
    answer = await azure.put(f"{GROUP}/{_ROLES}/{name}", body)
    assert (answer.status_code, code_of(answer)) == (400, code)


async def test_a_right_ends_with_its_assignment(azure: Azure, guest: Azure) -> None:
    """A DELETE shows what is gone, and the second finds nothing."""
    await _give(azure, READER, GROUP)
    path = f"{GROUP}/{_ROLES}/{_FIRST}"
    assert (await azure.delete(path)).json()["name"] == _FIRST
    assert (await azure.delete(path)).status_code == 204
    assert code_of(await azure.ask("GET", path)) == "RoleAssignmentNotFound"
    assert (await guest.ask("GET", GROUP)).status_code == 403


async def test_assignments_are_listed_with_those_above(azure: Azure) -> None:
    """The operator owns the tenant; filters leave one principal, or what is not below."""
    await _give(azure, READER, GROUP)
    listed = (await azure.get(f"{GROUP}/{_ROLES}"))["value"]
    assert len(listed) == 2
    own = await azure.get(f"{GROUP}/{_ROLES}?$filter=principalId eq '{_GUEST.object_id}'")
    assert [item["name"] for item in own["value"]] == [_FIRST]
    above = await azure.get(f"{SUBSCRIPTION}/{_ROLES}?$filter=atScope()")
    assert [item["properties"]["scope"] for item in above["value"]] == ["/"]


async def test_permissions_are_those_of_the_roles(azure: Azure, guest: Azure) -> None:
    """Programs ask them before they begin."""
    path = f"{GROUP}/providers/Microsoft.Authorization/permissions"
    assert (await azure.get(path))["value"][0]["actions"] == ["*"]
    await _give(azure, READER, GROUP)
    assert (await guest.get(path))["value"] == [READER.permission]


async def test_roles_are_found_by_name(azure: Azure) -> None:
    """As az finds them."""
    found = await azure.get(
        f"{SUBSCRIPTION}/{_DEFINITIONS}?$filter=roleName eq 'network contributor'"
    )
    assert [item["name"] for item in found["value"]] == [NETWORK_CONTRIBUTOR.guid]
    assert found["value"][0]["properties"]["type"] == "BuiltInRole"
    single = await azure.get(f"/{_DEFINITIONS}/{READER.guid}")
    assert single["properties"]["permissions"] == [READER.permission]


async def test_a_role_of_ones_own_permits_what_it_says(azure: Azure, guest: Azure) -> None:
    """And it cannot be deleted while somebody has it."""
    guid = "00000000-0000-4000-8000-00000000b001"
    permissions = [{"actions": ["Microsoft.Network/*"], "notActions": ["*/delete"]}]
    values = {"roleName": "builder", "permissions": permissions, "assignableScopes": [SUBSCRIPTION]}
    path = f"{SUBSCRIPTION}/{_DEFINITIONS}/{guid}"
    assert (await azure.put(path, {"properties": values})).status_code == 201
    await _give(azure, guid, GROUP)
    assert (await guest.put("virtualNetworks/hub", a_network())).status_code == 201
    assert (await guest.delete("virtualNetworks/hub")).status_code == 403
    assert code_of(await azure.delete(path)) == "RoleDefinitionHasAssignments"


async def test_a_new_right_may_take_its_time(clock: ManualClock) -> None:
    """How long is a setting."""
    settings = Settings(principals=(_GUEST,), role_assignment_lag=300)
    transport = httpx.ASGITransport(create_app(clock, settings=settings))
    path = f"{SUBSCRIPTION}/{_ROLES}/{_FIRST}"
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
        client.params = httpx.QueryParams({"api-version": "2022-04-01"})
        head = {"Authorization": f"Bearer {bearer_token(settings)}"}
        guests = {"Authorization": f"Bearer {bearer_token(settings, _GUEST)}"}
        assert (await client.put(path, json=_grant(READER), headers=head)).status_code == 201
        assert (await client.get(SUBSCRIPTION, headers=guests)).status_code == 403
        clock.advance(301)
        assert (await client.get(SUBSCRIPTION, headers=guests)).status_code == 200


async def test_a_principal_of_the_settings_may_have_a_role_from_the_start(
    clock: ManualClock,
) -> None:
    """It is an assignment like any other."""
    reader = Principal("reader-app", "00000000-0000-4000-8000-00000000ee02", role="Reader")
    settings = Settings(principals=(reader,))
    transport = httpx.ASGITransport(create_app(clock, settings=settings))
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
        client.params = httpx.QueryParams({"api-version": "2022-04-01"})
        client.headers["Authorization"] = f"Bearer {bearer_token(settings, reader)}"
        listed = (await client.get(f"{SUBSCRIPTION}/{_ROLES}")).json()["value"]
        assert (await client.put(GROUP, json={"location": "westeurope"})).status_code == 403
    assert [item["properties"]["principalId"] for item in listed][-1] == reader.object_id
