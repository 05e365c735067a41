"""Other network managers, which may keep ours from its scope."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from azure_api import calls
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.ids import whole_id
from azure_api.retrying import retried
from topology.kind import same_id
from topology.planning.plan import Change, Create, Plan, Replace

_SCOPES = "networkManagerScopes"  # only managers have them


async def other_managers(azure: Azure, plan: Plan) -> list[str]:
    """Return what keeps a manager from its scope.

    Two managers may not share a scope of one level for one feature (facts.md section 1). A
    manager in a subscription that is none of this plan's is not seen.
    """
    wanted = [
        step.resource
        for step in plan.work
        if isinstance(step, Create | Change | Replace)
        and _SCOPES in (step.resource.body.get("properties") or {})
    ]
    if not wanted:
        return []
    lists = [await _managers(azure, subscription) for subscription in plan.subscriptions]
    return [
        f"network manager {other['id']} has {scope} in its scope for {', '.join(features)} "
        "already, and Azure takes one; use a subscription of its own, or take that one's scope "
        "or features away"
        for resource in wanted
        for other in itertools.chain(*lists)
        if same_id(other["id"]) != same_id(whole_id(resource.id))
        for scope, features in _shared(resource.body["properties"], other["properties"])
    ]


async def _managers(azure: Azure, subscription: str) -> list[Json]:
    list_all = azure.client("network", subscription).network_managers.list_by_subscription
    about = f"/subscriptions/{subscription}"
    return await retried(lambda: calls.list_all(list_all, about=about), azure)


def _shared(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    features = set(ours["networkManagerScopeAccesses"]) & set(
        theirs.get("networkManagerScopeAccesses") or ()
    )
    for level, scopes in ours[_SCOPES].items():
        taken = {same_id(scope) for scope in theirs[_SCOPES].get(level) or ()}
        for scope in scopes:
            if features and same_id(scope) in taken:
                yield scope, sorted(features)
