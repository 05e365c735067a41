"""What must be true before the first write, found out together and told together."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from azure_api import calls
from azure_api.calls import Json
from azure_api.client import Azure
from azure_api.errors import Final
from azure_api.ids import parse
from azure_api.management_groups import lacking_groups
from azure_api.other_managers import other_managers
from azure_api.permissions import lacking_actions
from azure_api.retrying import retried
from topology.graph import references
from topology.kind import Kind
from topology.planning.plan import Change, Commit, Create, Delete, Plan, Replace, Step

_NETWORK = "Microsoft.Network"
_PUBLIC_IP = "microsoft.network/publicipaddresses"
_STANDARD_ADDRESSES = "standardskupublicipaddresses"


class PreflightFailed(Final):
    """All that stands in the way of a plan; `missing` has one line for each, with its way out."""

    @classmethod
    def of(cls, topology: str, missing: Iterable[str]) -> PreflightFailed:
        """Make it from what is missing for a topology."""
        lines = tuple(missing)
        text = "\n".join(["not ready, and nothing was written:", *(f"- {item}" for item in lines)])
        error = cls(topology, None, "PreflightFailed", text)
        error.missing = lines
        return error

    missing: tuple[str, ...] = ()


async def check(azure: Azure, plan: Plan, kinds: Iterable[Kind]) -> None:
    """Return when all subscriptions are ready for a plan: nothing is written.

    Looks, in each that the plan writes in or joins to another, at the registration of
    providers, at the regions that offer each type (some are restricted by subscription,
    facts.md section 10), at the quota of public addresses and at the rights of the identity;
    then at the manager's management group, and at other network managers. Raises
    PreflightFailed listing all that is missing; Final at once for a wrong secret or subscription.
    """
    by_name = {kind.name: kind for kind in kinds}
    concerned = _concerned(plan, by_name)
    # One after the other, so that a wrong secret is told once and not by each question.
    providers = [await _provider(azure, part.subscription) for part in concerned]
    answers = await asyncio.gather(
        *map(partial(_lacking, azure, by_name), concerned, providers),
        lacking_groups(azure, plan, by_name),
        other_managers(azure, plan),
    )
    if found := list(itertools.chain(*answers)):
        raise PreflightFailed.of(plan.topology, found)


async def check_rights(azure: Azure, plan: Plan, kinds: Iterable[Kind]) -> None:
    """Return when the identity may do all of a plan that only takes away: nothing is written.

    What else may be missing in a subscription keeps nothing from going. Raises as `check` does.
    """
    by_name = {kind.name: kind for kind in kinds}
    found = [
        f"subscription {part.subscription}: {line}"
        for part in _concerned(plan, by_name)
        for line in await _lacking_rights(azure, part, by_name)
    ]
    if found:
        raise PreflightFailed.of(plan.topology, found)


@dataclass
class _Part:
    """What a plan does in one subscription, and the actions that it needs there."""

    subscription: str
    steps: list[Step] = field(default_factory=list)
    actions: set[str] = field(default_factory=set)


def _concerned(plan: Plan, kinds: Mapping[str, Kind]) -> list[_Part]:
    parts: dict[str, _Part] = {}

    def part_of(resource_id: str) -> _Part:
        subscription = parse(resource_id).subscription.lower()
        return parts.setdefault(subscription, _Part(subscription))

    for step in plan.work:
        here = part_of(step.resource.id)
        here.steps.append(step)
        here.actions.update(_actions(step, kinds))
        for target, action in _joined(step, kinds):
            part_of(target).actions.add(action)
    return list(parts.values())


async def _lacking(
    azure: Azure, kinds: Mapping[str, Kind], part: _Part, provider: Mapping[str, Any]
) -> list[str]:
    lines = [*_unregistered(provider), *_not_offered(provider, part.steps, kinds)]
    lines += await _lacking_registrations(azure, part, kinds)
    lines += await _lacking_rights(azure, part, kinds)
    lines += await _lacking_addresses(azure, part, kinds)
    return [f"subscription {part.subscription}: {line}" for line in lines]


# -- the provider and its regions --------------------------------------------------------


async def _provider(azure: Azure, subscription: str, name: str = _NETWORK) -> Json:
    path = f"/subscriptions/{subscription}/providers/{name}"
    return await retried(partial(calls.ask, azure, subscription, path, "2021-04-01"), azure)


def _unregistered(provider: Mapping[str, Any]) -> Iterator[str]:
    state, name = provider.get("registrationState"), provider.get("namespace")
    if state != "Registered":
        yield (
            f"{name} is {state}; run `az provider register --namespace {name}` in it "
            "and wait until it is registered"
        )


async def _lacking_registrations(azure: Azure, part: _Part, kinds: Mapping[str, Kind]) -> list[str]:
    """Return what is not registered of the providers that kinds need beside the network's."""
    writes = (step for step in part.steps if isinstance(step, Create | Change | Replace))
    names = {name for step in writes for name in kinds[step.resource.kind].registered}
    answers = [await _provider(azure, part.subscription, name) for name in sorted(names)]
    return [told for provider in answers for told in _unregistered(provider)]


def _not_offered(
    provider: Mapping[str, Any], steps: Sequence[Step], kinds: Mapping[str, Kind]
) -> Iterator[str]:
    offered = {
        f"{_NETWORK}/{entry['resourceType']}".lower(): {
            _region(place) for place in entry.get("locations") or []
        }
        for entry in provider.get("resourceTypes") or []
    }
    wanted = {
        (kinds[step.resource.kind].arm_type, _region(step.resource.body.get("location", "")))
        for step in steps
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


async def _lacking_addresses(azure: Azure, part: _Part, kinds: Mapping[str, Kind]) -> list[str]:
    wanted = Counter(
        _region(step.resource.body.get("location", ""))
        for step in part.steps
        if isinstance(step, Create) and kinds[step.resource.kind].arm_type.lower() == _PUBLIC_IP
    )
    usages = azure.client("network", part.subscription).usages
    turns = asyncio.Semaphore(16)

    async def ask(region: str, count: int) -> str | None:
        about = f"/subscriptions/{part.subscription}"
        async with turns:
            rows = await retried(lambda: calls.list_all(usages.list, region, about=about), azure)
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


async def _lacking_rights(azure: Azure, part: _Part, kinds: Mapping[str, Kind]) -> list[str]:
    """Return what the identity may not do at the subscription.

    Where a right is given on resource groups only it is not seen, and told as missing.
    """
    scope = f"/subscriptions/{part.subscription}"
    lacking = await lacking_actions(azure, part.subscription, scope, part.actions)
    if not lacking:
        return []
    text = (
        f"the identity may not {', '.join(lacking)} on it; give it the roles "
        "Contributor, or Network Contributor and rights on resource groups, and wait some minutes"
    )
    if any(kinds[step.resource.kind].fills_groups for step in part.steps):
        text += "; members by tags need Resource Policy Contributor beside"
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


def _joined(step: Step, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    """Yield what a write joins itself to, and the action that it needs there."""
    joins = {name.lower(): action for name, action in kinds[step.resource.kind].joins.items()}
    if joins and isinstance(step, Create | Change | Replace):
        for name in references(step.resource.body):
            if action := joins.get(_type_of(name)):
                yield name, action


def _type_of(resource_id: str) -> str:
    """Return the type of a resource's id in lower case; "" for that of a subscription."""
    return parse(resource_id).arm_type.lower() if "/providers/" in resource_id else ""
