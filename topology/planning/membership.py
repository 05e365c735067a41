"""Who is, joins and leaves the groups that rules fill: a preview, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import Any

from topology.kind import Body, Resource, at, parent_id, same_id
from topology.network import Network
from topology.planning.actual import Actual
from topology.resources import KIND_BY_NAME, wanted
from topology.selection import group_of, selected


@dataclass(frozen=True)
class Membership:
    """A group's members by lower-case ids: ours, those that rules put in now, and will."""

    group: str
    static: frozenset[str]
    dynamic: frozenset[str]
    expected: frozenset[str]

    @property
    def joins(self) -> frozenset[str]:
        """Return who is not in yet."""
        return self.expected - self.dynamic

    @property
    def leaves(self) -> frozenset[str]:
        """Return who is in, and is selected by no rule."""
        return self.dynamic - self.expected


def memberships(network: Network, actual: Actual) -> list[Membership]:
    """Return the membership of each group that rules fill, or have filled, by its id."""
    if not network.takes_in and not any(_fills(item.kind) for item in actual.resources.values()):
        return []
    resources = wanted(network)
    static = _static(resources)
    expected = expected_members([item.body for item in _rules(resources)], actual)
    filled = {group_of(item.body) for item in actual.resources.values() if _fills(item.kind)}
    return [
        Membership(
            group,
            static.get(group, frozenset()),
            actual.members.get(group, frozenset()) - static.get(group, frozenset()),
            expected.get(group, frozenset()),
        )
        for group in sorted({*expected, *filled})
    ]


def membership_notes(network: Network, actual: Actual) -> tuple[str, ...]:
    """Return a sentence a group that rules fill, and one for each joining network out of place."""
    found = memberships(network, actual)
    names = _names(actual)
    notes = [_sentence(item, names) for item in found]
    joining = sorted({name for item in found for name in item.joins})
    return (*notes, *_out_of_place(network, actual, joining))


# -- who ---------------------------------------------------------------------------------


def _fills(kind: str) -> bool:
    return KIND_BY_NAME[kind].fills_groups


def _rules(resources: Iterable[Resource]) -> Iterator[Resource]:
    return (item for item in resources if _fills(item.kind))


def expected_members(rules: Iterable[Body], actual: Actual) -> dict[str, frozenset[str]]:
    """Return the networks of others that rules put into each group, by lower-case ids."""
    networks = [item.body for item in actual.others]
    expected: dict[str, frozenset[str]] = {}
    for rule in rules:
        chosen = frozenset(map(same_id, selected(rule, networks)))
        expected[group_of(rule)] = expected.get(group_of(rule), frozenset()) | chosen
    return expected


def _static(resources: Iterable[Resource]) -> dict[str, frozenset[str]]:
    """Return the networks of our own by group: what is named by what stands under a group."""
    found: dict[str, frozenset[str]] = {}
    for item in resources:
        member = at(item.body, "properties.resourceId")
        if member is not None:
            group = same_id(parent_id(item.id))
            found[group] = found.get(group, frozenset()) | {same_id(member)}
    return found


# -- in words ----------------------------------------------------------------------------


def _sentence(item: Membership, names: Mapping[str, str]) -> str:
    parts = [f"{len(item.static)} static", f"{len(item.dynamic)} by tags"]
    for word, ids in (("joins", item.joins), ("leaves", item.leaves)):
        if ids:
            parts.append(f"{_listed(ids, names)} {word if len(ids) == 1 else word.rstrip('s')}")
    stay = item.dynamic & item.expected
    who = f" ({_listed(stay, names)})" if stay else ""
    parts[1] += who
    return f"group {item.group.rsplit('/', 1)[-1]}: {', '.join(parts)}"


def _listed(ids: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(item) or item.rsplit("/", 1)[-1] for item in sorted(ids))


def _names(actual: Actual) -> dict[str, str]:
    """Return what people call the networks of others: the group that they stand in, and a name."""
    parts = {same_id(item.id): item.id.split("/") for item in actual.others}
    return {key: f"{part[4]}/{part[-1]}" for key, part in parts.items()}


def _out_of_place(network: Network, actual: Actual, joining: Iterable[str]) -> Iterator[str]:
    """Yield the networks that join with addresses to which no route of ours leads back."""
    blocks = {hub.region: hub.block for hub in network.hubs}
    found = {same_id(item.id): item.body for item in actual.others}
    names = _names(actual)
    for key in joining:
        body = found[key]
        block = blocks.get(str(body.get("location")).replace(" ", "").lower())
        outside = [prefix for prefix in _prefixes(body) if block and not _inside(prefix, block)]
        if outside:
            yield (
                f"{names[key]} has {', '.join(outside)}, outside of its region's block {block}: "
                "other regions have no route to it"
            )


def _prefixes(body: Mapping[str, Any]) -> list[str]:
    return list(at(body, "properties.addressSpace.addressPrefixes") or ())


def _inside(prefix: str, block: IPv4Network) -> bool:
    given = ip_network(prefix, strict=False)
    return isinstance(given, IPv4Network) and given.subnet_of(block)


__all__ = ["Membership", "expected_members", "membership_notes", "memberships"]
