"""The states between the first step of a plan and its last, and what is unsafe in them.

Regions go side by side, so there is no one order. Every two regions of a wave are looked at in
both orders: a connection crosses the firewalls of two regions, and so does whatever is wrong with
it. Within them what others rely on, firewalls and what denies, comes as late and as early as needs
allow. What reaches all regions at once comes before all, by itself, and waves one after the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from math import comb

import networkx as nx

from topology.kind import Body, Stage, at, same_id
from topology.network import Network, Spoke
from topology.planning.actual import Actual
from topology.planning.at_once import at_once
from topology.planning.parts import without
from topology.planning.places import LAST, places
from topology.planning.plan import Delete, Nothing, Plan, Replace, Step
from topology.planning.removal import owned, region_of
from topology.planning.waves import as_written
from topology.resources import KIND_BY_NAME
from topology.verification.fabric import Firewall
from topology.verification.finding import Finding
from topology.verification.foreseen import foresee
from topology.verification.intent import not_ready, undenied, unsafe
from topology.verification.known import Known
from topology.verification.model import Model
from topology.verification.proof import Proof
from topology.verify_spec import prefix_of


@dataclass(frozen=True, slots=True)
class Moment:
    """A state on the way in which something is wrong: after which steps, and what.

    `is_unsafe` says that another order would be better; see `_made_anew`.
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
    leaving = _leaving(network, actual)

    def proof_of(model: Model) -> Proof:
        return Proof(network, model, leaving=leaving)

    ends = [proof_of(Model.of(state, assumptions)) for state in (actual, after)]
    known = [Known(end) for end in ends]
    made_anew = _made_anew(plan, ends[0].model)
    found: dict[tuple[str, str], Moment] = {}
    seen = [end.model for end in ends]
    for group, state in _states(network, plan, actual):
        model = Model.of(state, assumptions)
        if any(_same(model, other) for other in seen):
            continue
        seen.append(model)
        for finding in _findings(proof := proof_of(model)):
            if finding.key in found or any(end.has(finding) for end in known):
                continue
            ids = tuple(step.resource.id for step in group)
            excused = not_ready(proof, made_anew) if finding.rule == "not-ready" else ()
            found[finding.key] = Moment(ids, finding, is_unsafe=finding not in excused)
    return tuple(found.values())


def _leaving(network: Network, actual: Actual) -> dict[str, Spoke]:
    """Return the spokes of ours that stand and are no longer wanted, by network key."""
    names, topology = network.names, network.topology.topology
    wanted = {same_id(names.vnet_id(spoke.region, spoke.name)) for spoke in network.spokes}
    return {
        key: Spoke(
            region=region_of(item, actual) or "",
            name=item.id.rsplit("/", 1)[-1],
            environment=item.body["tags"]["environment"],
            subscription=item.id.split("/")[2],
            prefix=_prefix(item.body),
            subnets={},
        )
        for key, item in actual.resources.items()
        if KIND_BY_NAME[item.kind].can_join
        and "environment" in (item.body.get("tags") or {})
        and key not in wanted
        and owned(item, actual, topology)
    }


def _prefix(network: Body) -> IPv4Network:
    """Return the first prefix of a network; of IPv6 somebody may have put one before it."""
    prefixes = at(network, "properties.addressSpace.addressPrefixes") or ()
    return next(found for text in prefixes if (found := prefix_of(text)) is not None)


def _findings(proof: Proof) -> list[Finding]:
    """Return what may not be for a moment. That all who may reach each other do is for the end."""
    return [*unsafe(proof), *undenied(proof), *not_ready(proof)]


def _made_anew(plan: Plan, before: Model) -> Collection[Firewall]:
    """Return the firewalls that go or are made anew.

    They are not ready for a while, and no order of ours helps: a hub has room for one (facts.md
    section 6), so the new one cannot be there before the old one has gone. Routes that lead to
    where no firewall is let nothing pass, and stay: without them whatever has a public address of
    its own would reach the internet around the firewall, and firewalls send the addresses of other
    regions to the internet, too (facts.md sections 5 and 9).
    """
    going = {
        same_id(step.resource.id).partition("#")[0]
        for step in plan.steps
        if isinstance(step, Delete | Replace)
    }
    return [item for key, item in before.fabric.firewalls.items() if key in going]


def _states(
    network: Network, plan: Plan, actual: Actual
) -> Iterator[tuple[tuple[Step, ...], Actual]]:
    """Yield every group of steps of every order with the state after it.

    What is made anew is gone for a while: that is a state, too.
    """
    for order in orders(network, plan):
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


def orders(network: Network, plan: Plan) -> Iterator[list[tuple[Step, ...]]]:
    """Yield orders in which a plan may be carried out, each as groups of steps done at once.

    First goes what reaches all regions at once, then wave after wave. Of a wave something goes
    ahead as far as needs allow: some of the regions, chosen so that of every two each is once
    ahead of the other; then all that is not a firewall, or does not deny, and at last these.
    """
    first = at_once(plan)
    ahead_of_all = list(_in_groups(first, (), {}))
    waves = [[*_orders(part)] for part in as_written(network, without(plan, first))]
    for number in range(max(map(len, waves), default=1)):
        rest = (order[min(number, len(order) - 1)] for order in waves)
        yield [*ahead_of_all, *(group for groups in rest for group in groups)]


def _orders(part: Plan) -> Iterator[list[tuple[Step, ...]]]:
    for ahead in _ahead(part):
        yield [*_in_groups(part, ahead, places(part))]
    for ahead in _relied_on(part):
        yield [*_in_groups(part, ahead, {})]


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
    for _, keys in itertools.groupby(ordered, key=rank):
        group = tuple(steps[key] for key in keys)
        if any(not isinstance(step, Nothing) for step in group):
            yield group
