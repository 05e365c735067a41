"""Generations: the content of a configuration that is deployed anywhere is never edited.

A commit names configurations, and deploys what they hold at that moment: an old content
cannot be had back after an edit in place (facts.md section 0.2). So a change makes the next
generation beside the old one, commits move the regions over, each can go back by a commit
of the old id, and the old one goes when no region's goal state names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from topology.kind import Resource, same_id
from topology.limits import ADMIN_RULES
from topology.naming import CONFIGURATIONS, at_generation, generation_in
from topology.network import Network
from topology.planning import late
from topology.planning.actual import Actual
from topology.planning.diff import differences
from topology.planning.plan import Change, Create, Delete, FieldChange, Plan, Replace, Step
from topology.planning.removal import owned
from topology.resources import KIND_BY_NAME

Generations = dict[str, int]

_ADMIN_RULE = re.compile(r"/securityAdminConfigurations/.+/rules/[^/]+$", re.IGNORECASE)


def deployed_or_newest(network: Network, actual: Actual) -> Network:
    """Return the network at the generations that are deployed last, or else exist last."""
    return network.at({**_newest(network, actual), **_deployed(network, actual)})


def with_next(network: Network, plan: Plan, actual: Actual) -> tuple[Network, tuple[str, ...]]:
    """Return the network at generations that `plan` may write, and notes.

    It is the same network where the plan edits nothing that is deployed. A generation that
    exists and is deployed nowhere, as after a roll-back, is taken up again. What does not
    fit beside the present generation, or holds what others put into it, is edited in place,
    and a note says so.
    """
    newest, chosen, notes = _newest(network, actual), dict(network.generations), []
    for kind in _edited_where_deployed(network, plan, actual):
        present, configuration = chosen.get(kind, 1), network.names.configuration_id(kind)
        if reason := _kept_in_place(kind, configuration, plan, actual):
            told = f"{configuration.rsplit('/', 1)[-1]} is edited in place: {reason}"
            regions = ", ".join(sorted(_deployed_in(same_id(configuration), network, actual)))
            alone = f". {regions} cannot be taken back alone, only with the whole run"
            notes.append(told + (alone if edits_for_all(configuration, plan) else ""))
        else:
            chosen[kind] = newest[kind] if newest.get(kind, 0) > present else present + 1
    return network if chosen == network.generations else network.at(chosen), tuple(notes)


def edits_for_all(configuration: str, plan: Plan) -> list[Step]:
    """Return the steps that edit what a configuration holds for all regions, in place.

    There are none where the plan makes it or takes it away: then it is a generation of its own.
    """
    key = same_id(configuration)
    if plan.found.get(key) is None or key in plan.deleted:
        return []
    return [step for step in plan.work if step.resource.region is None and _writes(step, key)]


def _kept_in_place(kind: str, configuration: str, plan: Plan, actual: Actual) -> str | None:
    """Return why a configuration has no next generation, or None."""
    return no_next(configuration, _rules_of_both(kind, plan, actual), actual, plan.topology)


def no_next(configuration: str, rules: int, actual: Actual, topology: str) -> str | None:
    """Return why a configuration can have no next generation, or None.

    With it the manager would hold so many admin `rules`.
    """
    if rules > ADMIN_RULES.most:
        return (
            f"beside its next generation the manager would hold {rules} of "
            f"{ADMIN_RULES.most} admin rules"
        )
    inside = f"{same_id(configuration)}/"
    for key, found in actual.resources.items():
        if key.startswith(inside) and not owned(found, actual, topology):
            name = found.id.rsplit("/", 1)[-1]
            return f"it holds {name} of others, which its next generation would not deploy"
    return None


def _rules_of_both(kind: str, plan: Plan, actual: Actual) -> int:
    """Return how many admin rules the manager would have with both generations in it."""
    if kind != "securityAdminConfigurations":
        return 0
    steps = [step for step in plan.steps if not isinstance(step, Delete)]
    return sum(is_admin_rule(step.resource.id) for step in steps) + sum(
        map(is_admin_rule, actual.resources)
    )


def is_admin_rule(resource_id: str) -> bool:
    """Say whether an id is that of a security admin rule."""
    return _ADMIN_RULE.search(resource_id) is not None


def next_content(
    commit: Resource, before: Iterable[str], steps: Mapping[str, Step], actual: Actual
) -> Iterator[FieldChange]:
    """Yield what a commit changes in a region by putting one generation in another's place."""
    old = {generation_in(name): name for name in before}
    for new_id in commit.body["configurationIds"]:
        kind, number = generation_in(new_id) or ("", 0)
        for found, old_id in old.items():
            if found and found[0] == kind and found[1] != number:
                yield from _changes(new_id, old_id, commit.region, steps, actual)


def _changes(
    new_id: str, old_id: str, region: str | None, steps: Mapping[str, Step], actual: Actual
) -> Iterator[FieldChange]:
    new, old = same_id(new_id), same_id(old_id)
    wanted = {
        key.replace(new, old, 1): step.resource
        for key, step in steps.items()
        if key.startswith(f"{new}/") and step.resource.region in {None, region}
    }
    for key, resource in wanted.items():
        label, found = f"{resource.kind} {resource.name}", actual.get(key)
        body = late.settled(resource, steps, actual)
        if found is None:
            yield FieldChange(label, None, body.get("properties"))
            continue
        for change in differences(body, found.body, KIND_BY_NAME[resource.kind], ""):
            yield FieldChange(f"{label}: {change.path}", change.old, change.new)
    for key, step in steps.items():
        mine = step.resource.region in {None, region}
        if key.startswith(f"{old}/") and key not in wanted and mine:
            yield FieldChange(f"{step.resource.kind} {step.resource.name}", "", None)


def next_of(configuration: str, *worlds: Actual) -> str:
    """Return the id of the generation after all that there are or were of a configuration.

    The last one that is there, and deployed nowhere, is taken up again. `worlds` are what Azure
    holds, and held before.
    """
    manager = same_id(configuration.rsplit("/", 2)[0])
    kind, _ = generation_in(configuration) or ("", 0)
    there = [_last(key for key in world.resources if key.startswith(manager)) for world in worlds]
    named = [name for s in worlds[0].goal_states.get(manager, ()) for name in s.configuration_ids]
    newest, deployed = there[0].get(kind, 0), _last(named).get(kind, 0)
    number = max(deployed, *(found.get(kind, 0) for found in there)) + 1
    return at_generation(configuration, newest if newest > deployed else number)


def _newest(network: Network, actual: Actual) -> Generations:
    below = f"{same_id(network.names.manager_id)}/"
    return _last(key for key in actual.resources if key.startswith(below))


def _deployed(network: Network, actual: Actual) -> Generations:
    states = actual.goal_states.get(same_id(network.names.manager_id), ())
    named = (name for state in states for name in state.configuration_ids)
    return _last(name for name in named if actual.get(name))


def _last(ids: Iterable[str]) -> Generations:
    found: Generations = {}
    for kind, number in filter(None, map(generation_in, ids)):
        found[kind] = max(number, found.get(kind, 0))
    return found


def _edited_where_deployed(network: Network, plan: Plan, actual: Actual) -> Iterator[str]:
    """Yield the kinds of which the plan edits what a region has deployed.

    What belongs to a region alone is edited only there: the rules of a new region stand in
    a configuration that others have deployed and change nothing for them.
    """
    manager = same_id(network.names.manager_id)
    if any(same_id(step.resource.id) == manager for step in plan.work if isinstance(step, Replace)):
        return  # nothing under it can be kept
    for kind in CONFIGURATIONS:
        key = same_id(network.names.configuration_id(kind))
        deployed, wanted = _deployed_in(key, network, actual), _wanted_in(key, plan)
        if not (actual.get(key) and deployed and wanted):
            continue
        if any(_edits(step, key, deployed & wanted) for step in plan.steps):
            yield kind


def _deployed_in(configuration: str, network: Network, actual: Actual) -> set[str]:
    """Return the regions that have a configuration deployed."""
    states = actual.goal_states.get(same_id(network.names.manager_id), ())
    named = ((state.region, map(same_id, state.configuration_ids)) for state in states)
    return {region for region, names in named if configuration in names}


def _wanted_in(configuration: str, plan: Plan) -> set[str]:
    """Return the regions that are to have a configuration deployed."""
    wanted = (s.resource for s in plan.steps if _names(s.resource.body, configuration))
    return {resource.region for resource in wanted if resource.region}


def _names(body: Mapping[str, Any], configuration: str) -> bool:
    """Say whether a body is that of a commit of a configuration."""
    return configuration in {same_id(name) for name in body.get("configurationIds") or ()}


def _edits(step: Step, configuration: str, kept_by: set[str]) -> bool:
    """Say whether a step writes into a configuration, for a region that keeps it or for all.

    What is for all counts though no region keeps it: those that leave have it until the end,
    and those that come have it before that where they go in waves.
    """
    region = step.resource.region
    return (region is None or region in kept_by) and _writes(step, configuration)


def _writes(step: Step, configuration: str) -> bool:
    """Say whether a step writes a configuration or what stands in it."""
    key = same_id(step.resource.id)
    inside = key == configuration or key.startswith(f"{configuration}/")
    return inside and isinstance(step, Create | Change | Replace | Delete)
