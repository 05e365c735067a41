"""Network managers of others: what of theirs reaches networks that a proof is about.

Several managers may reach a network. Of two the one with the higher scope wins conflicts
(facts.md sections 1 and 3), and a mesh joins whomever its manager puts into it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from topology.graph import references
from topology.kind import same_id
from topology.planning.actual import Actual, Found, GoalState, OthersManagers
from topology.verification.deployed import Scope, is_part


@dataclass(frozen=True)
class Deployed:
    """Managers, by key; the goal states of those that tell; what configurations hold, by key."""

    managers: Mapping[str, Found]
    goal_states: Mapping[str, tuple[GoalState, ...]]
    content: Mapping[str, Found]


def may_reach(manager: Found, networks: Iterable[str]) -> bool:
    """Say whether a manager's scope has one of these networks, by key."""
    scope = Scope(Actual.of([manager]), manager.id)
    return any(key in scope for key in networks)


def reaching(
    deployed: Deployed,
    members: Mapping[str, frozenset[str]],
    near: Iterable[str],
    subscriptions: Iterable[str],
) -> tuple[OthersManagers, dict[str, Found]]:
    """Return what reaches one of the networks that are near, by key, and what it is made of.

    Whom a configuration that joins networks brings along is near, too. What is named and not
    there could not be read, so whom it reaches nobody knows: it stays named.
    """
    reached = {name: _reached(name, deployed, members) for name in _named(deployed)}
    kept = _kept(deployed, reached, frozenset(near))
    content = {key: item for key, item in deployed.content.items() if is_part(key, kept)}
    states = {key: _with(kept, items) for key, items in deployed.goal_states.items()}
    states = {key: items for key, items in states.items() if items}
    silent = deployed.managers.keys() - deployed.goal_states.keys()
    there = {key: deployed.managers[key] for key in (*states, *sorted(silent))}
    groups = {same_id(name) for item in content.values() for name in references(item.body)}
    found = OthersManagers(
        goal_states=states,
        members={group: names for group, names in members.items() if group in groups},
        subscriptions=frozenset(map(str.lower, subscriptions)),
    )
    return found, {**there, **content}


def _named(deployed: Deployed) -> set[str]:
    states = (state for items in deployed.goal_states.values() for state in items)
    return {same_id(name) for state in states for name in state.configuration_ids}


def _reached(
    name: str, deployed: Deployed, members: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Return whom a configuration names: networks by key, and the members of groups."""
    inside = (item for key, item in deployed.content.items() if is_part(key, [name]))
    named = {same_id(each) for item in inside for each in references(item.body)}
    return frozenset(named.union(*(members.get(group, ()) for group in named)))


def _kept(
    deployed: Deployed, reached: Mapping[str, frozenset[str]], near: frozenset[str]
) -> set[str]:
    kept = {name for name in reached if name not in deployed.content}
    joining = {
        same_id(name)
        for states in deployed.goal_states.values()
        for state in states
        if state.commit_type == "Connectivity"
        for name in state.configuration_ids
    }
    while new := {name for name in reached.keys() - kept if reached[name] & near}:
        kept |= new
        near = near.union(*(reached[name] for name in new & joining))
    return kept


def _with(kept: Collection[str], states: Iterable[GoalState]) -> tuple[GoalState, ...]:
    """Return goal states with these configurations alone, without those that have none of them.

    One that is not deployed stays: what was deployed before it is not told, and may serve on.
    """
    cut = (
        replace(
            state, configuration_ids=tuple(n for n in state.configuration_ids if same_id(n) in kept)
        )
        for state in states
    )
    return tuple(item for item in cut if item.configuration_ids or item.status != "Deployed")
