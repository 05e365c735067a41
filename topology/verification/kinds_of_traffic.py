"""Kinds of traffic: what rules tell apart, whoever talks to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from topology.verification.model import Model
from topology.verification.rules import PROTOCOLS, Rule, Traffic


def kinds_of_traffic(model: Model) -> Iterator[Traffic]:
    """Yield one kind of traffic for each set of rules that are about the same traffic.

    Names are left out: what an application rule lets through by name goes to the internet.
    """
    shapes = {
        (rule.protocols, rule.target_ports, rule.source_ports, rule.names): rule
        for rule in _all_rules(model)
    }
    rules = list(shapes.values())
    seen: set[tuple[bool, ...]] = set()
    for protocol in PROTOCOLS:
        for port in _ports(rules):
            traffic = Traffic(protocol, port)
            about = tuple(rule.is_about(traffic) for rule in rules)
            if about not in seen:
                seen.add(about)
                yield traffic


def _ports(rules: Iterable[Rule]) -> list[int]:
    """Return a port of each stretch that rules tell apart, the best known first."""
    edges = {_HTTPS, 0}
    for rule in rules:
        for stretch in rule.target_ports:
            edges |= {stretch.start, stretch.stop}
    return sorted(edges - {_ALL_PORTS}, key=lambda port: (port != _HTTPS, port))


_HTTPS, _ALL_PORTS = 443, 65536


def _all_rules(model: Model) -> Iterator[Rule]:
    for rules in model.effects.rules.values():
        yield from rules
    for subnet in model.fabric.subnets.values():
        yield from model.filters(subnet).group or ()
    for policy in model.policies.values():
        yield from (*policy.network, *policy.application)
