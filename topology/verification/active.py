"""What is active where a configuration was edited after its commit: Azure's lists, laid over.

An edit does nothing in a region until it is committed there, so what was read is not what holds
(facts.md section 2, which names the lists). Routing has no such list, but the tables that AVNM made
are read. What was deleted after its commit is not seen in this way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from topology.kind import Body, at, parent_id, same_id
from topology.planning.actual import Actual, Found, GoalState
from topology.verification.addresses import block
from topology.verification.avnm import is_managed
from topology.verification.bodies import fabric_of
from topology.verification.deployed import Groups, is_part

Routes = Mapping[range, Body]  # by their prefix

LISTED = ("Connectivity", "SecurityAdmin")
_SECONDS = len("2026-01-01T00:00:00")


def edited_since(actual: Actual) -> Mapping[str, frozenset[str]]:
    """Return the regions in which something was edited after its commit, by the manager's key.

    Left out is what reaches no network there, as the rules of another region alone, and what
    the content is known of. When something was edited its systemData says. What managers of
    others have deployed counts, too.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for manager, state, _ in _edited_states(actual.surrounded):
        if state.commit_type in LISTED:
            found[manager].add(state.region)
    return {manager: frozenset(regions) for manager, regions in found.items()}


def as_active(actual: Actual, listed: Mapping[str, Iterable[Mapping[str, Any]]]) -> Actual:
    """Return a state in which the goal states hold what Azure lists as active, or routes by.

    `listed` are the items of both lists, by the manager's key, for the regions of `edited_since`;
    of a manager that is not among them nothing is known but its routing.
    """
    regions, around = edited_since(actual), actual.surrounded
    states = dict(around.goal_states)
    for manager, state, groups in _edited_states(around):
        if state.commit_type not in LISTED:
            routed = replace(state, content=_routed(state, groups))
            states[manager] = tuple(routed if it is state else it for it in states[manager])
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


def _edited_states(actual: Actual) -> Iterator[tuple[str, GoalState, Groups]]:
    """Yield the goal states of which something that reaches their region was edited since."""
    groups: Groups | None = None
    for manager, states in actual.goal_states.items():
        inside = [item for key, item in actual.resources.items() if key.startswith(f"{manager}/")]
        for state in states:
            since = list(_edited(state, inside))
            if since and groups is None:
                groups = Groups(fabric_of(actual))
            if groups and any(_reaches(item, state.region, actual, groups) for item in since):
                yield manager, state, groups


def _edited(state: GoalState, inside: Iterable[Found]) -> Iterator[Found]:
    if state.content is not None or not state.commit_time:
        return
    for item in inside:
        edited = str(at(item.body, "systemData.lastModifiedAt") or "")
        late = edited[:_SECONDS] > state.commit_time[:_SECONDS]
        if late and is_part(same_id(item.id), state.configuration_ids):
            yield item


def _reaches(item: Found, region: str, actual: Actual, groups: Groups) -> bool:
    """Say whether a rule reaches a network of a region; what is no rule may have done so."""
    collection = actual.get(parent_id(item.id))
    applies = _applies_to(collection) if collection else None
    if applies is None:
        return True
    return any(any(groups.networks(group["networkGroupId"], region)) for group in applies)


def _applies_to(collection: Found) -> list[Body] | None:
    """Return the groups of a collection of rules; None of what is none."""
    names = ("appliesToGroups", "appliesTo")  # of admin rules, of routing
    found = (at(collection.body, f"properties.{name}") for name in names)
    return next((groups for groups in found if groups is not None), None)


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


def _routed(state: GoalState, groups: Groups) -> Mapping[str, Found] | None:
    """Return configurations of routing as tables have them that AVNM made for their subnets.

    A rule that none of these has is not in effect, and one whose destination they have leads where
    they say. Where none was read, rules are taken as they are now. None: all is as it is now.
    """
    resources = groups.fabric.actual.resources
    parts = {key: item for key, item in resources.items() if is_part(key, state.configuration_ids)}
    routes = {
        key: _made_routes(applies, state.region, groups)
        for key, item in parts.items()
        if (applies := _applies_to(item)) is not None
    }
    held = (
        (key, _held(item, routes.get(same_id(parent_id(item.id))))) for key, item in parts.items()
    )
    found = {key: item for key, item in held if item is not None}
    return None if found == parts else found


def _made_routes(applies: Iterable[Body], region: str, groups: Groups) -> Routes | None:
    """Return the routes of the tables that AVNM made for groups; None where none was read."""
    subnets = (it for group in applies for it in groups.subnets(group["networkGroupId"], region))
    keys = {subnet.table or "" for subnet in subnets if is_managed(subnet)}
    tables = [table for key in keys if (table := groups.fabric.actual.get(key)) is not None]
    routes = [
        route.get("properties") or {}
        for it in tables
        for route in at(it.body, "properties.routes") or ()
    ]
    by_prefix = ((block(str(route.get("addressPrefix"))), route) for route in routes)
    return {prefix: route for prefix, route in by_prefix if prefix} if tables else None


def _held(item: Found, routes: Routes | None) -> Found | None:
    """Return a rule as these routes have it, None where they do not; all else as it is."""
    prefix = block(str(at(item.body, "properties.destination.destinationAddress") or ""))
    if routes is None or prefix is None:
        return item
    if (route := routes.get(prefix)) is None:
        return None
    kind, address = route.get("nextHopType"), route.get("nextHopIpAddress")
    hop = {"nextHopType": "NoNextHop" if kind == "None" else kind, "nextHopAddress": address}
    properties = {**item.body["properties"], "nextHop": {k: v for k, v in hop.items() if v}}
    return replace(item, body={**item.body, "properties": properties})
