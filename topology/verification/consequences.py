"""What changes for traffic: pairs that are gained, and pairs that are lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from topology.verification.addresses import address, members
from topology.verification.kinds_of_traffic import Kinds, few_names
from topology.verification.model import Model
from topology.verification.pairs import Answers, Pairs, pairs
from topology.verification.plane import Plane
from topology.verification.rules import Traffic
from topology.verification.spread import Rectangle, without

INTERNET = "the internet"

Key = tuple[bool, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Networks, by name, that can open connections to others or to the internet, or could.

    `traffic` says by which kinds: all, all but a few, or an example with how many more; `names`
    to which names alone, all of them as the topology file writes them.
    """

    gained: bool
    senders: tuple[str, ...]
    targets: tuple[str, ...]
    traffic: str
    names: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Return by which traffic, with the first few names."""
        return f"{self.traffic} to {few_names(self.names)}" if self.names else self.traffic


def differences(before: Model, after: Model) -> tuple[Difference, ...]:
    """Return who gains and who loses whom from one state to another, both ways counted apart.

    For every kind of traffic that the rules of either state tell apart. What is the same for
    several is told once; of the internet each name is told, unless it is all of it.
    """
    plane = Plane.of(before, after)
    old, new = Answers(plane, before), Answers(plane, after)
    kinds = Kinds.of(before, after)
    among, out = defaultdict[Key, list[Traffic]](list), defaultdict[Key, list[Traffic]](list)
    for traffic in kinds.all:
        was, is_now = pairs(old, traffic), pairs(new, traffic)
        for key in _between(plane, _who(was, plane), _who(is_now, plane), _names):
            among[key].append(traffic)
        for key in _between(plane, _out(was, plane), _out(is_now, plane), _public):
            out[key].append(traffic)
    found = [Difference(*key, traffic=kinds.told(changed)) for key, changed in among.items()]
    for key, changed in out.items():
        named = kinds.by_name_alone(changed)
        if others := [traffic for traffic in changed if traffic not in named]:
            found.append(Difference(*key, traffic=kinds.told(others)))
        found += [Difference(*key, *told) for told in _by_name(kinds, named)]
    return tuple(found)


def _by_name(kinds: Kinds, named: Iterable[Traffic]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the names to which it changes, for each traffic."""
    found = defaultdict[str, set[str]](set)
    for kind in named:
        found[str(replace(kind, name=""))].update(kinds.names(kind))
    yield from ((traffic, tuple(sorted(names))) for traffic, names in found.items())


def _between(
    plane: Plane,
    was: list[Rectangle],
    is_now: list[Rectangle],
    targets_of: Callable[[Plane, int], tuple[str, ...]],
) -> Iterator[Key]:
    for gained, some, other in ((True, is_now, was), (False, was, is_now)):
        for senders, targets in _beyond(some, other):
            yield gained, _names(plane, senders), targets_of(plane, targets)


def _who(found: Pairs, plane: Plane) -> list[Rectangle]:
    """Return who reaches whom, whatever the way."""
    return _gathered((block.senders, block.targets & plane.workloads) for block in found.works)


def _out(found: Pairs, plane: Plane) -> list[Rectangle]:
    """Return who reaches what of the internet and is answered, whatever the way."""
    blocks = ((block.senders & plane.workloads, block.targets) for block in found.heard)
    return _gathered((who, what & plane.public) for who, what in blocks if who)


def _gathered(blocks: Iterable[Rectangle]) -> list[Rectangle]:
    """Return what blocks have together: the same targets are one rectangle."""
    targets: dict[int, int] = {}
    for who, what in blocks:
        if what:
            targets[who] = targets.get(who, 0) | what
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


def _public(plane: Plane, pieces: int) -> tuple[str, ...]:
    """Return what of the internet pieces are: all of it, or a part with an example."""
    if pieces == plane.public:
        return (INTERNET,)
    first = plane.pieces[next(members(pieces))].start
    return (f"a part of {INTERNET} ({address(first)} is in it)",)
