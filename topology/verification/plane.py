"""The plane on which all pairs are worked out: addresses as pieces, senders as places.

A *piece* is a range of addresses that no route and no rule tells apart. A *place* is a piece
within one network: networks may share addresses, and then a piece has several places. Sets of
both are single numbers, a bit for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from topology.verification.addresses import (
    EVERYTHING,
    HOST,
    PRIVATE,
    PUBLIC,
    Pieces,
    members,
    overlaps,
)
from topology.verification.fabric import Subnet, VirtualNetwork
from topology.verification.model import Model
from topology.verification.rules import Rule


@dataclass(frozen=True, slots=True)
class _Span:
    """Pieces `first` to `stop` of a network, and the place of the first."""

    first: int
    stop: int
    place: int

    @property
    def mask(self) -> int:
        return (1 << (self.stop - self.first)) - 1


@dataclass
class Plane:
    """Pieces and places of one or more models of a network; what they tell apart has its edges.

    A network that two models have otherwise has the places of both.
    """

    networks: Mapping[str, VirtualNetwork]
    pieces: Pieces
    outside: int = 0  # the place of whoever is in none of these networks
    _spans: dict[str, tuple[_Span, ...]] = field(default_factory=dict)
    _senders: dict[tuple[range, ...], int] = field(default_factory=dict)
    _aims: dict[tuple[range, ...], int] = field(default_factory=dict)

    @classmethod
    def of(cls, *models: Model, asked: Iterable[range] = ()) -> Plane:
        """Cut the addresses of models, and those asked about, into pieces; lay out their places."""
        networks = {key: item for model in models for key, item in model.fabric.networks.items()}
        edges = (edge for model in models for edge in _edges(model))
        plane = cls(networks, Pieces([*edges, *asked]))
        place = 0
        for key in networks:
            spans = []
            for prefix in _prefixes(key, models):
                span = plane._span(prefix, place)
                spans.append(span)
                place += span.stop - span.first
            plane._spans[key] = tuple(spans)
        plane.outside = 1 << place
        return plane

    def _span(self, prefix: range, place: int) -> _Span:
        return _Span(self.pieces.of(prefix.start), self.pieces.of(prefix.stop - 1) + 1, place)

    def places(self, network: str, pieces: int) -> int:
        """Return the places in a network of a set of pieces."""
        found = 0
        for span in self._spans[network]:
            found |= ((pieces >> span.first) & span.mask) << span.place
        return found

    def pieces_of(self, places: int) -> int:
        """Return the pieces of a set of places."""
        found = 0
        for spans in self._spans.values():
            for span in spans:
                found |= ((places >> span.place) & span.mask) << span.first
        return found

    def of_network(self, network: VirtualNetwork) -> int:
        """Return all places of a network."""
        return self.places(network.key, self.aims(network.prefixes))

    def of_subnet(self, subnet: Subnet) -> int:
        """Return the places of a subnet."""
        return self.places(subnet.network, self.aims(subnet.prefixes))

    def senders(self, ranges: tuple[range, ...]) -> int:
        """Return the places in all networks whose addresses are in these ranges."""
        known = self._senders.get(ranges)  # one look: to hash ranges is what costs here
        if known is None:
            known = self._senders[ranges] = self.all_places(self.aims(ranges))
        return known

    def all_places(self, pieces: int) -> int:
        """Return the places in all networks of a set of pieces."""
        return joined(self.places(key, pieces) for key in self._spans)

    def aims(self, ranges: tuple[range, ...]) -> int:
        """Return the pieces in these ranges."""
        known = self._aims.get(ranges)
        if known is None:
            known = self._aims[ranges] = self.pieces.set_of(ranges)
        return known

    @cached_property
    def public(self) -> int:
        """Return the pieces of the internet."""
        return self.pieces.set_of(PUBLIC)

    @cached_property
    def host(self) -> int:
        """Return the pieces that a machine's own host answers."""
        return self.pieces.set_of(HOST)

    @cached_property
    def workloads(self) -> int:
        """Return the places of all subnets that hold no service of Azure's, such as firewalls."""
        found = 0
        for network in self.networks.values():
            for subnet in network.subnets:
                found |= 0 if subnet.is_reserved else self.of_subnet(subnet)
        return found

    def example(self, places: int) -> tuple[Subnet, int]:
        """Return the subnet and the first address of one of these places."""
        for network in self.networks.values():
            for subnet in network.subnets:
                mine = self.of_subnet(subnet) & places
                for piece in members(self.aims(subnet.prefixes)) if mine else ():
                    if self.places(subnet.network, 1 << piece) & mine:
                        return subnet, self.pieces[piece].start
        raise LookupError("no subnet has these places")

    def networks_of(self, places: int) -> Iterator[VirtualNetwork]:
        """Yield the networks that some of these places are in."""
        for network in self.networks.values():
            if self.of_network(network) & places:
                yield network


def _prefixes(key: str, models: Iterable[Model]) -> Iterator[range]:
    """Yield the prefixes of a network, each address once."""
    found = [
        model.fabric.networks[key].prefixes for model in models if key in model.fabric.networks
    ]
    seen: list[range] = []
    for prefix in sorted({item for each in found for item in each}, key=lambda item: -len(item)):
        if not any(overlaps(prefix, other) for other in seen):
            seen.append(prefix)
            yield prefix


def _edges(model: Model) -> Iterable[range]:
    """Yield every range by which a route or a rule may tell packets apart."""
    yield from (EVERYTHING, *PRIVATE, *PUBLIC, *HOST)
    for network in model.fabric.networks.values():
        yield from network.prefixes
        for subnet in network.subnets:
            yield from subnet.prefixes
            yield from (route.prefix for route in model.routes(subnet).all)
            filters = model.filters(subnet)
            yield from _of_rules((*filters.admin, *(filters.group or ())))
    for policy in model.policies.values():
        yield from policy.untranslated
        yield from _of_rules((*policy.network, *policy.application))


def _of_rules(rules: Iterable[Rule]) -> Iterator[range]:
    for rule in rules:
        yield from rule.sources
        yield from rule.targets


def joined(sets: Iterable[int]) -> int:
    """Return the places, or pieces, of several sets."""
    found = 0
    for item in sets:
        found |= item
    return found
