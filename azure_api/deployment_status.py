"""What AVNM was told, how far it is, and what is active: the lists of a manager by regions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from azure_api.calls import Json, is_absent, raw
from azure_api.client import Azure
from azure_api.errors import from_sdk
from azure_api.ids import parse
from azure_api.retrying import retried
from topology.planning.actual import GoalState

COMMIT_TYPES = ("Connectivity", "SecurityAdmin", "Routing")
_ACTIVE = ("list_active_connectivity_configurations", "list_active_security_admin_rules")


async def read_goal_states(
    azure: Azure,
    manager_id: str,
    regions: Sequence[str] = (),
    commit_types: Sequence[str] = COMMIT_TYPES,
) -> tuple[GoalState, ...]:
    """Return the goal states of a manager, for all regions unless some are named.

    Empty where nothing was ever deployed, where the manager is gone, and for a while
    after a commit (facts.md section 2). Raises Passing or Final.
    """
    operations = azure.client_of("network", manager_id).network_manager_deployment_status
    query = {"deploymentTypes": list(commit_types), **_of(regions)}
    entries = await _all_pages(operations.list, azure, manager_id, query)
    return tuple(_state(entry) for entry in entries)


async def read_active(azure: Azure, manager_id: str, regions: Iterable[str]) -> list[Json]:
    """Return what is active of a manager in some regions: configurations, and admin rules.

    Raises Passing or Final.
    """
    client = azure.client_of("network", manager_id)
    lists = [
        await _all_pages(getattr(client, name), azure, manager_id, _of(regions)) for name in _ACTIVE
    ]
    return [item for items in lists for item in items]


def _of(regions: Iterable[str]) -> dict[str, Any]:
    return {"regions": named} if (named := list(regions)) else {}


async def _all_pages(method: Any, azure: Azure, manager_id: str, query: Json) -> list[Json]:
    """Return all entries; a page's skipToken is "" on the last (recordings.md section 6)."""
    entries, asked = list[Json](), dict(query)
    while True:
        page = await retried(lambda: _page(method, manager_id, dict(asked)), azure)
        entries += page.get("value") or []
        asked["skipToken"] = page.get("skipToken") or ""
        if not asked["skipToken"]:
            return entries


async def _page(method: Any, manager_id: str, query: Json) -> Json:
    try:
        page = await method(
            *parse(manager_id).path_arguments,
            query,
            cls=raw,
        )
    except Exception as error:
        if is_absent(error):
            return {}
        raise from_sdk(error, manager_id) from error
    return dict(page)


def _state(entry: dict[str, Any]) -> GoalState:
    return GoalState(
        region=entry.get("region", ""),
        commit_type=entry.get("deploymentType", ""),
        configuration_ids=tuple(entry.get("configurationIds") or ()),
        status=entry.get("deploymentStatus", ""),
        commit_time=entry.get("commitTime") or "",
        error=entry.get("errorMessage") or "",
    )
