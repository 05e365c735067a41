"""The whole internet as the target of a question: an address stands for all treated alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from topology.verification.addresses import is_in, members, written
from topology.verification.answer import Answer, ask
from topology.verification.fabric import Subnet
from topology.verification.model import Model
from topology.verification.plane import Plane
from topology.verification.rules import NO_NAME, Traffic
from topology.verification.unread_managers import first_of


def parts_of_internet(model: Model) -> list[range]:
    """Return the addresses of the internet in parts that no route and no rule tells apart.

    The largest comes first.
    """
    plane = Plane.of(model)
    found = (plane.pieces[piece] for piece in members(plane.public))
    return sorted(found, key=lambda part: (-len(part), part.start))


def otherwise(  # noqa: PLR0913  a question has this many facts
    model: Model,
    subnet: Subnet,
    source: int,
    traffic: Traffic,
    answer: Answer,
    parts: Iterable[range],
) -> Iterator[str]:
    """Yield for which parts another answer holds than this one, a sentence each.

    And which names may have another, where the question is about none.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        other = ask(model, subnet, source, part.start, traffic)
        if (other.works, other.there.firewalls) != (answer.works, answer.there.firewalls):
            found[_words(model, other)].append(written(part))
    for words, prefixes in found.items():
        yield f"otherwise for {first_of(prefixes)}: {words}"
    if not traffic.name:
        yield from _by_name(model, source, traffic, answer)


def _words(model: Model, answer: Answer) -> str:
    if not answer.works:
        return answer.reason
    names = [model.fabric.firewalls[key].name for key in answer.there.firewalls]
    return f"reached by {', '.join(names) or 'no firewall'}"


def _by_name(model: Model, source: int, traffic: Traffic, answer: Answer) -> Iterator[str]:
    """Yield which names the firewalls on the way have rules for, which decide by them alone."""
    for key in answer.there.firewalls:
        firewall = model.fabric.firewalls[key]
        policy = model.policy(firewall)
        names = [
            name
            for rule in (*policy.network, *policy.application)
            if is_in(source, rule.sources) and rule.has_ports(traffic)
            for name in rule.names
            if name not in {NO_NAME, "*"}
        ]
        if names:
            yield (
                f"may be otherwise for names: {firewall.name} has rules for "
                f"{first_of(list(dict.fromkeys(names)))} (ask with one)"
            )
