"""A picture of a network: its hubs on a map of the world, joined as the mesh joins them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations

from topology.network import Hub, Network
from topology.regions import AZURE_REGIONS

_WIDTH, _HEIGHT = 1200, 600
_STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#e7edf5}"
    ".name{font-size:15px;font-weight:600}.small{font-size:11px;fill:#9fb3c8}"
)


def picture(network: Network) -> str:
    """Return an SVG that needs no network to be shown: hubs, spokes, mesh and addresses."""
    parts = [_frame(), *_graticule()]
    parts += [_mesh_line(first, second) for first, second in combinations(network.hubs, 2)]
    parts += [_spokes(hub) for hub in network.hubs]
    parts += [_hub(hub, label) for hub, label in _labels(network.hubs)]
    parts.append(_title(network))
    return f"{_head()}{''.join(parts)}</svg>"


def _head() -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}"><style>{_STYLE}</style>'
    )


def _frame() -> str:
    return f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="12" fill="#101a2b"/>'


def _graticule() -> list[str]:
    lines = [f"M{x},0V{_HEIGHT}" for x in range(0, _WIDTH + 1, 100)]
    lines += [f"M0,{y}H{_WIDTH}" for y in range(0, _HEIGHT + 1, 100)]
    return [f'<path d="{"".join(lines)}" stroke="#1d2b44" fill="none"/>']


def _place(hub: Hub) -> tuple[float, float]:
    """Return where a hub stands: plain longitude and latitude, the poles cut off."""
    region = AZURE_REGIONS[hub.region]
    x = (region.longitude + 180) / 360 * _WIDTH
    y = (75 - region.latitude) / 135 * _HEIGHT
    return round(x, 1), round(y, 1)


def _mesh_line(first: Hub, second: Hub) -> str:
    (x1, y1), (x2, y2) = _place(first), _place(second)
    lift = abs(x1 - x2) / 6
    middle = f"{(x1 + x2) / 2:.1f},{(y1 + y2) / 2 - lift:.1f}"
    return f'<path d="M{x1},{y1}Q{middle} {x2},{y2}" stroke="#3d6fb4" fill="none" opacity=".55"/>'


@dataclass(frozen=True)
class _Box:
    """Where a label lies: its left upper corner and its size."""

    x: float
    y: float
    width: float
    height: float = 32

    def overlaps(self, other: _Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    @property
    def is_inside(self) -> bool:
        return self.x >= 0 and self.x + self.width <= _WIDTH and self.y >= 0


def _labels(hubs: Sequence[Hub]) -> Iterator[tuple[Hub, _Box]]:
    """Yield each hub with a place for its label that no hub or other label takes."""
    taken = [_Box(x - 17, y - 10, 34, 42) for x, y in map(_place, hubs)]
    for hub in hubs:
        places = list(_around(hub))
        free = (
            box for box in places if box.is_inside and not any(box.overlaps(had) for had in taken)
        )
        label = next(free, places[0])
        taken.append(label)
        yield hub, label


def _around(hub: Hub) -> Iterator[_Box]:
    """Yield the places for a label: right, left, above, below; then further up and down."""
    x, y = _place(hub)
    width = 6.2 * max(len(_address(hub)), 1.5 * len(hub.region))
    for shift in (0, -44, 44, -80, 80):
        yield _Box(x + 18, y - 16 + shift, width)
        yield _Box(x - 18 - width, y - 16 + shift, width)


def _hub(hub: Hub, label: _Box) -> str:
    x, y = _place(hub)
    far = abs(label.y + 16 - y) > label.height
    line = f'<path d="M{x},{y}L{label.x:.1f},{label.y + 16:.1f}" stroke="#5b6b82"/>' if far else ""
    return (
        f"{line}"
        f'<circle cx="{x}" cy="{y}" r="9" fill="#f2a33a"/>'
        f'<text class="name" x="{label.x:.1f}" y="{label.y + 14:.1f}">{escape(hub.region)}</text>'
        f'<text class="small" x="{label.x:.1f}" y="{label.y + 29:.1f}">{_address(hub)}</text>'
    )


def _address(hub: Hub) -> str:
    zones = "zones " + " ".join(hub.zones) if hub.zones else "no zones"
    return f"{hub.block} · {zones}"


def _spokes(hub: Hub) -> str:
    x, y = _place(hub)
    return "".join(_spoke(hub, index, x, y) for index in range(len(hub.spokes)))


def _spoke(hub: Hub, index: int, x: float, y: float) -> str:
    spoke = hub.spokes[index]
    sx, sy = x - 14 + 28 * (index % 2), y + 24 + 20 * (index // 2)
    label = f"{escape(spoke.name)} {spoke.prefix}"
    return (
        f'<path d="M{x},{y}L{sx},{sy}" stroke="#7fb069"/>'
        f'<circle cx="{sx}" cy="{sy}" r="5" fill="#7fb069"><title>{label}</title></circle>'
    )


def _title(network: Network) -> str:
    spokes = sum(len(hub.spokes) for hub in network.hubs)
    text = f"{len(network.hubs)} hubs in one mesh · {spokes} spokes behind their firewalls"
    name = escape(network.topology.topology)
    return (
        f'<text class="name" x="24" y="{_HEIGHT - 40}">{name}</text>'
        f'<text class="small" x="24" y="{_HEIGHT - 22}">{text}</text>'
    )
