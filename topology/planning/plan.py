"""A plan: steps as values, saved before the first write, read by all who act or tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from topology.graph import Edge
from topology.kind import Resource, same_id
from topology.planning.actual import Actual, Found, GoalState

FORMAT = 2
_STRICT = ConfigDict(extra="forbid")
Held = Literal["", "by others", "by ours"]
AS_WANTED = "Azure holds what is wanted"


@dataclass(frozen=True)
class FieldChange:
    """A field that differs: `old` and `new` are JSON, None where there is nothing."""

    path: str
    old: Any
    new: Any


@checked(frozen=True, config=_STRICT)
class Create:
    """Make a resource that is not there."""

    resource: Resource
    does: Literal["create"] = "create"


@checked(frozen=True, config=_STRICT)
class Change:
    """Set fields of a resource that is there; all others stay as they are.

    `takes_over` says that it is not ours yet: the marks of ownership are what is set.
    """

    resource: Resource
    fields: tuple[FieldChange, ...]
    takes_over: bool = False
    does: Literal["change"] = "change"

    @property
    def sets_only_tags(self) -> bool:
        """Say whether it sets tags and nothing else, and takes none away."""
        return bool(self.fields) and all(
            field.path.split(".")[0] == "tags" and field.new is not None for field in self.fields
        )


@checked(frozen=True, config=_STRICT)
class Replace:
    """Delete a resource and make it again, for Azure refuses these fields in place."""

    resource: Resource
    fields: tuple[FieldChange, ...]
    does: Literal["replace"] = "replace"


@checked(frozen=True, config=_STRICT)
class Delete:
    """Remove a resource of ours that is no longer wanted.

    `resource.body` is the body that was found.
    """

    resource: Resource
    does: Literal["delete"] = "delete"


@checked(frozen=True, config=_STRICT)
class Commit:
    """Tell AVNM the whole goal state of one region and type.

    `resource.body` is the commit's own: `commitType`, `targetLocations` (one region)
    and `configurationIds`, other teams' configurations included. `reason` says why.
    `fields` are what the next generation of a configuration changes for this region;
    their paths start with the kind and the name of a rule. `theirs` are the other teams' ids: what
    is sent has those that they have deployed by then, whatever the plan has found.
    """

    resource: Resource
    before: tuple[str, ...]
    reason: str
    fields: tuple[FieldChange, ...] = ()
    theirs: tuple[str, ...] = ()
    does: Literal["commit"] = "commit"


@checked(frozen=True, config=_STRICT)
class Nothing:
    """Leave a resource alone, with the reason.

    `held` says that it should have gone, come back or been made anew: by others means that
    what is not ours stands in it, in its place, or uses it, by ours that something which stays
    needs it.
    """

    resource: Resource
    reason: str
    held: Held = ""
    does: Literal["nothing"] = "nothing"


Step = Create | Change | Replace | Delete | Commit | Nothing


@checked(frozen=True, config=_STRICT)
class Plan:
    """What is to be done to one topology, and what stood there before.

    Steps are in an order in which they could be done one by one. `before` holds the
    bodies of all resources that a step touches, and the goal states of the manager, so
    that a plan can be taken back after its maker is gone. `source` is the path of the
    topology file, where the plan was saved for later. `notes` are sentences about the
    whole: what a reader must know beyond the steps. `subscriptions` are all that were read.
    """

    topology: str
    subscriptions: tuple[str, ...]
    steps: tuple[Step, ...]
    edges: tuple[Edge, ...]
    before: tuple[Found, ...] = ()
    goal_states: dict[str, tuple[GoalState, ...]] = Field(default_factory=dict)
    source: str = ""
    notes: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def work(self) -> tuple[Step, ...]:
        """Return the steps that write."""
        return tuple(step for step in self.steps if not isinstance(step, Nothing))

    @property
    def held(self) -> tuple[Nothing, ...]:
        """Return what should go and cannot, for what is not ours stands in it or uses it."""
        return tuple(step for step in self.steps if isinstance(step, Nothing) and step.held)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is to be written."""
        return not self.work

    @property
    def counts(self) -> dict[str, int]:
        """Return how many steps create, change, replace, delete, commit or do nothing."""
        return dict(Counter(step.does for step in self.steps))

    def only(self, keys: Collection[str]) -> Plan:
        """Return the part of the plan whose steps have these ids, in lower case."""
        kept = set(keys)
        return replace(
            self,
            steps=tuple(step for step in self.steps if same_id(step.resource.id) in kept),
            edges=tuple(
                edge for edge in self.edges if {same_id(edge.step), same_id(edge.need)} <= kept
            ),
        )

    @cached_property
    def found(self) -> Actual:
        """Return `before` as something to look ids up in."""
        return Actual.of(self.before, self.goal_states)

    @cached_property
    def deleted(self) -> frozenset[str]:
        """Return the ids of what goes, in lower case."""
        return frozenset(same_id(s.resource.id) for s in self.steps if isinstance(s, Delete))

    def does_the_same(self, other: Plan) -> bool:
        """Say whether two plans do the same to the same world."""
        return (self.topology, self.work) == (other.topology, other.work)

    def to_json(self) -> bytes:
        """Return the plan as JSON, which `from_json` reads back as an equal value."""
        return _ADAPTER.dump_json(self, indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> Plan:
        """Read a saved plan.

        Raises ValueError for what is no plan, or one of another format.
        """
        number = _AnyPlan.model_validate_json(text).format
        if number != FORMAT:
            raise ValueError(
                f"the plan has format {number}, this Orrery reads {FORMAT}; plan again"
            )
        return _ADAPTER.validate_json(text)


class _AnyPlan(BaseModel):
    """What plans of all formats have."""

    format: int = FORMAT


_ADAPTER: TypeAdapter[Plan] = TypeAdapter(Plan)
