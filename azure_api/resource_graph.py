"""Azure Resource Graph: what Azure knows of many subscriptions, asked in one query."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from azure_api import calls
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.retrying import retried

_PATH = "/providers/Microsoft.ResourceGraph/resources"
_VERSION = "2024-04-01"
_PAGE = 1000  # the most that Resource Graph returns at a time


async def rows(
    azure: Azure, subscriptions: Sequence[str], query: str, page: int = _PAGE
) -> list[Json]:
    """Return all rows of a query about these subscriptions.

    `page` is how many are asked for at a time. What the identity may not read is left out.
    Raises Passing or Final.
    """
    found: list[Json] = []
    options: dict[str, Any] = {"$top": page, "resultFormat": "objectArray"}
    while True:
        asked = {"subscriptions": list(subscriptions), "query": query, "options": dict(options)}
        ask = partial(calls.ask, azure, subscriptions[0], _PATH, _VERSION, asked)
        answer = await retried(ask, azure)
        found += answer.get("data") or []
        # A page that is not the last brings a token.
        if not answer.get("$skipToken"):
            return found
        options["$skipToken"] = answer["$skipToken"]
