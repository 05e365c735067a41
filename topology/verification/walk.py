"""One packet's way, step by step: where routes lead it, and what lets it pass."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn

from topology.verification.addresses import HOST, PUBLIC, address, is_in, starts
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
