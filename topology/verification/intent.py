"""What must be so, whatever the routes and rules: the topology's intent, held against a model.

The reference intent follows from the topology itself. Environments that may open nothing to
each other are kept apart; those that may reach each other do, by the firewall of the one's hub
and that of the other's, and the answer comes back by both; nothing gets to another network or
to the internet around a firewall.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from topology.kind import same_id
from topology.naming import HUB
from topology.network import Network, Spoke
from topology.verification.addresses import address, members
from topology.verification.fabric import Subnet
from topology.verification.model import Model
from topology.verification.pairs import Answers, Block, Pairs, Rectangle, pairs, without
from topology.verification.plane import Plane
from topology.verification.routes import Hop
from topology.verification.rules import PROTOCOLS, Rule, Traffic
from topology.verification.walk import Answer, End, ask

_MOST_FIREWALLS = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be.

    `rule` is isolation, reach, inspection, around, egress, half-seen, undenied or not-ready.
    `between` names two networks, `text` is a sentence with an example, `by` the id of what
    decided about it. `planned` is the step at which the way would part from this one if all
    were as planned, where a reference was given.
    """

    rule: str
    between: str
    text: str
    by: str
    planned: str = ""


@dataclass(frozen=True)
class Proof:
    """A network's intent, and the model that it is held against.

    `reference` is the model of how it should be: by it a finding names what is missing.
    """

    network: Network
    model: Model
    reference: Model | None = None

    @cached_property
    def plane(self) -> Plane:
        """Return the plane of all pairs."""
        return Plane.of(self.model)

    @cached_property
    def answers(self) -> Answers:
        """Return which ways answers take."""
        return Answers.of(self.plane, self.model)

    def findings(self) -> tuple[Finding, ...]:
        """Return all that is not as it must be, for every kind of traffic that rules tell apart.

        Of findings with one rule between the same networks the first is kept.
        """
        found: dict[tuple[str, str], Finding] = {}
        for traffic in kinds_of_traffic(self.model):
            for finding in _Held(self, traffic).all():
                found.setdefault((finding.rule, finding.between), finding)
        return tuple(found.values())

    def undenied(self) -> tuple[Finding, ...]:
        """Return who would reach whom they must not, if no firewall stood between.

        What is kept apart is denied before subnets too: a path must not be there before its
        denial is (admin rules at either end, routes last).
        """
        found: dict[str, Finding] = {}
        for traffic in kinds_of_traffic(self.model):
            for finding in _Held(self, traffic, firewalls_pass=True).isolation("undenied"):
                found.setdefault(finding.between, finding)
        return tuple(found.values())

    def not_ready(self) -> tuple[Finding, ...]:
        """Return the routes that lead to a firewall which is not there or not ready."""
        return tuple(_not_ready(self.model))

    def as_planned(
        self, subnet: Subnet, source: int, target: int, traffic: Traffic, found: Answer
    ) -> str:
        """Return the step of the reference where its way parts from the one found."""
        there = self.reference.fabric.subnets.get(subnet.key) if self.reference else None
        if self.reference is None or there is None:
            return ""
        planned = ask(self.reference, there, source, target, traffic)
        for number, step in enumerate(planned.steps):
            if found.steps[number : number + 1] != (step,):
                return str(step)
        return ""

    # -- who is who ----------------------------------------------------------------------

    @cached_property
    def spokes(self) -> dict[str, tuple[Spoke, int]]:
        """Return the spokes that are there, by network key, with their places."""
        found = {}
        for spoke in self.network.spokes:
            key = same_id(self.network.names.vnet_id(spoke.region, spoke.name))
            if key in self.model.fabric.networks:
                found[key] = (spoke, self._workloads(key))
        return found

    @cached_property
    def own(self) -> dict[str, int]:
        """Return the places of every network of the topology, hubs too, by network key."""
        hubs = [same_id(self.network.names.vnet_id(hub.region, HUB)) for hub in self.network.hubs]
        known = self.model.fabric.networks
        return {
            **{key: self._workloads(key) for key in hubs if key in known},
            **{key: places for key, (_, places) in self.spokes.items()},
        }

    def _workloads(self, network: str) -> int:
        return self.plane.of_network(self.model.fabric.networks[network]) & self.plane.workloads

    def of_environment(self, environment: str) -> int:
        """Return the places of an environment's spokes."""
        return _joined(
            places for spoke, places in self.spokes.values() if spoke.environment == environment
        )

    @cached_property
    def behind(self) -> dict[str, int]:
        """Return the places of the spokes of a region's hub, by the key of its firewall."""
        found: dict[str, int] = {}
        for spoke, places in self.spokes.values():
            firewall = same_id(self.network.names.firewall_id(spoke.region))
            found[firewall] = found.get(firewall, 0) | places
        return found


class _Held:
    """The intent held against all pairs of one kind of traffic."""

    def __init__(self, proof: Proof, traffic: Traffic, *, firewalls_pass: bool = False) -> None:
        self.proof, self.plane, self.traffic = proof, proof.plane, traffic
        self.pairs: Pairs = pairs(proof.answers, traffic, firewalls_pass=firewalls_pass)
        self.all_spokes = _joined(places for _, places in proof.spokes.values())

    def all(self) -> Iterator[Finding]:
        yield from self.isolation()
        yield from self._reach()
        yield from self._inspection()
        yield from self._around()
        yield from self._egress()
        yield from self._half_seen()

    def isolation(self, rule: str = "isolation") -> Iterator[Finding]:
        """Yield who reaches whom they must not."""
        for source, target in self._pairs_of_environments(allowed=False):
            who, what = self.proof.of_environment(source), self.proof.of_environment(target)
            for block in (*self.pairs.works, *self.pairs.astray):
                if block.senders & who and block.targets & what:
                    text = f"{source} reaches {target}"
                    yield self._told(rule, text, block.senders & who, block.targets & what)

    def _reach(self) -> Iterator[Finding]:
        for source, target in self._pairs_of_environments(allowed=True):
            who, what = self.proof.of_environment(source), self.proof.of_environment(target)
            left = [(who, what)] if who and what else []
            for block in self.pairs.works:
                left = [rest for item in left for rest in without(item, _rectangle(block))]
            for senders, targets in left:
                text = f"{source} does not reach {target}"
                yield self._told("reach", text, senders, targets)

    def _pairs_of_environments(self, *, allowed: bool) -> Iterator[tuple[str, str]]:
        topology = self.proof.network.topology
        for source, target in product(topology.environments, repeat=2):
            if topology.may_open(source, target) is allowed:
                yield source, target

    def _inspection(self) -> Iterator[Finding]:
        """Yield what spokes reach by other firewalls than their own hub's and the target's."""
        behind = self.proof.behind
        for block in self.pairs.works:
            who, what = block.senders & self.all_spokes, block.targets & self.all_spokes
            if not who or not what or not block.way:
                continue
            mine, theirs = behind.get(block.way[0], 0), behind.get(block.way[-1], 0)
            wrong = [(who & ~mine, what), (who & mine, what & ~theirs)]
            if len(block.way) > _MOST_FIREWALLS:
                wrong = [(who, what)]
            for senders, targets in wrong:
                if senders and targets:
                    text = f"traffic goes by {self._names(block.way)}"
                    yield self._told("inspection", text, senders, targets)

    def _around(self) -> Iterator[Finding]:
        """Yield what reaches another network with no firewall between."""
        for block in self.pairs.works:
            targets = block.targets & self.plane.workloads
            if block.way or not targets:
                continue
            for key, places in self.proof.own.items():
                if block.senders & places and block.network != key:
                    text = "no firewall is between them"
                    yield self._told("around", text, block.senders & places, targets)

    def _egress(self) -> Iterator[Finding]:
        everyone = _joined(self.proof.own.values())
        for block in self.pairs.others:
            if block.end is End.INTERNET and not block.way and block.senders & everyone:
                text = "the internet is reached around the firewall"
                yield self._told("egress", text, block.senders & everyone, block.targets, out=True)

    def _half_seen(self) -> Iterator[Finding]:
        """Yield what arrives, and whose answer does not come back the same way."""
        everyone = _joined(self.proof.own.values())
        for block in self.pairs.astray:
            who, what = block.senders & everyone, block.targets & everyone
            if who and what:
                yield self._told("half-seen", "the answer takes another way", who, what)

    # -- in words ------------------------------------------------------------------------

    def _told(
        self, rule: str, text: str, senders: int, targets: int, *, out: bool = False
    ) -> Finding:
        """Return a finding with an example."""
        subnet, source = self.plane.example(senders)
        if out:
            aim, target = None, self.plane.pieces[next(members(targets))].start
        else:
            aim, target = self.plane.example(targets)
        answer = ask(self.proof.model, subnet, source, target, self.traffic)
        between = f"{self._network(subnet)} to {self._network(aim) if aim else 'the internet'}"
        sentence = f"{text}: {between} ({self.traffic}): {answer.reason}"
        planned = self.proof.as_planned(subnet, source, target, self.traffic, answer)
        return Finding(rule, between, sentence, answer.decided.by, planned)

    def _network(self, subnet: Subnet) -> str:
        return self.proof.model.fabric.networks[subnet.network].name

    def _names(self, way: Iterable[str]) -> str:
        return ", ".join(self.proof.model.fabric.firewalls[key].name for key in way)


def _not_ready(model: Model) -> Iterator[Finding]:
    """Yield the routes on a way from a workload that end where no firewall is ready."""
    waiting = [item for item in model.fabric.subnets.values() if not item.is_reserved]
    seen = {subnet.key for subnet in waiting}
    while waiting:
        subnet = waiting.pop()
        for route in model.routes(subnet).all:
            if route.hop is not Hop.APPLIANCE:
                continue
            firewall = model.fabric.firewall_at.get(route.address or -1)
            beyond = model.fabric.subnets.get(firewall.subnet) if firewall else None
            if firewall is None or beyond is None or not firewall.is_ready:
                name = f"{model.fabric.networks[subnet.network].name}/{subnet.name}"
                hop = address(route.address) if route.address is not None else "nothing"
                text = f"{name} has a route to {hop}, where no firewall is ready"
                yield Finding("not-ready", f"{name} to {hop}", text, route.source)
            elif beyond.key not in seen:
                seen.add(beyond.key)
                waiting.append(beyond)


def kinds_of_traffic(model: Model) -> Iterator[Traffic]:
    """Yield one kind of traffic for each set of rules that are about the same traffic.

    Names are left out: what an application rule lets through by name goes to the internet.
    """
    shapes = {
        (rule.protocols, rule.target_ports, rule.source_ports, rule.names): rule
        for rule in _all_rules(model)
    }
    rules = list(shapes.values())
    seen: set[tuple[bool, ...]] = set()
    for protocol in PROTOCOLS:
        for port in _ports(rules):
            traffic = Traffic(protocol, port)
            about = tuple(rule.is_about(traffic) for rule in rules)
            if about not in seen:
                seen.add(about)
                yield traffic


def _ports(rules: Iterable[Rule]) -> list[int]:
    """Return a port of each stretch that rules tell apart, the best known first."""
    edges = {_HTTPS, 0}
    for rule in rules:
        for stretch in rule.target_ports:
            edges |= {stretch.start, stretch.stop}
    return sorted(edges - {_ALL_PORTS}, key=lambda port: (port != _HTTPS, port))


_HTTPS, _ALL_PORTS = 443, 65536


def _all_rules(model: Model) -> Iterator[Rule]:
    for rules in model.effects.rules.values():
        yield from rules
    for subnet in model.fabric.subnets.values():
        yield from model.filters(subnet).group or ()
    for policy in model.policies.values():
        yield from (*policy.network, *policy.application)


def _rectangle(block: Block) -> Rectangle:
    return block.senders, block.targets


def _joined(sets: Iterable[int]) -> int:
    found = 0
    for item in sets:
        found |= item
    return found
