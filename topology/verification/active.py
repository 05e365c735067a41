"""What is active where a configuration was edited after its commit: Azure's lists, laid over.

An edit does nothing in a region until it is committed there, so what was read is not what holds
(facts.md section 2, which names the lists). Routing has no such list: the tables that AVNM made
are read themselves. What was deleted after its commit is not seen in this way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from topology.kind import at, parent_id, same_id
from topology.planning.actual import Actual, Found, GoalState
from topology.verification.bodies import fabric_of
from topology.verification.deployed import Groups, is_part

LISTED = ("Connectivity", "SecurityAdmin")
_SECONDS = len("2026-01-01T00:00:00")


def edited_since(actual: Actual) -> Mapping[str, frozenset[str]]:
    """Return the regions in which something was edited after its commit, by the manager's key.

    Left out is what reaches no network there, as the rules of another region alone, and what
    the content is known of. When something was edited its systemData says. What managers of
    others have deployed counts, too.
    """
    actual = actual.surrounded
    found: dict[str, set[str]] = defaultdict(set)
    groups: Groups | None = None
    for manager, states in actual.goal_states.items():
        inside = [item for key, item in actual.resources.items() if key.startswith(f"{manager}/")]
        for state in states:
            since = list(_edited(state, inside))
            if since and groups is None:
                groups = Groups(fabric_of(actual))
            if groups and any(_reaches(item, state.region, actual, groups) for item in since):
                found[manager].add(state.region)
    return {manager: frozenset(regions) for manager, regions in found.items()}


def as_active(actual: Actual, listed: Mapping[str, Iterable[Mapping[str, Any]]]) -> Actual:
    """Return a state in which the goal states hold what Azure lists as active.

    `listed` are the items of both lists, by the manager's key, for the regions of `edited_since`;
    of a manager that is not among them nothing is known.
    """
    regions, around = edited_since(actual), actual.surrounded
    states = dict(around.goal_states)
    for manager, items in listed.items():
        by_region: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for item in items:
            by_region[str(item.get("region"))].append(item)
        states[manager] = tuple(
            replace(state, content=_content(state, by_region[state.region], around))
            if state.region in regions.get(manager, ()) and state.commit_type in LISTED
            else state
            for state in states[manager]
        )
    own, others = actual.goal_states, actual.managers
    theirs = replace(others, goal_states={key: states[key] for key in others.goal_states})
    return replace(actual, goal_states={key: states[key] for key in own}, managers=theirs)


def _edited(state: GoalState, inside: Iterable[Found]) -> Iterator[Found]:
    if state.commit_type not in LISTED or state.content is not None or not state.commit_time:
        return
    for item in inside:
        edited = str(at(item.body, "systemData.lastModifiedAt") or "")
        late = edited[:_SECONDS] > state.commit_time[:_SECONDS]
        if late and is_part(same_id(item.id), state.configuration_ids):
            yield item


def _reaches(item: Found, region: str, actual: Actual, groups: Groups) -> bool:
    """Say whether a rule reaches a network of a region; what is no rule may have done so."""
    collection = actual.get(parent_id(item.id))
    applies = at(collection.body, "properties.appliesToGroups") if collection else None
    if applies is None:
        return True
    return any(any(groups.networks(group["networkGroupId"], region)) for group in applies)


def _content(
    state: GoalState, items: Iterable[Mapping[str, Any]], actual: Actual
) -> Mapping[str, Found]:
    """Return configurations as they are listed; of admin rules each item is a rule.

    A rule's item says to which groups its collection applies. Of the configuration above it
    no list tells more than a description, so it is taken as it is now.
    """
    ids = state.configuration_ids
    named = ((same_id(name), actual.get(name)) for name in ids)
    found = {key: item for key, item in named if item is not None}
    for item in items:
        name = str(item.get("id"))
        if not is_part(same_id(name), ids):
            continue
        found[same_id(name)] = Found("", name, {**item})
        if "ruleCollectionAppliesToGroups" in item:
            above = parent_id(name)
            applies = {"appliesToGroups": item["ruleCollectionAppliesToGroups"]}
            found[same_id(above)] = Found("", above, {"id": above, "properties": applies})
    return found
