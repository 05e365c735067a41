"""The states between the first step of a plan and its last, and what is unsafe in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from topology.kind import Body, Stage, at, same_id
from topology.network import Network, Spoke
from topology.planning.actual import Actual
from topology.planning.plan import Delete, Plan, Replace
from topology.planning.removal import owned, region_of
from topology.resources import KIND_BY_NAME
from topology.verification.fabric import Firewall
from topology.verification.finding import Finding
from topology.verification.foreseen import foresee
from topology.verification.intent import not_ready, undenied, unsafe
from topology.verification.known import Known
from topology.verification.model import Model
from topology.verification.orders import Group, orders
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


@dataclass(frozen=True, slots=True)
class Passed:
    """A stage of a part of a plan, such as a wave, on the way.

    It has so many steps, in these regions; after some of them so many states were looked at, of
    which some are `wrong`.
    """

    part: str
    stage: str
    regions: tuple[str, ...]
    steps: int
    states: int
    wrong: int


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """What was looked at between the first step of a plan and its last.

    So many states in so many orders, of which some are `wrong`; `stages` one after the other, as
    they end in the first of these; `moments` what is wrong, each thing once.
    """

    orders: int
    states: int
    wrong: int
    stages: tuple[Passed, ...]
    moments: tuple[Moment, ...]


def on_the_way(network: Network, plan: Plan, actual: Actual) -> OnTheWay:
    """Look at every state of every order; what is wrong and was not before is told once.

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
    seen, passed, in_order = (
        [(end.model, False) for end in ends],
        _Passed(),
        [*orders(network, plan)],
    )
    for group, state in (each for order in in_order for each in _states(order, plan, actual)):
        model = Model.of(state, assumptions)
        is_wrong = next((wrong for other, wrong in seen if _same(model, other)), None)
        if is_wrong is None:
            proof = proof_of(model)
            wrong = [it for it in _findings(proof) if not any(end.has(it) for end in known)]
            is_wrong = bool(wrong)
            seen.append((model, is_wrong))
            ids = tuple(step.resource.id for step in group.steps)
            for finding in (item for item in wrong if item.key not in found):
                excused = not_ready(proof, made_anew) if finding.rule == "not-ready" else ()
                found[finding.key] = Moment(ids, finding, is_unsafe=finding not in excused)
        passed.add(group, is_wrong=is_wrong)
    stages = tuple(passed.stages(in_order[0]))
    return OnTheWay(len(in_order), passed.total, passed.wrong, stages, tuple(found.values()))


class _Passed:
    """Counts the states after steps of each stage of each part."""

    def __init__(self) -> None:
        self.total = self.wrong = 0
        self._states = Counter[tuple[str, Stage]]()
        self._wrong = Counter[tuple[str, Stage]]()

    def add(self, group: Group, *, is_wrong: bool) -> None:
        self.total += 1
        self.wrong += is_wrong
        self._states.update(_stages(group))
        self._wrong.update(_stages(group) if is_wrong else ())

    def stages(self, order: Iterable[Group]) -> Iterator[Passed]:
        """Yield the stages as they end in an order."""
        groups = [*order]
        last = {key: number for number, group in enumerate(groups) for key in _stages(group)}
        among = [*Stage]
        for part, stage in sorted(last, key=lambda key: (last[key], among.index(key[1]))):
            steps = [
                step
                for group in groups
                for step in group.work
                if (group.part, step.resource.stage) == (part, stage)
            ]
            regions = sorted({step.resource.region for step in steps if step.resource.region})
            counts = self._states[part, stage], self._wrong[part, stage]
            yield Passed(part, stage.value, tuple(regions), len(steps), *counts)


def _stages(group: Group) -> set[tuple[str, Stage]]:
    return {(group.part, step.resource.stage) for step in group.work}


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


def _states(order: Iterable[Group], plan: Plan, actual: Actual) -> Iterator[tuple[Group, Actual]]:
    """Yield every group of steps of an order with the state after it.

    What is made anew is gone for a while: that is a state, too.
    """
    state = actual
    for group in order:
        gone = [Delete(step.resource) for step in group.steps if isinstance(step, Replace)]
        if gone:
            yield group, foresee(state, gone, plan.topology)
        state = foresee(state, group.steps, plan.topology)
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
