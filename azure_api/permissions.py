"""What our identity may do at a scope, as Azure says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from azure_api import calls
from azure_api.client import Azure
from azure_api.retrying import retried

_PATH = "providers/Microsoft.Authorization/permissions"
_VERSION = "2022-04-01"


async def lacking_actions(
    azure: Azure, subscription: str, scope: str, actions: Iterable[str]
) -> list[str]:
    """Return those of these actions that the identity has not been given at a scope, sorted.

    What it may do only further down is not seen. The subscription is whose client asks.
    Raises Passing, or Final where there is no such scope, or the identity has nothing there.
    """
    ask = partial(calls.ask, azure, subscription, f"{scope}/{_PATH}", _VERSION)
    granted = (await retried(ask, azure)).get("value") or []
    return [action for action in sorted(actions) if not _allows(granted, action)]


def _allows(granted: Iterable[Mapping[str, Any]], action: str) -> bool:
    """Say whether some role gives an action that the same role does not take away."""
    return any(
        _matches(role.get("actions"), action) and not _matches(role.get("notActions"), action)
        for role in granted
    )


def _matches(patterns: Iterable[str] | None, action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns or ())
