"""The management group that is a network manager's scope: that it is there, and holds all.

Whether Microsoft.Network is registered at it nobody can ask: Azure has no question for that
(azure-rest-api-specs issue 22041). It refuses the manager then, and the error says what to do.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.ids import parse
from azure_api.permissions import lacking_actions
from azure_api.resource_graph import rows
from azure_api.waiting import together
from topology.kind import Kind, at
from topology.planning.plan import Change, Create, Delete, Plan, Replace, Step

_SCOPES = "properties.networkManagerScopes"  # only managers have them
_GROUPS = f"{_SCOPES}.managementGroups"
_QUERY = (
    "resourcecontainers | where type == 'microsoft.resources/subscriptions' "
    "| project subscriptionId, properties"
)
_CHAIN = "properties.managementGroupAncestorsChain"


async def lacking_groups(azure: Azure, plan: Plan, kinds: Mapping[str, Kind]) -> list[str]:
    """Return what keeps a manager from reaching all networks of a plan by its management group.

    A network outside of the scope silently gets nothing (facts.md section 1), so all
    subscriptions count in which networks stand or policies choose some, also where the manager
    stays as it is. Raises Passing or Final.
    """
    found = await together(
        _lacking(azure, plan, kinds, step, group)
        for step in plan.steps
        if not isinstance(step, Delete)
        for group in at(step.resource.body, _GROUPS) or ()
    )
    return list(itertools.chain(*found))


async def _lacking(
    azure: Azure, plan: Plan, kinds: Mapping[str, Kind], step: Step, group: str
) -> list[str]:
    lines = []
    if _sets_scope(step):
        try:
            lines = await _rights(azure, plan, kinds[step.resource.kind], group)
        except Final as error:
            # One that is not there is hidden by a 403 (azure-rest-api-specs issue 9549).
            if error.status in {403, 404}:
                return [_not_there(group)]
            raise
    return [*lines, *await _not_held(azure, _reached(plan, kinds), group)]


def _sets_scope(step: Step) -> bool:
    if isinstance(step, Change):
        return any(item.path.startswith(_SCOPES) for item in step.fields)
    return isinstance(step, Create | Replace)


async def _rights(azure: Azure, plan: Plan, kind: Kind, group: str) -> list[str]:
    """Return what the identity may not do at the group.

    Which right Azure wants there no source says: that it is the one to write a manager is an
    assumption. Network Contributor has all.
    """
    needed = [f"{kind.arm_type}/write"]
    lacking = await lacking_actions(azure, plan.subscriptions[0], group, needed)
    return [
        f"management group {_name(group)}: the identity may not {action} at it, which a network "
        f"manager needs to have it for its scope; run {_give_a_role(group)}"
        for action in lacking
    ]


def _not_there(group: str) -> str:
    name = _name(group)
    return (
        f"management group {name}: it is not there, or the identity has no role at it; run "
        f"`az account management-group create --name {name}`, or {_give_a_role(group)}"
    )


def _give_a_role(group: str) -> str:
    return (
        f'`az role assignment create --role "Network Contributor" --scope {group} --assignee ID` '
        "with the identity's, and wait some minutes"
    )


async def _not_held(azure: Azure, subscriptions: list[str], group: str) -> list[str]:
    """Return the subscriptions that do not lie in a group, at whatever depth, with the way out."""
    name = _name(group)
    above = {
        row["subscriptionId"].lower(): {item["name"].lower() for item in at(row, _CHAIN) or ()}
        for row in await rows(azure, subscriptions, _QUERY)
    }
    return [
        f"management group {name}: subscription {item} is not in it, so the network manager would "
        "reach none of its networks; run `az account management-group subscription add "
        f"--name {name} --subscription {item}` and wait some minutes, or leave "
        "`management_group` out of the topology"
        for item in subscriptions
        if name.lower() not in above.get(item, set())
    ]


def _reached(plan: Plan, kinds: Mapping[str, Kind]) -> list[str]:
    """Return the subscriptions with networks that a plan leaves, or in which it chooses some."""
    staying = (step.resource for step in plan.steps if not isinstance(step, Delete))
    chosen = (
        parse(item.id).subscription.lower()
        for item in staying
        if kinds[item.kind].can_join or kinds[item.kind].fills_groups
    )
    return sorted({*chosen})


def _name(group: str) -> str:
    return group.rsplit("/", 1)[-1]
