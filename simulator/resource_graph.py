"""Azure Resource Graph: who is in which network group, and which management groups are above.

It is where Azure records memberships of every source ("View configurations applied by Azure
Virtual Network Manager"), and what lies above a subscription. Of the query language one form is
known: a table, one type, and a projection; any other query is refused in so many words. Resource
Graph lags behind what it tells of; by how much beyond the lag of membership is not known, so it
does not.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator import subscriptions
from simulator.access.assignments import may
from simulator.access.guard import may_see
from simulator.arm.call import Call, Reply
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource
from simulator.arm.throttling import quota
from simulator.arm.world import World
from simulator.avnm.membership import is_static, members
from simulator.avnm.types import GROUP
from simulator.hierarchy import groups_above

_KIND = "Microsoft.ResourceGraph/resources"
_EVERY = 5.0  # seconds: that each query tells a whole window is left is `assumed`
_QUERY = re.compile(
    r"\s*(?P<table>\w+)\s*"
    r"\|\s*where\s+type\s*(==|=~)\s*['\"](?P<type>[\w./]+)['\"]\s*"
    r"(\|\s*project\s+(?P<columns>\w+(\s*,\s*\w+)*)\s*)?",
    re.IGNORECASE,
)
_MOST = 1000  # rows of a page, unless $top asks for fewer (documentation of paging)

Rows = list[dict[str, Any]]


def answer(call: Call) -> Reply | None:
    """Return the answer to a query, or None to another call."""
    if call.id.type.lower() != _KIND.lower() or call.method != "POST":
        return None
    headers = _counted(call)
    found = _QUERY.fullmatch(str(call.body.get("query") or ""))
    told = _TABLES.get((found["table"].lower(), found["type"].lower())) if found else None
    if found is None or told is None:
        known = " or ".join(f"{table} | where type =~ '{kind}'" for table, kind in _TABLES)
        raise _refused(f"The simulator answers these queries: {known} | project id, properties")
    columns = re.split(r"\s*,\s*", found["columns"]) if found["columns"] else None
    rows = [_projected(row, columns) for row in told(call)]
    options = call.body.get("options") or {}
    if not isinstance(options, dict):
        raise _refused("options must be an object.")
    return Reply(200, _page(rows, options), headers)


def _counted(call: Call) -> dict[str, str]:
    """Count a query of its sender's, and return the headers of the quota."""
    who = call.sender.object_id if call.sender else ""
    left = call.world.throttling.admit_call("query", _KIND, {"principal": who})
    return quota(left, _EVERY)


def _page(rows: list[dict[str, Any]], options: dict[str, Any]) -> dict[str, Any]:
    """Return a page; what a token means is `assumed`: how many came before."""
    start = _number(options, "$skipToken", 0, len(rows))
    size = _number(options, "$top", 1, _MOST) or _MOST
    shown = rows[start : start + size]
    more = {"$skipToken": str(start + size)} if len(rows) > start + size else {}
    return {
        "totalRecords": len(rows),
        "count": len(shown),
        "data": shown,
        "facets": [],
        "resultTruncated": "false",
        **more,
    }


def _number(options: dict[str, Any], name: str, least: int, most: int) -> int:
    """Return a number among the options, 0 where it is not given; its bounds are checked."""
    given = options.get(name)
    if given is None:
        return 0
    if not str(given).isdecimal() or not least <= int(given) <= most:
        raise _refused(f"{name} is {given!r}; it must be a number from {least} to {most}.")
    return int(given)


def _refused(text: str) -> ArmError:
    """Return a refusal; its code is `assumed`."""
    return ArmError(400, "BadRequest", text)


def _asked(call: Call) -> set[str]:
    """Return the subscriptions that a query is about, in lower case; none means all."""
    given = call.body.get("subscriptions") or []
    if not isinstance(given, list):
        raise _refused("subscriptions must be a list.")
    return {str(item).lower() for item in given}


# --- networkresources -------------------------------------------------------------------


def _memberships(call: Call) -> Rows:
    """Return a row a network that the sender may read and the query's subscriptions hold."""
    world, asked = call.world, _asked(call)
    found: dict[str, tuple[Resource, Rows]] = {}
    for group in world.store.of_type(GROUP):
        for item in members(world, group.key):
            found.setdefault(item.key, (item, []))[1].append(_entry(world, group, item))
    return [
        _row(item, entries)
        for item, entries in found.values()
        if (not asked or item.id.subscription.lower() in asked) and _may_read(call, item)
    ]


def _entry(world: World, group: Resource, item: Resource) -> dict[str, Any]:
    """Return one membership; beside NetworkGroupId, which is documented, it is `assumed`."""
    kind = "Static" if is_static(world, group.key, item) else "Dynamic"
    return {"NetworkGroupId": group.id.text, "SourceType": kind}


def _row(item: Resource, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"{item.id.text}/providers/Microsoft.Network/networkGroupMemberships/default",
        "name": "default",
        "type": "microsoft.network/networkgroupmemberships",
        "subscriptionId": item.id.subscription,
        "resourceGroup": (item.id.group or "").lower(),
        "properties": {"GroupMemberships": entries},
    }


def _projected(row: dict[str, Any], columns: list[str] | None) -> dict[str, Any]:
    return row if columns is None else {name: row.get(name) for name in columns}


def _may_read(call: Call, item: Resource) -> bool:
    return call.sender is None or may(call.world, call.sender, f"{item.type}/read", item.key)


# --- resourcecontainers -----------------------------------------------------------------


def _subscriptions(call: Call) -> Rows:
    """Return a row a subscription that is asked for and that the sender may see."""
    asked = _asked(call)
    return [
        _subscription(call.world, item)
        for item in call.world.settings.subscription_ids
        if not asked or item.lower() in asked
        if call.sender is None or may_see(call.world, call.sender, item)
    ]


def _subscription(world: World, subscription: str) -> dict[str, Any]:
    """Return a row; the chain of groups begins with the nearest (seen in public queries of it)."""
    above = groups_above(world, f"/subscriptions/{subscription}")
    described = subscriptions.describe(world.settings, subscription)
    chain = [
        {"name": group.name, "displayName": group.properties["displayName"]} for group in above
    ]
    return {
        "id": described["id"],
        "name": described["displayName"],
        "type": "microsoft.resources/subscriptions",
        "tenantId": described["tenantId"],
        "subscriptionId": subscription,
        "properties": {"state": described["state"], "managementGroupAncestorsChain": chain},
    }


_TABLES: Mapping[tuple[str, str], Callable[[Call], Rows]] = {
    ("networkresources", "microsoft.network/networkgroupmemberships"): _memberships,
    ("resourcecontainers", "microsoft.resources/subscriptions"): _subscriptions,
}
