"""What others have made or taken over since the plan: no step writes over it or deletes it."""

from __future__ import annotations

from typing import Any

import pytest

from azure_api.apply import apply_step
from azure_api.applying import Applying
from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.read import read_one
from tests.azure_api.bodies import (
    GROUP,
    GROUP_ID,
    OURS,
    PEERING,
    VNET,
    a_group,
    a_vnet,
    put,
    vnet_body,
    vnet_id,
)
from tests.azure_api.in_process import AsgiTransport
from topology.kind import Kind, Resource, Stage, same_id
from topology.ownership import our_description
from topology.planning.plan import Change, Create, Delete, FieldChange, Replace, Step
from topology.resources import KIND_BY_NAME, KINDS

THEIRS = {"owner": "theirs"}
TABLE_ID = f"{GROUP_ID}/providers/Microsoft.Network/routeTables/rt-globo"
MANAGER_ID = f"{GROUP_ID}/providers/Microsoft.Network/networkManagers/avnm-globo"
NETWORK_GROUP_ID = f"{MANAGER_ID}/networkGroups/hubs"
TAGS = (FieldChange("tags.region", None, "westeurope"),)
VNET_OURS = Resource("virtual-network", vnet_id(), "westeurope", Stage.HUB, vnet_body())


@pytest.fixture
def applying(azure: Azure) -> Applying:
    """Give what the steps of a run share."""
    return Applying.of(azure, KINDS, "globo")


async def _content(azure: Azure, kind: Kind, resource_id: str) -> Any:
    """Return what stands at an id: AVNM gives its parts another etag of itself."""
    found = await read_one(azure, kind, resource_id)
    assert found is not None
    return found.get("tags"), found["properties"]


async def _refused(applying: Applying, kind: Kind, step: Step) -> Final:
    """Do a step that must be refused and change nothing; return the error."""
    whole = step.resource.id.split("#")[0]
    before = await _content(applying.azure, kind, whole)
    with pytest.raises(Final) as raised:
        await apply_step(applying, step)
    assert await _content(applying.azure, kind, whole) == before
    return raised.value


@pytest.mark.parametrize(
    "step",
    [
        Create(VNET_OURS),
        Change(VNET_OURS, ()),
        Change(VNET_OURS, TAGS),
        Replace(VNET_OURS, ()),
        Delete(VNET_OURS),
    ],
    ids=["create", "change", "change of tags", "replace", "delete"],
)
async def test_what_has_no_tags_of_ours_any_more_stays_as_it_is(
    applying: Applying, step: Step
) -> None:
    """The error names it, what stands there and the way out."""
    await a_group(applying.azure)
    await put(applying.azure, VNET, vnet_id(), vnet_body() | {"tags": THEIRS})

    error = await _refused(applying, VNET, step)

    assert (error.resource_id, error.code) == (vnet_id(), "NotOurs")
    assert "owner=theirs" in error.message
    assert "run again" in error.next_step or "orrery adopt" in error.next_step


async def test_group_that_others_have_made_where_ours_should_be_stays_as_it_is(
    applying: Applying,
) -> None:
    """What goes into it is not written either: it needs the group."""
    await a_group(applying.azure, **THEIRS)
    body = {"location": "westeurope", "tags": OURS}
    step = Create(Resource("resource-group", GROUP_ID, "westeurope", Stage.HUB, body))
    assert (await _refused(applying, GROUP, step)).code == "NotOurs"
    assert applying.owners.refused == {same_id(GROUP_ID)}


@pytest.mark.parametrize("step", [Create, Delete])
async def test_part_of_what_is_not_ours_is_neither_written_nor_taken_out(
    applying: Applying, step: type[Create | Delete]
) -> None:
    """Routes to other regions stand in a table that others may have taken over."""
    await a_group(applying.azure)
    body: dict[str, Any] = {"location": "westeurope", "tags": THEIRS}
    await put(applying.azure, KIND_BY_NAME["route-table"], TABLE_ID, body)
    route = {"addressPrefix": "10.1.0.0/16", "nextHopType": "None"}
    routes = {"properties": {"routes": [{"name": "to-eastus", "properties": route}]}}
    part = Resource("remote-routes", f"{TABLE_ID}#remote-routes", None, Stage.ROUTES, routes)
    assert (await _refused(applying, KIND_BY_NAME["route-table"], step(part))).code == "NotOurs"


async def test_what_is_described_as_of_others_stays_as_it_is(applying: Applying) -> None:
    """AVNM's parts have no tags: their description says whose they are."""
    kind = KIND_BY_NAME["network-group"]
    await _a_network_group(applying.azure, "of the other team")
    body = {"properties": {"description": our_description("globo")}}
    step = Change(Resource(kind.name, NETWORK_GROUP_ID, None, Stage.GLOBAL, body), ())
    assert "of the other team" in (await _refused(applying, kind, step)).message


async def _a_network_group(azure: Azure, description: str) -> None:
    subscription = "/".join(GROUP_ID.split("/")[:3])
    await a_group(azure)
    body = {
        "location": "westeurope",
        "tags": OURS,
        "properties": {
            "networkManagerScopes": {"subscriptions": [subscription]},
            "networkManagerScopeAccesses": ["Connectivity"],
        },
    }
    await put(azure, KIND_BY_NAME["network-manager"], MANAGER_ID, body)
    group = {"properties": {"description": description, "memberType": "VirtualNetwork"}}
    await put(azure, KIND_BY_NAME["network-group"], NETWORK_GROUP_ID, group)


# -- what is owned by its name -----------------------------------------------------------


async def _peered(azure: Azure, name: str, tags: dict[str, str] = OURS) -> Resource:
    """Peer a network with these tags with another one; return the peering."""
    await a_group(azure)
    await a_vnet(azure, "vnet-b", addressSpace={"addressPrefixes": ["10.1.0.0/16"]})
    await put(azure, VNET, vnet_id(), vnet_body() | {"tags": tags})
    body = {"properties": {"remoteVirtualNetwork": {"id": vnet_id("vnet-b")}}}
    peering = Resource(
        "peering", f"{vnet_id()}/virtualNetworkPeerings/{name}", None, Stage.SPOKE, body
    )
    await put(azure, PEERING, peering.id, body)
    return peering


async def test_what_has_our_name_goes_where_its_parent_is_ours(applying: Applying) -> None:
    """A peering has neither tags nor a description."""
    peering = await _peered(applying.azure, "peer-globo-a")
    await apply_step(applying, Delete(peering))
    assert await read_one(applying.azure, PEERING, peering.id) is None


async def test_what_has_our_name_stays_where_its_parent_is_ours_no_more(
    applying: Applying,
) -> None:
    """Our name under what others hold is theirs, as the planner sees it."""
    peering = await _peered(applying.azure, "peer-globo-a", THEIRS)
    assert (await _refused(applying, PEERING, Delete(peering))).code == "NotOurs"


async def test_what_has_a_name_of_its_own_is_ours_by_what_it_joins(applying: Applying) -> None:
    """The topology may name peerings: one between a hub and a spoke of ours is ours."""
    tags = {**OURS, "region": "westeurope", "environment": "prod"}
    peering = await _peered(applying.azure, "to-hub", tags)
    both = vnet_body("10.1.0.0/16") | {"tags": {**OURS, "region": "westeurope"}}
    await put(applying.azure, VNET, vnet_id("vnet-b"), both)
    await apply_step(applying, Delete(peering))
    assert await read_one(applying.azure, PEERING, peering.id) is None


async def test_parent_is_read_once_a_run(applying: Applying, transport: AsgiTransport) -> None:
    """A hub has as many peerings as spokes."""
    first = await _peered(applying.azure, "peer-globo-a")
    before = transport.paths("GET").count(vnet_id())
    for _ in range(3):
        await apply_step(applying, Change(first, ()))
    assert transport.paths("GET").count(vnet_id()) - before == 1


# -- what may be written though it is not ours -------------------------------------------


async def test_adoption_marks_what_is_not_ours(applying: Applying) -> None:
    """That is what it is for; the tags of others stay."""
    await a_group(applying.azure)
    await put(applying.azure, VNET, vnet_id(), vnet_body() | {"tags": THEIRS})
    marks = Resource("virtual-network", vnet_id(), "westeurope", Stage.HUB, {"tags": OURS})
    fields = tuple(FieldChange(f"tags.{key}", None, value) for key, value in OURS.items())
    await apply_step(applying, Change(marks, fields, takes_over=True))
    found = await read_one(applying.azure, VNET, vnet_id())
    assert found is not None
    assert found["tags"] == {**THEIRS, **OURS}
