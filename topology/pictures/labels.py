"""Where labels go on a map, so that none lies over another, over a node or over a line to one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from math import hypot

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its left upper corner and its size."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        """Say whether two share some of their ground."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def is_inside(self, other: Box) -> bool:
        """Say whether all of it is in another."""
        return (
            other.x <= self.x
            and other.y <= self.y
            and self.x + self.width <= other.x + other.width
            and self.y + self.height <= other.y + other.height
        )

    def nearest(self, place: Place) -> Place:
        """Return the middle of the side that looks at a place."""
        side = self.x if place[0] < self.x + self.width / 2 else self.x + self.width
        return side, self.y + self.height / 2

    def is_crossed(self, start: Place, end: Place) -> bool:
        """Say whether a straight line goes through it."""
        low, high = 0.0, 1.0
        for at, step, least, size in (
            (start[0], end[0] - start[0], self.x, self.width),
            (start[1], end[1] - start[1], self.y, self.height),
        ):
            if not step:
                if not least <= at <= least + size:
                    return False
                continue
            first, last = sorted(((least - at) / step, (least + size - at) / step))
            low, high = max(low, first), min(high, last)
        return low < high


@dataclass(frozen=True, slots=True)
class Label:
    """Where a label lies, and the line to its node; None where it stands beside it."""

    box: Box
    line: tuple[Place, Place] | None


def apart(nodes: Mapping[str, Place], least: float) -> dict[str, Place]:
    """Return nodes moved so far that any two are apart by this, or nearly so."""
    found = dict(nodes)
    for _ in range(_ROUNDS):
        close = False
        for one, other in combinations(sorted(found), 2):
            (x1, y1), (x2, y2) = found[one], found[other]
            distance = hypot(x2 - x1, y2 - y1)
            if distance >= least:
                continue
            close = True
            share = (least - distance) / 2
            dx, dy = ((x2 - x1) / distance, (y2 - y1) / distance) if distance else (1.0, 0.0)
            found[one] = (x1 - dx * share, y1 - dy * share)
            found[other] = (x2 + dx * share, y2 + dy * share)
        if not close:
            break
    return found


_ROUNDS = 40


def lay_out(
    nodes: Mapping[str, Place],
    sizes: Mapping[str, tuple[float, float]],
    within: Box,
    obstacles: Iterable[Box],
    gap: float,
) -> dict[str, Label]:
    """Return a place for the label of each node: beside it, or as near as there is room.

    The crowded ones choose last: the others leave them the farther places.
    """
    taken, lines, found = list(obstacles), list[tuple[Place, Place]](), dict[str, Label]()
    for name in sorted(nodes, key=lambda key: (_crowd(nodes, key), nodes[key])):
        choices = _around(nodes[name], sizes[name], gap, left=_leans_left(nodes, name))
        inside = [item for item in choices if item[1].box.is_inside(within)]
        label = _best(sorted(inside, key=lambda item: item[0]), taken, lines)
        found[name] = label
        taken.append(label.box)
        if label.line:
            lines.append(label.line)
    return found


def _best(
    choices: Iterable[tuple[float, Label]], taken: list[Box], lines: list[tuple[Place, Place]]
) -> Label:
    """Return the place that costs least; choices come by what each costs by itself."""
    best, least = None, float("inf")
    for cost, label in choices:
        if cost >= least:
            break
        if (whole := cost + _lies_over(label, taken, lines)) < least:
            best, least = label, whole
    if best is None:
        raise ValueError("a label is larger than the picture")
    return best


def _lies_over(label: Label, taken: Iterable[Box], lines: Iterable[tuple[Place, Place]]) -> float:
    """Return how bad a place is for what is there already; over other words it is the worst."""
    cost = sum(_WORDS * label.box.overlaps(box) for box in taken)
    cost += sum(_LINE * label.box.is_crossed(*line) for line in lines)
    if label.line:
        mine = _short(label.line)
        cost += sum(_LINE * box.is_crossed(*mine) for box in taken)
        cost += sum(_CROSSING * _cross(mine, _short(line)) for line in lines)
    return cost


_WORDS, _LINE, _CROSSING = 1000.0, 250.0, 60.0


def _cross(one: tuple[Place, Place], other: tuple[Place, Place]) -> bool:
    return _sides(one, other) and _sides(other, one)


def _sides(line: tuple[Place, Place], ends: tuple[Place, Place]) -> bool:
    """Say whether two places lie on different sides of a line."""
    (x1, y1), (x2, y2) = line
    first, last = ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) for x, y in ends)
    return first * last < 0


def _short(line: tuple[Place, Place]) -> tuple[Place, Place]:
    """Return a line less what lies in its own node."""
    (x1, y1), (x2, y2) = line
    share = min(1.0, _NODE / (hypot(x2 - x1, y2 - y1) or 1.0))
    return (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share), (x2, y2)


_NODE, _NEAR = 16.0, 70.0


def _crowd(nodes: Mapping[str, Place], name: str) -> int:
    x, y = nodes[name]
    return sum(hypot(x - other[0], y - other[1]) < _NEAR for other in nodes.values())


def _leans_left(nodes: Mapping[str, Place], name: str) -> bool:
    """Say whether a node stands left of the middle of those around it."""
    x, y = nodes[name]
    near = [other[0] for other in nodes.values() if hypot(x - other[0], y - other[1]) < _NEAR]
    return x < sum(near) / len(near)


def _around(
    node: Place, size: tuple[float, float], gap: float, *, left: bool
) -> Iterator[tuple[float, Label]]:
    """Yield places for a label, with what each costs: far ones, and those on the inner side."""
    (x, y), (width, height) = node, size
    for aside, along, to_left in product(_ASIDE, _ALONG, (left, not left)):
        at = x - gap - aside - width if to_left else x + gap + aside
        box = Box(at, y - height / 2 + along * height / 2, width, height)
        far = aside or abs(along) > 1
        cost = hypot(aside, along * height / 2) + _INNER * (to_left != left)
        yield cost, Label(box, (node, box.nearest(node)) if far else None)


_INNER = 24.0
_ASIDE = (0, 12, 26, 44, 66, 92, 122, 156, 196, 240)
_ALONG = tuple(range(-22, 23))
