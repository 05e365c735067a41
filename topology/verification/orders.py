"""Orders in which a plan may be carried out: enough of them to see what may go wrong on the way.

Regions go side by side, so there is no one order. Every two regions of a wave are looked at in
both orders: a connection crosses the firewalls of two regions, and so does whatever is wrong with
it. Within them what others rely on, firewalls and what denies, comes as late and as early as needs
allow. What reaches all regions at once comes before all, by itself, and waves one after the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from math import comb

import networkx as nx

from topology.kind import Stage, same_id
from topology.network import Network
from topology.planning.at_once import POLICY_PART, at_once
from topology.planning.parts import without
from topology.planning.places import LAST, places
from topology.planning.plan import Nothing, Plan, Step
from topology.planning.waves import as_written


@dataclass(frozen=True, slots=True)
class Group:
    """Steps of a part of a plan, such as a wave, that are done at once."""

    part: str
    steps: tuple[Step, ...]

    @property
    def work(self) -> tuple[Step, ...]:
        """Return the steps that do something."""
        return tuple(step for step in self.steps if not isinstance(step, Nothing))


def orders(network: Network, plan: Plan) -> Iterator[list[Group]]:
    """Yield orders in which a plan may be carried out, each as groups of steps.

    First goes what reaches all regions at once, then wave after wave. Of a wave something goes
    ahead as far as needs allow: some of the regions, chosen so that of every two each is once
    ahead of the other; then all that is not a firewall, or does not deny, and at last these.
    """
    first = at_once(plan)
    ahead_of_all = list(_in_groups(POLICY_PART, first, (), {}))
    parts = as_written(network, without(plan, first))
    waves = [[*_orders(wave.name, part)] for wave, part in parts]
    for number in range(max(map(len, waves), default=1)):
        rest = (order[min(number, len(order) - 1)] for order in waves)
        yield [*ahead_of_all, *(group for groups in rest for group in groups)]


def _orders(name: str, part: Plan) -> Iterator[list[Group]]:
    for ahead in _ahead(part):
        yield [*_in_groups(name, part, ahead, places(part))]
    for ahead in _relied_on(part):
        yield [*_in_groups(name, part, ahead, {})]


def _ahead(plan: Plan) -> Iterator[set[str]]:
    """Yield the steps of some regions, with those of none.

    Of every two regions each is once among them without the other: it is in sets that the other
    is not in. So many are enough: of the sets of half of them none holds another (Sperner).
    """
    of = {same_id(step.resource.id): step.resource.region for step in plan.steps}
    regions = sorted({step.resource.region for step in plan.work if step.resource.region})
    many = next(count for count in itertools.count(1) if comb(count, count // 2) >= len(regions))
    among = dict(zip(regions, itertools.combinations(range(many), many // 2), strict=False))
    for number in range(many):
        some = {None, *(region for region, sets in among.items() if number in sets)}
        yield {key for key, region in of.items() if region in some}


def _relied_on(plan: Plan) -> Iterator[set[str]]:
    """Yield the steps that need none of a stage on which others rely, and those that it needs."""
    needs = _needs(plan)
    for stage in (Stage.FIREWALL, Stage.SECURITY):
        steps = {same_id(step.resource.id) for step in plan.steps if step.resource.stage is stage}
        yield set(needs) - steps.union(*(nx.descendants(needs, key) for key in steps))
        if plan.before:  # else nothing goes
            yield steps.union(*(nx.ancestors(needs, key) for key in steps))


def _needs(plan: Plan) -> nx.DiGraph[str]:
    needs: nx.DiGraph[str] = nx.DiGraph()
    needs.add_nodes_from(same_id(step.resource.id) for step in plan.steps)
    needs.add_edges_from((same_id(edge.need), same_id(edge.step)) for edge in plan.edges)
    return needs


def _in_groups(
    name: str, plan: Plan, ahead: Container[str], place: Mapping[str, str]
) -> Iterator[Group]:
    """Yield the steps of a plan by their depth: what is ahead first, whose place is LAST last."""
    steps = {same_id(step.resource.id): step for step in plan.steps}
    needs = _needs(plan)
    depth = {
        key: number
        for number, layer in enumerate(nx.topological_generations(needs))
        for key in layer
    }

    def rank(key: str) -> tuple[bool, bool, int]:
        return place.get(key) == LAST, key not in ahead, depth[key]

    ordered = nx.lexicographical_topological_sort(needs, key=rank)
    for _, keys in itertools.groupby(ordered, key=rank):
        group = Group(name, tuple(steps[key] for key in keys))
        if group.work:
            yield group
