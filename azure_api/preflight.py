"""What must be true before the first write, found out together and told together."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from azure_api import calls
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.errors import Final, from_sdk
from azure_api.other_managers import other_managers
from azure_api.retrying import retried
from topology.kind import Kind
from topology.planning.plan import Change, Commit, Create, Delete, Plan, Replace, Step

_NETWORK = "Microsoft.Network"
_PUBLIC_IP = "microsoft.network/publicipaddresses"
_STANDARD_ADDRESSES = "standardskupublicipaddresses"


class PreflightFailed(Final):
    """All that stands in the way of a plan; `missing` has one line for each, with its way out."""

    @classmethod
    def of(cls, subscription: str, missing: Iterable[str]) -> PreflightFailed:
        """Make it from what is missing in a subscription."""
        lines = tuple(missing)
        text = "\n".join(["not ready, and nothing was written:", *(f"- {item}" for item in lines)])
        error = cls(f"/subscriptions/{subscription}", None, "PreflightFailed", text)
        error.missing = lines
        return error

    missing: tuple[str, ...] = ()


async def check(azure: Azure, plan: Plan, kinds: Iterable[Kind]) -> None:
    """Return when the subscription is ready for a plan: nothing is written.

    Looks at the registration of Microsoft.Network, at the regions that offer each type
    (some are restricted by subscription, facts.md section 10), at the quota of public
    addresses, at the rights of the identity, and at other network managers. Raises
    PreflightFailed listing all that is missing; Final at once for a wrong secret or
    subscription.
    """
    by_name = {kind.name: kind for kind in kinds}
    # Alone, so that a wrong secret is told once and not by each question.
    provider = await _provider(azure, plan.subscription)
    missing = [*_unregistered(provider), *_not_offered(provider, plan, by_name)]
    answers = await asyncio.gather(
        _lacking_rights(azure, plan, by_name),
        _lacking_addresses(azure, plan, by_name),
        other_managers(azure, plan),
    )
    if found := [*missing, *itertools.chain(*answers)]:
        raise PreflightFailed.of(plan.subscription, found)


# -- the provider and its regions --------------------------------------------------------


async def _provider(azure: Azure, subscription: str) -> Json:
    return await _get(azure, subscription, f"providers/{_NETWORK}", "2021-04-01")


def _unregistered(provider: Mapping[str, Any]) -> Iterator[str]:
    state = provider.get("registrationState")
    if state != "Registered":
        yield (
            f"{_NETWORK} is {state} in the subscription; run "
            f"`az provider register --namespace {_NETWORK}` and wait until it is registered"
        )


def _not_offered(
    provider: Mapping[str, Any], plan: Plan, kinds: Mapping[str, Kind]
) -> Iterator[str]:
    offered = {
        f"{_NETWORK}/{entry['resourceType']}".lower(): {
            _region(place) for place in entry.get("locations") or []
        }
        for entry in provider.get("resourceTypes") or []
    }
    wanted = {
        (kinds[step.resource.kind].arm_type, _region(step.resource.body.get("location", "")))
        for step in plan.work
        if isinstance(step, Create | Replace)
    }
    for arm_type, region in sorted(wanted):
        places = offered.get(arm_type.lower())
        if region and places and region not in places:
            yield (
                f"{arm_type} is not offered in {region} to this subscription; take the region "
                "out of the topology, or ask Azure support to open it"
            )


def _region(name: str) -> str:
    """Return a region's name: providers list "West Europe", resources say westeurope."""
    return name.replace(" ", "").lower()


# -- quotas ------------------------------------------------------------------------------


async def _lacking_addresses(azure: Azure, plan: Plan, kinds: Mapping[str, Kind]) -> list[str]:
    wanted = Counter(
        _region(step.resource.body.get("location", ""))
        for step in plan.work
        if isinstance(step, Create) and kinds[step.resource.kind].arm_type.lower() == _PUBLIC_IP
    )
    usages = azure.client("network", plan.subscription).usages
    turns = asyncio.Semaphore(16)

    async def ask(region: str, count: int) -> str | None:
        about = f"/subscriptions/{plan.subscription}"
        async with turns:
            rows = await retried(
                lambda: calls.list_all(usages.list, region, about=about), azure.settings
            )
        return _shortage(rows, region, count)

    answers = await asyncio.gather(*(ask(region, count) for region, count in wanted.items()))
    return [answer for answer in answers if answer]


def _shortage(rows: list[Json], region: str, count: int) -> str | None:
    for row in rows:
        if row["name"]["value"].lower() != _STANDARD_ADDRESSES:
            continue
        if row["currentValue"] + count > row["limit"]:
            return (
                f"{region} has {row['currentValue']} of {row['limit']} Standard public addresses "
                f"and the plan creates {count}; ask for a higher quota or free some"
            )
    return None


# -- rights ------------------------------------------------------------------------------


async def _lacking_rights(azure: Azure, plan: Plan, kinds: Mapping[str, Kind]) -> list[str]:
    """Return what the identity may not do at the subscription.

    Where a right is given on resource groups only it is not seen, and told as missing.
    """
    answer = await _get(
        azure, plan.subscription, "providers/Microsoft.Authorization/permissions", "2022-04-01"
    )
    granted = answer.get("value") or []
    needed = sorted({action for step in plan.work for action in _actions(step, kinds)})
    lacking = [action for action in needed if not _allows(granted, action)]
    if not lacking:
        return []
    text = (
        f"the identity may not {', '.join(lacking)} on the subscription; give it the roles "
        "Contributor, or Network Contributor and rights on resource groups, and wait some minutes"
    )
    return [text]


def _actions(step: Step, kinds: Mapping[str, Kind]) -> Iterator[str]:
    arm_type = kinds[step.resource.kind].arm_type
    if arm_type.startswith("Microsoft.Resources/"):
        arm_type = "Microsoft.Resources/subscriptions/resourceGroups"
    if isinstance(step, Create | Change | Replace):
        yield f"{arm_type}/write"
    if isinstance(step, Delete | Replace):
        yield f"{arm_type}/delete"
    if isinstance(step, Commit):
        yield f"{_NETWORK}/networkManagers/commit/action"


def _allows(granted: Iterable[Mapping[str, Any]], action: str) -> bool:
    """Say whether some role gives an action that the same role does not take away."""
    return any(
        _matches(role.get("actions"), action) and not _matches(role.get("notActions"), action)
        for role in granted
    )


def _matches(patterns: Iterable[str] | None, action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns or ())


# -- questions that the SDK has no method for --------------------------------------------


async def _get(azure: Azure, subscription: str, path: str, version: str) -> Json:
    from azure.core.rest import HttpRequest  # noqa: PLC0415  the SDK costs seconds to import

    root = f"/subscriptions/{subscription}"
    client = azure.client("resource", subscription)

    async def once() -> Json:
        # The address is the endpoint's own: the client fills in what stands in braces.
        request = HttpRequest("GET", f"{{endpoint}}{root}/{path}", params={"api-version": version})
        try:
            response = await client.send_request(request)
            response.raise_for_status()
        except Exception as error:
            raise from_sdk(error, root) from error
        return dict(response.json())

    return await retried(once, azure.settings)
