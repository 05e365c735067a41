"""All that is sent, spread over the network at once: blocks whose senders and targets share a way.

Nothing is walked pair by pair. A set of senders and a set of targets go together as long as
routes and rules treat them alike, and part where these do not (`plane`). `walk` follows one
packet by the same rules; tests hold one against the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations

from topology.verification.fabric import Firewall, Subnet
from topology.verification.model import Filters, Model
from topology.verification.plane import Plane, joined
from topology.verification.policies import Policy
from topology.verification.routes import Hop, Route
from topology.verification.rules import Rule, Traffic
from topology.verification.walk import BESIDE, End

Way = tuple[str, ...]
Rectangle = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """Senders and targets with one way and one end.

    `senders` are places. `targets` are places of `network` where they have arrived, else
    pieces. `legs` are the keys of the firewalls passed, a new leg after each that put its
    own addresses in the place of the sender's; `by` is what decided the end.
    """

    senders: int
    targets: int
    legs: tuple[Way, ...]
    end: End
    by: str
    network: str = ""

    @property
    def way(self) -> Way:
        """Return the keys of the firewalls passed, in order."""
        return tuple(key for leg in self.legs for key in leg)


@dataclass(frozen=True, slots=True)
class _Flow:
    """Senders on their way to targets (pieces); `seen` is whom rules take them for.

    That are all addresses of a firewall's subnet, of which it bears any.
    """

    senders: int
    targets: int
    legs: tuple[Way, ...] = ((),)
    seen: int = 0

    @property
    def source(self) -> int:
        return self.seen or self.senders

    def part(self, senders: int, targets: int) -> _Flow:
        return _Flow(self.senders if self.seen else senders, targets, self.legs, self.seen)

    def passed(self, firewall: str) -> bool:
        return any(firewall in leg for leg in self.legs)


class _Judged(StrEnum):
    """What rules make of a flow; APART is what they judge by which of several sources it has."""

    PASSED = "passed"
    TRANSLATED = "translated"
    DENIED = "denied"
    APART = "apart"


_ENDS = {_Judged.DENIED: End.DROPPED, _Judged.APART: End.UNKNOWN}
_Verdict = tuple[_Flow, _Judged, str]


@dataclass
class Spread:
    """All that leaves some subnets, spread over the network; one kind of traffic.

    Replies pass whatever rules there are. `firewalls_pass` asks what would be if no firewall
    denied anything: only what stands before subnets does.
    """

    plane: Plane
    model: Model
    traffic: Traffic
    is_reply: bool = False
    firewalls_pass: bool = False
    blocks: list[Block] = field(default_factory=list)
    _entering: dict[tuple[str, tuple[Way, ...]], list[_Flow]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _tables: dict[str, tuple[tuple[Route, int], ...]] = field(default_factory=dict)

    def from_subnets(self, subnets: Iterable[Subnet], targets: int) -> list[Block]:
        """Let everything go from these subnets to some pieces."""
        host = targets & self.plane.host
        for subnet in subnets:
            senders = self.plane.of_subnet(subnet)
            self._end(_Flow(senders, host), End.HOST, BESIDE)
            flow = _Flow(senders, targets & ~host)
            for part in self._filtered(subnet, flow, inbound=False):
                self._leave(subnet, part)
        return self._finish()

    def from_firewall(self, firewall: Firewall, senders: int, targets: int) -> list[Block]:
        """Let answers go on from a firewall: they bear their senders' addresses."""
        subnet = self.model.fabric.subnets[firewall.subnet]
        self._leave(subnet, _Flow(senders, targets))
        return self._finish()

    def _finish(self) -> list[Block]:
        while self._entering:
            (key, _), flows = self._entering.popitem()
            for flow in _in_common(flows):
                self._through(self.model.fabric.firewalls[key], flow)
        return self.blocks

    # -- routes --------------------------------------------------------------------------

    def _table(self, subnet: Subnet) -> tuple[tuple[Route, int], ...]:
        """Return the routes of a subnet with the pieces for which each is taken."""
        if subnet.key not in self._tables:
            left, found = self.plane.pieces.all, []
            for route in self.model.routes(subnet).all:
                mine = self.plane.aims((route.prefix,)) & left
                if mine:
                    found.append((route, mine))
                    left &= ~mine
            self._tables[subnet.key] = tuple(found)
        return self._tables[subnet.key]

    def _leave(self, here: Subnet, flow: _Flow) -> None:
        for route, taken in self._table(here):
            if targets := flow.targets & taken:
                self._hop(here, route, flow.part(flow.senders, targets))

    def _hop(self, here: Subnet, route: Route, flow: _Flow) -> None:
        match route.hop:
            case Hop.LOCAL | Hop.PEERING | Hop.MESH:
                for part in self._crossing(here, route, flow):
                    self._arrive(route, part)
            case Hop.APPLIANCE:
                self._to_appliance(here, route, flow)
            case Hop.INTERNET:
                self._to_internet(here, route, flow)
            case Hop.NOWHERE:
                self._end(flow, End.DROPPED, route.source)
            case Hop.GATEWAY | Hop.CHANCE | Hop.UNKNOWN:
                self._end(flow, End.UNKNOWN, route.source)

    def _crossing(self, here: Subnet, route: Route, flow: _Flow) -> Iterator[_Flow]:
        """Yield what the network behind a route takes; the rest ends here."""
        networks = self.model.fabric.networks
        mine, there = networks[here.network], networks.get(route.network)
        if there is None:
            self._end(flow, End.UNKNOWN, route.source)
            return
        if self.model.lets_in(route.hop, mine, there, _NO_ADDRESS):
            yield flow
            return
        own = flow.source & self.plane.senders(mine.prefixes)
        if own == flow.source:
            yield flow
        elif flow.seen:
            self._end(flow, End.UNKNOWN if own else End.DROPPED, route.source)
        else:
            self._end(flow.part(flow.senders & ~own, flow.targets), End.DROPPED, route.source)
            if own:
                yield flow.part(own, flow.targets)

    def _arrive(self, route: Route, flow: _Flow) -> None:
        network = self.model.fabric.networks[route.network]
        left = flow.targets
        for subnet in network.subnets:
            if mine := left & self.plane.aims(subnet.prefixes):
                left &= ~mine
                arrived = flow.part(flow.senders, mine)
                for part in self._filtered(subnet, arrived, inbound=True):
                    places = self.plane.places(network.key, part.targets)
                    block = Block(
                        part.senders, places, part.legs, End.ARRIVED, route.source, network.key
                    )
                    self.blocks.append(block)
        if left:
            self._end(flow.part(flow.senders, left), End.DROPPED, route.source)

    def _to_internet(self, here: Subnet, route: Route, flow: _Flow) -> None:
        public = flow.targets & self.plane.public
        if rest := flow.targets & ~public:
            self._end(flow.part(flow.senders, rest), End.DROPPED, route.source)
        if public:
            goes = here.has_outbound or here.key in self.model.fabric.firewall_in
            end = End.INTERNET if goes else End.UNKNOWN
            self._end(flow.part(flow.senders, public), end, route.source)

    # -- firewalls -----------------------------------------------------------------------

    def _to_appliance(self, here: Subnet, route: Route, flow: _Flow) -> None:
        address = route.address if route.address is not None else _NO_ADDRESS
        direct, fabric = self.model.routes(here).directly(address), self.model.fabric
        if direct is None:
            self._end(flow, End.DROPPED, route.source)
            return
        firewall = fabric.firewall_at.get((direct.network, address))
        for part in self._crossing(here, direct, flow):
            if firewall is None:
                unread = fabric.has_room_at(direct.network, address)
                self._end(part, End.UNKNOWN if unread else End.DROPPED, route.source)
            elif firewall.may_serve and not self.firewalls_pass:
                self._end(part, End.UNKNOWN, firewall.id)
            elif not self._is_ready(firewall) or part.passed(firewall.key):
                self._end(part, End.DROPPED, firewall.id)
            else:
                self._entering[firewall.key, part.legs].append(part)

    def _is_ready(self, firewall: Firewall) -> bool:
        serves = firewall.is_ready or (firewall.may_serve and self.firewalls_pass)
        return serves and firewall.subnet in self.model.fabric.subnets

    def _through(self, firewall: Firewall, flow: _Flow) -> None:
        subnet = self.model.fabric.subnets[firewall.subnet]
        legs = (*flow.legs[:-1], (*flow.legs[-1], firewall.key))
        passed = replace(flow, legs=legs)
        if self.is_reply or self.firewalls_pass:
            self._leave(subnet, passed)
            return
        policy = self.model.policy(firewall)
        if not policy.is_whole:
            self._end(passed, End.UNKNOWN, firewall.id)
            return
        for part, judged, by in _alike(passed, self._by_policy(firewall, policy, passed)):
            match judged:
                case _Judged.PASSED:
                    self._leave(subnet, part)
                case _Judged.TRANSLATED:
                    seen = self.plane.of_subnet(subnet)
                    self._leave(subnet, replace(part, legs=(*part.legs, ()), seen=seen))
                case _:
                    self._end(part, _ENDS[judged], by)

    def _by_policy(self, firewall: Firewall, policy: Policy, flow: _Flow) -> Iterator[_Verdict]:
        """Yield what a firewall does with the parts of a flow: application rules come last."""
        kept = self.plane.aims(policy.untranslated)
        for part, rule in self._decided(policy.network, flow):
            if rule is None:
                yield from self._by_name(firewall, policy, part)
            elif rule.access != "Allow":
                yield part, _Judged.DENIED, rule.id
            else:
                if same := part.targets & kept:
                    yield part.part(part.senders, same), _Judged.PASSED, rule.id
                if other := part.targets & ~kept:
                    yield part.part(part.senders, other), _Judged.TRANSLATED, rule.id

    def _by_name(self, firewall: Firewall, policy: Policy, flow: _Flow) -> Iterator[_Verdict]:
        for part, rule in self._decided(policy.application, flow):
            if rule is None or rule.access != "Allow":
                yield part, _Judged.DENIED, rule.id if rule else f"no rule of {firewall.name}"
            else:
                yield part, _Judged.TRANSLATED, rule.id

    # -- rules ---------------------------------------------------------------------------

    def _filtered(self, subnet: Subnet, flow: _Flow, *, inbound: bool) -> Iterator[_Flow]:
        """Yield what the rules before a subnet let pass; the rest ends here."""
        if self.is_reply:
            yield flow
            return
        judging = self._by_filters(self.model.filters(subnet), flow, inbound=inbound)
        for part, judged, by in _alike(flow, judging):
            if judged is _Judged.PASSED:
                yield part
            else:
                self._end(part, _ENDS[judged], by)

    def _by_filters(self, filters: Filters, flow: _Flow, *, inbound: bool) -> Iterator[_Verdict]:
        admin = [rule for rule in filters.admin if rule.inbound is inbound]
        for part, rule in self._decided(admin, flow):
            by = rule.id if rule else ""
            if rule is not None and rule.access == "Deny":
                yield part, _Judged.DENIED, by
            elif filters.group is None or (rule is not None and rule.access == "AlwaysAllow"):
                yield part, _Judged.PASSED, by
            else:
                group = [item for item in filters.group if item.inbound is inbound]
                for piece, decided in self._decided(group, part):
                    passes = decided is not None and decided.access == "Allow"
                    judged = _Judged.PASSED if passes else _Judged.DENIED
                    yield piece, judged, decided.id if decided else "no rule matches"

    def _decided(self, rules: Iterable[Rule], flow: _Flow) -> Iterator[tuple[_Flow, Rule | None]]:
        """Yield the parts of a flow with the first rule that is about each; None at the end."""
        left = [(flow.source, flow.targets)]
        for rule in rules:
            if not left:
                return
            if not rule.is_about(self.traffic):
                continue
            who, what = self.plane.senders(rule.sources), self.plane.aims(rule.targets)
            rest: list[Rectangle] = []
            for senders, targets in left:
                if (senders & who) and (targets & what):
                    yield flow.part(senders & who, targets & what), rule
                rest += without((senders, targets), (who, what))
            left = rest
        for senders, targets in left:
            yield flow.part(senders, targets), None

    def _end(self, flow: _Flow, end: End, by: str) -> None:
        if flow.targets and flow.senders:
            self.blocks.append(Block(flow.senders, flow.targets, flow.legs, end, by))


_NO_ADDRESS = -1


def _alike(flow: _Flow, judged: Iterable[_Verdict]) -> Iterator[_Verdict]:
    """Yield what rules made of the parts of a flow.

    Where it bears any address of a firewall's subnet, those of its targets are apart for which
    not all of these are judged alike.
    """
    if not flow.seen:
        yield from judged
        return
    found, of = list(judged), defaultdict[_Judged, int](int)
    for part, verdict, _ in found:
        of[verdict] |= part.targets
    apart = joined(one & other for one, other in combinations(of.values(), 2))
    told = apart
    for part, verdict, by in found:
        if mine := part.targets & ~told:
            told |= mine
            yield part.part(part.senders, mine), verdict, by
    yield flow.part(flow.senders, apart), _Judged.APART, ""


def without(whole: Rectangle, taken: Rectangle) -> list[Rectangle]:
    """Return a rectangle (senders, targets) without another, as at most two."""
    (senders, targets), (who, what) = whole, taken
    both = senders & who
    if not both or not targets & what:
        return [whole]
    found = [(senders & ~who, targets), (both, targets & ~what)]
    return [(left, right) for left, right in found if left and right]


def _in_common(flows: list[_Flow]) -> Iterator[_Flow]:
    """Yield flows that enter a firewall joined: those for the targets that all have are one.

    Siblings differ only in their own networks, so nearly all of a region goes on as one.
    """
    plain = [flow for flow in flows if not flow.seen]
    yield from (flow for flow in flows if flow.seen)
    if not plain:
        return
    common, senders = plain[0].targets, 0
    for flow in plain:
        common &= flow.targets
        senders |= flow.senders
    if common:
        yield replace(plain[0], senders=senders, targets=common)
    rest: dict[int, _Flow] = {}
    for flow in plain:
        if own := flow.targets & ~common:
            same = rest.get(own)
            joined = flow.senders | (same.senders if same else 0)
            rest[own] = replace(flow, senders=joined, targets=own)
    yield from rest.values()
