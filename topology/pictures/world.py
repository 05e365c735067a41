"""A network on a map of the world: hubs with their states, and how they are joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import log, pi, radians, tan

from topology.network import Hub, Network
from topology.pictures import states as of
from topology.pictures.labels import Box, Label, Place, apart, lay_out
from topology.pictures.land import rings
from topology.pictures.states import State, States
from topology.pictures.svg import Picture, text, title, width_of
from topology.regions import AZURE_REGIONS

_WIDTH, _MAP, _FOOT = 1400, 640, 64
_HEIGHT = _MAP + _FOOT
_WEST, _EAST, _NORTH = -135.0, 180.0, 72.0
_DEGREE = _WIDTH / (_EAST - _WEST)
_LARGE, _SMALL = 9, 7  # the radius of a hub
_ROOMY = 12  # hubs; of more, spokes and addresses are left to titles


def world(network: Network, states: States | None = None, told: str = "") -> Picture:
    """Return the map; of regions without a state it is only known that they are wanted.

    `told` says in a few words what the states are of: `before and after the plan`.
    """
    shown = states or of.of_network(network)
    hubs = {hub.region: hub for hub in network.hubs}
    roomy = len(shown) <= _ROOMY
    places = apart({region: _place(region) for region in shown}, 34 if roomy else 17)
    labels = _labels(network, shown, places, roomy=roomy)
    parts = [
        f'<svg width="{_WIDTH}" height="{_MAP}">{_land()}{_graticule()}</svg>',
        *_links(network, shown, places),
        *(_leader(label) for label in labels.values()),
        *(
            _spokes(hubs[region], place)
            for region, place in places.items()
            if roomy and region in hubs
        ),
        *(
            _node(hubs.get(region), region, shown[region], place, _LARGE if roomy else _SMALL)
            for region, place in places.items()
        ),
        *(
            _name(hubs.get(region), region, labels[region], place, roomy=roomy)
            for region, place in places.items()
        ),
        *_foot(network, shown, told),
    ]
    return Picture(_WIDTH, _HEIGHT, _sentence(network, shown, told), tuple(parts))


# -- the earth ---------------------------------------------------------------------------


def _miller(latitude: float) -> float:
    """Return degrees from the equator in Miller's projection."""
    return 1.25 * log(tan(pi / 4 + 0.4 * radians(latitude))) * 180 / pi


def _at(longitude: float, latitude: float) -> Place:
    x = (longitude - _WEST) * _DEGREE
    y = (_miller(_NORTH) - _miller(latitude)) * _DEGREE
    return round(x, 1), round(y, 1)


def _place(region: str) -> Place:
    found = AZURE_REGIONS[region]
    return _at(found.longitude, found.latitude)


def _land() -> str:
    return f'<path class="land" d="{"".join(_ring(ring) for ring in rings())}"/>'


def _ring(ring: Iterable[tuple[float, float]]) -> str:
    places = (_at(*place) for place in ring)
    return f"M{'L'.join(f'{x:g},{y:g}' for x, y in places)}Z"


def _graticule() -> str:
    lines = [f"M{_at(degrees, 0)[0]:g},0V{_MAP}" for degrees in range(-120, 180, 30)]
    lines += [f"M0,{_at(0, degrees)[1]:g}H{_WIDTH}" for degrees in range(-30, 61, 30)]
    return f'<path class="graticule line" d="{"".join(lines)}"/>'


# -- what joins hubs ---------------------------------------------------------------------


def _links(network: Network, states: States, places: dict[str, Place]) -> Iterator[str]:
    """Yield the lines between hubs, all of one look in one path."""
    peered = {
        (hub.region, other.region) for hub in network.hubs for other in network.peered_with(hub)
    }
    hubs = {hub.region for hub in network.hubs}
    found: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for one, other in combinations(sorted(states), 2):
        ends = {states[one], states[other]}
        is_peering = (one, other) in peered or (other, one) in peered
        if (css := _look(ends)) and (State.GONE in ends or {one, other} <= hubs):
            found[css, is_peering].append(_arc(places[one], places[other]))
    strength = min(0.7, max(0.1, 7 / (len(states) or 1)))
    for (css, is_peering), arcs in sorted(found.items()):
        dashes = _DASHES.get(css, "8 4" if is_peering else "none")
        links = _number(len(arcs), "peering" if is_peering else "link")
        says = title(f"{links} {'of hubs' if is_peering else 'of the mesh'}{_MEANS.get(css, '')}")
        yield (
            f'<path class="{css} line" opacity="{strength:.2f}" stroke-dasharray="{dashes}" '
            f'd="{"".join(arcs)}">{says}</path>'
        )


_DASHES = {"red-line": "2 4", "leader": "1 6"}
_MEANS = {
    "red-line": ", which go",
    "green-line": ", which are new",
    "leader": ", perhaps not there",
}


def _look(ends: set[State]) -> str | None:
    """Return the class of a line between regions of these states, None where there is none."""
    if State.GONE in ends:
        return "red-line" if State.NEW not in ends else None
    if any(not state.stands for state in ends):
        return "leader"
    return "green-line" if State.NEW in ends else "link"


def _arc(one: Place, other: Place) -> str:
    (x1, y1), (x2, y2) = one, other
    lift = abs(x1 - x2) / 6
    x, y = (x1 + x2) / 2, max(4.0, (y1 + y2) / 2 - lift)
    return f"M{x1:.0f},{y1:.0f}Q{x:.0f},{y:.0f} {x2:.0f},{y2:.0f}"


# -- hubs --------------------------------------------------------------------------------


def _labels(
    network: Network, states: States, places: dict[str, Place], *, roomy: bool
) -> dict[str, Label]:
    hubs = {hub.region: hub for hub in network.hubs}
    sizes = {region: _size(hubs.get(region), region, roomy=roomy) for region in states}
    around, below = (13, 30) if roomy else (8, 8)
    nodes = [Box(x - around, y - around, 2 * around, around + below) for x, y in places.values()]
    within = Box(6, 6, _WIDTH - 12, _MAP - 8)
    return lay_out(places, sizes, within, nodes, 18 if roomy else 11)


def _size(hub: Hub | None, region: str, *, roomy: bool) -> tuple[float, float]:
    if not roomy:
        return width_of(region, 11), 13
    return max(width_of(region, 15, bold=True), width_of(_address(hub), 11)), 34


def _leader(label: Label) -> str:
    if label.line is None:
        return ""
    (x1, y1), (x2, y2) = label.line
    return f'<path class="leader line" d="M{x1:.1f},{y1:.1f}L{x2:.1f},{y2:.1f}"/>'


def _node(hub: Hub | None, region: str, state: State, place: Place, radius: int) -> str:
    x, y = place
    spokes = ", ".join(f"{item.name} {item.prefix}" for item in hub.spokes) if hub else ""
    says = f"{region}: {state.word}; {_address(hub)}" + (f"; {spokes}" if spokes else "")
    ring = ' stroke-dasharray="3 2" stroke="#fff"' if state is State.GONE else ""
    return (
        f'<g transform="translate({x:.1f},{y:.1f})">{title(says)}'
        f'<circle class="{state.colour}" r="{radius}"{ring}/>{_sign(state, radius)}</g>'
    )


def _sign(state: State, radius: float) -> str:
    scale = "" if radius >= _LARGE else ' transform="scale(.85)"'
    return f'<path class="glyph" d="{state.sign}"{scale}/>' if state.sign else ""


def _name(hub: Hub | None, region: str, label: Label, place: Place, *, roomy: bool) -> str:
    box, aside = label.box, 3 if label.line else 0
    is_left = box.x + box.width / 2 < place[0]
    x = box.x + box.width - aside if is_left else box.x + aside
    anchor = "end" if is_left else "start"
    if not roomy:
        return text(x, box.y + 10.5, region, "text small halo", anchor=anchor)
    return text(x, box.y + 15, region, "text big halo", anchor=anchor) + text(
        x, box.y + 30, _address(hub), "dim small halo", anchor=anchor
    )


def _address(hub: Hub | None) -> str:
    if hub is None:
        return "not in the topology"
    zones = "zones " + " ".join(hub.zones) if hub.zones else "no zones"
    return f"{hub.block} · {zones}"


def _spokes(hub: Hub, place: Place) -> str:
    return "".join(_spoke(hub, index, *place) for index in range(len(hub.spokes)))


def _spoke(hub: Hub, index: int, x: float, y: float) -> str:
    spoke = hub.spokes[index]
    sx, sy = x - 12 + 24 * (index % 2), y + 22 + 14 * (index // 2)
    says = title(f"{spoke.name} {spoke.prefix}, {spoke.environment}")
    return (
        f'<path class="edge line" stroke-width="1.5" d="M{x:.1f},{y:.1f}L{sx:.1f},{sy:.1f}"/>'
        f'<circle class="grey" cx="{sx:.1f}" cy="{sy:.1f}" r="5">{says}</circle>'
    )


# -- in words ----------------------------------------------------------------------------


def _foot(network: Network, states: States, told: str) -> Iterator[str]:
    """Yield the name, what there is to see, and what the signs mean."""
    y = _MAP + 26
    yield text(24, y, network.topology.topology, "text big")
    yield text(24, y + 20, _counts(network) + (f" · {told}" if told else ""), "dim middle")
    x = float(_WIDTH - 24)
    for state in reversed(State):
        count = list(states.values()).count(state)
        if not count:
            continue
        words = f"{state.word} {count}"
        x -= width_of(words, 12)
        yield text(x, y, words, "text middle")
        yield (
            f'<g transform="translate({x - 14:.1f},{y - 4:.1f})">'
            f'<circle class="{state.colour}" r="8"/>{_sign(state, _LARGE)}</g>'
        )
        x -= 38


def _counts(network: Network) -> str:
    hubs, spokes = len(network.hubs), sum(len(hub.spokes) for hub in network.hubs)
    meshed = sum(network.is_meshed(hub) for hub in network.hubs)
    how = (
        " in one mesh"
        if meshed == hubs
        else f", {meshed} in the mesh, joined to the others by peerings"
    )
    if not meshed:
        how = " joined by peerings"
    return f"{_number(hubs, 'hub')}{how} · {_number(spokes, 'spoke')} behind their firewalls"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _sentence(network: Network, states: States, told: str) -> str:
    by_state: dict[State, list[str]] = defaultdict(list)
    for region, state in states.items():
        by_state[state].append(region)
    what = "; ".join(f"{state.word}: {', '.join(names)}" for state, names in by_state.items())
    return f"{network.topology.topology}{f', {told}' if told else ''}: {what}"
