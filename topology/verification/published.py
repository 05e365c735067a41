"""What firewalls publish: DNAT rules, by which what is sent to a firewall goes on to somebody else.

They are gone through before all others, and what one of them translates "isn't subject to any
further processing by other network rules" (docs: firewall-manager/rule-processing, "NAT rules"; an
older text has it that network rules may deny it again, which is not relied on). Who sends may be
anybody on the internet, to a public address of the firewall, or somebody inside, to its private
one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from topology.verification.addresses import is_in, number
from topology.verification.fabric import Firewall, VirtualNetwork
from topology.verification.model import Model
from topology.verification.rules import Traffic, Translation
from topology.verification.unread_managers import first_of


@dataclass(frozen=True, slots=True)
class Published:
    """A DNAT rule that some firewalls have; `network` is the one of ours that it leads into."""

    translation: Translation
    firewalls: tuple[Firewall, ...]
    network: VirtualNetwork | None = None

    @property
    def name(self) -> str:
        """Return the names of its group, its collection and its own."""
        return "/".join(self.translation.rule.id.split("/")[-3:])


def published(model: Model, own: Collection[str]) -> Iterator[Published]:
    """Yield what firewalls in these networks, by key, publish of these networks."""
    yield from (item for item in _everything(model, own) if item.network is not None)


def published_elsewhere(model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield what of all else becomes that firewalls publish, a sentence each: it is not read."""
    yield from _told(item for item in _everything(model, own) if item.network is None)


def published_at(model: Model, target: int, traffic: Traffic) -> Iterator[str]:
    """Yield the same of what is sent to an address, wherever it leads."""
    everything = ((item, item.translation.rule) for item in _everything(model, ()))
    yield from _told(
        item for item, rule in everything if rule.is_about(traffic) and is_in(target, rule.targets)
    )


def _everything(model: Model, own: Collection[str]) -> Iterator[Published]:
    users: dict[str, list[Firewall]] = defaultdict(list)
    for firewall in model.fabric.firewalls.values():
        users[firewall.policy].append(firewall)
    for firewalls in users.values():
        is_ours = any(firewall.network in own for firewall in firewalls)
        for translation in model.policy(firewalls[0]).translations:
            network = _network_at(model, own, translation) if is_ours else None
            yield Published(translation, tuple(firewalls), network)


def _network_at(
    model: Model, own: Collection[str], translation: Translation
) -> VirtualNetwork | None:
    address, networks = number(translation.to), model.fabric.networks
    if address is None:
        return None
    return next((networks[key] for key in own if is_in(address, networks[key].prefixes)), None)


def _told(found: Iterator[Published]) -> Iterator[str]:
    by_firewalls: dict[tuple[Firewall, ...], list[str]] = defaultdict(list)
    for item in found:
        by_firewalls[item.firewalls].append(f"{item.name} ({item.translation})")
    for firewalls, rules in by_firewalls.items():
        names = first_of(sorted(firewall.name for firewall in firewalls))
        yield f"what becomes of what DNAT rules of {names} translate: {', '.join(rules)}"
