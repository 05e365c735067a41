"""Firewall policies: the rules of a firewall in the order in which it goes through them.

Network rules come before application rules, those of a parent before its child's; then groups
and their collections by priority (docs: firewall/rule-processing, facts.md section 6). What no
rule allows is denied. Threat intelligence and inspection are not read: they take more away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from topology.kind import Body, at, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.verification.addresses import EVERYTHING, PRIVATE, blocks, tagged
from topology.verification.fabric import reference
from topology.verification.rules import Rule, ports, protocols

_GROUPS = "/rulecollectiongroups/"


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a firewall; `untranslated` are targets for which it keeps the source.

    For others, and for what an application rule lets through, it puts its own address in the
    place of the source (facts.md section 5).
    """

    network: tuple[Rule, ...] = ()
    application: tuple[Rule, ...] = ()
    untranslated: tuple[range, ...] = PRIVATE


def policies(actual: Actual) -> dict[str, Policy]:
    """Return every policy by key, with what it takes from its parent."""
    bodies = {
        key: item
        for key, item in actual.resources.items()
        if key.rsplit("/", 2)[-2:-1] == ["firewallpolicies"]
    }
    groups: dict[str, list[Found]] = {key: [] for key in bodies}
    for key, item in actual.resources.items():
        if _GROUPS in key:
            groups.setdefault(same_id(parent_id(key)), []).append(item)
    return {key: _policy(key, bodies, groups, actual) for key in bodies}


def _policy(
    key: str, bodies: dict[str, Found], groups: dict[str, list[Found]], actual: Actual
) -> Policy:
    line = list(_line(key, bodies))
    rules = [
        (kind, rule)
        for policy in line
        for group in sorted(groups.get(policy, ()), key=_priority)
        for kind, rule in _rules(group, actual)
    ]
    return Policy(
        network=tuple(rule for kind, rule in rules if kind == "NetworkRule"),
        application=tuple(rule for kind, rule in rules if kind == "ApplicationRule"),
        untranslated=_untranslated(bodies[key].body),
    )


def _line(key: str, bodies: dict[str, Found]) -> Iterator[str]:
    """Yield a policy's ancestors, the first of them first, then itself."""
    above = reference(bodies[key].body.get("properties") or {}, "basePolicy")
    if above in bodies and above != key:
        yield from _line(above, bodies)
    yield key


def _priority(group: Found) -> int:
    return int(at(group.body, "properties.priority") or 0)


def _rules(group: Found, actual: Actual) -> Iterator[tuple[str, Rule]]:
    collections = at(group.body, "properties.ruleCollections") or ()
    for collection in sorted(collections, key=lambda item: int(item.get("priority") or 0)):
        access = str(at(collection, "action.type") or "Deny")
        for rule in collection.get("rules") or ():
            where = f"{group.id}/{collection.get('name')}/{rule.get('name')}"
            yield str(rule.get("ruleType")), _rule(where, access, rule, actual)


def _rule(where: str, access: str, rule: Body, actual: Actual) -> Rule:
    sources = tuple(_ends(rule, "source", actual))
    if rule.get("ruleType") != "ApplicationRule":
        return Rule(
            id=where,
            access=access,
            protocols=protocols(*(rule.get("ipProtocols") or ("Any",))),
            sources=sources,
            targets=tuple(_ends(rule, "destination", actual)),
            target_ports=ports(rule.get("destinationPorts")),
            names=tuple(rule.get("destinationFqdns") or ()),
        )
    # Tags and categories of names are Microsoft's lists: such a rule matches no name here.
    names = (*(rule.get("targetFqdns") or ()), *(rule.get("targetUrls") or ()))
    return Rule(
        id=where,
        access=access,
        protocols=frozenset({"tcp"}),
        sources=sources,
        targets=(EVERYTHING,),
        target_ports=ports(str(item.get("port")) for item in rule.get("protocols") or ()),
        names=names or ("?",),
    )


def _ends(rule: Body, end: str, actual: Actual) -> Iterator[range]:
    """Yield the addresses of a rule's end, those of its IP groups too."""
    for text in rule.get(f"{end}Addresses") or ():
        yield from tagged(str(text))
    for group in rule.get(f"{end}IpGroups") or ():
        found = actual.get(str(group))
        yield from blocks(at(found.body, "properties.ipAddresses") or () if found else ())
    if end == "destination" and rule.get("destinationFqdns"):
        yield EVERYTHING  # the name decides


def _untranslated(body: Body) -> tuple[range, ...]:
    """Return the ranges of `snat.privateRanges`; where it is set it replaces the defaults.

    IANAPrivateRanges stands for the defaults (facts.md section 5).
    """
    given: Iterable[Any] | None = at(body, "properties.snat.privateRanges")
    if given is None:
        return PRIVATE
    return tuple(
        found
        for text in given
        for found in (PRIVATE if str(text).lower() == "ianaprivateranges" else blocks([str(text)]))
    )
