"""Resources that extend others, by a type made up for this: notes that anything may carry."""

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.arm.provider import Provider
from simulator.clock import ManualClock
from simulator.providers import PROVIDERS
from tests.simulator.azure import (
    GROUP,
    MANAGEMENT_GROUP,
    NETWORK,
    SUBSCRIPTION,
    WITH_GROUP,
    Azure,
    a_network,
    code_of,
)

NOTES = "providers/Test.Notes/notes"


class Notes(Provider):
    """Notes, at every place but the tenant."""

    type = "Test.Notes/notes"
    locations = "none"
    scopes = frozenset({"managementGroup", "subscription", "resourceGroup", "resource"})


@pytest.fixture
def app(clock: ManualClock) -> Starlette:
    """Return a simulator with notes."""
    return create_app(clock, settings=WITH_GROUP, providers=(*PROVIDERS, Notes()))


async def note(azure: Azure, scope: str, name: str = "n") -> httpx.Response:
    """Put a note somewhere."""
    return await azure.put(f"{scope}/{NOTES}/{name}", {"properties": {}})


async def names_at(azure: Azure, scope: str) -> list[str]:
    """Return the names of the notes that a list shows."""
    return [item["name"] for item in (await azure.get(f"{scope}/{NOTES}"))["value"]]


@pytest.mark.parametrize("scope", [MANAGEMENT_GROUP, SUBSCRIPTION, GROUP])
async def test_an_extension_is_kept_at_its_scope(azure: Azure, scope: str) -> None:
    """Its id begins with the scope."""
    assert (await note(azure, scope)).status_code == 201
    assert (await azure.get(f"{scope}/{NOTES}/n"))["id"] == f"{scope}/{NOTES}/n"
    assert await names_at(azure, scope) == ["n"]


async def test_a_scope_lists_what_is_below_it(azure: Azure) -> None:
    """But not what is above."""
    await azure.made("virtualNetworks/v", a_network())
    network = f"{NETWORK}/virtualNetworks/v"
    for scope, name in ((SUBSCRIPTION, "s"), (GROUP, "g"), (network, "v")):
        await note(azure, scope, name)
    found = [await names_at(azure, scope) for scope in (SUBSCRIPTION, GROUP, network)]
    assert found == [["s", "g", "v"], ["g", "v"], ["v"]]


async def test_a_type_is_refused_where_it_has_no_place(azure: Azure) -> None:
    """Networks are no extensions, and notes do not lie at the tenant."""
    network = await azure.put(
        f"{MANAGEMENT_GROUP}/providers/Microsoft.Network/virtualNetworks/v", {}
    )
    assert (network.status_code, code_of(network)) == (404, "InvalidResourceType")
    assert code_of(await note(azure, "")) == "InvalidResourceType"


async def test_what_is_extended_must_exist(azure: Azure) -> None:
    """The errors are those of a child without its parent."""
    missing = f"{NETWORK}/virtualNetworks/v"
    assert code_of(await note(azure, missing)) == "ParentResourceNotFound"
    assert code_of(await azure.ask("GET", f"{missing}/{NOTES}/n")) == "ResourceNotFound"
    assert code_of(await note(azure, GROUP + "x")) == "ResourceGroupNotFound"


async def test_an_extension_goes_with_what_it_extends(azure: Azure) -> None:
    """Also when that is a child of what is deleted."""
    await azure.made("virtualNetworks/v", a_network(a="10.0.0.0/24"))
    network = f"{NETWORK}/virtualNetworks/v"
    await note(azure, network, "of-network")
    await note(azure, f"{network}/subnets/a", "of-subnet")
    azure.clock.advance(60)
    await azure.gone("virtualNetworks/v")
    assert await names_at(azure, SUBSCRIPTION) == []


async def test_lists_of_resources_show_no_extensions(azure: Azure) -> None:
    """Nor does anything count them as children."""
    await note(azure, GROUP)
    assert (await azure.get(f"{GROUP}/resources"))["value"] == []
