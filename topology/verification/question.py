"""A question of a person's: whether one can open a connection to another, and by which way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from topology.field_types import Spec
from topology.kind import same_id
from topology.network import Network
from topology.regions import length_km
from topology.verification.addresses import address, is_in, number
from topology.verification.answer import Answer, ask
from topology.verification.fabric import Subnet
from topology.verification.internet import otherwise, parts_of_internet
from topology.verification.model import Model
from topology.verification.rules import ASKER, Traffic
from topology.verification.unread import unread_on
from topology.verification.walk import End, Walk
from topology.verify_spec import INTERNET, opposites

_FIRST_HOST = 4  # Azure keeps the first four of a subnet (docs: virtual-networks-faq)


class NobodyError(LookupError):
    """Nobody is where a question points to; the message says what may be asked about."""


class Question(Spec):
    """A question as a form asks it."""

    source: str = Field(description="A spoke (eastus/prod), a subnet (eastus/prod/web), an address")
    target: str = Field(
        description="The same, an address of the internet, or `internet`: all of it"
    )
    protocol: Literal["tcp", "udp", "icmp"] = "tcp"
    port: int = Field(443, ge=0, le=65535)
    fqdn: str = Field("", description="The name in its request, where firewalls decide by it")
    source_port: int = Field(
        ASKER, ge=0, le=65535, description="The port that it sends from, where rules ask for one"
    )

    @property
    def traffic(self) -> Traffic:
        """Return the traffic that it is about."""
        return Traffic(self.protocol, self.port, self.fqdn, self.source_port)


@dataclass(frozen=True)
class Told:
    """A question and its answer, in words: the way there and the ways back, a line each.

    `verdict` says whether it works, `reason` the same with the step that decided, if it does not.
    `firewalls` are the names of those passed on the way there, in order; `regions` those that it
    crosses, and `km` how far that is. `stands_on` are the assumptions without which the answer
    would be another, `unread` is what may decide on the ways and was not read, a sentence each.
    `apart` is what is otherwise for a part of the internet, or may be for names, where all of it
    was asked about.
    """

    question: str
    works: bool
    verdict: str
    reason: str
    firewalls: tuple[str, ...]
    there: tuple[str, ...]
    back: tuple[str, ...]
    regions: tuple[str, ...] = ()
    km: int = 0
    stands_on: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Say whether it works for sure: for all that was asked, with nothing that was not read."""
        return self.works and not self.unread and not self.apart

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is otherwise, what it stands on, and what was not read, a line each."""
        unread = (f"not read: {what}" for what in self.unread)
        return (*self.apart, *self.stands_on, *unread)

    @property
    def said(self) -> str:
        """Return the question and its answer with all notes, in a line."""
        return "; ".join((f"{self.question}: {self.reason}", *self.notes))


@dataclass(frozen=True)
class Asked:
    """A question in words, with its answer, what that stands on, and what was not read of it.

    `apart` is what is otherwise for a part of the internet, or for names.
    """

    question: str
    answer: Answer
    stands_on: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


def put(network: Network, model: Model, source: str, target: str, traffic: Traffic) -> Asked:
    """Put a question to a model; both ends are spokes (region/spoke), subnets or addresses.

    The target may be `internet`: the answer is that of the largest part which routes and rules
    treat alike, and says for which others it is another. Raises NobodyError for a sender that is
    in no network that was read, and for names of nobody.
    """
    subnet, start = _end(network, model, source)
    parts = parts_of_internet(model) if target == INTERNET else []
    end, aim = (None, parts[0].start) if parts else _end(network, model, target)
    meant = None if number(target) is not None else end
    if subnet is None:
        raise NobodyError(f"{source} is in no subnet of the networks that are known; {_WAYS}")
    question = f"{_named(source, start)} to {_named(target, aim)}, {traffic}"
    answer = ask(model, subnet, start, aim, traffic, meant=meant)
    others = (
        (taken, ask(model.assuming(other), subnet, start, aim, traffic, meant=meant))
        for taken, other in opposites(model.assumptions)
    )
    stands_on = tuple(f"stands on {taken}" for taken, got in others if _differs(answer, got))
    unread = tuple(_unread(model, answer, aim, traffic))
    apart = otherwise(model, subnet, start, traffic, answer, parts[1:]) if parts else ()
    return Asked(question, answer, stands_on, unread, tuple(apart))


def _unread(model: Model, answer: Answer, target: int, traffic: Traffic) -> Iterator[str]:
    """Yield what was not read of the subnets and firewalls that are passed, there and back."""
    fabric, walks = model.fabric, (answer.there, *answer.back)
    firewalls = [fabric.firewalls[key] for walk in walks for key in walk.firewalls]
    ends = [leg.subnet for walk in walks for leg in walk.legs]
    ends += [walk.subnet for walk in walks if walk.subnet is not None]
    inside = [fabric.subnets[item.subnet] for item in firewalls if item.subnet in fabric.subnets]
    subnets = {item.key: item for item in (*ends, *inside)}
    passed = {item.key: item for item in firewalls}
    yield from unread_on(model, subnets.values(), passed.values(), target, traffic)


def _named(text: str, number: int) -> str:
    return text if text == address(number) else f"{text} ({address(number)})"


def _differs(one: Answer, other: Answer) -> bool:
    return (one.works, one.there.firewalls) != (other.works, other.there.firewalls)


def told(model: Model, asked: Asked) -> Told:
    """Return a question and its answer in words."""
    answer = asked.answer
    crossed = _regions(model, answer)
    return Told(
        question=asked.question,
        works=answer.works,
        verdict=_verdict(model, asked, answer.astray),
        reason=_verdict(model, asked, answer.reason),
        firewalls=tuple(_firewalls(model, answer)),
        there=tuple(_steps(answer.there)),
        back=tuple(line for walk in answer.back for line in _steps(walk)),
        regions=crossed,
        km=length_km(crossed),
        stands_on=asked.stands_on,
        unread=asked.unread,
        apart=asked.apart,
    )


_WAYS = (
    "name a spoke as region/spoke, a subnet as region/spoke/subnet, an address, or as a target "
    "`internet`"
)


def _end(network: Network, model: Model, text: str) -> tuple[Subnet | None, int]:
    """Return the subnet, if there is one, and the address that is meant."""
    given = number(text)
    if given is not None:
        subnets = model.fabric.subnets.values()
        return next((item for item in subnets if is_in(given, item.prefixes)), None), given
    region, _, rest = text.partition("/")
    spoke, _, name = rest.partition("/")
    for item in network.spokes:
        if (item.region, item.name) != (region, spoke) or name not in {"", *item.subnets}:
            continue
        subnet = network.names.subnet_name(region, spoke, name or next(iter(item.subnets)))
        found = model.fabric.subnets.get(same_id(network.names.subnet_id(region, spoke, subnet)))
        if found is None:
            raise NobodyError(f"{text} is not there: Azure holds no subnet {subnet} of it")
        return found, found.prefixes[0].start + _FIRST_HOST
    raise NobodyError(f'"{text}" is nobody here; {_WAYS}')


def _verdict(model: Model, asked: Asked, why: str) -> str:
    answer, as_read = asked.answer, ", by what was read" if asked.unread else ""
    if not answer.works:
        fails = "does not work" if answer.is_known else "not known"
        return f"{fails}: {why}" if why else fails
    if answer.there.end is End.HOST:
        return f"works, by the machine's own host{as_read}"
    way = ", ".join(_firewalls(model, answer)) or "no firewall"
    goes = "reaches the internet" if answer.there.end is End.INTERNET else "works, both ways"
    return f"{goes}, by {way}{as_read}"


def _firewalls(model: Model, answer: Answer) -> Iterator[str]:
    yield from (model.fabric.firewalls[key].name for key in answer.there.firewalls)


def _regions(model: Model, answer: Answer) -> tuple[str, ...]:
    """Return the regions that the way there crosses, as far as it comes."""
    there = answer.there
    target = there.subnet.network if there.end is End.ARRIVED and there.subnet else ""
    return model.fabric.regions_of(there.legs[0].subnet.network, target, there.firewalls)


def _steps(walk: Walk) -> Iterator[str]:
    yield from map(str, walk.steps)
