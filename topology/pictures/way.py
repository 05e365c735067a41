"""A question's way, drawn: whom it passes, there and back, and what decided each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap

from topology.pictures.svg import Picture, text, title
from topology.verification.fabric import Firewall, Subnet
from topology.verification.model import Model
from topology.verification.question import Asked, Told, told
from topology.verification.walk import REACHED, End, Step, Walk, called

_WIDTH, _EDGE, _HEAD = 1200, 28, 84
_BOX, _WIDEST, _BETWEEN, _ROW = 78, 260, 64, 122
_LINE, _LETTERS = 17, 165
_RADIUS = 9


def way(model: Model, asked: Asked) -> Picture:
    """Draw the way there, the way back below it, then each step with its rule or route."""
    lanes = list(_lanes(model, asked))
    answer = told(model, asked)
    below = _HEAD + _ROW * len(lanes)
    steps, under = _steps(lanes, below)
    notes, height = _notes(answer, under)
    parts = [
        text(_EDGE, 32, asked.question, "text big"),
        _verdict(answer),
        *(part for row, lane in enumerate(lanes) for part in lane.drawn(_HEAD + row * _ROW)),
        *steps,
        *notes,
    ]
    return Picture(_WIDTH, height, answer.said, tuple(parts))


def _verdict(answer: Told) -> str:
    works = answer.works
    sign = "M-3,.2L-.9,2.3L3,-2.3" if works else "M-2.5,-2.5L2.5,2.5M2.5,-2.5L-2.5,2.5"
    css = "green" if answer.is_sure else "amber" if works else "red"
    return (
        f'<g transform="translate({_EDGE + 8},54)"><circle class="{css}" r="8"/>'
        f'<path class="glyph" d="{sign}"/></g>{title(answer.reason)}'
        f"{text(_EDGE + 24, 58, _cut(answer.verdict, _LETTERS), 'text middle')}"
    )


# -- ways as they are drawn --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Node:
    """Somebody on a way, and where that is; steps are `at` its place."""

    name: str
    where: str
    at: str = ""


@dataclass(frozen=True)
class _Lane:
    """A way: its nodes as they are passed, and its steps, numbered from `first`.

    `lost` says that it ends at the last node, wherever it wanted to go, and `refused` that rules
    before that node end it. A way back is drawn from right to left.
    """

    nodes: tuple[_Node, ...]
    steps: tuple[Step, ...]
    first: int
    lost: bool
    refused: bool
    is_back: bool
    firewalls: frozenset[str]

    @property
    def numbered(self) -> list[tuple[int, Step]]:
        return list(enumerate(self.steps, self.first))

    @cached_property
    def hops(self) -> list[int]:
        """Return the numbers of the steps that lead on from a node."""
        return [
            number
            for number, step in self.numbered
            if not step.stays and step.at not in self.firewalls and not self._refuses(number)
        ]

    def decided_at(self, place: str) -> list[int]:
        """Return the numbers of the steps that a firewall itself decides, or a subnet's rules."""
        return [
            number
            for number, step in self.numbered
            if step.at == place and (step.stays or place in self.firewalls or self._refuses(number))
        ]

    def _refuses(self, number: int) -> bool:
        return self.refused and number == self.ends_at

    # -- drawing -------------------------------------------------------------------------

    @cached_property
    def width(self) -> float:
        count = len(self.nodes) + self.lost
        return min(_WIDEST, (_WIDTH - 2 * _EDGE - (count - 1) * _BETWEEN) / count)

    def left(self, index: int) -> float:
        """Return where a node's box begins."""
        offset = index * (self.width + _BETWEEN)
        return _WIDTH - _EDGE - self.width - offset if self.is_back else _EDGE + offset

    def drawn(self, y: float) -> Iterator[str]:
        """Yield its boxes and arrows."""
        for index, hop in zip(range(len(self.nodes)), self.hops, strict=False):
            yield self._arrow(index, hop, y + _BOX / 2)
        for index, node in enumerate(self.nodes):
            yield self._box(node, self.left(index), y)

    def _box(self, node: _Node, x: float, y: float) -> str:
        shape = f'x="{x:.1f}" y="{y}" width="{self.width:.1f}" height="{_BOX}" rx="7"'
        numbers = reversed(self.decided_at(node.at))
        parts = (
            f"<g>{title(f'{node.name}, {node.where}' if node.where else node.name)}",
            f'<rect class="box" {shape}/><rect class="edge line" {shape}/>',
            *(
                text(x + 12, y + 20 + 16 * row, line, css)
                for row, (line, css) in enumerate(self._lines(node))
            ),
            *(
                self._badge(number, x + self.width - 14 - 22 * place, y + _BOX)
                for place, number in enumerate(numbers)
            ),
            "</g>",
        )
        return "".join(parts)

    def _lines(self, node: _Node) -> Iterator[tuple[str, str]]:
        """Yield what is written in a box: the name in two lines at most, and where that is."""
        letters = int((self.width - 20) / 7.6)  # as wide as letters of this size are
        name = wrap(node.name, letters)
        for line in (name[0], "".join(name[1:]))[: len(name)]:
            yield _cut(line, letters), "text small bold"
        for line in node.where.split(", "):
            yield _cut(line, letters), "dim small"

    def _arrow(self, index: int, number: int, y: float) -> str:
        start = self.left(index) + (0 if self.is_back else self.width)
        ahead = -1 if self.is_back else 1
        end = start + ahead * (_BETWEEN - 3)
        is_end = index == len(self.nodes) - 1
        css = "red" if is_end else "green" if self.is_back else "blue"
        head = f'<path class="{css}" d="M{end:.1f},{y}l{-ahead * 10},-6v12z"/>'
        if is_end:
            head = f'<path class="red-line line" stroke-width="2.5" d="{_cross(end, y)}"/>'
        return (
            f'<path class="{css}-line line" stroke-width="2" d="M{start:.1f},{y}'
            f'H{end - ahead * 6:.1f}"/>{head}{self._badge(number, (start + end) / 2, y)}'
        )

    def _badge(self, number: int, x: float, y: float) -> str:
        return _badge(number, x, y, "red" if number == self.ends_at else "blue")

    @property
    def ends_at(self) -> int:
        """Return the number of the step at which it is lost, 0 where it is not."""
        return self.first + len(self.steps) - 1 if self.lost else 0


def _cross(x: float, y: float) -> str:
    return f"M{x - 6:.1f},{y - 6}l12,12m0,-12l-12,12"


def _lanes(model: Model, asked: Asked) -> Iterator[_Lane]:
    answer = asked.answer
    yield _lane(model, [answer.there], 1, is_back=False)
    if answer.back:
        yield _lane(model, list(answer.back), len(answer.there.steps) + 1, is_back=True)


def _lane(model: Model, walks: list[Walk], first: int, *, is_back: bool) -> _Lane:
    fabric = model.fabric
    nodes, steps, names = [_subnet(model, walks[0].legs[0].subnet)], list[Step](), set[str]()
    for walk in walks:
        passed = [fabric.firewalls[key] for key in walk.firewalls]
        nodes += map(_firewall, passed)
        names |= {firewall.name for firewall in passed}
        steps += walk.steps
        if walk.end is End.INTERNET:
            nodes.append(_Node("the internet", ""))
        elif walk.end is End.HOST:
            nodes.append(_Node("the machine's own host", "Azure's platform"))
        elif walk.subnet is not None:  # it arrives there, or is not let in
            nodes.append(_subnet(model, walk.subnet))
    lost = walks[-1].end not in REACHED
    refused = lost and walks[-1].subnet is not None
    return _Lane(tuple(nodes), tuple(steps), first, lost, refused, is_back, frozenset(names))


def _subnet(model: Model, subnet: Subnet) -> _Node:
    """Return a subnet as a node; that of a firewall is the firewall."""
    if subnet.key in model.fabric.firewall_in:
        return _firewall(model.fabric.firewall_in[subnet.key])
    network = model.fabric.networks[subnet.network]
    where = f"{subnet.name}, {network.region}"
    return _Node(network.name, where, at=f"{network.name}/{subnet.name}")


def _firewall(firewall: Firewall) -> _Node:
    return _Node(firewall.name, f"firewall, {firewall.region}", at=firewall.name)


# -- steps in words ----------------------------------------------------------------------


def _steps(lanes: list[_Lane], y: float) -> tuple[list[str], int]:
    """Return the steps, a paragraph each, and where they end."""
    parts, at = list[str](), y + 8
    for lane, heading in zip(lanes, ("There", "Back"), strict=False):
        parts.append(text(_EDGE, at, heading, "text middle bold"))
        at += 22
        for number, step in lane.numbered:
            css = "red" if number == lane.ends_at else "blue"
            parts.append(_badge(number, _EDGE + _RADIUS, at - 4, css))
            for line, css in _lines(step):
                parts.append(text(_EDGE + 30, at, line, css))
                at += _LINE
            at += 6
        at += 8
    return parts, round(at + 6)


def _notes(answer: Told, y: float) -> tuple[list[str], int]:
    """Return what the answer stands on and what was not read, and where that ends."""
    if not answer.notes:
        return [], round(y)
    parts, at = [text(_EDGE, y + 8, "What this stands on", "text middle bold")], y + 30
    for note in answer.notes:
        for line in wrap(note, _LETTERS, break_on_hyphens=False):
            parts.append(text(_EDGE + 30, at, line, "text middle"))
            at += _LINE
        at += 6
    return parts, round(at + 6)


def _lines(step: Step) -> Iterator[tuple[str, str]]:
    for line in wrap(f"{step.at} {step.does}", _LETTERS, break_on_hyphens=False):
        yield line, "text middle"
    for line in wrap(called(step.by), _LETTERS, break_on_hyphens=False):
        yield line, "dim small"


def _badge(number: int, x: float, y: float, css: str) -> str:
    words = text(x, y + 3.5, str(number), "badge tiny bold", anchor="middle")
    return f'<circle class="{css}" cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}"/>{words}'


def _cut(words: str, letters: int) -> str:
    return words if len(words) <= letters else f"{words[: max(1, letters - 1)]}…"
