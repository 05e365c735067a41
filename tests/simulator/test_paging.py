"""Long lists: pages, and what their next links promise."""

from typing import Any

import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.clock import ManualClock
from simulator.settings import Settings
from tests.simulator.azure import GROUP, NETWORK, SUBSCRIPTION, Azure, code_of

_TABLES = f"{NETWORK}/routeTables"
_TABLE = {"location": "westeurope"}


@pytest.fixture
def app(clock: ManualClock) -> Starlette:
    """Return a simulator whose pages hold two."""
    return create_app(clock, settings=Settings(page_size=2))


async def _tables(azure: Azure, *names: str) -> None:
    for name in names:
        await azure.made(f"{_TABLES}/{name}", _TABLE)


def _names(body: Any) -> list[str]:
    return [item["name"] for item in body["value"]]


async def test_a_list_that_fits_on_a_page_has_no_next_link(azure: Azure) -> None:
    """A short list is a plain value."""
    await _tables(azure, "a", "b")
    assert set(await azure.get(_TABLES)) == {"value"}


async def test_following_next_links_shows_each_once(azure: Azure) -> None:
    """All pages together are the list."""
    await _tables(azure, "a", "b", "c", "d", "e")
    found, body = [], await azure.get(_TABLES)
    while "nextLink" in body:
        found += _names(body)
        body = await azure.get(body["nextLink"])
    assert found + _names(body) == ["a", "b", "c", "d", "e"]


async def test_what_goes_between_two_pages_hides_nothing(azure: Azure) -> None:
    """A token is a place in the order of creation, not a count."""
    await _tables(azure, "a", "b", "c", "d")
    first = await azure.get(_TABLES)
    await azure.gone(f"{_TABLES}/a")
    await azure.gone(f"{_TABLES}/b")
    assert _names(await azure.get(first["nextLink"])) == ["c", "d"]


@pytest.mark.parametrize("path", [f"{SUBSCRIPTION}/resourcegroups", _TABLES])
async def test_a_next_link_keeps_the_path_and_the_version(azure: Azure, path: str) -> None:
    """The next page is asked for as the first was."""
    for name in ("a", "b", "c"):
        await azure.put(f"{GROUP}-{name}", _TABLE)
    await _tables(azure, "a", "b", "c")
    link = (await azure.get(path))["nextLink"]
    assert link.startswith(f"https://localhost{path}?api-version=2026-03-01&$skiptoken=")


async def test_private_zones_come_in_pages_of_top(azure: Azure) -> None:
    """Private DNS knows $top, by its swagger."""
    for name in ("a.example", "b.example"):
        await azure.made(f"privateDnsZones/{name}", {"location": "global"})
    assert _names(await azure.get("privateDnsZones?$top=1")) == ["a.example"]


async def test_network_lists_do_not_know_top(azure: Azure) -> None:
    """The network lists of the swagger have no $top."""
    await _tables(azure, "a", "b")
    assert _names(await azure.get(f"{_TABLES}?$top=1")) == ["a", "b"]


async def test_a_token_that_nobody_gave_is_refused(azure: Azure) -> None:
    """A page that nobody offered is an error."""
    assert code_of(await azure.ask("GET", f"{_TABLES}?$skiptoken=mine")) == "InvalidParameter"
