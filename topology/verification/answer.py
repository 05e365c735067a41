"""Whether two can talk: one's way to the other, and whether the answer comes back by the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from topology.verification.addresses import starts, written
from topology.verification.fabric import Subnet
from topology.verification.model import Model
from topology.verification.rules import Traffic
from topology.verification.walk import REACHED, End, Leg, Step, Walk, follow


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether two can talk: the way there, and the ways back, one for each leg.

    `astray` says in words why the answer does not come back over what the question passed, and
    `at` the step where that is so, if it is one.
    """

    there: Walk
    back: tuple[Walk, ...]
    astray: str = ""
    at: Step | None = None

    @property
    def works(self) -> bool:
        """Say whether the question arrives, and its answer comes back the same way."""
        return self.there.end in REACHED and not self.astray

    @property
    def is_known(self) -> bool:
        """Say whether it is known what becomes of the question and of its answers."""
        return all(walk.end is not End.UNKNOWN for walk in (self.there, *self.back))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return all steps, there and back; the last one decided."""
        return (*self.there.steps, *(step for walk in self.back for step in walk.steps))

    @property
    def decided(self) -> Step:
        """Return the step that decided: the last one there, or where the answer went astray.

        Of what arrives it is the last route; the rules that let it pass are steps on the way.
        """
        return (self.back[-1] if self.astray and self.back else self.there).decided

    @property
    def reason(self) -> str:
        """Return why, in words."""
        return self.astray + (f": {self.at}" if self.at else "") or str(self.decided)


def ask(  # noqa: PLR0913  a question has this many facts
    model: Model,
    subnet: Subnet,
    source: int,
    target: int,
    traffic: Traffic,
    *,
    meant: Subnet | None = None,
) -> Answer:
    """Say whether an address can open a connection to another, and why.

    Where it is `meant` to be that of a subnet, another that has it too does not do.

    The answer must come back through the same firewalls: one that sees one half of a
    connection drops it. Where a firewall put its own address in the place of the source, the
    answer comes back to that firewall, and goes on from there. The internet answers to the last
    of them, without a route of ours.
    """
    there = follow(model, subnet, source, target, traffic)
    last, legs = there.legs[-1], there.legs
    if there.end is End.INTERNET:
        if last.firewalls:  # as with snat.privateRanges 0.0.0.0/0 (facts.md section 5)
            text = f"nobody answers to {', '.join(map(written, last.sources))}"
            return Answer(there, (), text, there.steps[-1])
        start, legs = last.subnet, there.legs[:-1]
    elif there.end is End.ARRIVED and there.subnet is not None:
        start = there.subnet
        if meant is not None and start.key != meant.key:
            text = "it comes to another that has the same address"
            return Answer(there, (), text, there.decided)
    else:
        return Answer(there, ())
    back: list[Walk] = []
    for leg in reversed(legs):
        # Of a leg that ends with a translation the answer starts at its last firewall.
        crossed = tuple(reversed(leg.firewalls if leg is last else leg.firewalls[:-1]))
        ways = list(_answers(model, start, target, leg, traffic))
        told = [(_goes_astray(way, leg.subnet, crossed, model), way) for way in ways]
        reason, way = next((item for item in told if item[0]), told[0])
        back.append(way)
        if reason and not all(item for item, _ in told):
            way.end = End.UNKNOWN
            reason = f"answers to some addresses of {leg.subnet.name} come back, others do not"
        if reason:
            at = way.steps[-1] if way.subnet != leg.subnet else None
            return Answer(there, tuple(back), reason, at)
        start = leg.subnet
    return Answer(there, tuple(back))


def _answers(
    model: Model, start: Subnet, target: int, leg: Leg, traffic: Traffic
) -> Iterator[Walk]:
    """Yield the ways of an answer to each of a leg's sources that is told apart on them."""
    waiting, seen = starts(leg.sources, ()), set[int]()
    while waiting:
        source = waiting.pop(0)
        if source not in seen:
            seen.add(source)
            way = follow(model, start, target, source, traffic, is_reply=True)
            yield way
            waiting += starts(leg.sources, way.apart)


def _goes_astray(way: Walk, subnet: Subnet, crossed: tuple[str, ...], model: Model) -> str | None:
    """Return why an answer does not come back to a subnet over these firewalls, or None."""
    if way.end is End.UNKNOWN:
        return "what becomes of the answer is not known"
    if way.end is not End.ARRIVED:
        return "the answer is lost"
    if way.subnet != subnet:
        return "the answer goes to another that has the same address"
    if way.firewalls == crossed:
        return None
    names = [model.fabric.firewalls[key].name for key in way.firewalls] or ["no firewall"]
    asked = [model.fabric.firewalls[key].name for key in crossed] or ["no firewall"]
    return f"the answer comes back by {', '.join(names)}, the question went by {', '.join(asked)}"
