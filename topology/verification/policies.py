"""Firewall policies: the rules of a firewall in the order in which it goes through them.

DNAT rules come first: what one of them translates no other rule is asked about (`published`).
Network rules come before application rules, those of a parent before its child's; then groups and
their collections by priority (docs: firewall/rule-processing, facts.md section 6). What no rule
allows is denied here: Azure goes by its built-in rules for names of the platform before, and threat
intelligence and intrusion detection take more away (`unmodelled.beside_rules`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from topology.kind import Body, at, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.verification.addresses import EVERYTHING, PRIVATE, blocks, tagged, unlisted
from topology.verification.bodies import reference
from topology.verification.rules import NO_NAME, Rule, Translation, ports, protocols

_GROUPS = "/rulecollectiongroups/"
_PRIORITY = "properties.priority"


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a firewall; `untranslated` are targets for which it keeps the source.

    For others, and for what an application rule lets through, it puts an address of its own in
    the place of the source (facts.md section 5). `translations` are DNAT rules. Of a policy that
    was not read whole, for it or a parent stands in a subscription of others, nobody knows what it
    lets through. `unsettled` are its parts whose last write has failed or is under way, with their
    state: firewalls may go by what stood there before.
    """

    network: tuple[Rule, ...] = ()
    application: tuple[Rule, ...] = ()
    translations: tuple[Translation, ...] = ()
    untranslated: tuple[range, ...] = PRIVATE
    is_whole: bool = True
    unsettled: tuple[str, ...] = ()


UNREAD = Policy(is_whole=False)


def policies(actual: Actual) -> dict[str, Policy]:
    """Return every policy by key, with what it takes from its parent.

    The rules of a firewall without a policy, in its own body, are by its own key.
    """
    bodies = dict(_of_type(actual, "firewallpolicies"))
    groups: dict[str, list[Found]] = {key: [] for key in bodies}
    for key, item in actual.resources.items():
        if _GROUPS in key:
            groups.setdefault(same_id(parent_id(key)), []).append(item)
    shared = {key: _policy(key, bodies, groups, actual) for key in bodies}
    return {**dict(_classic_policies(actual)), **shared}


def _of_type(actual: Actual, arm_type: str) -> Iterator[tuple[str, Found]]:
    for key, item in actual.resources.items():
        if key.rsplit("/", 2)[-2:-1] == [arm_type]:
            yield key, item


def _policy(
    key: str, bodies: dict[str, Found], groups: dict[str, list[Found]], actual: Actual
) -> Policy:
    line = list(_line(key, bodies))
    # Those of a parent are not inherited (facts.md section 6).
    own = [item for group in _in_order(groups[key]) for item in _rules(group)]
    translations = tuple(_translations(own, actual))
    if line[0] not in bodies:
        return Policy(translations=translations, is_whole=False)
    every = [group for policy in line for group in _in_order(groups.get(policy, ()))]
    rules = [item for group in every for item in _rules(group)]
    parts = [*(bodies[policy] for policy in line), *every, *_ip_groups(rules, actual)]
    return Policy(
        network=tuple(_rule(item, actual) for item in rules if item.kind == "NetworkRule"),
        application=tuple(_rule(item, actual) for item in rules if item.kind == "ApplicationRule"),
        translations=translations,
        untranslated=_ranges(at(bodies[key].body, "properties.snat.privateRanges")),
        unsettled=tuple(_unsettled(parts)),
    )


def _line(key: str, bodies: dict[str, Found]) -> Iterator[str]:
    """Yield a policy's ancestors, the first of them first, then itself; one may not be there."""
    properties = bodies[key].body.get("properties") or {} if key in bodies else {}
    above = reference(properties, "basePolicy")
    if above is not None and above != key:
        yield from _line(above, bodies)
    yield key


def _unsettled(parts: Iterable[Found]) -> Iterator[str]:
    """Yield what reads another state than Succeeded.

    A write of rules or IP groups fails where a firewall did not take it (facts.md section 6,
    FirewallPolicyUpdateFailed and IpGroupsUpdateFailed), and lasts for minutes (section 11).
    """
    for item in parts:
        if (state := at(item.body, "properties.provisioningState") or "Succeeded") != "Succeeded":
            yield f"{item.id.rsplit('/', 1)[-1]} reads {state}"


def _ip_groups(rules: Iterable[_Written], actual: Actual) -> Iterator[Found]:
    """Yield the IP groups that rules name, as far as they were read."""
    ends = ("sourceIpGroups", "destinationIpGroups")
    named = (str(name) for rule in rules for end in ends for name in rule.body.get(end) or ())
    yield from (found for name in dict.fromkeys(named) if (found := actual.get(name)))


def _in_order(groups: Iterable[Found]) -> list[Found]:
    return sorted(groups, key=lambda group: int(at(group.body, _PRIORITY) or 0))


@dataclass(frozen=True, slots=True)
class _Written:
    """A rule as a body has it; `access` is the action of its collection."""

    id: str
    kind: str
    access: str
    body: Body


def _rules(group: Found) -> Iterator[_Written]:
    collections = at(group.body, "properties.ruleCollections") or ()
    for collection in sorted(collections, key=lambda item: int(item.get("priority") or 0)):
        access = str(at(collection, "action.type") or "Deny")
        for rule in collection.get("rules") or ():
            where = f"{group.id}/{collection.get('name')}/{rule.get('name')}"
            yield _Written(where, str(rule.get("ruleType")), access, rule)


def _classic_policies(actual: Actual) -> Iterator[tuple[str, Policy]]:
    """Yield the rules of firewalls that hold them themselves, which Microsoft calls classic.

    Collections go by priority, those of network rules first (docs: firewall/rule-processing).
    """
    for key, item in _of_type(actual, "azurefirewalls"):
        properties = item.body.get("properties") or {}
        if reference(properties, "firewallPolicy") is None:
            yield (
                key,
                Policy(
                    network=tuple(_rule(rule, actual) for rule in _classic(item, "network")),
                    application=tuple(
                        _rule(rule, actual) for rule in _classic(item, "application")
                    ),
                    translations=tuple(_translations(_classic(item, "nat"), actual)),
                    untranslated=_ranges(_classic_ranges(properties)),
                ),
            )


def _classic(firewall: Found, kind: str) -> Iterator[_Written]:
    """Yield rules of one kind; in classic ones the protocols have another name."""
    collections = at(firewall.body, f"properties.{kind}RuleCollections") or ()
    for collection in sorted(collections, key=lambda item: int(at(item, _PRIORITY) or 0)):
        properties = collection.get("properties") or {}
        access = str(at(properties, "action.type") or "Deny")
        for rule in properties.get("rules") or ():
            where = f"{firewall.id}/{collection.get('name')}/{rule.get('name')}"
            body = rule
            if kind != "application":
                body = {**rule, "ipProtocols": rule.get("protocols")}
            yield _Written(where, f"{kind.capitalize()}Rule", access, body)


def _classic_ranges(properties: Body) -> list[str] | None:
    """Return the private ranges, a text with commas (docs: firewall/snat-private-range)."""
    given = (properties.get("additionalProperties") or {}).get("Network.SNAT.PrivateRanges")
    return None if given is None else [text.strip() for text in str(given).split(",")]


def _translations(rules: Iterable[_Written], actual: Actual) -> Iterator[Translation]:
    for item in rules:
        if item.kind == "NatRule":
            to = item.body.get("translatedAddress") or item.body.get("translatedFqdn")
            port = str(item.body.get("translatedPort") or "")
            yield Translation(_rule(item, actual), str(to or ""), port)


def _rule(item: _Written, actual: Actual) -> Rule:
    rule = item.body
    sources = tuple(_ends(rule, "source", actual))
    if item.kind != "ApplicationRule":
        return Rule(
            id=item.id,
            access=item.access,
            protocols=protocols(*(rule.get("ipProtocols") or ("Any",))),
            sources=sources,
            targets=tuple(_ends(rule, "destination", actual)),
            target_ports=ports(rule.get("destinationPorts")),
            names=tuple(rule.get("destinationFqdns") or ()),
            unread=(*_unread(rule, "source", actual), *_unread(rule, "destination", actual)),
        )
    # Tags and categories of names are Microsoft's lists: such a rule matches no name here.
    names = (*(rule.get("targetFqdns") or ()), *(rule.get("targetUrls") or ()))
    lists = (*(rule.get("fqdnTags") or ()), *(rule.get("webCategories") or ()))
    return Rule(
        id=item.id,
        access=item.access,
        protocols=frozenset({"tcp"}),
        sources=sources,
        targets=(EVERYTHING,),
        target_ports=ports(str(each.get("port")) for each in rule.get("protocols") or ()),
        names=names or (NO_NAME,),
        unread=(*_unread(rule, "source", actual), *map(str, lists)),
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


def _unread(rule: Body, end: str, actual: Actual) -> Iterator[str]:
    """Yield whom a rule's end names of whom no addresses are known: tags, groups out of sight."""
    yield from unlisted(str(text) for text in rule.get(f"{end}Addresses") or ())
    for group in rule.get(f"{end}IpGroups") or ():
        if actual.get(str(group)) is None:
            yield str(group).rsplit("/", 1)[-1]


def _ranges(given: Iterable[Any] | None) -> tuple[range, ...]:
    """Return private ranges; where they are given they replace the defaults.

    IANAPrivateRanges stands for the defaults (facts.md section 5).
    """
    if given is None:
        return PRIVATE
    return tuple(
        found
        for text in given
        for found in (PRIVATE if str(text).lower() == "ianaprivateranges" else blocks([str(text)]))
    )
