"""The assertions of the file (`verify.assertions`), held against a model.

A finding's rule is the assertion's name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from topology.kind import same_id
from topology.verification.addresses import PUBLIC, blocks
from topology.verification.finding import Finding
from topology.verification.pairs import Pairs
from topology.verification.proof import Proof
from topology.verification.rules import Traffic
from topology.verification.spread import Block, Rectangle, without
from topology.verification.walk import End
from topology.verify_spec import INTERNET, OWN_FIREWALLS, AssertionSpec, prefix_of

_HTTPS = 443


def broken(proof: Proof) -> tuple[Finding, ...]:
    """Return what the file asserts and is not so, an example for each assertion and network."""
    asked: dict[Traffic, list[AssertionSpec]] = defaultdict(list)
    for item in proof.network.topology.verify.assertions:
        asked[traffic_of(item)].append(item)
    found: dict[tuple[str, str], Finding] = {}
    for traffic, items in asked.items():
        all_pairs = proof.pairs(traffic)
        for item in items:
            for finding in _Asserted(proof, all_pairs, item).findings():
                found.setdefault((finding.rule, finding.between), finding)
    return tuple(found.values())


def traffic_of(item: AssertionSpec) -> Traffic:
    """Return the traffic that an assertion is about."""
    default = 0 if item.protocol == "icmp" else _HTTPS
    port = default if item.port is None else item.port
    return Traffic(item.protocol, port, item.fqdn or "")


class _Asserted:
    """One assertion: `targets` are places of networks, `out` pieces of the internet."""

    def __init__(self, proof: Proof, found: Pairs, item: AssertionSpec) -> None:
        self.proof, self.plane, self.pairs, self.item = proof, proof.plane, found, item
        self.senders = self._places(item.source)
        self.targets, self.out = self._aims(item.target)

    def findings(self) -> Iterator[Finding]:
        """Yield what is not as the assertion says; also that it is about nobody."""
        item = self.item
        for end, found in ((item.source, self.senders), (item.target, self.targets or self.out)):
            if not found:
                text = f"{item.name}: nobody has an address of {end}"
                yield Finding(item.name, f"{item.source} to {item.target}", text, end)
                return
        if item.expect == "denied":
            # To arrive is enough: not all that is sent waits for an answer.
            for block, part in self._reaching(self.pairs.arrived, self.pairs.left):
                yield self._told("is reached, and must not be", part, block)
            yield from self._not_known()
            return
        reaching = [*self._reaching(self.pairs.works, self.pairs.heard)]
        yield from self._not_reached(reaching)
        for block, part in reaching:
            for rest in self._other_way(block, part):
                yield self._told(f"goes by {self._named(block)}", rest, block)

    # -- who -----------------------------------------------------------------------------

    def _places(self, end: str) -> int:
        """Return the places of whoever an assertion names; hosts only, none of Azure's own."""
        if prefix_of(end):
            return self.plane.senders(blocks([end])) & self.plane.workloads
        found = 0
        for spoke, places in self.proof.spokes.values():
            if end in {spoke.environment, spoke.region, f"{spoke.region}/{spoke.name}"}:
                found |= places
        return found

    def _aims(self, end: str) -> tuple[int, int]:
        """Return the places of a target, and what of it is the internet."""
        ranges = PUBLIC if end == INTERNET else blocks([end])
        return self._places(end), self.plane.aims(ranges) & self.plane.public

    # -- what comes of it ----------------------------------------------------------------

    def _reaching(
        self, arriving: Iterable[Block], leaving: Iterable[Block]
    ) -> Iterator[tuple[Block, Rectangle]]:
        """Yield which parts of what arrives, and of what leaves, the assertion is about."""
        for found, aims in ((arriving, self.targets), (leaving, self.out)):
            for block in found:
                if (who := block.senders & self.senders) and (what := block.targets & aims):
                    yield block, (who, what)

    def _not_known(self) -> Iterator[Finding]:
        """Yield of whom nobody knows whether they are reached: that is no denial."""
        told, traffic = f"{self.item.name}: not known whether it is reached", self.pairs.traffic
        for block in self.pairs.unknown:
            who = block.senders & self.senders
            inside = self.plane.all_places(block.targets) & self.targets
            for what, out in ((inside, False), (block.targets & self.out, True)):
                if who and what:
                    yield self.proof.told(
                        self.item.name, f"{told}, and it must not be", who, what, traffic, out=out
                    )

    def _not_reached(self, reaching: Iterable[tuple[Block, Rectangle]]) -> Iterator[Finding]:
        inside, outside = [(self.senders, self.targets)], [(self.senders, self.out)]
        for block, part in reaching:
            if block.end is End.INTERNET:
                outside = [rest for item in outside for rest in without(item, part)]
            else:
                inside = [rest for item in inside for rest in without(item, part)]
        for found, out in ((inside, False), (outside, True)):
            for who, what in found:
                if what:
                    text = f"{self.item.name}: is not reached, and must be"
                    yield self.proof.told(
                        self.item.name, text, who, what, self.pairs.traffic, out=out
                    )

    # -- by which way --------------------------------------------------------------------

    def _other_way(self, block: Block, part: Rectangle) -> Iterator[Rectangle]:
        """Yield the part of a rectangle whose way is not the one that is asserted."""
        wanted, (senders, targets) = self.item.by, part
        if wanted is None:
            return
        if wanted != OWN_FIREWALLS:
            ids = (self.proof.network.names.firewall_id(region) for region in wanted)
            if block.way != tuple(map(same_id, ids)):
                yield part
            return
        out = block.end is End.INTERNET
        # What stays within a network passes no firewall, as in the reference.
        senders &= ~self.proof.own.get(block.network, 0)
        for who, mine in self._by_region(senders):
            ends = [(targets, mine)] if out else self._by_region(targets)
            for what, theirs in ends:
                if block.way != tuple(dict.fromkeys((mine, theirs))):
                    yield who, what

    def _by_region(self, places: int) -> Iterator[tuple[int, str]]:
        """Yield the part of places in each region, with the key of its hub's firewall."""
        for hub in self.proof.network.hubs:
            if mine := places & self.proof.in_region(hub.region):
                yield mine, same_id(self.proof.network.names.firewall_id(hub.region))

    # -- in words ------------------------------------------------------------------------

    def _told(self, text: str, part: Rectangle, block: Block) -> Finding:
        who, what = part
        out, traffic = block.end is End.INTERNET, self.pairs.traffic
        return self.proof.told(
            self.item.name, f"{self.item.name}: {text}", who, what, traffic, out=out
        )

    def _named(self, block: Block) -> str:
        return self.proof.named(block.way) or "no firewall"
