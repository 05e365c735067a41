"""What all drawings share: how they are written as SVG, their colours and their texts."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from itertools import chain

from topology.xml_text import legal

# Each class with what it sets, and the colour of that on light and on dark ground.
_COLOURS = (
    ("panel", "fill", "#f6f8fb", "#101a2b"),
    ("land", "fill", "#dde5ee", "#22324a"),
    ("graticule", "stroke", "#e9eef4", "#17233a"),
    ("halo", "stroke", "#f6f8fb", "#101a2b"),
    ("text", "fill", "#1b2735", "#e7edf5"),
    ("dim", "fill", "#56677a", "#9fb3c8"),
    ("leader", "stroke", "#8796a8", "#5f738c"),
    ("link", "stroke", "#5d86c2", "#4f80c6"),
    ("box", "fill", "#ffffff", "#1a2740"),
    ("edge", "stroke", "#b9c6d6", "#3a4d6b"),
    ("blue", "fill", "#2f75bb", "#2f75bb"),
    ("green", "fill", "#23864a", "#23864a"),
    ("red", "fill", "#c93c3c", "#c93c3c"),
    ("amber", "fill", "#a86f00", "#a86f00"),
    ("purple", "fill", "#8a55c4", "#8a55c4"),
    ("grey", "fill", "#75859a", "#75859a"),
    ("blue-line", "stroke", "#2f75bb", "#5b9bdc"),
    ("green-line", "stroke", "#23864a", "#3fb56e"),
    ("red-line", "stroke", "#c93c3c", "#e56767"),
    ("one", "fill", "#cfe2f6", "#274a73"),
    ("two", "fill", "#86b4e3", "#3f78b8"),
    ("around", "fill", "#ef9a9a", "#c93c3c"),
    ("none", "fill", "#eceff4", "#172238"),
    ("unknown", "fill", "#f6e0a6", "#6e5415"),
    ("sign", "fill", "#10233a", "#ffffff"),
    ("gained", "fill", "#7fd09c", "#23864a"),
    ("lost", "fill", "#f0908f", "#b83434"),
)


def _rules(ground: int) -> str:
    return "".join(f".{row[0]}{{{row[1]}:{row[ground]}}}" for row in _COLOURS)


STYLE = (
    "text{font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
    ".big{font-size:15px;font-weight:600}.middle{font-size:12px}.small{font-size:11px}"
    ".tiny{font-size:9px}.bold{font-weight:600}.mono{font-family:ui-monospace,monospace}"
    ".halo{stroke-width:3px;stroke-linejoin:round;paint-order:stroke}.line{fill:none}.badge{fill:#fff}.glyph{fill:none;stroke:#fff;stroke-width:1.8;stroke-linecap:round;"
    "stroke-linejoin:round}"
    f"{_rules(2)}@media(prefers-color-scheme:dark){{{_rules(3)}}}"
)


@dataclass(frozen=True)
class Picture:
    """A drawing; `label` says in a sentence what it shows, to those who do not see it."""

    width: int
    height: int
    label: str
    parts: tuple[str, ...]

    @property
    def svg(self) -> str:
        """Return it as a file that stands alone."""
        name = ' xmlns="http://www.w3.org/2000/svg"'
        return f"{self._written(name, f'<style>{STYLE}</style>')}\n"

    @property
    def inline(self) -> str:
        """Return it as an element of a page that has STYLE already."""
        return self._written("", "")

    @property
    def markdown(self) -> str:
        """Return it as an image in markdown that refers to nothing."""
        image = base64.b64encode(self.svg.encode()).decode()
        return f"![{_alone(self.label)}](data:image/svg+xml;base64,{image})"

    def _written(self, name: str, style: str) -> str:
        size = f'viewBox="0 0 {self.width} {self.height}" width="{self.width}"'
        head = f'<svg{name} {size} height="{self.height}" role="img" aria-label="{t(self.label)}">'
        panel = f'<rect class="panel" width="{self.width}" height="{self.height}" rx="12"/>'
        return "".join(chain((head, style, panel), self.parts, ("</svg>",)))


def _alone(words: str) -> str:
    """Return words as they may stand in the brackets of an image."""
    return "".join(f"\\{letter}" if letter in "[]\\" else letter for letter in words)


def t(text: str) -> str:
    """Return a text as it may stand in an element or an attribute."""
    return escape(legal(text), quote=True)


def text(x: float, y: float, words: str, css: str, *, anchor: str = "start") -> str:
    """Return words at a place; `css` are classes of STYLE."""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}"{where}>{t(words)}</text>'


def title(words: str) -> str:
    """Return what is told of an element when one points at it."""
    return f"<title>{t(words)}</title>"


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide words are; more rather than less, for fonts differ."""
    return len(words) * size * (0.64 if bold else 0.58)
