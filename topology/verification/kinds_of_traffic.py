"""Kinds of traffic: what rules tell apart, whoever talks to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count, groupby, product

from topology.verification.model import Model
from topology.verification.policies import Policy
from topology.verification.rules import ASKER, NO_NAME, PROTOCOLS, Rule, Traffic, has_name

_HTTPS, _ALL_PORTS = 443, 65536
_FEW = 2  # kinds that are told one by one
MOST_NAMES = 6  # that are told one by one
_OTHERS = "other protocols"


def kinds_of_traffic(model: Model, *meant: Policy) -> Iterator[Traffic]:
    """Yield one kind of traffic for each that rules treat alike, the best known first.

    Before subnets kinds are alike that the same rules are about; to a firewall those are that
    the same senders and targets are let through for. So a thousand names that are open to the
    same senders are one kind. A name is asked about only where a firewall asks for one. What is
    `meant` tells kinds apart as what firewalls follow does.
    """
    return _kinds(_Rules(tuple(_before_subnets(model)), (*model.policies.values(), *meant)))


@dataclass(frozen=True)
class Kinds:
    """The kinds of traffic that rules tell apart, in several states, and how to speak of them."""

    rules: _Rules

    @classmethod
    def of(cls, *models: Model, meant: Iterable[Policy] = ()) -> Kinds:
        """Return those that the rules of any of these treat alike, and what is meant: in all."""
        filters = chain.from_iterable(_before_subnets(model) for model in models)
        policies = chain.from_iterable(model.policies.values() for model in models)
        return cls(_Rules(tuple(dict.fromkeys(filters)), (*policies, *meant)))

    @cached_property
    def all(self) -> tuple[Traffic, ...]:
        """Return one of each kind."""
        return tuple(_kinds(self.rules))

    @cached_property
    def _alike(self) -> Mapping[Traffic, Traffic]:
        """Return the kind of what has no name and comes from no chosen port.

        Of each stretch of each protocol's ports, and of each kind without these.
        """
        kinds = {self.rules.treat(item): item for item in self.all}
        plain = {replace(item, name="", source_port=ASKER) for item in self.all}
        spans = {Traffic(*each) for each in product(PROTOCOLS, self.rules.ports)}
        return {item: kinds[self.rules.treat(item)] for item in plain | spans}

    def by_name_alone(self, some: Collection[Traffic]) -> list[Traffic]:
        """Return those of some kinds that are of a name, and not so without it."""
        return [item for item in some if item.name and self._plain(item) not in some]

    def _plain(self, kind: Traffic) -> Traffic:
        return self._alike[replace(kind, name="", source_port=ASKER)]

    def names(self, kind: Traffic) -> tuple[str, ...]:
        """Return the names that a kind is of, as rules write them: `*.example.com` too."""
        return tuple(self._names[kind])

    @cached_property
    def _names(self) -> Mapping[Traffic, Mapping[str, None]]:
        """Return the patterns of each kind: those whose names rules treat as its own."""
        kinds = {self.rules.treat(item): item for item in self.all}
        found: dict[Traffic, dict[str, None]] = {item: {} for item in self.all}
        for plain in dict.fromkeys(replace(item, name="") for item in self.all if item.name):
            for pattern, traffic in self.rules.by_name(plain):
                found[kinds[self.rules.treat(traffic)]][pattern] = None
        return found

    def told(self, some: Collection[Traffic]) -> str:
        """Return some kinds in words: all traffic, all but a few, or the first and how many."""
        inside, outside = list[str](), list[str]()
        for protocol in PROTOCOLS:
            ports = sorted(self.rules.ports)
            are_in = [self._alike[Traffic(protocol, port)] in some for port in ports]
            inside += _ports_told(protocol, ports, are_in)
            outside += _ports_told(protocol, ports, [not is_in for is_in in are_in])
        for item in self.all:
            if (self._plain(item) in some) is not (item in some):
                (inside if item in some else outside).append(self._told(item))
        if not outside:
            return "all traffic"
        if len(outside) <= _FEW and len(outside) < len(inside):
            return f"all traffic but {', '.join(outside)}"
        if len(inside) <= _FEW:
            return ", ".join(inside)
        return f"{inside[0]} and {len(inside) - 1} more kinds"

    def _told(self, kind: Traffic) -> str:
        names = self.names(kind)
        return f"{replace(kind, name='')} to {few_names(names)}" if names else str(kind)


def few_names(names: Sequence[str]) -> str:
    """Return the first few of some names, and how many there are beside."""
    more = len(names) - MOST_NAMES
    told = ", ".join(names[:MOST_NAMES])
    return f"{told} and {more} more name{'' if more == 1 else 's'}" if more > 0 else told


def _ports_told(protocol: str, starts: list[int], are_in: list[bool]) -> Iterator[str]:
    """Yield the ports of a protocol that are in, in words; `starts` are where stretches begin."""
    if all(are_in):
        yield _OTHERS if protocol == "other" else protocol
        return
    stops = [*starts[1:], _ALL_PORTS]
    for is_in, run in groupby(zip(starts, stops, are_in, strict=True), key=lambda item: item[2]):
        if is_in:
            stretch = list(run)
            first, last = stretch[0][0], stretch[-1][1] - 1
            yield f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"


def kinds_to_firewalls(*policies: Policy) -> Iterator[Traffic]:
    """Yield one kind of traffic for each that these policies treat alike."""
    return _kinds(_Rules((), policies))


def _kinds(rules: _Rules) -> Iterator[Traffic]:
    seen: set[object] = set()
    for traffic in rules.kinds():
        treated = rules.treat(traffic)
        if treated not in seen:
            seen.add(treated)
            yield traffic


def _before_subnets(model: Model) -> Iterable[Rule]:
    """Return a rule before subnets for each set of protocols and ports."""
    groups = (model.filters(item).group for item in model.fabric.subnets.values())
    lists = [*model.effects.rules.values(), *(group or () for group in groups)]
    return {
        (rule.protocols, rule.target_ports, rule.source_ports): rule
        for rules in lists
        for rule in rules
    }.values()


@dataclass(frozen=True)
class _Rules:
    """Rules, as far as they tell traffic apart: before subnets, and of firewalls."""

    filters: tuple[Rule, ...]
    policies: tuple[Policy, ...]

    @cached_property
    def firewalls(self) -> list[list[tuple[Rule, int]]]:
        """Return the lists that firewalls go through, with a number for the ends of each rule."""
        ends: dict[tuple[tuple[range, ...], tuple[range, ...]], int] = {}
        return [
            [(rule, ends.setdefault((rule.sources, rule.targets), len(ends))) for rule in rules]
            for policy in self.policies
            for rules in _lists(policy)
        ]

    @cached_property
    def _of_firewalls(self) -> list[Rule]:
        """Return a rule of firewalls for each set of protocols, ports and names."""
        return list(
            {
                (rule.protocols, rule.target_ports, rule.names): rule
                for rules in self.firewalls
                for rule, _ in rules
            }.values()
        )

    @cached_property
    def ports(self) -> list[int]:
        """Return a port at the target of each stretch that rules tell apart."""
        rules = [*self.filters, *self._of_firewalls]
        return _first_of_each((rule.target_ports for rule in rules), _HTTPS)

    @cached_property
    def source_ports(self) -> list[int]:
        """Return the same of the ports that askers send from."""
        return _first_of_each((rule.source_ports for rule in self.filters), ASKER)

    def kinds(self) -> Iterator[Traffic]:
        """Yield one kind of traffic for each set of rules that are about the same."""
        rules, seen = [*self.filters, *self._of_firewalls], set[tuple[bool, ...]]()
        for protocol, port, source_port in product(PROTOCOLS, self.ports, self.source_ports):
            plain = Traffic(protocol, port, source_port=source_port)
            for traffic in chain([plain], (named for _, named in self.by_name(plain))):
                about = tuple(rule.is_about(traffic) for rule in rules)
                if about not in seen:
                    seen.add(about)
                    yield traffic

    def by_name(self, traffic: Traffic) -> Iterator[tuple[str, Traffic]]:
        """Yield each pattern of names that rules about it have, and it with a name of that."""
        about = (rule for rule in self._of_firewalls if rule.has_ports(traffic))
        patterns = sorted({name.lower() for rule in about for name in rule.names} - {"*", NO_NAME})
        for pattern in patterns:
            yield pattern, replace(traffic, name=_example(pattern, patterns))

    def treat(self, traffic: Traffic) -> object:
        """Return what rules make of it: equal where they make the same."""
        return (
            tuple(rule.is_about(traffic) for rule in self.filters),
            tuple(_decisions(rules, traffic) for rules in self.firewalls),
        )


def _lists(policy: Policy) -> tuple[tuple[Rule, ...], ...]:
    return policy.network, policy.application


def _decisions(rules: Iterable[tuple[Rule, int]], traffic: Traffic) -> tuple[tuple[int, str], ...]:
    """Return what a list of rules decides; one for the same ends as one before decides nothing."""
    found: dict[int, str] = {}
    for rule, ends in rules:
        if ends not in found and rule.is_about(traffic):
            found[ends] = rule.access
    return tuple(found.items())


def _first_of_each(ports: Iterable[tuple[range, ...]], known: int) -> list[int]:
    """Return a port of each stretch that these cut out, one that is known first."""
    edges = {known, 0} | {edge for item in ports for one in item for edge in (one.start, one.stop)}
    return sorted(edges - {_ALL_PORTS}, key=lambda port: (port != known, port))


def _example(pattern: str, patterns: Iterable[str]) -> str:
    """Return a name of a pattern that only those others have which have all of its names."""
    if not pattern.startswith("*"):
        return pattern
    wider = {item for item in patterns if item.startswith("*") and pattern.endswith(item[1:])}
    narrower = [item for item in patterns if item not in wider]
    labels = (f"any{number or ''}" for number in count())
    return next(name for label in labels if not has_name(narrower, name := f"{label}{pattern[1:]}"))
