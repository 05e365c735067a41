"""All pairs at once say what a walk of each packet says."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import a_network, as_deployed
from tests.topology.verification.sketches import Sketch, sketches
from tests.topology.verification.spoils import Spoil, spoils
from topology.planning.actual import Actual
from topology.verification.addresses import PUBLIC, is_in, members, number
from topology.verification.answer import ask
from topology.verification.fabric import Subnet
from topology.verification.model import Model
from topology.verification.pairs import Answers, Pairs, pairs
from topology.verification.plane import Plane
from topology.verification.rules import Traffic
from topology.verification.spread import Block
from topology.verification.walk import End

HTTPS, ECHO = Traffic("tcp", 443), Traffic("icmp", 0)
_OUTSIDE = tuple(
    number(text) or 0 for text in ("203.0.113.9", "169.254.1.1", "10.200.0.1", "168.63.129.16")
)


_EXAMPLES = int(os.environ.get("ORRERY_EXAMPLES", "10"))
_GOOD = as_deployed(a_network("eastus", "westus", egress=[{"name": "all", "fqdns": ["*"]}]))
_SPOILS = tuple(spoils(_GOOD))


@given(sketches())
@settings(max_examples=_EXAMPLES, deadline=None)
def test_blocks_agree_with_a_walk_of_every_packet(sketch: Sketch) -> None:
    """Of networks that nobody would build."""
    _agree(sketch.actual())


@given(st.lists(st.sampled_from(_SPOILS), max_size=3, unique_by=lambda spoil: spoil.id))
@settings(max_examples=_EXAMPLES, deadline=None)
def test_blocks_agree_with_walks_where_a_network_of_ours_is_spoilt(found: list[Spoil]) -> None:
    """Of a good network with up to three things spoilt."""
    actual = _GOOD
    for spoil in found:
        actual = spoil.apply(actual)
    _agree(actual)


def _agree(actual: Actual) -> None:
    model = Model.of(actual)
    plane = Plane.of(model)
    answers = Answers(plane, model)
    for traffic in (HTTPS, ECHO):
        found = pairs(answers, traffic)
        for subnet, source, target in _questions(plane, model):
            walked = ask(model, subnet, source, target, traffic)
            told = _told(plane, found, subnet, source, target)
            assert told == (walked.there.end, walked.there.firewalls, walked.works), walked.reason


def _questions(plane: Plane, model: Model) -> Iterator[tuple[Subnet, int, int]]:
    """Yield a sender of each piece, and a target of each piece that a network or none has."""
    fabric = model.fabric
    targets = [
        plane.pieces[piece].start
        for network in fabric.networks.values()
        for piece in members(plane.aims(network.prefixes))
    ]
    for subnet in fabric.subnets.values():
        if not subnet.is_reserved:
            for piece in members(plane.aims(subnet.prefixes)):
                for target in (*targets, *_OUTSIDE):
                    yield subnet, plane.pieces[piece].start, target


def _told(
    plane: Plane, found: Pairs, subnet: Subnet, source: int, target: int
) -> tuple[End, tuple[str, ...], bool]:
    piece = 1 << plane.pieces.of(target)
    sender = plane.places(subnet.network, 1 << plane.pieces.of(source))
    told = []
    for blocks, works in (
        (found.works, True),
        (found.heard, True),
        (found.astray, False),
        (found.unheard, False),
        (found.others, False),
    ):
        told += [
            (block.end, block.way, works or block.end is End.HOST)
            for block in blocks
            if block.senders & sender and _aims_at(plane, block, piece)
        ]
    assert len(told) == 1, told
    return told[0]


def _aims_at(plane: Plane, block: Block, piece: int) -> bool:
    mine = plane.places(block.network, piece) if block.end is End.ARRIVED else piece
    return bool(block.targets & mine)


def test_the_addresses_that_are_asked_for_are_what_they_are_meant_to_be() -> None:
    """One of the internet, one that nobody routes, one that is private and nobody's, a host's."""
    assert [is_in(found, PUBLIC) for found in _OUTSIDE] == [True, False, False, False]
