"""Who is in which network group, as Azure Resource Graph knows; and waiting until it is so.

Azure records memberships there, of every source, and shows them nowhere else but in what is
deployed (learn: "View configurations applied by Azure Virtual Network Manager").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from azure_api import calls
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.ids import parse
from azure_api.resource_graph import rows
from azure_api.retrying import retried
from azure_api.waiting import pause
from topology.kind import Kind, Resource, at, same_id
from topology.selection import group_of, selected

_QUERY = (
    "networkresources | where type == 'microsoft.network/networkgroupmemberships' "
    "| project id, properties"
)
_SUFFIX = "/providers/microsoft.network/networkgroupmemberships/"
_LOOK_AGAIN = 20.0  # Azure's seconds: members arrive after minutes (facts.md section 1)


async def read_members(
    azure: Azure, subscriptions: Sequence[str], page: int = 1000
) -> Mapping[str, frozenset[str]]:
    """Return the networks of these subscriptions in each group, all by lower-case ids.

    `page` is how many networks are asked for at a time. Raises Passing or Final.
    """
    found: dict[str, frozenset[str]] = {}
    for row in await rows(azure, subscriptions, _QUERY, page):
        network = same_id(row["id"]).split(_SUFFIX)[0]
        for entry in at(row, "properties.GroupMemberships") or ():
            group = same_id(entry["NetworkGroupId"])
            found[group] = found.get(group, frozenset()) | {network}
    return found


async def members_in(
    azure: Azure, kinds: Iterable[Kind], groups: Iterable[str], region: str
) -> list[str]:
    """Return the ids of the networks of a region that are in these groups, by any source.

    `groups` are lower-case ids. Networks are listed, for Resource Graph names them alone.
    """
    members = await read_members(azure, azure.subscriptions)
    inside = {name for group in groups for name in members.get(group, ())}
    if not inside:
        return []
    joining = [kind for kind in kinds if kind.can_join]
    return [
        str(body["id"])
        for kind in joining
        for subscription in azure.subscriptions
        for body in await _listed(azure, kind, subscription)
        if same_id(body["id"]) in inside and body.get("location") == region
    ]


async def wait_until_members(azure: Azure, kinds: Iterable[Kind], resource: Resource) -> None:
    """Return when all networks that a rule selects are members of its group.

    `resource` is the rule or what puts it into effect; for any other, and until both are
    there, there is nothing to wait for. Networks are read at each look: one that loses its
    tag is not waited for. Raises Final naming the missing ones after the settings'
    `membership_limit`, in Azure's seconds.
    """
    listed, waited = tuple(kinds), 0.0
    rule = await _rule_in_effect(azure, listed, resource)
    while rule is not None and (missing := await _missing(azure, listed, rule)):
        if waited >= azure.settings.membership_limit:
            raise _late(rule, missing, azure.settings.membership_limit)
        await pause(_LOOK_AGAIN, azure.settings)
        waited += _LOOK_AGAIN


async def _rule_in_effect(azure: Azure, kinds: tuple[Kind, ...], resource: Resource) -> Json | None:
    """Return the rule that a resource is, or puts into effect, if it is in effect."""
    for assigning in (kind for kind in kinds if kind.assigns):
        ruling = next(kind for kind in kinds if kind.name == assigning.assigns)
        if resource.kind not in {ruling.name, assigning.name}:
            continue
        rule = await _beside(azure, ruling, resource.id)
        return rule if await _beside(azure, assigning, resource.id) else None
    return None


async def _beside(azure: Azure, kind: Kind, resource_id: str) -> Json | None:
    """Return what stands beside another resource: of a kind, and of the same scope and name."""
    other = _as(kind, resource_id)
    return await retried(lambda: calls.get(azure, kind, other), azure)


def _as(kind: Kind, resource_id: str) -> str:
    parsed = parse(resource_id)
    return f"/{parsed.scope}/providers/{kind.arm_type}/{parsed.names[-1]}"


async def _missing(azure: Azure, kinds: tuple[Kind, ...], rule: Json) -> list[str]:
    subscription = parse(rule["id"]).subscription
    networks = [
        body for kind in kinds if kind.can_join for body in await _listed(azure, kind, subscription)
    ]
    expected = selected(rule, networks)
    if not expected:
        return []
    members = (await read_members(azure, [subscription])).get(group_of(rule), frozenset())
    return [name for name in expected if same_id(name) not in members]


async def _listed(azure: Azure, kind: Kind, subscription: str) -> list[Json]:
    method = getattr(
        getattr(azure.client(kind.client, subscription), kind.operations), kind.list_method
    )
    about = f"/subscriptions/{subscription}"
    return await retried(lambda: calls.list_all(method, about=about), azure)


def _late(rule: Json, missing: list[str], limit: float) -> Final:
    group = group_of(rule).rsplit("/", 1)[-1]
    text = f"after {limit:.0f} s these are no members of group {group}: {', '.join(missing)}"
    step = (
        "see in Azure Policy whether the assignment is enforced and nothing exempts these "
        "networks, or take their tags away, then run again; ORRERY_MEMBERSHIP_LIMIT waits longer"
    )
    return Final(str(rule["id"]), None, "MembersMissing", text, "", step)
