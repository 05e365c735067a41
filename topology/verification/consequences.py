"""What changes for traffic: pairs that are gained, and pairs that are lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from topology.verification.kinds_of_traffic import kinds_of_traffic
from topology.verification.model import Model
from topology.verification.pairs import Answers, Pairs, pairs
from topology.verification.plane import Plane
from topology.verification.rules import Traffic
from topology.verification.spread import Rectangle, without


@dataclass(frozen=True, slots=True)
class Difference:
    """Networks, by name, that can open connections to others, or could; `traffic` is one kind."""

    gained: bool
    senders: tuple[str, ...]
    targets: tuple[str, ...]
    traffic: str


def differences(before: Model, after: Model) -> tuple[Difference, ...]:
    """Return who gains and who loses whom from one state to another, both ways counted apart.

    For every kind of traffic that the rules of either state tell apart; what is the same for
    two kinds is told once, for the first.
    """
    plane = Plane.of(before, after)
    old, new = Answers(plane, before), Answers(plane, after)
    found: dict[tuple[bool, tuple[str, ...], tuple[str, ...]], Difference] = {}
    for traffic in _kinds(before, after):
        was, is_now = (_who(pairs(each, traffic), plane.workloads) for each in (old, new))
        for gained, some, other in ((True, is_now, was), (False, was, is_now)):
            for senders, targets in _beyond(some, other):
                key = (gained, _names(plane, senders), _names(plane, targets))
                found.setdefault(key, Difference(*key, traffic=str(traffic)))
    return tuple(found.values())


def _kinds(before: Model, after: Model) -> Iterator[Traffic]:
    yield from dict.fromkeys([*kinds_of_traffic(before), *kinds_of_traffic(after)])


def _who(found: Pairs, workloads: int) -> list[Rectangle]:
    """Return who reaches whom, whatever the way: the same targets are one rectangle."""
    targets: dict[int, int] = {}
    for block in found.works:
        if what := block.targets & workloads:
            targets[block.senders] = targets.get(block.senders, 0) | what
    senders: dict[int, int] = {}
    for who, what in targets.items():
        senders[what] = senders.get(what, 0) | who
    return [(who, what) for what, who in senders.items()]


def _beyond(some: Iterable[Rectangle], other: Iterable[Rectangle]) -> Iterator[Rectangle]:
    """Yield what rectangles have that others do not, joined where senders are the same."""
    other, joined = list(other), dict[int, int]()
    for rectangle in some:
        left = [rectangle]
        for item in other:
            left = [rest for part in left for rest in without(part, item)]
        for senders, targets in left:
            joined[senders] = joined.get(senders, 0) | targets
    again: dict[int, int] = {}
    for senders, targets in joined.items():
        again[targets] = again.get(targets, 0) | senders
    yield from ((senders, targets) for targets, senders in again.items())


def _names(plane: Plane, places: int) -> tuple[str, ...]:
    return tuple(sorted(network.name for network in plane.networks_of(places)))
