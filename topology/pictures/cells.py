"""What is known of every two spokes: what the matrix of pairs draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import chain, product

from topology.network import Spoke
from topology.verification.consequences import Difference
from topology.verification.proof import Proof
from topology.verification.reached import Reached, reached
from topology.verification.rules import Traffic
from topology.verification.walk import End, called

OTHERS = "others"


class Look(Enum):
    """How a pair looks: a class of `svg.STYLE`, the sign in it, and what both mean."""

    NONE = ("none", "", "not reached")
    UNKNOWN = ("unknown", "?", "not known whether it is reached")
    AROUND = ("around", "0", "reached, no firewall between")
    ONE = ("one", "1", "reached by one firewall")
    TWO = ("two", "2", "reached by two firewalls")
    MORE = ("amber", "3", "reached by more than two")
    GAINED = ("gained", "+", "gained")
    LOST = ("lost", "–", "lost")  # noqa: RUF001  a minus as wide as the plus

    @property
    def css(self) -> str:
        """Return the class of its colour."""
        return self.value[0]

    @property
    def sign(self) -> str:
        """Return the sign that says the same."""
        return self.value[1]

    @property
    def words(self) -> str:
        """Return what it means."""
        return self.value[2]


_BY_FIREWALLS = (Look.AROUND, Look.ONE, Look.TWO)
# Of several the last one is how a pair looks.
_WORST_LAST = (Look.NONE, Look.UNKNOWN, Look.ONE, Look.TWO, Look.MORE, Look.AROUND)


@dataclass(frozen=True, slots=True)
class Spot:
    """A sender and target: its network's name, what it is called, its environment and region."""

    network: str
    name: str
    environment: str
    region: str


@dataclass(frozen=True, slots=True)
class Cell:
    """How a pair looks, and what is known of it."""

    look: Look
    says: str

    def beside(self, other: Cell) -> Cell:
        """Return how a pair looks that is both: as the worst, and what is known of its parts."""
        if self.look is other.look is Look.NONE:
            return other
        worst, better = sorted((other, self), key=lambda cell: -_WORST_LAST.index(cell.look))
        if better.look is Look.NONE or better.says == worst.says:
            return worst
        return Cell(worst.look, f"{worst.says}; in part {better.says}")


Pair = tuple[str, str]


@dataclass(frozen=True)
class Matrix:
    """All pairs of spokes for one kind of traffic, by the names of their networks.

    A pair is reached that is so at least in part, by the way that is worst.
    `moved`: it is of a plan, and tells what that gains and loses.
    """

    topology: str
    traffic: Traffic
    spots: tuple[Spot, ...]
    cells: Mapping[Pair, Cell]
    moved: bool = False

    @classmethod
    def of(
        cls,
        proof: Proof,
        differences: Iterable[Difference] | None = None,
        traffic: Traffic | None = None,
    ) -> Matrix:
        """Work it out; `differences` are those of a plan that leads to the model of the proof."""
        asked, changes = traffic or Traffic(), tuple(differences or ())
        spots = (*_spokes(proof), *_leaving(proof, changes))
        none, names = Cell(Look.NONE, "not reached"), [spot.network for spot in spots]
        cells: dict[Pair, Cell] = {(one, other): none for one in names for other in names}
        for pair, cell in chain(_dropped(proof, asked), _reached(proof, asked)):
            cells[pair] = cells[pair].beside(cell)
        cells |= dict(_moved(cells, changes))
        name = proof.network.topology.topology
        return cls(name, asked, spots, cells, moved=differences is not None)

    def count(self, look: Look) -> int:
        """Return how many pairs look so; a network and itself are none."""
        return sum(cell.look is look and one != other for (one, other), cell in self.cells.items())


# -- who ---------------------------------------------------------------------------------


def _spokes(proof: Proof) -> list[Spot]:
    """Return the spokes that are there: by environment, the most trusted first, then by region."""
    order = list(proof.network.topology.environments)
    found = [_spot(proof, key, spoke) for key, (spoke, _) in proof.spokes.items()]
    return sorted(found, key=lambda spot: (order.index(spot.environment), spot.region, spot.name))


def _spot(proof: Proof, key: str, spoke: Spoke) -> Spot:
    name = spoke.region if spoke.name == spoke.environment else f"{spoke.region}/{spoke.name}"
    return Spot(proof.model.fabric.networks[key].name, name, spoke.environment, spoke.region)


def _leaving(proof: Proof, differences: Iterable[Difference]) -> list[Spot]:
    """Return the networks that gain or lose somebody and are no spokes of the topology."""
    known = {proof.model.fabric.networks[key].name for key in proof.spokes}
    named = {name for item in differences for name in (*item.senders, *item.targets)}
    return [Spot(name, name, OTHERS, "") for name in sorted(named - known)]


# -- what is known of two ----------------------------------------------------------------


def _reached(proof: Proof, traffic: Traffic) -> Iterator[tuple[Pair, Cell]]:
    networks = proof.model.fabric.networks
    for item in reached(proof, traffic):
        yield (networks[item.source].name, networks[item.target].name), _by(item)


def _by(item: Reached) -> Cell:
    count = len(item.firewalls)
    look = _BY_FIREWALLS[count] if count < len(_BY_FIREWALLS) else Look.MORE
    return Cell(look, f"reached by {', '.join(item.firewalls) or 'no firewall'}; {item.km:,} km")


def _dropped(proof: Proof, traffic: Traffic) -> Iterator[tuple[Pair, Cell]]:
    """Yield the pairs that are not let through, or of which that is not known, and why."""
    found = proof.pairs(traffic)
    for block in found.others:
        if look := _LOOKS.get(block.end):
            by = "/".join(called(block.by).split("/")[-2:])
            for pair in _between(proof, block.senders, block.targets):
                yield pair, Cell(look, f"{look.words}: {by}")
    for block in found.astray:
        pieces = proof.plane.pieces_of(block.targets)
        for pair in _between(proof, block.senders, pieces):
            yield pair, Cell(Look.NONE, "not reached: its answer takes another way")


_LOOKS = {End.DROPPED: Look.NONE, End.UNKNOWN: Look.UNKNOWN}


def _between(proof: Proof, senders: int, pieces: int) -> Iterator[Pair]:
    """Yield the spokes with some of these places, each with those that have some of the pieces."""
    networks = proof.model.fabric.networks
    here = [key for key, (_, places) in proof.spokes.items() if places & senders]
    there = [
        key
        for key, (_, places) in (proof.spokes.items() if here else ())
        if proof.plane.places(key, pieces) & places
    ]
    for one, other in product(here, there):
        yield networks[one].name, networks[other].name


def _moved(
    cells: Mapping[Pair, Cell], differences: Iterable[Difference]
) -> Iterator[tuple[Pair, Cell]]:
    """Yield the pairs that are gained or lost, by whatever traffic; what is lost looks so."""
    found = defaultdict[Pair, list[Difference]](list)
    for item in differences:
        for pair in product(item.senders, item.targets):
            if pair in cells:
                found[pair].append(item)
    for pair, changes in found.items():
        look = Look.GAINED if all(item.gained for item in changes) else Look.LOST
        told = [f"{_moves(item).words} ({item.told})" for item in changes]
        yield pair, Cell(look, "; ".join((*told, cells[pair].says)))


def _moves(item: Difference) -> Look:
    return Look.GAINED if item.gained else Look.LOST
