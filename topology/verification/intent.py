"""What must be so, whatever the routes and rules: the topology's intent, held against a model.

The reference intent follows from the topology itself. Environments that may open nothing to
each other are kept apart; those that may reach each other do, by the firewall of the one's hub
and that of the other's, and the answer comes back by both; names on the internet are reached by
those to whom the file opens them; nothing gets to another network or to the internet around a
firewall; no way loops, ends where nobody is, or crosses a third region. Firewalls, admin rules and
security groups are held against the file each by itself, too (`guards`). What the topology's file
asserts beside it is in `assertions`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from topology.kind import same_id
from topology.verification.addresses import address
from topology.verification.appliances import ToAppliance, to_appliances
from topology.verification.fabric import Firewall
from topology.verification.finding import Finding, one_of_each
from topology.verification.guards import (
    inwards,
    open_groups,
    policies_of_ours,
    too_open,
    undenied_ends,
)
from topology.verification.kinds_of_traffic import kinds_of_traffic, kinds_to_firewalls
from topology.verification.pairs import Pairs, pairs
from topology.verification.plane import joined
from topology.verification.proof import Proof
from topology.verification.rules import Traffic
from topology.verification.spread import Block, Rectangle, without
from topology.verification.walk import End

_MOST_FIREWALLS = 2

# The reference, a sentence each: what a finding of a rule says is not so.
REFERENCE: dict[str, str] = {
    "there": "every network of the file is there",
    "isolation": "environments that may open nothing to each other are kept apart",
    "too-open": "rules of firewalls let through what the file opens, and no more",
    "denial": "admin rules deny at both ends what is kept apart",
    "open-group": "security groups let in the addresses of the topology, and nobody else",
    "reach": "those that may reach each other do, and what is open to them on the internet",
    "inspection": "spokes reach each other by the firewalls of their regions, two at most, and the "
    "internet by their own",
    "third-region": "no way crosses a region that neither end is in",
    "around": "nobody reaches another network around a firewall",
    "egress": "nobody reaches the internet around the firewall",
    "half-seen": "answers come back by the firewalls that the question passed",
    "loop": "no way comes to the same firewall twice",
    "black-hole": "no route takes what is sent to a network to where nobody is",
    "not-ready": "routes lead to firewalls that are ready",
}


def findings(proof: Proof) -> tuple[Finding, ...]:
    """Return all that is not as it must be, for every kind of traffic that rules tell apart.

    Of findings with one rule between the same networks for one kind of traffic the first is
    kept; rules that the topology does without (`verify.without`) have none.
    """
    found: list[Finding] = []
    for traffic in kinds_of_traffic(proof.model, proof.opened):
        found += one_of_each(_of(proof, traffic))
    return (*_asked(proof, found), *let_in(proof))


def _of(proof: Proof, traffic: Traffic) -> Iterator[Finding]:
    yield from _Held(proof, proof.pairs(traffic)).all()
    yield from too_open(proof, traffic)
    yield from undenied_ends(proof, traffic)
    yield from open_groups(proof, traffic)


def of_traffic(proof: Proof, traffic: Traffic) -> tuple[Finding, ...]:
    """Return all that is not as it must be for one kind of traffic, what is `undenied` too."""
    return one_of_each(each_of_traffic(proof, traffic))


def each_of_traffic(proof: Proof, traffic: Traffic) -> Iterator[Finding]:
    """Yield the same as it is found, more than one of each."""
    yield from _asked(proof, chain(_of(proof, traffic), _undenied(proof, traffic)))


def unsafe(proof: Proof) -> tuple[Finding, ...]:
    """Return what must not be so for a moment: findings of UNSAFE alone, which costs less.

    Who goes around firewalls does so for all that only these tell apart, as names are: of that
    nothing but isolation is asked again.
    """
    found, before_firewalls = list[Finding](), set(_without_firewalls(proof))
    for traffic in kinds_of_traffic(proof.model):
        if traffic in before_firewalls:
            found += one_of_each(_Held(proof, proof.pairs(traffic)).unsafe())
        else:
            found += one_of_each(_Held(proof, _apart(proof, traffic)).isolation())
    for traffic in kinds_to_firewalls(proof.opened, *policies_of_ours(proof).values()):
        found += one_of_each(too_open(proof, traffic))
    return (*_asked(proof, found), *let_in(proof))


def let_in(proof: Proof) -> tuple[Finding, ...]:
    """Return what firewalls let into networks of ours by DNAT, which is about no kind of traffic.

    Its rules say themselves what they are about.
    """
    return tuple(_asked(proof, inwards(proof)))


def undenied(proof: Proof) -> tuple[Finding, ...]:
    """Return who would reach whom they must not, if no firewall stood between.

    What is kept apart is denied before subnets too: a path must not be there before its
    denial is (admin rules at either end, routes last).
    """
    return tuple(
        finding
        for traffic in _without_firewalls(proof)
        for finding in one_of_each(_undenied(proof, traffic))
    )


def _undenied(proof: Proof, traffic: Traffic) -> Iterator[Finding]:
    if "isolation" not in proof.network.topology.verify.without:
        among = _apart(proof, traffic, firewalls_pass=True)
        yield from _Held(proof, among).isolation("undenied")


def _without_firewalls(proof: Proof) -> Iterator[Traffic]:
    """Yield the kinds of traffic that are told apart before subnets; they are kinds of all."""
    return kinds_of_traffic(replace(proof.model, policies={}))


def _apart(proof: Proof, traffic: Traffic, *, firewalls_pass: bool = False) -> Pairs:
    """Return the pairs of those who are kept apart."""
    apart = list(proof.environments(allowed=False))
    senders = joined(proof.of_environment(source) for source, _ in apart)
    targets = joined(proof.of_environment(target) for _, target in apart)
    among = senders, targets
    return pairs(proof.answers, traffic, firewalls_pass=firewalls_pass, among=among)


def not_ready(proof: Proof, only: Collection[Firewall] | None = None) -> tuple[Finding, ...]:
    """Return the routes that lead to a firewall which is not there or not ready, or to another.

    All, or those to where `only` these stand, or stood.
    """
    found = (
        finding
        for hop, finding in _not_ready(proof)
        if only is None or any(hop.leads_to(firewall) for firewall in only)
    )
    return tuple(_asked(proof, found))


def _asked(proof: Proof, found: Iterable[Finding]) -> Iterator[Finding]:
    waived = proof.network.topology.verify.without
    return (finding for finding in found if finding.rule not in waived)


_ISOLATION = {
    "isolation": "{source} reaches {target}",
    "undenied": "only firewalls keep {source} from {target}",
}


class _Held:
    """The intent held against all pairs of one kind of traffic."""

    def __init__(self, proof: Proof, found: Pairs) -> None:
        self.proof, self.plane, self.pairs = proof, proof.plane, found
        self.all_spokes = joined(places for _, places in proof.spokes.values())
        self.everyone = joined(proof.own.values())

    def all(self) -> Iterator[Finding]:
        yield from self.unsafe()
        yield from self._egress_by_addresses()
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
        for source, target in self.proof.environments(allowed=False):
            who, what = self.proof.of_environment(source), self.proof.of_environment(target)
            for block in self.pairs.arrived:
                if block.senders & who and block.targets & what:
                    text = _ISOLATION[rule].format(source=source, target=target)
                    yield self._told(rule, text, block.senders & who, block.targets & what)
            if rule == "isolation":
                yield from self._not_known(source, target, who, what)

    def _not_known(self, source: str, target: str, who: int, what: int) -> Iterator[Finding]:
        """Yield of whom nobody knows whether they are kept apart."""
        for block in self.pairs.unknown:
            senders, targets = block.senders & who, self.plane.all_places(block.targets) & what
            if senders and targets:
                text = f"not known whether {source} reaches {target}"
                yield self._told("isolation", text, senders, targets)

    def _reach(self) -> Iterator[Finding]:
        for source, target in self.proof.environments(allowed=True):
            who, what = self.proof.of_environment(source), self.proof.of_environment(target)
            left = [(who, what)] if who and what else []
            for block in self.pairs.works:
                left = [rest for item in left for rest in without(item, _rectangle(block))]
            for senders, targets in left:
                text = f"{source} does not reach {target}"
                yield self._told("reach", text, senders, targets)
        yield from self._names_reached()

    def _names_reached(self) -> Iterator[Finding]:
        """Yield to whom something is open on the internet that they do not reach."""
        traffic = self.pairs.traffic
        for rule in self.proof.opened.application:
            if not rule.is_about(traffic):
                continue
            left = [(self.plane.senders(rule.sources) & self.all_spokes, self.plane.public)]
            for block in self.pairs.heard:
                left = [rest for item in left for rest in without(item, _rectangle(block))]
            for senders, targets in left:
                if senders:
                    text = f"what egress {rule.id} opens is not reached"
                    yield self._told("reach", text, senders, targets, out=True)

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
        for block in self.pairs.left:
            mine = behind.get(block.way[0], 0) if len(block.way) == 1 else 0
            if block.way and (who := block.senders & self.all_spokes & ~mine):
                text = f"traffic goes by {self.proof.named(block.way)}"
                yield self._told("inspection", text, who, block.targets, out=True)

    def _around(self) -> Iterator[Finding]:
        """Yield what reaches another network, from ours or to ours, by no firewall of ours.

        To arrive is enough: not all that is sent waits for an answer.
        """
        for block in self.pairs.arrived:
            targets = block.targets & self.plane.workloads
            if not targets or not self.proof.firewalls.isdisjoint(block.way):
                continue
            for key, places in self.proof.workloads.items():
                what = targets if key in self.proof.own else targets & self.everyone
                if block.senders & places and what and block.network != key:
                    text = f"no firewall is between them{self._but_for(block.way)}"
                    yield self._told("around", text, block.senders & places, what)

    def _but_for(self, way: tuple[str, ...]) -> str:
        """Return what is to be said of firewalls of others."""
        return f", but for {self.proof.named(way)} of others" if way else ""

    def _egress(self) -> Iterator[Finding]:
        for block in self.pairs.left:
            who = block.senders & self.everyone
            if who and self.proof.firewalls.isdisjoint(block.way):
                text = f"the internet is reached around the firewall{self._but_for(block.way)}"
                yield self._told("egress", text, who, block.targets, out=True)

    def _egress_by_addresses(self) -> Iterator[Finding]:
        """Yield whose own route leads to the internet, where a public address would do.

        Not for a moment: what is new waits for its route, and no order helps.
        """
        for block in self.pairs.others:
            if block.way or block.end is not End.UNKNOWN or block.by not in self.proof.to_internet:
                continue
            if who := block.senders & self.everyone:
                text = "a public address is enough to reach the internet around the firewall"
                found = self._told("egress", text, who, block.targets, out=True)
                yield replace(found, between=f"{found.between} by public addresses")

    def _half_seen(self) -> Iterator[Finding]:
        """Yield what arrives, and whose answer does not come back the same way."""
        for block in self.pairs.astray:
            who, what = block.senders & self.everyone, block.targets & self.everyone
            if who and what:
                yield self._told("half-seen", "the answer takes another way", who, what)
        for block in self.pairs.unheard:
            if who := block.senders & self.everyone:
                text = "the internet's answer does not come back"
                yield self._told("half-seen", text, who, block.targets, out=True)

    def _third_region(self) -> Iterator[Finding]:
        """Yield what arrives, or leaves for the internet, by a region that neither end is in."""
        for block in (*self.pairs.works, *self.pairs.left):
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

        That the spokes do not reach each other is told by `reach`. Nobody asks a network by a name
        of the internet: firewalls let that pass to any address, though no route is for it there.
        """
        beyond = self._beyond()
        for block in self.pairs.others:
            who = block.senders & self.everyone
            if not who or block.end is not End.DROPPED:
                continue
            if same_id(block.by) in block.way:
                text = f"traffic comes to {self.proof.named(block.way[-1:])} and then back"
                yield self._told("loop", text, who, block.targets, out=True)
            elif block.by in self.proof.routes and not self.pairs.traffic.name:
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
        return self.proof.told(rule, text, senders, targets, self.pairs.traffic, out=out)


def _not_ready(proof: Proof) -> Iterator[tuple[ToAppliance, Finding]]:
    """Yield the routes that end where no firewall is ready, each with its finding."""
    fabric = proof.model.fabric
    for found in to_appliances(proof.model, proof.own):
        if found.firewall and found.firewall.is_ready and found.firewall.subnet in fabric.subnets:
            continue
        network = fabric.networks[found.subnet.network]
        name = f"{network.name}/{found.subnet.name}"
        hop = "a firewall" if found.route.address is None else address(found.route.address)
        what = f"{hop}, where no firewall is ready"
        if found.is_unread:
            what = f"{hop}, an appliance that is not read"
        elif found.route.address is None:
            what = "a firewall that is not made yet"
        elif found.firewall and found.firewall.may_serve:
            what = f"{found.firewall.name}, whose last operation failed: it may serve, or not"
        text, between = f"{name} has a route to {what}", f"{name} to {hop}"
        by = found.route.source
        yield found, Finding("not-ready", between, text, by, region=network.region)


def _rectangle(block: Block) -> Rectangle:
    return block.senders, block.targets
