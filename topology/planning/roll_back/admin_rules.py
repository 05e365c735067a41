"""What comes back alone is denied again in other regions, by the admin rules that named it.

What is deployed is not edited (`generations`): regions go on to a generation that names it, or
back to the one from before the plan where that says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from topology.kind import Resource, Stage, same_id
from topology.naming import generation_in
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.addresses_in_rules import keeping, rest_of
from topology.planning.commits import commit_id, goal_of
from topology.planning.diff import differences
from topology.planning.generations import is_admin_rule, next_of, no_next
from topology.planning.plan import Commit, Nothing, Plan
from topology.planning.removal import as_resource, owned
from topology.planning.roll_back.alone import left
from topology.planning.roll_back.bodies import whole
from topology.resources import KIND_BY_NAME

Content = Mapping[str, Found]  # of a configuration: all that it holds, by the id after its own
Deployed = tuple[GoalState, str]  # and the configuration of it that is meant


@dataclass(frozen=True)
class DeniedAgain:
    """What other regions deploy, so that what comes back is denied there.

    `resources` are their commits, and the next generation if there is one. `instead` has what
    the region that comes back deploys in place of what it had, by lower-case id. Nobody has the
    `unused` ids deployed after it. `left` says what cannot be.
    """

    resources: tuple[Resource, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    left: tuple[Nothing, ...] = ()

    @property
    def commits(self) -> frozenset[str]:
        """Return the ids of the commits, in lower case."""
        return frozenset(same_id(s.id) for s in self.resources if "commitType" in s.body)

    def in_place_of(self, configuration: str) -> str:
        """Return what is deployed in place of a configuration, or itself."""
        return self.instead.get(same_id(configuration), configuration)

    def without_unused(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        """Yield resources without what nobody has deployed afterwards."""
        for resource in resources:
            if not any(f"{same_id(resource.id)}/".startswith(f"{it}/") for it in self.unused):
                yield resource

    def first(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        """Yield resources, routes and what deploys them after the denials."""
        for resource in resources:
            late = resource.stage in {Stage.ROUTES, Stage.ROUTING}
            needs = resource.needs | self.commits if late else resource.needs
            yield replace(resource, needs=needs)


def denied_again(
    own: set[str],
    commits: Iterable[Commit],
    stays: Callable[[str], bool],
    plan: Plan,
    actual: Actual,
) -> DeniedAgain:
    """Return it for goal states that regions had, and `own`, the prefixes of their networks.

    `stays` says, by the id of its commit, which goal state of others is not taken back itself.
    A mesh names nobody: who comes back joins the one that others have. Routing holds for each
    region what it alone has, and that of others has nothing for one that had left.
    """
    found = [
        _Again(own, commit, old, stays, plan, actual).all()
        for commit in commits
        if commit.resource.stage is not Stage.ROUTING
        for old in commit.before
        if generation_in(old)
    ]
    return DeniedAgain(
        tuple(resource for item in found for resource in item.resources),
        {old: new for item in found for old, new in item.instead.items()},
        tuple(name for item in found for name in item.unused),
        tuple(step for item in found for step in item.left),
    )


@dataclass(frozen=True)
class _Again:
    """A configuration that a region had deployed before the plan, and what others have now."""

    own: set[str]
    commit: Commit
    old: str
    stays: Callable[[str], bool]
    plan: Plan
    actual: Actual

    def all(self) -> DeniedAgain:
        others = [(state, name) for state in self._states() if (name := self._now(state))]
        behind = [(state, name) for state, name in others if not self._names_it(name)]
        if not behind:
            last = max((name for _, name in others), key=_number, default=self.old)
            return DeniedAgain(instead=self._instead(last))
        base = max((name for _, name in behind), key=_number)
        content = self._again(base)
        if self._is_old(content):
            return self._to(self.old, (), behind, others)
        target = next_of(base, self.actual, self.plan.found)
        ids = (*self.actual.resources, *(f"{target}{key}" for key in content))
        rules = sum(map(is_admin_rule, ids))
        if reason := no_next(base, rules, self.actual, self.plan.topology):
            return DeniedAgain(left=tuple(self._left(base, reason)))
        return self._to(target, tuple(self._made(base, target, content)), behind, others)

    def _to(
        self,
        target: str,
        made: tuple[Resource, ...],
        behind: list[Deployed],
        others: list[Deployed],
    ) -> DeniedAgain:
        commits = (self._commit(state, name, target) for state, name in behind)
        stays = {target, *(name for state, name in others if (state, name) not in behind)}
        unused = {same_id(name) for _, name in behind} - set(map(same_id, stays))
        if made:  # of what is taken up again nothing else stays
            unused.add(same_id(target))
        return DeniedAgain((*made, *commits), self._instead(target), tuple(sorted(unused)))

    # -- regions -------------------------------------------------------------------------

    def _states(self) -> Iterator[GoalState]:
        """Yield the goal states of other regions, of the same type."""
        mine = self.commit.resource
        for state in self.actual.goal_states.get(self._manager, ()):
            is_other = state.region != mine.region and self.stays(commit_id(self._manager, state))
            if is_other and state.commit_type == mine.body["commitType"]:
                yield state

    def _now(self, state: GoalState) -> str | None:
        """Return the generation that a region has now, if it is another one."""
        ids = [name for name in state.configuration_ids if self._is_generation(name)]
        return next((name for name in ids if same_id(name) != same_id(self.old)), None)

    def _is_generation(self, name: str) -> bool:
        kind, _ = generation_in(self.old) or ("", 0)
        found = self.actual.get(name)
        is_same = (generation_in(name) or ("",))[0] == kind
        return is_same and found is not None and owned(found, self.actual, self.plan.topology)

    def _instead(self, target: str) -> dict[str, str]:
        """Return what the region has in place of what it had, if it left that by the plan."""
        left_it = not any(map(self._is_generation, self.commit.resource.body["configurationIds"]))
        return {same_id(self.old): target} if left_it else {}

    def _commit(self, state: GoalState, name: str, target: str) -> Resource:
        ids = [target if same_id(other) == same_id(name) else other for other in self._ours(state)]
        return goal_of(self._manager, state, ids)

    def _ours(self, state: GoalState) -> Iterator[str]:
        for name in state.configuration_ids:
            found = self.actual.get(name)
            if found is not None and owned(found, self.actual, self.plan.topology):
                yield name

    @property
    def _manager(self) -> str:
        return same_id(self.commit.resource.id.rsplit("/commits/", 1)[0])

    # -- content -------------------------------------------------------------------------

    def _names_it(self, name: str) -> bool:
        now = _content(name, self.actual, self.plan.topology)
        return _says(self._again(name), now, self.plan.topology)

    def _again(self, name: str) -> dict[str, dict[str, Any]]:
        """Return the bodies of a configuration with the rules that named what comes back."""
        now = _content(name, self.actual, self.plan.topology)
        was = _content(self.old, self.plan.found, self.plan.topology)
        bodies = {key: _whole(found) for key, found in now.items()}
        for key, found in was.items():
            if key in now:
                bodies[key] = keeping(bodies[key], _whole(found), self.own)
            elif rest_of(found.body, self.own):
                above = (other for other in was if f"{key}/".startswith(f"{other}/"))
                bodies |= {other: _whole(was[other]) for other in above if other not in bodies}
        return bodies

    def _is_old(self, content: Mapping[str, dict[str, Any]]) -> bool:
        """Say whether it is what the region had deployed, as that stands or comes back."""
        topology, there = self.plan.topology, self.actual.get(self.old) is not None
        was = _content(self.old, self.actual if there else self.plan.found, topology)
        comes = there or same_id(self.old) in self.plan.deleted
        return comes and _says(content, was, topology)

    def _made(
        self, base: str, target: str, content: Mapping[str, dict[str, Any]]
    ) -> Iterator[Resource]:
        now = _content(base, self.actual, self.plan.topology)
        was = _content(self.old, self.plan.found, self.plan.topology)
        for key, body in content.items():
            world, found = (self.actual, now[key]) if key in now else (self.plan.found, was[key])
            whose = base if key in now else self.old
            name = f"{target}{found.id[len(whose) :]}"
            yield replace(as_resource(found, world), id=name, body=body)

    def _left(self, base: str, reason: str) -> Iterator[Nothing]:
        if found := self.actual.get(base):
            resource = replace(self.commit.resource, kind=found.kind, id=found.id)
            told = f"its rules name nothing of {resource.region} until the next rollout: {reason}"
            yield left(resource, told)


def _content(configuration: str, world: Actual, topology: str) -> Content:
    above = same_id(configuration)
    return {
        key.removeprefix(above): found
        for key, found in world.resources.items()
        if f"{key}/".startswith(f"{above}/") and owned(found, world, topology)
    }


def _says(content: Mapping[str, dict[str, Any]], found: Content, topology: str) -> bool:
    """Say whether these bodies are what was found, and no more."""
    return content.keys() == found.keys() and not any(
        differences(body, found[key].body, KIND_BY_NAME[found[key].kind], topology)
        for key, body in content.items()
    )


def _whole(found: Found) -> dict[str, Any]:
    return whole(found, KIND_BY_NAME[found.kind])


def _number(configuration: str) -> int:
    return (generation_in(configuration) or ("", 0))[1]
