"""Other network managers, which may keep ours from its scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from azure_api import calls
from azure_api.client import Azure
from azure_api.retrying import retried
from topology.kind import same_id
from topology.planning.plan import Create, Plan

_SCOPES = "networkManagerScopes"  # only managers have them


async def other_managers(azure: Azure, plan: Plan) -> list[str]:
    """Return what keeps a new manager from its scope.

    Two managers may not share a scope of one level for one feature (facts.md section 1). A
    manager of another subscription that has this one in its scope is not seen.
    """
    made = [
        step.resource
        for step in plan.work
        if isinstance(step, Create) and _SCOPES in (step.resource.body.get("properties") or {})
    ]
    if not made:
        return []
    list_all = azure.client("network", plan.subscription).network_managers.list_by_subscription
    about = f"/subscriptions/{plan.subscription}"
    found = await retried(lambda: calls.list_all(list_all, about=about), azure.settings)
    return [
        f"network manager {other['id']} has {scope} in its scope for {', '.join(features)} "
        "already, and Azure takes one; use a subscription of its own, or take that one's scope "
        "or features away"
        for resource in made
        for other in found
        for scope, features in _shared(resource.body["properties"], other["properties"])
    ]


def _shared(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    features = set(ours["networkManagerScopeAccesses"]) & set(
        theirs.get("networkManagerScopeAccesses") or ()
    )
    scopes = {same_id(scope) for scope in theirs[_SCOPES].get("subscriptions") or ()}
    for scope in ours[_SCOPES]["subscriptions"]:
        if features and same_id(scope) in scopes:
            yield scope, sorted(features)
