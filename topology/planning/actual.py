"""What Azure holds, as it was read: the other side of every plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from topology.kind import same_id


@dataclass(frozen=True)
class Found:
    """A resource as Azure returned it, with the kind that it was listed as."""

    kind: str
    id: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class GoalState:
    """What AVNM was last told for one region and type of configuration.

    `commit_type` is Connectivity, SecurityAdmin or Routing; `status` is NotStarted,
    Deploying, Deployed or Failed; `commit_time` is Azure's text (UTC, seconds). `content` is what
    the configurations held when they were committed, by lower-case id, where that is known to be
    other than what they hold now: an edit does nothing until a commit (facts.md section 2).
    """

    region: str
    commit_type: str
    configuration_ids: tuple[str, ...]
    status: str = "Deployed"
    commit_time: str = ""
    error: str = ""
    content: Mapping[str, Found] | None = None


@dataclass(frozen=True)
class OthersManagers:
    """What network managers of others have deployed that reaches ours; none of it is in a step.

    Goal states are keyed by the manager: one without was found, and its states may not be read.
    What the configurations hold stands around ours. `members` are those of their groups.
    `subscriptions` are those that were read, in lower case: their networks are known.
    """

    goal_states: Mapping[str, tuple[GoalState, ...]] = field(default_factory=dict)
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    subscriptions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Actual:
    """Everything read, found by id whatever its case, and the goal states by manager.

    `others` are the networks of others, which may join ours; they are in no step. Nor is what
    stands `around` ours, by id: networks that are peered with ours or members of our groups, and
    what is associated with the subnets of both, AVNM's own route tables among it, firewalls too,
    with the policies, groups of rules and addresses by which they decide; and what `managers` of
    others have deployed that reaches them. `members` are the networks that Azure says are in each
    group of ours, by lower-case ids; it is asked only where rules of ours put some into groups.
    `policies` are the rules of others that apply in the subscriptions that were read: definitions
    of Azure Policy and what assigns them, there or at a management group above. `contents` are the
    ids of what stands in groups of ours that are to go, as far as it is of no kind of ours.
    """

    resources: Mapping[str, Found] = field(default_factory=dict)
    goal_states: Mapping[str, tuple[GoalState, ...]] = field(default_factory=dict)
    others: tuple[Found, ...] = ()
    around: Mapping[str, Found] = field(default_factory=dict)
    managers: OthersManagers = OthersManagers()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    contents: tuple[str, ...] = ()
    policies: tuple[Found, ...] = ()

    @classmethod
    def of(
        cls,
        found: Iterable[Found],
        goal_states: Mapping[str, tuple[GoalState, ...]] | None = None,
    ) -> Actual:
        """Make it from what was found; `goal_states` are keyed by the manager's id."""
        states = {same_id(manager): value for manager, value in (goal_states or {}).items()}
        return cls({same_id(item.id): item for item in found}, states)

    @property
    def surrounded(self) -> Actual:
        """Return it with what stands around it, and who joins, among its resources.

        So are the goal states and groups of managers of others among its own.
        """
        members = {**self.managers.members, **self.members}
        names = {name for each in members.values() for name in each}
        joined = {same_id(item.id): item for item in self.others if same_id(item.id) in names}
        return replace(
            self,
            resources={**joined, **self.around, **self.resources},
            goal_states={**self.managers.goal_states, **self.goal_states},
            members=members,
        )

    def with_contents(self, ids: Iterable[str]) -> Actual:
        """Return it with these as `contents`, but for what was found as a resource of a kind."""
        unknown = tuple(name for name in ids if same_id(name) not in self.resources)
        return replace(self, contents=unknown)

    def get(self, resource_id: str) -> Found | None:
        """Return what stands at an id, if anything does."""
        return self.resources.get(same_id(resource_id))

    def goal_state(self, manager_id: str, commit_type: str, region: str) -> GoalState | None:
        """Return the goal state of a manager for one region and type, if it has one."""
        for state in self.goal_states.get(same_id(manager_id), ()):
            if (state.commit_type, state.region) == (commit_type, region):
                return state
        return None
