"""What must be so, whatever the routes and rules: the topology's intent, held against a model.

The reference intent follows from the topology itself. Environments that may open nothing to
each other are kept apart; those that may reach each other do, by the firewall of the one's hub
and that of the other's, and the answer comes back by both; nothing gets to another network or
to the internet around a firewall; no way loops, ends where nobody is, or crosses a third region.
What the topology's file asserts beside it is in `assertions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from topology.kind import same_id
from topology.naming import HUB
from topology.network import Network, Spoke
from topology.verification.addresses import address, blocks, members
from topology.verification.fabric import Subnet
from topology.verification.model import Model
from topology.verification.pairs import Answers, Block, Pairs, Rectangle, pairs, without
from topology.verification.plane import Plane
from topology.verification.routes import Hop
from topology.verification.rules import PROTOCOLS, Rule, Traffic
from topology.verification.walk import Answer, End, ask

_MOST_FIREWALLS = 2

# The reference, a sentence each: what a finding of a rule says is not so.
REFERENCE: dict[str, str] = {
    "isolation": "environments that may open nothing to each other are kept apart",
    "reach": "environments that may reach each other do",
    "inspection": "spokes reach each other by the firewalls of their own regions, two at most",
    "third-region": "no way crosses a region that neither end is in",
    "around": "nobody reaches another network around a firewall",
    "egress": "nobody reaches the internet around the firewall",
    "half-seen": "answers come back by the firewalls that the question passed",
    "loop": "no way comes to the same firewall twice",
    "black-hole": "no route takes what is sent to a network to where nobody is",
    "not-ready": "routes lead to firewalls that are ready",
}
# What must not be for a moment: somebody reaches whom they must not, or nobody looks at it.
UNSAFE = frozenset({"isolation", "around", "egress"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be.

    `rule` is one of REFERENCE, `undenied` (only firewalls keep two apart), or the name of an
    assertion of the file. `between` names two networks, `text` is a sentence with an example,
    `by` the id of what decided about it. `planned` is the step at which the way would part from
    this one if all were as planned, where a reference was given.
    """

    rule: str
    between: str
    text: str
    by: str
    planned: str = ""

    @property
    def is_unsafe(self) -> bool:
        """Say whether somebody reaches whom they must not, or goes around a firewall."""
        return self.rule in UNSAFE

    def __str__(self) -> str:
        return self.text


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
        ends = self.network.topology.verify.ends()
        return Plane.of(self.model, asked=blocks(end for _, end in ends))

    @cached_property
    def answers(self) -> Answers:
        """Return which ways answers take."""
        return Answers.of(self.plane, self.model)

    def findings(self) -> tuple[Finding, ...]:
        """Return all that is not as it must be, for every kind of traffic that rules tell apart.

        Of findings with one rule between the same networks the first is kept; rules that the
        topology does without (`verify.without`) have none.
        """
        return self._each(_Held.all)

    def unsafe(self) -> tuple[Finding, ...]:
        """Return what must not be so for a moment: findings of UNSAFE alone, which costs less."""
        return self._each(_Held.unsafe)

    def _each(self, rules: Callable[[_Held], Iterator[Finding]]) -> tuple[Finding, ...]:
        found: dict[tuple[str, str], Finding] = {}
        for traffic in kinds_of_traffic(self.model):
            for finding in rules(_Held(self, traffic)):
                found.setdefault((finding.rule, finding.between), finding)
        return self._asked(found.values())

    def _asked(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        without = self.network.topology.verify.without
        return tuple(finding for finding in found if finding.rule not in without)

    def undenied(self) -> tuple[Finding, ...]:
        """Return who would reach whom they must not, if no firewall stood between.

        What is kept apart is denied before subnets too: a path must not be there before its
        denial is (admin rules at either end, routes last).
        """
        found: dict[str, Finding] = {}
        if "isolation" in self.network.topology.verify.without:
            return ()
        for traffic in kinds_of_traffic(self.model):
            for finding in _Held(self, traffic, firewalls_pass=True).isolation("undenied"):
                found.setdefault(finding.between, finding)
        return tuple(found.values())

    def not_ready(self) -> tuple[Finding, ...]:
        """Return the routes that lead to a firewall which is not there or not ready."""
        return self._asked(_not_ready(self.model))

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

    def told(  # noqa: PLR0913  what an example is made of
        self,
        rule: str,
        text: str,
        senders: int,
        targets: int,
        traffic: Traffic,
        *,
        out: bool = False,
    ) -> Finding:
        """Return a finding with an example; `targets` are pieces where they are `out`, on the net.

        Else they are places.
        """
        subnet, source = self.plane.example(senders)
        if out:
            aim, target = None, self.plane.pieces[next(members(targets))].start
        else:
            aim, target = self.plane.example(targets)
        answer = ask(self.model, subnet, source, target, traffic)
        between = f"{self._name(subnet)} to {self._name(aim) if aim else 'the internet'}"
        sentence = f"{text}: {between} ({traffic}): {answer.reason}"
        planned = self.as_planned(subnet, source, target, traffic, answer)
        return Finding(rule, between, sentence, answer.decided.by, planned)

    def _name(self, subnet: Subnet) -> str:
        return self.model.fabric.networks[subnet.network].name

    def named(self, way: Iterable[str]) -> str:
        """Return the names of firewalls, in their order."""
        return ", ".join(self.model.fabric.firewalls[key].name for key in way)

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

    def in_region(self, region: str) -> int:
        """Return the places of all networks in a region, those of others too."""
        return self._by_region.get(region, 0)

    @cached_property
    def _by_region(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for network in self.model.fabric.networks.values():
            found[network.region] = found.get(network.region, 0) | self.plane.of_network(network)
        return found

    @cached_property
    def routes(self) -> frozenset[str]:
        """Return what made routes, as blocks name it: what ends by one of these met no rule."""
        subnets = self.model.fabric.subnets.values()
        return frozenset(route.source for item in subnets for route in self.model.routes(item).all)

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
        self.everyone = _joined(proof.own.values())

    def all(self) -> Iterator[Finding]:
        yield from self.unsafe()
        yield from self._reach()
        yield from self._inspection()
        yield from self._half_seen()
        yield from self._third_region()
        yield from self._lost()

    def unsafe(self) -> Iterator[Finding]:
        yield from self.isolation()
        yield from self._around()
        yield from self._egress()

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
                    text = f"traffic goes by {self.proof.named(block.way)}"
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
        for block in self.pairs.others:
            if block.end is End.INTERNET and not block.way and block.senders & self.everyone:
                text, who = "the internet is reached around the firewall", self.everyone
                yield self._told("egress", text, block.senders & who, block.targets, out=True)

    def _half_seen(self) -> Iterator[Finding]:
        """Yield what arrives, and whose answer does not come back the same way."""
        for block in self.pairs.astray:
            who, what = block.senders & self.everyone, block.targets & self.everyone
            if who and what:
                yield self._told("half-seen", "the answer takes another way", who, what)

    def _third_region(self) -> Iterator[Finding]:
        """Yield what arrives, or leaves for the internet, by a region that neither end is in."""
        for block in (*self.pairs.works, *self.pairs.others):
            if not block.way or block.end not in {End.ARRIVED, End.INTERNET}:
                continue
            out = block.end is End.INTERNET
            senders, targets = block.senders & self.all_spokes, block.targets
            for region in {self.proof.model.fabric.firewalls[key].region for key in block.way}:
                near = self.proof.in_region(region)
                who, what = senders & ~near, targets if out else targets & ~near
                if who and what:
                    text = f"traffic goes by {self.proof.named(block.way)}, in a third region"
                    yield self._told("third-region", text, who, what, out=out)

    def _lost(self) -> Iterator[Finding]:
        """Yield what comes to a firewall twice, and what routes take to where nobody is.

        That the spokes do not reach each other is told by `reach`.
        """
        beyond = self._beyond()
        for block in self.pairs.others:
            who = block.senders & self.everyone
            if not who or block.end is not End.DROPPED:
                continue
            if same_id(block.by) in block.way:
                text = f"traffic comes to {self.proof.named(block.way[-1:])} and then back"
                yield self._told("loop", text, who, block.targets, out=True)
            elif block.by in self.proof.routes:
                for key, among in beyond.items():
                    if what := self.plane.places(key, block.targets) & among:
                        yield self._told("black-hole", "a route takes it to nobody", who, what)

    def _beyond(self) -> dict[str, int]:
        """Return the places of hosts in networks that are no spokes of the topology, by key."""
        places = self.plane.workloads & ~self.all_spokes
        networks = self.plane.networks_of(places) if places else ()
        return {item.key: self.plane.of_network(item) & places for item in networks}

    def _told(
        self, rule: str, text: str, senders: int, targets: int, *, out: bool = False
    ) -> Finding:
        return self.proof.told(rule, text, senders, targets, self.traffic, out=out)


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
