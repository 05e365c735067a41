"""Resource Graph tells who is in which network group, in the one form that is known."""

from typing import Any

import httpx
import pytest

from tests.simulator.azure import Azure
from tests.simulator.manager import a_group, a_member, group_id
from tests.simulator.policy import assign, definition_id
from tests.simulator.test_dynamic_membership import (
    A_FEW_MINUTES,
    TAGGED,
    a_policy_group,
    a_spoke,
)

PATH = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"
TABLE = "networkresources | where type == 'microsoft.network/networkgroupmemberships'"


async def _asked(azure: Azure, query: str = TABLE, **options: Any) -> httpx.Response:
    body = {"subscriptions": [], "query": query, "options": options}
    return await azure.ask("POST", PATH, body)


async def test_a_network_has_a_row_with_all_its_groups(azure: Azure) -> None:
    """Whatever put it there."""
    network = await a_spoke(azure, "v", tags=TAGGED)
    await a_policy_group(azure)
    await a_group(azure, "more")
    await a_member(azure, "more", network)
    await assign(azure, definition_id("d"))
    azure.clock.advance(A_FEW_MINUTES)

    [row] = (await _asked(azure)).json()["data"]

    groups = {item["NetworkGroupId"] for item in row["properties"]["GroupMemberships"]}
    assert row["id"].startswith(f"{network}/providers/Microsoft.Network/networkGroupMemberships")
    assert groups == {group_id("prod"), group_id("more")}


async def test_rows_come_in_pages_and_columns_that_were_asked_for(azure: Azure) -> None:
    """The token of a page leads to the next."""
    await a_group(azure, "prod")
    for number, name in enumerate("vw"):
        await a_member(azure, "prod", await a_spoke(azure, name, number))
    azure.clock.advance(A_FEW_MINUTES)
    query = f"{TABLE} | project id"

    first = (await _asked(azure, query, **{"$top": 1})).json()
    second = (await _asked(azure, query, **{"$top": 1, "$skipToken": first["$skipToken"]})).json()

    names = [row["id"].split("/")[8] for page in (first, second) for row in page["data"]]
    assert (names, first["totalRecords"], "$skipToken" in second) == (["v", "w"], 2, False)
    assert set(first["data"][0]) == {"id"}


@pytest.mark.parametrize(
    "body",
    [
        {"options": ["$top"]},
        {"options": {"$top": 0}},
        {"options": {"$top": "many"}},
        {"options": {"$skipToken": "-1"}},
        {"options": {"$skipToken": ["1"]}},
        {"subscriptions": "all"},
    ],
)
async def test_a_body_of_the_wrong_form_is_refused(azure: Azure, body: dict[str, Any]) -> None:
    """No body makes the simulator fail."""
    response = await azure.ask("POST", PATH, {"query": TABLE, **body})

    assert (response.status_code, response.json()["error"]["code"]) == (400, "BadRequest")


@pytest.mark.parametrize("query", ["", "resources", f"{TABLE} | summarize count()"])
async def test_another_query_is_refused_in_so_many_words(azure: Azure, query: str) -> None:
    """Never a silent nothing."""
    response = await _asked(azure, query)

    assert response.status_code == 400
    assert "The simulator answers these queries" in response.json()["error"]["message"]


async def test_fifteen_queries_in_five_seconds_are_answered(azure: Azure) -> None:
    """Each answer tells how many are left, and the refusal when there are more."""
    answers = [await _asked(azure) for _ in range(16)]
    azure.clock.advance(5)
    later = await _asked(azure)

    left = [answer.headers["x-ms-user-quota-remaining"] for answer in answers]
    refused = answers[-1].json()["error"]
    assert left == [*map(str, range(14, -1, -1)), "0"]
    assert answers[-1].headers["x-ms-user-quota-resets-after"] == "00:00:05"
    assert (answers[-1].status_code, refused["code"]) == (429, "RateLimiting")
    assert later.status_code == 200
