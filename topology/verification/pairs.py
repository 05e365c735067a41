"""Both ways of all pairs: who reaches whom, and whether the answers come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from topology.verification.fabric import Firewall
from topology.verification.model import Model
from topology.verification.plane import Plane
from topology.verification.rules import Traffic
from topology.verification.spread import Block, Rectangle, Spread, Way, without
from topology.verification.walk import End


@dataclass(frozen=True)
class Pairs:
    """What comes of everything that may be sent, for one kind of traffic.

    `arrived` are the blocks that arrive, `left` those that leave for the internet, `others` are
    dropped or not known. What comes of answers is worked out when it is asked for.
    """

    answers: Answers
    traffic: Traffic
    arrived: tuple[Block, ...]
    left: tuple[Block, ...]
    others: tuple[Block, ...]

    @property
    def works(self) -> tuple[Block, ...]:
        """Return what arrives and whose answers come back by the same firewalls."""
        return self._of_arrived[0]

    @property
    def astray(self) -> tuple[Block, ...]:
        """Return what arrives and whose answers do not come back so."""
        return self._of_arrived[1]

    @property
    def heard(self) -> tuple[Block, ...]:
        """Return what leaves for the internet and whose answers come back."""
        return self._of_left[0]

    @property
    def unheard(self) -> tuple[Block, ...]:
        """Return what leaves for the internet and whose answers do not come back."""
        return self._of_left[1]

    @cached_property
    def unknown(self) -> tuple[Block, ...]:
        """Return that of which nobody knows what becomes."""
        return tuple(block for block in self.others if block.end is End.UNKNOWN)

    @cached_property
    def _of_arrived(self) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
        return self.answers.split(self.arrived)

    @cached_property
    def _of_left(self) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
        return self.answers.split(self.left)


@dataclass(frozen=True)
class Answers:
    """Which ways answers take: rules have no say in it."""

    plane: Plane
    model: Model

    @cached_property
    def _by_way(self) -> Mapping[Way, Mapping[int, int]]:
        """Return who sends what to whom by each way, everything spread without rules."""
        found: dict[Way, dict[int, int]] = defaultdict(dict)
        spread = Spread(self.plane, self.model, Traffic(), is_reply=True)
        subnets = self.model.fabric.subnets.values()
        for block in spread.from_subnets(subnets, self.plane.pieces.all):
            if block.end is End.ARRIVED:
                same = found[block.way]
                same[block.senders] = same.get(block.senders, 0) | block.targets
        return found

    def split(self, blocks: Iterable[Block]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
        """Return the parts of blocks whose answers come back their way, and the others."""
        works, astray = list[Block](), list[Block]()
        for block in blocks:
            left, gone = [(block.senders, block.targets)], list[Rectangle]()
            for lost in _lost(self, block):
                gone += _both(left, lost)
                left = [rest for part in left for rest in without(part, lost)]
            works += [replace(block, senders=who, targets=what) for who, what in left]
            astray += [replace(block, senders=who, targets=what) for who, what in gone]
        return tuple(works), tuple(astray)

    def lost(self, senders: int, targets: int, way: Way) -> list[Rectangle]:
        """Return the pairs (by places) whose first sends nothing to the second by a way."""
        left = [(senders, targets)]
        for found in self._by_way.get(way, {}).items():
            left = [rest for item in left for rest in without(item, found)]
            if not left:
                break
        return left


def pairs(
    answers: Answers,
    traffic: Traffic,
    *,
    firewalls_pass: bool = False,
    among: Rectangle | None = None,
) -> Pairs:
    """Work out all pairs for one kind of traffic; senders are all but Azure's own services.

    Of those `among` senders and targets (places) it costs less.
    """
    plane, model = answers.plane, answers.model
    subnets = [item for item in model.fabric.subnets.values() if not item.is_reserved]
    targets = plane.pieces.all
    if among is not None:
        subnets = [item for item in subnets if plane.of_subnet(item) & among[0]]
        targets = plane.pieces_of(among[1])
    spread = Spread(plane, model, traffic, firewalls_pass=firewalls_pass)
    arrived, left, others = list[Block](), list[Block](), list[Block]()
    ends = {End.ARRIVED: arrived, End.INTERNET: left}
    for block in spread.from_subnets(subnets, targets):
        ends.get(block.end, others).append(block)
    return Pairs(answers, traffic, tuple(arrived), tuple(left), tuple(others))


def _lost(answers: Answers, block: Block) -> Iterator[Rectangle]:
    """Yield the senders and targets of a block whose answers do not come back its way.

    Where firewalls put their own addresses in the place of the sender's, the answer goes to
    the last of them, from there to the one before, and at last to the sender. The internet
    answers to the last of them without a route of ours, and to nobody where none did that.
    """
    out = block.end is End.INTERNET
    answering = answers.plane.outside if out else block.targets
    firewalls = [answers.model.fabric.firewalls[leg[-1]] for leg in block.legs[:-1]]
    aims = [block.senders, *(_places_of(answers, firewall) for firewall in firewalls)]
    way = tuple(reversed(block.legs[-1]))
    if out:
        lost = [(answering, aims[-1])] if way else []
    else:
        lost = answers.lost(answering, aims[-1], way)
    for number in range(len(firewalls), -1, -1):
        for targets, aim in lost:
            yield (block.senders if number else aim), (block.targets if out else targets)
        if number:
            way = tuple(reversed(block.legs[number - 1][:-1]))
            lost = _lost_from(answers, firewalls[number - 1], answering, aims[number - 1], way)


def _lost_from(
    answers: Answers, firewall: Firewall, senders: int, aim: int, way: Way
) -> list[Rectangle]:
    """Return which answers that go on from a firewall miss their aim, or take another way."""
    spread = Spread(answers.plane, answers.model, Traffic(), is_reply=True)
    left = [(senders, aim)]
    for block in spread.from_firewall(firewall, senders, answers.plane.pieces_of(aim)):
        if block.end is End.ARRIVED and block.way == way:
            found = (block.senders, block.targets)
            left = [rest for item in left for rest in without(item, found)]
    return left


def _both(parts: Iterable[Rectangle], other: Rectangle) -> Iterator[Rectangle]:
    """Yield what rectangles share with another."""
    for senders, targets in parts:
        if senders & other[0] and targets & other[1]:
            yield senders & other[0], targets & other[1]


def _places_of(answers: Answers, firewall: Firewall) -> int:
    """Return who a firewall's translated packets may come from: any address of its subnet."""
    return answers.plane.of_subnet(answers.model.fabric.subnets[firewall.subnet])
