"""Management groups: what lies in which, and what follows it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from simulator.access.roles import NETWORK_CONTRIBUTOR
from simulator.app import create_app
from simulator.arm.world import World
from simulator.clock import ManualClock
from simulator.hierarchy import holds
from simulator.identity import bearer_token
from simulator.journal import Journal
from simulator.management_group_input import load_management_groups
from simulator.management_groups import ManagementGroup
from simulator.principals import Principal
from simulator.settings import Settings, subscriptions
from tests.simulator.azure import A_WHILE, GROUP, SUBSCRIPTION, Azure, code_of, signed_in
from tests.simulator.conftest import assert_a_restart_changes_nothing
from tests.simulator.manager import A_MANAGER, MANAGER, a_group, a_member, deployed, put
from tests.simulator.test_dynamic_membership import a_spoke, members
from tests.simulator.test_network_manager_peerings import a_star

_GUEST = Principal("guest-app", "00000000-0000-4000-8000-00000000ee01", secret="guest")
_FIRST, _SECOND, _THIRD = subscriptions(3)
_SETTINGS = Settings(
    subscription_ids=(_FIRST, _SECOND, _THIRD),
    management_groups=(
        ManagementGroup("contoso", subscriptions=(_FIRST,)),
        ManagementGroup("platform", "contoso", (_SECOND,)),
        ManagementGroup("sandbox", registered=False),
    ),
    principals=(_GUEST,),
)
_GROUPS = "/providers/Microsoft.Management/managementGroups"
_ROOT = f"{_GROUPS}/{_SETTINGS.tenant_id}"


@pytest.fixture
def app(clock: ManualClock, tmp_path: Path) -> Iterator[Starlette]:
    """Yield a simulator with these groups; the third subscription is in none of them."""
    with closing(Journal(tmp_path / "state")) as journal:
        app = create_app(clock, settings=_SETTINGS, journal=journal)
        yield app
    clock.advance(A_WHILE)
    assert_a_restart_changes_nothing(app, clock, tmp_path / "state")


@pytest.fixture
async def guest(app: Starlette, azure: Azure) -> AsyncIterator[Azure]:
    """Yield the same as somebody sees it who has no role."""
    token = bearer_token(_SETTINGS, _GUEST)
    async with signed_in(app, token, "2020-05-01") as client:
        yield Azure(client, azure.clock)


def _a_manager(group: str = "contoso") -> dict[str, Any]:
    scopes = {"managementGroups": [f"{_GROUPS}/{group}"]}
    return {**A_MANAGER, "properties": {**A_MANAGER["properties"], "networkManagerScopes": scopes}}


async def _spokes(azure: Azure) -> dict[str, str]:
    """Make a spoke in each subscription, members of one group; return the members' kinds."""
    await a_group(azure, "prod")
    assert (await azure.put(MANAGER, _a_manager())).status_code == 200
    for number, subscription in enumerate(_SETTINGS.subscription_ids):
        group = f"/subscriptions/{subscription}/resourceGroups/rg"
        await azure.put(group, {"location": "westeurope"})
        await a_member(azure, "prod", await a_spoke(azure, f"v{number}", number, group))
    azure.clock.advance(A_WHILE)
    return await members(azure)


# --- what follows the groups ------------------------------------------------------------


async def test_networks_outside_of_a_managers_group_are_no_members(azure: Azure) -> None:
    """Those of groups below it are (facts.md section 1: silently nothing)."""
    assert set(await _spokes(azure)) == {"v0", "v1"}


async def test_a_subscription_that_moves_takes_its_networks_along(azure: Azure) -> None:
    """Into the scope, and out of it to the root group."""
    await _spokes(azure)
    assert (await azure.put(f"{_GROUPS}/platform/subscriptions/{_THIRD}", None)).status_code == 200
    assert set(await members(azure)) == {"v0", "v1", "v2"}
    assert (await azure.delete(f"{_GROUPS}/contoso/subscriptions/{_FIRST}")).status_code == 200
    assert set(await members(azure)) == {"v1", "v2"}


async def test_what_was_deployed_follows_a_subscription_that_moves(azure: Azure) -> None:
    """A peering goes with the scope, and comes back with it."""
    await _spokes(azure)
    star = f"{MANAGER}/connectivityConfigurations/star"
    await put(azure, star, a_star("prod", hub="v0"))
    await deployed(azure, "Connectivity", star)
    peered = []
    for group in ("platform", "sandbox", "contoso"):
        await azure.put(f"{_GROUPS}/{group}/subscriptions/{_SECOND}", None)
        azure.clock.advance(A_WHILE)
        found = await azure.get("virtualNetworks/v0/virtualNetworkPeerings")
        peered.append(len(found["value"]))
    assert peered == [1, 0, 1]


@pytest.mark.parametrize(
    ("scope", "below", "is_held"),
    [
        ("", f"/subscriptions/{_THIRD}", True),
        (_ROOT, f"/subscriptions/{_THIRD}/resourceGroups/rg", True),
        (_ROOT, f"{_GROUPS}/platform", True),
        (f"{_GROUPS}/contoso", f"/subscriptions/{_SECOND}", True),
        (f"{_GROUPS}/CONTOSO/", f"{_GROUPS}/Platform", True),
        (f"{_GROUPS}/contoso", f"{_GROUPS}/contoso/providers/Test.Notes/notes/n", True),
        (f"{_GROUPS}/platform", f"/subscriptions/{_FIRST}", False),
        (f"{_GROUPS}/platform", f"{_GROUPS}/contoso", False),
        (f"{_GROUPS}/contoso", f"/subscriptions/{_THIRD}", False),
        (f"{_GROUPS}/nothing", f"/subscriptions/{_FIRST}", False),
        (f"/subscriptions/{_FIRST}", f"{_GROUPS}/contoso", False),
    ],
)
def test_scopes_hold_what_lies_below_them(
    app: Starlette, scope: str, below: str, *, is_held: bool
) -> None:
    """Whatever the case of their ids."""
    world: World = app.state.world
    assert holds(world, scope, below) is is_held


async def test_a_role_at_a_group_holds_in_its_subscriptions(azure: Azure, guest: Azure) -> None:
    """And in no others."""
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{NETWORK_CONTRIBUTOR.guid}"
    values = {"roleDefinitionId": role, "principalId": _GUEST.object_id}
    name = "00000000-0000-4000-8000-00000000a001"
    at = f"{_GROUPS}/contoso/providers/Microsoft.Authorization/roleAssignments/{name}"
    assert (await azure.put(at, {"properties": values})).status_code == 201

    seen = {item["subscriptionId"] for item in (await guest.get("/subscriptions"))["value"]}
    assert seen == {_FIRST, _SECOND}


# --- scopes of managers -----------------------------------------------------------------


@pytest.mark.parametrize("group", ["sandbox", "nothing"])
async def test_a_manager_needs_a_group_at_which_the_provider_is_registered(
    azure: Azure, group: str
) -> None:
    """Azure's words say nothing of that (azure-rest-api-specs issue 25774)."""
    refused = await azure.put(MANAGER, _a_manager(group))
    assert (refused.status_code, refused.json()["error"]) == (
        400,
        {
            "message": f"Resource [{_GROUPS}/{group}] is not within tenant [{_SETTINGS.tenant_id}]",
            "code": "BadRequest",
        },
    )


async def test_registering_opens_a_group_and_nobody_can_read_it(azure: Azure) -> None:
    """Azure has no GET for it (azure-rest-api-specs issue 22041)."""
    at = f"{_GROUPS}/sandbox/providers/Microsoft.Network"
    assert (await azure.ask("POST", f"{at}/register")).status_code == 200
    assert (await azure.put(MANAGER, _a_manager("sandbox"))).status_code == 200
    assert (await azure.ask("GET", at)).status_code == 404


async def test_a_manager_needs_a_right_at_its_group(azure: Azure, guest: Azure) -> None:
    """Which one is assumed."""
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{NETWORK_CONTRIBUTOR.guid}"
    values = {"roleDefinitionId": role, "principalId": _GUEST.object_id}
    name = "00000000-0000-4000-8000-00000000a001"
    at = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/{name}"
    await azure.put(at, {"properties": values})
    refused = await guest.put(MANAGER, _a_manager())
    assert code_of(refused) == "LinkedAuthorizationFailed"


# --- Azure's own paths ------------------------------------------------------------------


async def test_groups_are_made_and_shown(azure: Azure) -> None:
    """Below the root group, unless they say where."""
    assert (await azure.put(f"{_GROUPS}/new", {})).status_code == 200
    inner = {"properties": {"details": {"parent": {"id": f"{_GROUPS}/new"}}}}
    assert (await azure.put(f"{_GROUPS}/inner", inner)).status_code == 200

    shown = await azure.get(f"{_GROUPS}/inner")
    top = await azure.get(f"{_GROUPS}/new")
    names = [item["name"] for item in (await azure.get(_GROUPS))["value"]]
    assert list(shown) == ["id", "type", "name", "properties"]
    assert shown["properties"]["details"]["parent"]["name"] == "new"
    assert top["properties"]["details"]["parent"]["id"] == _ROOT
    assert names == [_SETTINGS.tenant_id, "contoso", "platform", "sandbox", "new", "inner"]


async def test_descendants_are_all_that_a_group_holds(azure: Azure) -> None:
    """Groups and subscriptions, at any depth."""
    found = (await azure.get(f"{_GROUPS}/contoso/descendants"))["value"]
    assert [(item["type"], item["name"]) for item in found] == [
        ("Microsoft.Management/managementGroups", "platform"),
        ("/subscriptions", _FIRST),
        ("/subscriptions", _SECOND),
    ]


async def test_a_group_shows_what_is_in_it(azure: Azure) -> None:
    """And what is in that, if it is asked to go on."""
    path = f"{_GROUPS}/contoso?$expand=children"
    flat = (await azure.get(path))["properties"]["children"]
    deep = (await azure.get(f"{path}&$recurse=true"))["properties"]["children"]

    assert [(item["type"], item["name"]) for item in flat] == [
        ("Microsoft.Management/managementGroups", "platform"),
        ("/subscriptions", _FIRST),
    ]
    assert "children" not in flat[0]
    assert [item["id"] for item in deep[0]["children"]] == [f"/subscriptions/{_SECOND}"]


async def test_what_makes_no_tree_is_refused(azure: Azure) -> None:
    """A group is below none of its own, and goes only when it is empty."""
    below = {"properties": {"details": {"parent": {"id": f"{_GROUPS}/platform"}}}}
    nowhere = {"properties": {"details": {"parent": {"id": f"{_GROUPS}/nothing"}}}}
    answers = [
        await azure.put(f"{_GROUPS}/contoso", below),
        await azure.put(f"{_GROUPS}/new", nowhere),
        await azure.put(f"{_GROUPS}/contoso/subscriptions/unknown", None),
        await azure.delete(f"{_GROUPS}/contoso"),
        await azure.delete(_ROOT),
        await azure.delete(f"{_GROUPS}/sandbox"),
    ]
    assert [answer.status_code for answer in answers] == [400, 404, 404, 400, 400, 200]


async def test_a_group_that_is_not_there_is_hidden_from_who_has_no_role(
    azure: Azure, guest: Azure
) -> None:
    """A 403, as for one that is (azure-rest-api-specs issue 9549)."""
    paths = [f"{_GROUPS}/nothing", f"{_GROUPS}/contoso"]
    at = "providers/Microsoft.Authorization/permissions"
    assert [(await guest.ask("GET", path)).status_code for path in paths] == [403, 403]
    assert (await guest.ask("GET", f"{_GROUPS}/nothing/{at}")).status_code == 403
    assert [(await azure.ask("GET", path)).status_code for path in paths] == [404, 200]
    assert (await azure.ask("GET", f"{_GROUPS}/nothing/{at}")).status_code == 404


async def test_resource_graph_tells_the_groups_above_a_subscription(azure: Azure) -> None:
    """The nearest first."""
    query = "resourcecontainers | where type == 'microsoft.resources/subscriptions'"
    path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"
    body = {"subscriptions": [_SECOND, _THIRD], "query": f"{query} | project id, properties"}
    rows = (await azure.ask("POST", path, body)).json()["data"]

    chains = {
        row["id"]: [item["name"] for item in row["properties"]["managementGroupAncestorsChain"]]
        for row in rows
    }
    assert chains == {
        f"/subscriptions/{_SECOND}": ["platform", "contoso", _SETTINGS.tenant_id],
        f"/subscriptions/{_THIRD}": [_SETTINGS.tenant_id],
    }


async def test_a_tenant_has_a_root_group_that_holds_everything(clock: ManualClock) -> None:
    """Where nobody said otherwise."""
    world: World = create_app(clock).state.world
    assert holds(world, _ROOT, GROUP)


# --- as an operator writes them ---------------------------------------------------------


def _written(folder: Path, text: str) -> Path:
    file = folder / "groups.yaml"
    file.write_text(text)
    return file


def test_groups_are_read_in_any_order(tmp_path: Path) -> None:
    """A parent may come later."""
    text = f"[{{name: platform, parent: contoso}}, {{name: contoso, subscriptions: [{_FIRST}]}}]"
    platform, contoso = load_management_groups(_written(tmp_path, text), [_FIRST])
    assert (platform.parent, contoso.subscriptions, contoso.registered) == (
        "contoso",
        (_FIRST,),
        True,
    )
    assert load_management_groups(None, []) == ()


_WRONG = [
    ("[{parent: contoso}]", "groups[0].name: Field required"),
    ("[{name: a, subs: []}]", "groups[0].subs: "),
    ("[{name: a}, {name: A}]", "groups[1].name: 'A' is no name, or another's too"),
    ("[{name: a/b}]", "groups[0].name: 'a/b' is no name"),
    ("[{name: a, parent: b}]", "groups[0].parent: 'b' is none of the groups"),
    ("[{name: a, parent: b}, {name: b, parent: a}]", "groups[1].parent: 'a' is none of"),
    ("[{name: a, subscriptions: [x]}]", "groups[0].subscriptions: 'x' is none of the simulator's"),
    (
        f"[{{name: a, subscriptions: [{_FIRST}]}}, {{name: b, subscriptions: [{_FIRST}]}}]",
        f"groups[1].subscriptions: '{_FIRST}' is in another group too",
    ),
]


@pytest.mark.parametrize(("text", "words"), _WRONG)
def test_what_makes_no_sense_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    """All of it at once."""
    with pytest.raises(ValueError, match="groups") as told:
        load_management_groups(_written(tmp_path, text), [_FIRST])
    assert words in str(told.value)
