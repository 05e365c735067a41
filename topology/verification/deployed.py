"""What managers have deployed where, and whom it reaches: goal states, scopes and groups.

What a configuration holds does nothing in a region until it is committed there (facts.md
section 2): what is known to have been edited since is taken as it was committed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from topology.kind import at, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.verification.fabric import Fabric, Subnet, VirtualNetwork

_MANAGER = re.compile(r".+/networkmanagers/[^/]+")

Children = Mapping[str, list[Found]]


@dataclass(frozen=True, slots=True)
class Goal:
    """One configuration in one region, by the manager with the rank; `children` as committed."""

    rank: tuple[int, str]
    commit_type: str
    region: str
    configuration: Found
    children: Children


def goals(actual: Actual) -> Iterator[Goal]:
    """Yield what is deployed where; the manager with the higher scope first.

    What is being deployed is not there yet, and nobody knows of what failed
    (`unread_managers`). Of two managers the one with the higher scope wins (facts.md sections 1
    and 3).
    """
    found, below = list[Goal](), dict[int, Children]()
    for manager, states in actual.goal_states.items():
        rank = (level(actual, manager), manager)
        for state in states:
            if state.status != "Deployed":
                continue
            held = actual.resources if state.content is None else state.content
            if id(held) not in below:  # many regions have the same
                below[id(held)] = _children(held)
            named = (held.get(same_id(name)) for name in state.configuration_ids)
            found += [
                Goal(rank, state.commit_type, state.region, item, below[id(held)])
                for item in named
                if item
            ]
    return iter(sorted(found, key=lambda goal: goal.rank))


def level(actual: Actual, manager: str) -> int:
    """Return 0 for a manager that has a management group for its scope, else 1: what is below."""
    there = actual.get(manager)
    scopes = at(there.body if there else {}, "properties.networkManagerScopes") or {}
    return 0 if scopes.get("managementGroups") else 1


def manager_of(name: str) -> str:
    """Return the key of the manager that something is, or stands in; "" of anything else."""
    found = _MANAGER.match(same_id(name))
    return found[0] if found else ""


def _children(resources: Mapping[str, Found]) -> Children:
    """Return what stands under each configuration and collection, by the parent's key."""
    found: dict[str, list[Found]] = defaultdict(list)
    for key, item in resources.items():
        if "/networkmanagers/" in key:
            found[same_id(parent_id(key))].append(item)
    return found


def is_part(key: str, configuration_ids: Iterable[str]) -> bool:
    """Say whether what a key names is one of these configurations, or stands in one."""
    return any(f"{key}/".startswith(f"{same_id(name)}/") for name in configuration_ids)


class Scope:
    """What a manager may touch: what is outside silently gets nothing (facts.md section 1).

    Which subscriptions a management group has is not read: it is taken to hold them all. So is
    the scope of a manager that was not read itself.
    """

    def __init__(self, actual: Actual, part_of_manager: str) -> None:
        there = actual.get(manager_of(part_of_manager))
        own = at(there.body, "properties.networkManagerScopes") if there else None
        scopes = [own or {}, *((own or {}).get("crossTenantScopes") or ())]
        self._has_all = own is None or any(scope.get("managementGroups") for scope in scopes)
        self._starts = tuple(
            f"{same_id(str(name)).rstrip('/')}/"
            for scope in scopes
            for name in scope.get("subscriptions") or ()
        )

    def __contains__(self, key: str) -> bool:
        """Say whether a network or a subnet, by its key, is in it."""
        return self._has_all or key.startswith(self._starts)

    def is_within(self, subscriptions: Collection[str]) -> bool:
        """Say whether it has no subscription but these, in lower case."""
        known = {f"/subscriptions/{name}/" for name in subscriptions}
        return not self._has_all and known.issuperset(self._starts)


class Groups:
    """Who is in a network group and in its manager's scope: networks, or single subnets."""

    def __init__(self, fabric: Fabric, *, skips_services: bool = True) -> None:
        self.fabric, self._skips_services = fabric, skips_services
        named: dict[str, list[str]] = defaultdict(list)
        for key, item in fabric.actual.resources.items():
            if "/staticmembers/" in key:
                member = at(item.body, "properties.resourceId")
                named[same_id(parent_id(key))].append(same_id(str(member)))
        for group, members in fabric.actual.members.items():
            known = named[same_id(group)]
            known += sorted(members - {*known})
        self._members: dict[str, list[str]] = defaultdict(list)
        for group, keys in named.items():
            scope = Scope(fabric.actual, group)
            self._members[group] = [key for key in keys if key in scope]

    def networks(self, group: str, region: str) -> Iterator[VirtualNetwork]:
        """Yield the networks of a group in a region: others get nothing of its commits."""
        for key in self._members[same_id(group)]:
            network = self.fabric.networks.get(key)
            if network is not None and network.region == region:
                yield network

    def prefixes(self, group: str) -> Iterator[range]:
        """Yield the prefixes of all members of a group."""
        for key in self._members[same_id(group)]:
            if member := self.fabric.networks.get(key) or self.fabric.subnets.get(key):
                yield from member.prefixes

    def subnets(self, group: str, region: str) -> Iterator[Subnet]:
        """Yield the subnets that a group names, or those of its networks that it reaches."""
        for network in self.networks(group, region):
            for subnet in network.subnets:
                if not (subnet.is_reserved and self._skips_services):
                    yield subnet
        for key in self._members[same_id(group)]:
            single = self.fabric.subnets.get(key)
            if single and self.fabric.networks[single.network].region == region:
                yield single
