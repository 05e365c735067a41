"""The states between the first step of a plan and its last, and what is unsafe in them.

Regions go side by side, so there is no one order. Every two regions are looked at in both
orders: a connection crosses the firewalls of two regions, and so does whatever is wrong with it.
Within them what others rely on, firewalls and what denies, comes as late and as early as needs
allow. What reaches all regions at once comes before all, by itself.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import networkx as nx

from topology.kind import Stage, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.planning.at_once import at_once
from topology.planning.parts import without
from topology.planning.places import LAST, places
from topology.planning.plan import Delete, Nothing, Plan, Replace, Step
from topology.verification.finding import Finding
from topology.verification.foreseen import foresee
from topology.verification.intent import not_ready, undenied, unsafe
from topology.verification.known import Known
from topology.verification.model import Model
from topology.verification.proof import Proof

_FEW = 16  # regions; of more, only halves are looked at in both orders


@dataclass(frozen=True, slots=True)
class Moment:
    """A state on the way in which something is wrong: after which steps, and what.

    `is_unsafe` says that another order would be better; see `_Excuses`.
    """

    after: tuple[str, ...]
    finding: Finding
    is_unsafe: bool

    def __str__(self) -> str:
        names = [name.rsplit("/", 1)[-1] for name in self.after]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return f"after {names[0]}{more}: {self.finding.text}"


def moments(network: Network, plan: Plan, actual: Actual) -> tuple[Moment, ...]:
    """Return what is wrong on the way and was not before, each once.

    Not counted is what was so already, for a plan may be there to end it, and what the file
    itself leads to: that is no matter of the order.
    """
    assumptions = network.topology.verify.assumptions
    after = foresee(actual, plan.steps, plan.topology)
    ends = [Proof(network, Model.of(state, assumptions)) for state in (actual, after)]
    known = [Known(end) for end in ends]
    excuses = _Excuses(network, plan, *(end.model for end in ends))
    found: dict[tuple[str, str], Moment] = {}
    seen = [end.model for end in ends]
    for group, state in _states(plan, actual):
        model = Model.of(state, assumptions)
        if any(_same(model, other) for other in seen):
            continue
        seen.append(model)
        for finding in _findings(proof := Proof(network, model)):
            if finding.key in found or any(end.has(finding) for end in known):
                continue
            ids = tuple(step.resource.id for step in group)
            is_unsafe = not excuses.hold_for(finding, proof)
            found[finding.key] = Moment(ids, finding, is_unsafe)
    return tuple(found.values())


def _findings(proof: Proof) -> list[Finding]:
    """Return what may not be for a moment. That all who may reach each other do is for the end."""
    return [*unsafe(proof), *undenied(proof), *not_ready(proof)]


class _Excuses:
    """What is not as it should be on the way of a plan, and what no order of ours helps against.

    A firewall that goes or is made anew is not ready: nothing passes by it, and nothing passes
    around it. Of a network that comes to a region which is there, and in regions whose rules
    the file leaves to others, only firewalls keep it from others until admin rules name it: it
    is peered with its hub in its region's own part of a rollout, and rules come with what joins
    regions. For as long it may be reached by a name that application rules let through, if
    somebody's DNS gives that name its address.
    """

    def __init__(self, network: Network, plan: Plan, before: Model, after: Model) -> None:
        going = {
            same_id(step.resource.id).partition("#")[0]
            for step in plan.steps
            if isinstance(step, Delete | Replace)
        }
        addresses = before.fabric.firewall_at.items()
        self.addresses = frozenset(address for address, item in addresses if item.key in going)
        regions = network.topology.regions
        stood = {item.region for item in before.fabric.networks.values()}
        self.networks = {
            item.name
            for item in after.fabric.networks.values()
            if (item.region in stood and item.key not in before.fabric.networks)
            or (item.region in regions and not regions[item.region].admin_rules)
        }

    def hold_for(self, finding: Finding, proof: Proof) -> bool:
        """Say whether a finding of a state is excused."""
        if finding.rule == "not-ready":
            return finding in not_ready(proof, self.addresses)
        by_name = finding.rule == "isolation" and finding.traffic and finding.traffic.name
        met = self.networks.intersection(finding.between.split(" to "))
        return bool(met) and (finding.rule == "undenied" or bool(by_name))


def _states(plan: Plan, actual: Actual) -> Iterator[tuple[tuple[Step, ...], Actual]]:
    """Yield every group of steps of every order with the state after it.

    What is made anew is gone for a while: that is a state, too.
    """
    for order in orders(plan):
        state = actual
        for group in order:
            gone = [Delete(step.resource) for step in group if isinstance(step, Replace)]
            if gone:
                yield group, foresee(state, gone, plan.topology)
            state = foresee(state, group, plan.topology)
            yield group, state


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

    First goes what reaches all regions at once. Of the rest something goes ahead as far as
    needs allow: one half of the regions, chosen so that every two regions are once in different
    ones; then all that is not a firewall, or does not deny, and at last these.
    """
    first = at_once(plan)
    ahead_of_all, rest = list(_in_groups(first, (), {})), without(plan, first)
    for ahead in _halves(rest):
        yield [*ahead_of_all, *_in_groups(rest, ahead, places(rest))]
    for ahead in _relied_on(rest):
        yield [*ahead_of_all, *_in_groups(rest, ahead, {})]


def _halves(plan: Plan) -> Iterator[set[str]]:
    """Yield the steps of one half of the regions, with those of none, and of the other."""
    of = {same_id(step.resource.id): step.resource.region for step in plan.steps}
    regions = sorted({step.resource.region for step in plan.work if step.resource.region})
    bits = max(1, (len(regions) - 1).bit_length()) if len(regions) <= _FEW else 1
    for bit in range(bits):
        for side in (1, 0):
            half = {name for number, name in enumerate(regions) if number >> bit & 1 == side}
            yield {key for key, region in of.items() if region is None or region in half}


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
    plan: Plan, ahead: Container[str], place: Mapping[str, str]
) -> Iterator[tuple[Step, ...]]:
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
    for _, keys in groupby(ordered, key=rank):
        group = tuple(steps[key] for key in keys)
        if any(not isinstance(step, Nothing) for step in group):
            yield group
