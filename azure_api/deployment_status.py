"""What AVNM was told, and how far it is: the list of deployment statuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from azure_api.calls import is_absent
from azure_api.client import Azure
from azure_api.errors import from_sdk
from azure_api.ids import parse
from azure_api.retrying import retried
from topology.planning.actual import GoalState

COMMIT_TYPES = ("Connectivity", "SecurityAdmin", "Routing")


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
    query: dict[str, Any] = {"deploymentTypes": list(commit_types)}
    if regions:
        query["regions"] = list(regions)
    states: list[GoalState] = []
    while True:
        page = await retried(lambda: _page(azure, manager_id, dict(query)), azure)
        states += [_state(entry) for entry in page.get("value") or []]
        query["skipToken"] = page.get("skipToken") or ""
        if not query["skipToken"]:
            return tuple(states)


async def _page(azure: Azure, manager_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """Return one page; its skipToken is "" on the last (recordings.md section 6)."""
    operations = azure.client_of("network", manager_id).network_manager_deployment_status
    try:
        page = await operations.list(
            *parse(manager_id).path_arguments,
            query,
            cls=lambda response, _model, _headers: response.http_response.json(),
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
