"""One packet's way, step by step, and whether its answer comes back the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn

from topology.verification.addresses import HOST, PUBLIC, address, is_in, starts, written
from topology.verification.fabric import Firewall, Subnet, VirtualNetwork
from topology.verification.model import Model
from topology.verification.policies import Policy
from topology.verification.routes import Hop, Route
from topology.verification.rules import Rule, Traffic, first


class End(StrEnum):
    """How a way ends."""

    ARRIVED = "arrived"
    INTERNET = "reached the internet"
    HOST = "answered by the host"
    DROPPED = "dropped"
    UNKNOWN = "not known"


BESIDE = "beside all routes and rules"  # by what a host answers
REACHED = frozenset({End.ARRIVED, End.INTERNET, End.HOST})


@dataclass(frozen=True, slots=True)
class Step:
    """What happened where: `by` is the id of the route or rule that decided, or words.

    Where a rule lets something pass it `stays`: a route leads on.
    """

    at: str
    does: str
    by: str
    stays: bool = False

    def __str__(self) -> str:
        return f"{self.at} {self.does} ({called(self.by)})"


def called(by: str) -> str:
    """Return an id without what stands before its type: `routeTables/rt/routes/to-eastus`.

    Those of peerings that AVNM is yet to make are in lower case.
    """
    return _PROVIDER.split(by)[-1] if by.startswith("/") else by


_PROVIDER = re.compile("/providers/Microsoft.Network/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a way on which the source stays the same; `firewalls` are keys, in order.

    A firewall that translates puts any address of its subnet in the place of the source, one of
    its instances' (docs: firewall/snat-private-range); which one nobody knows.
    """

    subnet: Subnet
    sources: tuple[range, ...]
    firewalls: tuple[str, ...] = ()


@dataclass
class Walk:
    """A way: its steps, its legs (a firewall that translates begins one), and its end.

    `apart` are the prefixes by which the target of a reply was told from others.
    """

    steps: list[Step] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    end: End = End.DROPPED
    subnet: Subnet | None = None
    apart: set[range] = field(default_factory=set)

    @property
    def firewalls(self) -> tuple[str, ...]:
        """Return the keys of the firewalls on the way, in order."""
        return tuple(firewall for leg in self.legs for firewall in leg.firewalls)

    @property
    def decided(self) -> Step:
        """Return the last step that led on, or ended it."""
        return next(step for step in reversed(self.steps) if not step.stays)


def follow(  # noqa: PLR0913  a packet has this many facts
    model: Model,
    subnet: Subnet,
    source: int,
    target: int,
    traffic: Traffic,
    *,
    is_reply: bool = False,
) -> Walk:
    """Follow a packet from an address in a subnet.

    A reply passes whatever let the question pass: rules keep states. Routes do not.
    """
    return _Follower(model, target, traffic, is_reply=is_reply).go(subnet, source)


_ENDS = {
    Hop.NOWHERE: (End.DROPPED, "the route leads nowhere"),
    Hop.GATEWAY: (End.UNKNOWN, "goes to a gateway, which is not read"),
    Hop.UNKNOWN: (End.UNKNOWN, "goes to a hop of a kind that is not read"),
    Hop.CHANCE: (End.UNKNOWN, "two rules send it to different hops, and Azure picks by chance"),
}


def _allows(rule: Rule | None) -> bool:
    return rule is not None and rule.access == "Allow"


class _EndedError(Exception):
    """The way is at its end; the walk says which."""


class _Follower:
    def __init__(self, model: Model, target: int, traffic: Traffic, *, is_reply: bool) -> None:
        self.model, self.target, self.traffic, self.is_reply = model, target, traffic, is_reply
        self.walk = Walk()

    def go(self, subnet: Subnet, source: int) -> Walk:
        self.walk.legs.append(Leg(subnet, (range(source, source + 1),)))
        try:
            if is_in(self.target, HOST):
                self._end(End.HOST, self._place(subnet), "is answered by its own host", BESIDE)
            if passed := self._pass_rules(subnet, inbound=False):
                self._let(self._place(subnet), "lets it out", passed)
            here = subnet
            while True:
                here = self._leave(here)
        except _EndedError:
            pass
        return self.walk

    # -- where the way goes on -----------------------------------------------------------

    def _leave(self, here: Subnet) -> Subnet:
        """Go to the next hop; return the subnet of the firewall that goes on, if one does."""
        routes = self.model.routes(here)
        if self.is_reply:
            self.walk.apart.update(route.prefix for route in routes.all)
        route = routes.to(self.target)
        at = self._place(here)
        if route is None:
            self._end(End.DROPPED, at, f"no route to {address(self.target)}", here.id)
        if route.hop is Hop.APPLIANCE:
            return self._to_appliance(here, route)
        if route.hop in {Hop.LOCAL, Hop.PEERING, Hop.MESH}:
            self._arrive(here, route)
        if route.hop is Hop.INTERNET:
            self._to_internet(here, route)
        end, text = _ENDS[route.hop]
        return self._end(end, at, text, route.source)

    def _to_appliance(self, here: Subnet, route: Route) -> Subnet:
        at = self._place(here)
        if route.address is None:
            self._end(End.DROPPED, at, "the firewall of its route is not made yet", route.source)
        hop = address(route.address)
        direct = self.model.routes(here).directly(route.address)
        if direct is None:
            self._end(End.DROPPED, at, f"{hop} is not directly reachable", route.source)
        network = self._cross(here, direct)
        firewall = self.model.fabric.firewall_at.get((network.key, route.address))
        if firewall is None and self.model.fabric.has_room_at(network.key, route.address):
            text = f"goes to {hop} in {network.name}, an appliance that is not read"
            self._end(End.UNKNOWN, at, text, route.source)
        if firewall is None:
            self._end(End.DROPPED, at, f"no firewall has {hop}", route.source)
        near = "" if direct.hop is Hop.LOCAL else f" by {direct.hop} {called(direct.source)}"
        self._step(at, f"goes to {firewall.name}{near}", route.source)
        return self._through(firewall)

    def _through(self, firewall: Firewall) -> Subnet:
        subnet = self.model.fabric.subnets.get(firewall.subnet)
        if firewall.may_serve:
            text = "its last operation failed, and nobody knows whether it serves"
            self._end(End.UNKNOWN, firewall.name, text, firewall.id)
        if not firewall.is_ready or subnet is None:
            self._end(End.DROPPED, firewall.name, "it is not ready", firewall.id)
        if firewall.key in self.walk.firewalls:
            self._end(End.DROPPED, firewall.name, "a loop: it was here before", firewall.id)
        leg = self.walk.legs[-1]
        self.walk.legs[-1] = Leg(leg.subnet, leg.sources, (*leg.firewalls, firewall.key))
        if not self.is_reply and self._allowed(firewall):
            self.walk.legs.append(Leg(subnet, subnet.prefixes))
        return subnet

    def _allowed(self, firewall: Firewall) -> bool:
        """Say whether a firewall that lets the packet through puts an address of its own in it."""
        policy = self.model.policy(firewall)
        if not policy.is_whole:
            name = firewall.policy.rpartition("/")[2]
            text = f"lets through what nobody knows: policy {name} was not read whole"
            self._end(End.UNKNOWN, firewall.name, text, firewall.id)
        ranges = (rule.sources for rule in (*policy.network, *policy.application))
        decided = [self._by_policy(policy, source) for source in self._sources(ranges)]
        found, translates = decided[0]
        by = found.id if found else f"no rule of {firewall.name}"
        if len({(_allows(rule), other) for rule, other in decided}) > 1:
            self._end_apart(firewall.name, by)
        if not _allows(found):
            is_built_in = found is None and self.traffic.is_web and is_in(self.target, PUBLIC)
            unless = ", unless a built-in rule for the platform has its name" if is_built_in else ""
            self._end(End.DROPPED, firewall.name, f"denied{unless}", by)
        self._let(firewall.name, "allowed", by)
        return translates

    def _by_policy(self, policy: Policy, source: int) -> tuple[Rule | None, bool]:
        """Return the rule that decides about a source, and whether it is translated then."""
        found = first(policy.network, source, self.target, self.traffic)
        if found is not None:
            return found, _allows(found) and not is_in(self.target, policy.untranslated)
        found = first(policy.application, source, self.target, self.traffic)
        return found, _allows(found)

    # -- where it ends -------------------------------------------------------------------

    def _arrive(self, here: Subnet, route: Route) -> NoReturn:
        network = self._cross(here, route)
        found = self.model.fabric.subnet_with(network.key, self.target)
        self.walk.apart.update(prefix for item in network.subnets for prefix in item.prefixes)
        if found is None:
            text = f"no subnet has {address(self.target)}"
            self._end(End.DROPPED, network.name, text, route.source)
        self.walk.subnet = found
        text = f"goes to {self._place(found)} by {route.hop}"
        self._step(self._place(here), text, route.source)
        if passed := self._pass_rules(found, inbound=True):
            self._let(self._place(found), "lets it in", passed)
        self.walk.end = End.ARRIVED
        raise _EndedError

    def _to_internet(self, here: Subnet, route: Route) -> NoReturn:
        at = self._place(here)
        if not is_in(self.target, PUBLIC):
            text = f"{address(self.target)} is no address of the internet"
            self._end(End.DROPPED, at, text, route.source)
        if here.key not in self.model.fabric.firewall_in and not here.has_outbound:
            text = "goes to the internet only with a public address of its own, which is not read"
            self._end(End.UNKNOWN, at, text, route.source)
        self._end(End.INTERNET, at, "goes to the internet", route.source)

    # -- what it must pass ---------------------------------------------------------------

    def _cross(self, here: Subnet, route: Route) -> VirtualNetwork:
        """Return the network behind a route, if it takes the packet."""
        networks = self.model.fabric.networks
        mine, there = networks[here.network], networks.get(route.network)
        if there is None:
            text = f"goes to {called(route.network)}, which is not read"
            self._end(End.UNKNOWN, self._place(here), text, route.source)
        takes = {
            self.model.lets_in(route.hop, mine, there, source)
            for source in self._sources([mine.prefixes])
        }
        if len(takes) > 1:
            self._end_apart(self._place(here), route.source)
        if not takes.pop():
            text = f"{there.name} takes no forwarded traffic from {mine.name}"
            self._end(End.DROPPED, self._place(here), text, route.source)
        return there

    def _pass_rules(self, subnet: Subnet, *, inbound: bool) -> str:
        """Return the id of the rule that lets it pass, "" where none decided."""
        if self.is_reply:
            return ""
        filters = self.model.filters(subnet)
        ranges = (rule.sources for rule in (*filters.admin, *(filters.group or ())))
        decisions = [
            filters.decide(source, self.target, self.traffic, inbound=inbound)
            for source in self._sources(ranges)
        ]
        decision = decisions[0]
        if any(other.passes is not decision.passes for other in decisions):
            self._end_apart(self._place(subnet), next(d.by for d in decisions if not d.passes))
        if not decision.passes:
            text = "not let in" if inbound else "not let out"
            self._end(End.DROPPED, self._place(subnet), text, decision.by)
        return decision.by

    def _sources(self, ranges: Iterable[tuple[range, ...]]) -> list[int]:
        """Return the address that the packet bears now; one of each part that ranges cut out.

        They are several where a firewall put one of its own into it.
        """
        sources = self.walk.legs[-1].sources
        return starts(sources, (item for one in ranges for item in one))

    def _end_apart(self, at: str, by: str) -> NoReturn:
        """End where some addresses of a firewall's subnet are treated otherwise than others."""
        text = "tells addresses of a firewall's subnet apart, and any of them may be its source"
        self._end(End.UNKNOWN, at, text, by)

    def _place(self, subnet: Subnet) -> str:
        return f"{self.model.fabric.networks[subnet.network].name}/{subnet.name}"

    def _step(self, at: str, does: str, by: str) -> None:
        self.walk.steps.append(Step(at, does, by))

    def _let(self, at: str, does: str, by: str) -> None:
        self.walk.steps.append(Step(at, does, by, stays=True))

    def _end(self, end: End, at: str, does: str, by: str) -> NoReturn:
        self.walk.end = end
        self._step(at, does, by)
        raise _EndedError


# -- both ways ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether two can talk: the way there, and the ways back, one for each leg.

    `astray` says in words why the answer does not come back over what the question passed, and
    `at` the step where that is so, if it is one.
    """

    there: Walk
    back: tuple[Walk, ...]
    astray: str = ""
    at: Step | None = None

    @property
    def works(self) -> bool:
        """Say whether the question arrives, and its answer comes back the same way."""
        return self.there.end in REACHED and not self.astray

    @property
    def is_known(self) -> bool:
        """Say whether it is known what becomes of the question and of its answers."""
        return all(walk.end is not End.UNKNOWN for walk in (self.there, *self.back))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return all steps, there and back; the last one decided."""
        return (*self.there.steps, *(step for walk in self.back for step in walk.steps))

    @property
    def decided(self) -> Step:
        """Return the step that decided: the last one there, or where the answer went astray.

        Of what arrives it is the last route; the rules that let it pass are steps on the way.
        """
        return (self.back[-1] if self.astray and self.back else self.there).decided

    @property
    def reason(self) -> str:
        """Return why, in words."""
        return self.astray + (f": {self.at}" if self.at else "") or str(self.decided)


def ask(  # noqa: PLR0913  a question has this many facts
    model: Model,
    subnet: Subnet,
    source: int,
    target: int,
    traffic: Traffic,
    *,
    meant: Subnet | None = None,
) -> Answer:
    """Say whether an address can open a connection to another, and why.

    Where it is `meant` to be that of a subnet, another that has it too does not do.

    The answer must come back through the same firewalls: one that sees one half of a
    connection drops it. Where a firewall put its own address in the place of the source, the
    answer comes back to that firewall, and goes on from there. The internet answers to the last
    of them, without a route of ours.
    """
    there = follow(model, subnet, source, target, traffic)
    last, legs = there.legs[-1], there.legs
    if there.end is End.INTERNET:
        if last.firewalls:  # as with snat.privateRanges 0.0.0.0/0 (facts.md section 5)
            text = f"nobody answers to {', '.join(map(written, last.sources))}"
            return Answer(there, (), text, there.steps[-1])
        start, legs = last.subnet, there.legs[:-1]
    elif there.end is End.ARRIVED and there.subnet is not None:
        start = there.subnet
        if meant is not None and start.key != meant.key:
            text = "it comes to another that has the same address"
            return Answer(there, (), text, there.decided)
    else:
        return Answer(there, ())
    back: list[Walk] = []
    for leg in reversed(legs):
        # Of a leg that ends with a translation the answer starts at its last firewall.
        crossed = tuple(reversed(leg.firewalls if leg is last else leg.firewalls[:-1]))
        ways = list(_answers(model, start, target, leg, traffic))
        told = [(_goes_astray(way, leg.subnet, crossed, model), way) for way in ways]
        reason, way = next((item for item in told if item[0]), told[0])
        back.append(way)
        if reason and not all(item for item, _ in told):
            way.end = End.UNKNOWN
            reason = f"answers to some addresses of {leg.subnet.name} come back, others do not"
        if reason:
            at = way.steps[-1] if way.subnet != leg.subnet else None
            return Answer(there, tuple(back), reason, at)
        start = leg.subnet
    return Answer(there, tuple(back))


def _answers(
    model: Model, start: Subnet, target: int, leg: Leg, traffic: Traffic
) -> Iterator[Walk]:
    """Yield the ways of an answer to each of a leg's sources that is told apart on them."""
    waiting, seen = starts(leg.sources, ()), set[int]()
    while waiting:
        source = waiting.pop(0)
        if source not in seen:
            seen.add(source)
            way = follow(model, start, target, source, traffic, is_reply=True)
            yield way
            waiting += starts(leg.sources, way.apart)


def _goes_astray(way: Walk, subnet: Subnet, crossed: tuple[str, ...], model: Model) -> str | None:
    """Return why an answer does not come back to a subnet over these firewalls, or None."""
    if way.end is End.UNKNOWN:
        return "what becomes of the answer is not known"
    if way.end is not End.ARRIVED:
        return "the answer is lost"
    if way.subnet != subnet:
        return "the answer goes to another that has the same address"
    if way.firewalls == crossed:
        return None
    names = [model.fabric.firewalls[key].name for key in way.firewalls] or ["no firewall"]
    asked = [model.fabric.firewalls[key].name for key in crossed] or ["no firewall"]
    return f"the answer comes back by {', '.join(names)}, the question went by {', '.join(asked)}"
