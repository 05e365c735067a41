"""The states between the first step of a plan and its last, and what is unsafe in them.

Regions go side by side, so there is no one order. Every two regions are looked at in both
orders: a connection crosses the firewalls of two regions, and so does whatever is wrong with it.
What reaches all regions at once comes before them, by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import networkx as nx

from topology.kind import same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.at_once import at_once
from topology.planning.parts import without
from topology.planning.places import LAST, places
from topology.planning.plan import Nothing, Plan, Step
from topology.verification.finding import Finding
from topology.verification.foreseen import foresee
from topology.verification.intent import not_ready, undenied, unsafe
from topology.verification.known import Known
from topology.verification.model import Model
from topology.verification.proof import Proof

_FEW = 16  # regions; of more, only halves are looked at in both orders


@dataclass(frozen=True, slots=True)
class Moment:
    """A state on the way in which something is wrong: after which steps, and what."""

    after: tuple[str, ...]
    finding: Finding

    @property
    def is_unsafe(self) -> bool:
        """Say whether somebody reaches whom they must not, or goes around a firewall."""
        return self.finding.is_unsafe

    def __str__(self) -> str:
        names = [name.rsplit("/", 1)[-1] for name in self.after]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return f"after {names[0]}{more}: {self.finding.text}"


def moments(network: Network, plan: Plan, actual: Actual) -> tuple[Moment, ...]:
    """Return what is wrong on the way and was not before, each once.

    Not counted is what was so already: a plan may be there to end it.
    """
    assumptions = network.topology.verify.assumptions
    before = Model.of(actual, assumptions)
    known = Known(Proof(network, before))
    found: dict[tuple[str, str], Moment] = {}
    seen: list[Model] = []
    for order in orders(plan):
        state = actual
        for group in order:
            state = foresee(state, group, plan.topology)
            model = Model.of(state, assumptions)
            if any(_same(model, other) for other in seen):
                continue
            seen.append(model)
            for finding in _findings(network, model):
                if finding.key not in found and not known.has(finding):
                    ids = tuple(step.resource.id for step in group)
                    found[finding.key] = Moment(ids, finding)
    return tuple(found.values())


def _findings(network: Network, model: Model) -> list[Finding]:
    """Return what is unsafe, and what a reader must know.

    Traffic is cut while a firewall is made anew, or only firewalls keep two apart until the
    admin rules have come. That all who may reach each other do is for the end.
    """
    proof = Proof(network, model)
    return [*unsafe(proof), *undenied(proof), *not_ready(proof)]


def _same(one: Model, other: Model) -> bool:
    """Say whether two states treat every packet alike, as where a step made a thing unused."""
    return (
        one.fabric.networks == other.fabric.networks
        and one.fabric.firewalls == other.fabric.firewalls
        and one.fabric.tables == other.fabric.tables
        and one.effects == other.effects
        and one.policies == other.policies
    )


# -- orders ------------------------------------------------------------------------------


def orders(plan: Plan) -> Iterator[list[tuple[Step, ...]]]:
    """Yield orders in which a plan may be carried out, each as groups of steps done at once.

    First goes what reaches all regions at once. Of the rest one half of the regions goes ahead
    of the other as far as needs allow; halves are chosen so that every two regions are once in
    different ones.
    """
    first = at_once(plan)
    ahead_of_all, rest = list(_in_groups(first, ())), without(plan, first)
    regions = sorted({step.resource.region for step in rest.work if step.resource.region})
    for ahead in _halves(regions):
        yield [*ahead_of_all, *_in_groups(rest, ahead)]


def _halves(regions: list[str]) -> Iterator[set[str]]:
    bits = max(1, (len(regions) - 1).bit_length()) if len(regions) <= _FEW else 1
    for bit in range(bits):
        half = {name for number, name in enumerate(regions) if number >> bit & 1}
        yield half
        yield set(regions) - half


def _in_groups(plan: Plan, ahead: Iterable[str]) -> Iterator[tuple[Step, ...]]:
    steps = {same_id(step.resource.id): step for step in plan.steps}
    needs: nx.DiGraph[str] = nx.DiGraph()
    needs.add_nodes_from(steps)
    needs.add_edges_from((same_id(edge.need), same_id(edge.step)) for edge in plan.edges)
    depth = {
        key: number
        for number, layer in enumerate(nx.topological_generations(needs))
        for key in layer
    }
    place, first = places(plan), set(ahead)

    def rank(key: str) -> tuple[bool, bool, int]:
        region = steps[key].resource.region
        return place[key] == LAST, region is not None and region not in first, depth[key]

    ordered = nx.lexicographical_topological_sort(needs, key=rank)
    for _, keys in groupby(ordered, key=rank):
        group = tuple(steps[key] for key in keys)
        if any(not isinstance(step, Nothing) for step in group):
            yield group
