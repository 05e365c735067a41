"""The matrix of pairs, drawn: senders are rows, targets columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from topology.pictures.cells import Cell, Look, Matrix, Spot
from topology.pictures.svg import Picture, t, text, title, width_of

_MOST, _LARGEST, _SMALLEST = 1100, 26, 9
_SIGNS_FROM = 16  # of smaller cells the shade alone tells, and their titles
_GAP = 8  # between environments
_HEAD, _FOOT, _EDGE = 58, 40, 24
_BAND = 20
_KEY = 24  # a row of the legend


def matrix(pairs: Matrix, *, told: bool = True) -> Picture:
    """Draw a matrix; where nobody can point at a cell (`told` is false) it is far smaller."""
    return _Drawing(pairs).picture(told=told)


@dataclass(frozen=True)
class _Drawing:
    pairs: Matrix

    @cached_property
    def cell(self) -> int:
        """Return how wide and high a cell is."""
        count = len(self.pairs.spots) or 1
        return max(_SMALLEST, min(_LARGEST, _MOST // count))

    @cached_property
    def font(self) -> float:
        return min(12.0, self.cell * 0.92)

    @cached_property
    def aside(self) -> float:
        """Return the room for the longest name."""
        longest = max((width_of(spot.name, self.font) for spot in self.pairs.spots), default=60)
        return longest + 12

    @cached_property
    def at(self) -> tuple[int, ...]:
        """Return where each spot's row, and its column, begins."""
        found, place = list[int](), 0
        for number, (_, group) in enumerate(self.bands):
            place += _GAP if number else 0
            for _ in group:
                found.append(place)
                place += self.cell
        return tuple(found)

    @cached_property
    def bands(self) -> list[tuple[str, list[Spot]]]:
        """Return the environments with their spots."""
        grouped = groupby(self.pairs.spots, key=lambda spot: spot.environment)
        return [(name, list(group)) for name, group in grouped]

    @property
    def size(self) -> int:
        return (self.at[-1] + self.cell) if self.at else 0

    @property
    def left(self) -> float:
        return _EDGE + _BAND + self.aside

    @property
    def width(self) -> int:
        return round(max(self.left + self.size + _EDGE, 760))

    @cached_property
    def legend(self) -> list[list[tuple[Look, str, float]]]:
        """Return the looks that there are, with their words and where each begins, by rows."""
        rows, x = [list[tuple[Look, str, float]]()], float(_EDGE)
        for look in Look:
            if not (count := self.pairs.count(look)):
                continue
            words = f"{look.words} {count:,}"
            room = 22 + width_of(words, 12)
            if rows[-1] and x + room > self.width - _EDGE:
                rows.append([])
                x = float(_EDGE)
            rows[-1].append((look, words, x))
            x += room + 18
        return rows

    def picture(self, *, told: bool) -> Picture:
        left, top = self.left, _HEAD + _BAND + self.aside
        height = round(top + self.size + _FOOT + _KEY * len(self.legend))
        cells = self._each() if told else self._joined()
        parts = [
            *self._head(),
            f'<g transform="translate({left:.1f},{top:.1f})">',
            *self._names(),
            *cells,
            *(self._signs() if self.cell >= _SIGNS_FROM else ()),
            "</g>",
            *self._legend(height - _KEY * len(self.legend) - 12),
        ]
        return Picture(self.width, height, self._sentence(), tuple(parts))

    # -- cells ---------------------------------------------------------------------------

    def _all(self) -> Iterator[tuple[int, int, Spot, Spot, Cell]]:
        for y, source in zip(self.at, self.pairs.spots, strict=True):
            for x, target in zip(self.at, self.pairs.spots, strict=True):
                yield x, y, source, target, self.pairs.cells[source.network, target.network]

    def _each(self) -> Iterator[str]:
        """Yield a cell a pair, with what is known of it."""
        side = self.cell - 1
        for x, y, source, target, found in self._all():
            if source != target:
                says = title(f"{_whole(source)} to {_whole(target)}: {found.says}")
                yield (
                    f'<rect class="{found.look.css}" x="{x}" y="{y}" width="{side}" '
                    f'height="{side}">{says}</rect>'
                )

    def _joined(self) -> Iterator[str]:
        """Yield one path a look."""
        side, found = self.cell - 1, defaultdict[Look, list[str]](list)
        for x, y, source, target, cell in self._all():
            if source != target:
                found[cell.look].append(f"M{x},{y}h{side}v{side}h-{side}z")
        for look, squares in found.items():
            yield f'<path class="{look.css}" d="{"".join(squares)}">{title(look.words)}</path>'

    def _signs(self) -> Iterator[str]:
        middle = self.cell / 2 - 0.5
        for x, y, source, target, found in self._all():
            if source != target and found.look.sign:
                yield text(
                    x + middle, y + middle + 4, found.look.sign, "sign small", anchor="middle"
                )

    # -- words ---------------------------------------------------------------------------

    def _names(self) -> Iterator[str]:
        for place, spot in zip(self.at, self.pairs.spots, strict=True):
            middle = place + self.cell / 2 + self.font * 0.32
            size = f'style="font-size:{self.font:.1f}px"'
            for where in (
                f'x="-8" y="{middle:.1f}" text-anchor="end"',
                f'x="8" y="{middle:.1f}" transform="rotate(-90)"',
            ):
                yield f'<text class="text" {size} {where}>{t(spot.name)}</text>'
        start = 0
        for name, group in self.bands:
            length = len(group) * self.cell
            yield self._band(name, start, length)
            start += length + _GAP

    def _band(self, name: str, start: int, length: int) -> str:
        """Return the name of an environment, above its columns and beside its rows."""
        middle, away = start + length / 2, self.aside + 8
        line = f"M{start},{-away + 2:.1f}h{length - 1}M{-away + 2:.1f},{start}v{length - 1}"
        css = "text middle bold"
        beside = text(-middle, -away - 4, name, css, anchor="middle")
        return (
            f'<path class="leader line" d="{line}"/>'
            f"{text(middle, -away - 4, name, css, anchor='middle')}"
            f'<g transform="rotate(-90)">{beside}</g>'
        )

    def _head(self) -> Iterator[str]:
        yield text(_EDGE, 30, f"{self.pairs.topology}: who reaches whom", "text big")
        of = f"{self.pairs.traffic}, at least in part"
        moved = " · gained and lost by any traffic" if self.pairs.moved else ""
        yield text(_EDGE, 48, f"{of} · from the rows to the columns{moved}", "dim middle")

    def _legend(self, y: float) -> Iterator[str]:
        for row, keys in enumerate(self.legend):
            top = y + row * _KEY
            for look, words, x in keys:
                yield f'<rect class="{look.css}" x="{x:.1f}" y="{top}" width="16" height="16"/>'
                yield text(x + 8, top + 12, look.sign, "sign small", anchor="middle")
                yield text(x + 22, top + 12, words, "text middle")

    def _sentence(self) -> str:
        counted = {look: self.pairs.count(look) for look in Look}
        told = ", ".join(f"{count:,} {look.words}" for look, count in counted.items() if count)
        of = f"{self.pairs.topology}, {self.pairs.traffic}, at least in part"
        return f"{of}, pairs of spokes: {told or 'none'}"


def _whole(spot: Spot) -> str:
    return f"{spot.region}/{spot.environment}" if spot.name == spot.region else spot.name
