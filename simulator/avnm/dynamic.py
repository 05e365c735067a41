"""Members that Azure Policy adds to network groups, and takes out again.

A network, a policy or a group changes, and what the policies then make of the network is
known at once; it arrives in the groups a few minutes later (facts.md section 1). Several
policies may add one network to one group: it leaves with the last of them.
"""

from collections.abc import Iterable

from simulator.arm.ids import MANAGEMENT_GROUP
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.types import GROUP, NETWORK, SUBNET
from simulator.hierarchy import PLACE
from simulator.policy.assigned import Rule, assigned_rules
from simulator.policy.types import ASSIGNMENT, DEFINITION, SET

# A group's key and what adds to it.
Sources = frozenset[tuple[str, str]]

_POLICY = frozenset(item.lower() for item in (DEFINITION, SET, ASSIGNMENT))
_HIERARCHY = frozenset(item.lower() for item in (MANAGEMENT_GROUP, PLACE))
_MEMBERS = frozenset(item.lower() for item in (NETWORK, SUBNET))
_RESOURCE_GROUP = "microsoft.resources/resourcegroups"
_NOTHING: Sources = frozenset()


class DynamicMembership:
    """Keeps the dynamic members of all groups: `Resource.hidden["dynamic"]` of each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rules: list[Rule] = []
        # What policies make of each network and subnet now, and how often that changed.
        self._wanted: dict[str, Sources] = {}
        self._changes: dict[str, int] = {}
        self._arrived: dict[str, int] = {}
        world.store.watchers.append(self._changed)

    def _changed(self, resource: Resource) -> None:
        kind, store = resource.type.lower(), self._world.store
        if kind in _POLICY | _HIERARCHY:
            self._rules = assigned_rules(self._world)
            self._look_at([*store.of_type(NETWORK), *store.of_type(SUBNET)])
        elif not (self._rules or self._wanted):
            return
        elif kind in _MEMBERS:
            self._look_at([resource])
        elif kind == _RESOURCE_GROUP:
            self._look_at(item for item in store.in_group(resource.key) if _can_be_member(item))
        elif kind == GROUP.lower() and "dynamic" not in resource.hidden:
            self._fill(resource)

    def _look_at(self, candidates: Iterable[Resource]) -> None:
        """Note what policies make of networks and subnets, and let news arrive later."""
        for item in candidates:
            exists = self._world.store.get(item.key) is item
            wanted = self._sources(item) if exists else _NOTHING
            if wanted != self._wanted.get(item.key, _NOTHING):
                self._want(item.key, wanted)
                self._send(item.key, wanted, at_once=not exists)

    def _sources(self, item: Resource) -> Sources:
        chosen = (rule for rule in self._rules if rule.selects(item, self._world))
        return frozenset((rule.group, rule.source) for rule in chosen)

    def _want(self, key: str, wanted: Sources) -> None:
        if wanted:
            self._wanted[key] = wanted
        else:
            self._wanted.pop(key, None)

    def _fill(self, group: Resource) -> None:
        """Let those arrive that policies want in a group which has only now been made."""
        group.hidden["dynamic"] = {}
        for key, wanted in list(self._wanted.items()):
            if any(target == group.key for target, _ in wanted):
                self._send(key, wanted, at_once=False)

    def _send(self, key: str, wanted: Sources, *, at_once: bool) -> None:
        number = self._changes[key] = self._changes.get(key, 0) + 1
        if at_once:
            self._arrive(key, wanted, number)
            return
        lag = self._world.draw(self._world.settings.dynamic_membership_lag)
        self._world.timeline.after(lag, lambda: self._arrive(key, wanted, number))

    def _arrive(self, key: str, wanted: Sources, number: int) -> None:
        if number < self._arrived.get(key, 0):
            # Newer news overtook this.
            return
        self._arrived[key] = number
        for group in self._world.store.of_type(GROUP):
            sources = frozenset(source for target, source in wanted if target == group.key)
            known: dict[str, frozenset[str]] = group.hidden.setdefault("dynamic", {})
            if sources == known.get(key, frozenset()):
                continue
            known[key] = sources
            if not sources:
                del known[key]
            # Deployed configurations follow (facts.md section 1).
            self._world.store.save(group)


def _can_be_member(resource: Resource) -> bool:
    return resource.type.lower() in _MEMBERS
