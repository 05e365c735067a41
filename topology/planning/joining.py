"""What joins a network to a region that stands comes after its denials, and parts it before them.

A first rollout needs no such order: nothing leads to a region until its routes come, last of all.
Where a region stands, its firewall leads on to whatever is peered with the hub. So a path waits
until the rules that keep others from it are in effect, and has gone before they go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from topology.graph import Edge, Graph, references
from topology.kind import Body, Listing, Stage, at, parent_id, same_id
from topology.planning.actual import Actual
from topology.planning.plan import Change, Commit, Create, Delete, Nothing, Replace, Step
from topology.resources import KIND_BY_NAME

Steps = Mapping[str, Step]
Ordered = tuple[Step, tuple[Edge, ...]]

_Comes = Create | Change | Replace


def denied_first(graph: Graph, steps: Steps, actual: Actual) -> Iterator[Ordered]:
    """Yield steps that take the place of others, each with an order.

    A path is a side of a pair of networks in one region, or what puts networks into a group that
    the region's routes apply to. Paths that go, and pairs that come late, get the stage ROUTES.
    Where a region has no rules of ours, those of other regions are all that there is to wait for.
    """
    mine: dict[str, list[Step]] = defaultdict(list)
    for step in steps.values():
        if step.resource.region is not None:
            mine[step.resource.region].append(step)
    held = _Held(graph, steps, actual)
    regions = [_Region(items, held) for items in mine.values()]
    denials = [item.denial for item in regions if item.denial]
    wanted = [step for step in denials if not held.is_undone(step)]
    going = [path for region in regions if region.stands for path in region.going]
    for region in regions:
        yield from region.gathered()
        if region.stands:
            yield from region.parted(denials)
            yield from region.joined(wanted, going)


@dataclass(frozen=True)
class _Region:
    """The steps of a region."""

    mine: list[Step]
    held: _Held

    @cached_property
    def denial(self) -> Step | None:
        """Return the commit of its rules, wanted or undone, or what says why there is none."""
        return next(self._commits(Stage.SECURITY), None)

    @cached_property
    def stands(self) -> bool:
        """Say whether anything of the region was there before."""
        return any(
            step.resource.stage.is_regional and not isinstance(step, Create) for step in self.mine
        )

    def gathered(self) -> Iterator[Ordered]:
        """Yield who comes to groups or goes, in the stage of the commit that reaches these groups.

        Those that come do so before it.
        """
        for stage in (Stage.ROUTING, Stage.SECURITY):
            for commit in self._commits(stage):
                for step in self._members(commit):
                    comes = isinstance(step, _Comes) and not self.held.is_undone(commit)
                    yield _in(stage, step), (_after(commit, step),) if comes else ()

    def parted(self, denials: list[Step]) -> Iterator[Ordered]:
        """Yield the paths that go: after routes that are undone, before the rules and members.

        Where the region has no rules, before those of others, and before routes that lead on.
        """
        undone = [step for step in self._commits(Stage.ROUTING) if self.held.is_undone(step)]
        last: list[Step] = [*denials, *(step for step in self.mine if _leads_on(step))]
        if self.denial:
            denied = self._members(self.denial)
            last = [self.denial, *(step for step in denied if isinstance(step, Delete | Replace))]
        for path in self.going:
            later = (_after(step, path) for step in last)
            yield _in(Stage.ROUTES, path), (*(_after(path, step) for step in undone), *later)

    def joined(self, denials: list[Step], going: list[Step]) -> Iterator[Ordered]:
        """Yield the paths that come, after the rules, and the rules that are waited for.

        Those that go anywhere go before: new rules do not know whoever leaves.
        """
        paths = [path for path in self.paths if isinstance(path, _Comes)]
        if paths and self.denial in denials:
            denials = [self._awaited(self.denial)]
            yield denials[0], ()
        first = [*(step for step in denials if isinstance(step, Commit)), *going]
        for path in paths if first else ():
            late = Stage.ROUTES if path in self._pairs else Stage.ROUTING
            yield _in(late, path), tuple(_after(path, step) for step in first)

    @cached_property
    def paths(self) -> list[Step]:
        """Return the steps that open or close a way between a network and the region's hub."""
        denied, led = (
            [step for commit in self._commits(stage) for step in self._members(commit)]
            for stage in (Stage.SECURITY, Stage.ROUTING)
        )
        return [*self._pairs, *(step for step in led if step not in denied)]

    @cached_property
    def going(self) -> list[Step]:
        """Return the paths that go."""
        return [path for path in self.paths if isinstance(path, Delete)]

    @cached_property
    def _pairs(self) -> list[Step]:
        return [step for step in self.mine if self.held.is_pair_of_region(step)]

    def _awaited(self, denial: Step) -> Step:
        """Return the commit of rules; one more where they are to reach a network that comes.

        Membership takes effect without one, and nobody says when (facts.md section 1): a commit
        ends when the rules are in effect on all that they reach.
        """
        if not isinstance(denial, Nothing) or denial.held:
            return denial
        coming = (name for step in self._members(denial) for name in self.held.newcomers(step))
        if (name := next(coming, None)) is None:
            return denial
        deployed = tuple(denial.resource.body["configurationIds"])
        return Commit(denial.resource, deployed, f"{name} comes, and waits for its rules")

    def _members(self, commit: Step) -> list[Step]:
        """Return the steps that put networks into the groups which a commit reaches."""
        groups = self.held.groups_of(commit)
        return [step for step in self.mine if self.held.fills(step) & groups]

    def _commits(self, stage: Stage) -> Iterator[Step]:
        for step in self.mine:
            is_commit = KIND_BY_NAME[step.resource.kind].listing is Listing.DEPLOYMENT_STATUS
            if is_commit and step.resource.stage is stage:
                yield step


@dataclass(frozen=True)
class _Held:
    """What resources hold: as they are wanted, or else as they were found."""

    graph: Graph
    steps: Steps
    actual: Actual
    _groups: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def is_undone(self, commit: Step) -> bool:
        """Say whether a commit takes out what is no longer wanted in a region at all."""
        return isinstance(commit, Commit) and commit.resource.id not in self.graph

    def is_pair_of_region(self, step: Step) -> bool:
        """Say whether a step is about one side of a pair, both ends of which are in its region."""
        path = KIND_BY_NAME[step.resource.kind].other_side
        other = self.steps.get(same_id(str(self._at(step, path)))) if path else None
        return other is not None and other.resource.region == step.resource.region

    def fills(self, step: Step) -> frozenset[str]:
        """Return the group in which a member stands, or what a rule names that fills groups."""
        kind = KIND_BY_NAME[step.resource.kind]
        if not kind.is_policy:
            return frozenset({same_id(parent_id(step.resource.id))})
        rules = self._named(step.resource.id) if kind.assigns else {step.resource.id}
        return frozenset(name for rule in rules for name in self._named(rule))

    def newcomers(self, member: Step) -> Iterator[str]:
        """Yield what makes a network new to a group: the member, or the network that is made."""
        if isinstance(member, _Comes):
            yield f"{member.resource.kind} {member.resource.name}"
        for name in self._named(member.resource.id):
            network = self.steps.get(name)
            if isinstance(network, Create | Replace):
                yield f"{network.resource.kind} {network.resource.name}"

    def groups_of(self, commit: Step) -> frozenset[str]:
        """Return what the configurations of a goal state name, those before it too: its groups."""
        before = commit.before if isinstance(commit, Commit) else ()
        ids = frozenset(map(same_id, (*commit.resource.body["configurationIds"], *before)))
        if ids not in self._groups:
            inside = {
                key
                for key in (*self.steps, *self.actual.resources)
                if any(key.startswith(f"{name}/") for name in ids)
            }
            self._groups[ids] = frozenset(name for key in inside for name in self._named(key))
        return self._groups[ids]

    def _named(self, resource_id: str) -> set[str]:
        """Return what a resource names beside itself."""
        named = {same_id(name) for body in self._bodies(resource_id) for name in references(body)}
        return named - {same_id(resource_id)}

    def _at(self, step: Step, path: str) -> object:
        found = (at(body, path) for body in self._bodies(step.resource.id))
        return next((value for value in found if value is not None), None)

    def _bodies(self, resource_id: str) -> Iterator[Body]:
        step, found = self.steps.get(same_id(resource_id)), self.actual.get(resource_id)
        yield from (step.resource.body,) if step and step.resource.body else ()
        yield from (found.body,) if found and not (step and step.resource.body) else ()


def _leads_on(step: Step) -> bool:
    return step.resource.stage is Stage.ROUTES and isinstance(step, _Comes)


def _in(stage: Stage, step: Step) -> Step:
    return replace(step, resource=replace(step.resource, stage=stage))


def _after(step: Step, need: Step) -> Edge:
    crosses = step.resource.region != need.resource.region
    return Edge(step.resource.id, need.resource.id, orders_only=crosses)
