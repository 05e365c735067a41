"""Names in place of Orrery's own, so that a network which exists already can be taken over.

They may stand at the topology, at a region and at a spoke; the innermost counts. Each is a
template: `{region}` in it is the region's name, and so on (`topology.naming.TEMPLATES`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator

from topology.field_types import PlacedError, Spec
from topology.naming import HUB, TEMPLATES, Names

PLACEHOLDERS = ("topology", "region", "spoke", "subnet", "network", "other")
_LITERAL = re.compile(r"[A-Za-z0-9._-]*")


def _template(value: str) -> str:
    try:
        parts = list(Formatter().parse(value))
    except ValueError as error:
        raise ValueError(
            f'"{value}" is no template: {error}; write {{region}} and the like'
        ) from None
    for literal, name, form, conversion in parts:
        if not _LITERAL.fullmatch(literal):
            raise ValueError(
                f'"{value}" holds a character that Azure takes in no name; '
                "write letters, digits, dots, dashes and underscores"
            )
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            known = ", ".join(f"{{{item}}}" for item in PLACEHOLDERS)
            raise ValueError(f'"{value}" names {{{name}}}, which stands for nothing; write {known}')
    return value


Template = Annotated[str, AfterValidator(_template)]


class SpokeNames(Spec):
    """What is made for a spoke."""

    resource_group: Template | None = None
    spoke: Template | None = None
    subnet: Template | None = None
    security_group: Template | None = None
    peering_to_hub: Template | None = None
    peering_to_spoke: Template | None = None
    dns_link: Template | None = None

    @property
    def given(self) -> Mapping[str, str]:
        """Return the templates that are given, by key."""
        return self.model_dump(exclude_none=True)


class RegionNames(SpokeNames):
    """What is made for a region, its spokes included."""

    hub: Template | None = None
    firewall: Template | None = None
    firewall_ip_configuration: Template | None = None
    public_address: Template | None = None
    route_table: Template | None = None
    region_policy: Template | None = None
    peering_between_hubs: Template | None = None


class TopologyNames(RegionNames):
    """What is made for the topology, its regions included."""

    global_group: Template | None = None
    policy: Template | None = None
    manager: Template | None = None


# -- whether Azure takes them ------------------------------------------------------------

# Letters, digits, dots, underscores and dashes; a letter or digit first, no dot or dash last:
# the strictest of the rules that the types have (the same source as the lengths).
_TAKEN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_])?")

Where = Callable[[str, str, str], tuple[str, ...]]


@dataclass(frozen=True)
class _Thing:
    """One thing that gets a name: its key, what it belongs to, its name and what holds it."""

    key: str
    region: str
    spoke: str
    name: Callable[[], str]
    inside: str


def check_names(names: Names, spokes: Mapping[str, Mapping[str, list[str]]], where: Where) -> None:
    """Refuse names that Azure does not take, and two things of one name in one place.

    `spokes` are the spokes of each region, with their subnets; `where` says where in the
    file the name of a key, region and spoke is given. Raises PlacedError.
    """
    seen: dict[str, _Thing] = {}
    for thing in _things(names, spokes):
        path = where(thing.key, thing.region, thing.spoke)
        name = _name(thing, path)
        other = seen.get(whole := f"{thing.inside}/{name}".lower())
        if other is not None and not _may_share(thing, other):
            what, which = _told(thing), _told(other)
            raise PlacedError(
                path,
                f'{what} and {which} would both be named "{name}"; '
                "put {region} or {spoke} into the template, or give one of them a name of its own",
            )
        seen[whole] = thing


def _may_share(thing: _Thing, other: _Thing) -> bool:
    """Say whether two things may have one name: hub and spokes of a region share a group."""
    return thing.key == other.key == "resource_group" and thing.region == other.region


def _name(thing: _Thing, path: tuple[str, ...]) -> str:
    try:
        name = thing.name()
    except KeyError as error:
        raise PlacedError(
            path, f"{_told(thing)} has no {error.args[0]}; take {{{error.args[0]}}} out"
        ) from None
    longest = TEMPLATES[thing.key].longest
    if not _TAKEN.fullmatch(name) or len(name) > longest:
        raise PlacedError(
            path,
            f'{_told(thing)} would be named "{name}", which Azure does not take: up to {longest} '
            "letters, digits, dots, dashes and underscores, a letter or digit first, no dot or "
            "dash last",
        )
    return name


def _told(thing: _Thing) -> str:
    of = " ".join(filter(None, (thing.spoke, thing.region)))
    text = thing.key.replace("_", " ")
    return f"the {text} of {of}" if of else f"the {text}"


def _things(names: Names, spokes: Mapping[str, Mapping[str, list[str]]]) -> Iterator[_Thing]:
    yield _Thing("global_group", "", "", lambda: names.group_name(None), "groups")
    yield _Thing("policy", "", "", lambda: names.policy_name, "policies")
    yield _Thing("manager", "", "", lambda: names.manager_name, "managers")
    for region, held in spokes.items():
        yield from _of_region(names, region)
        for other in spokes:
            if other != region:
                name = partial(names.hub_peering_name, region, other)
                yield _Thing("peering_between_hubs", region, "", name, f"{region}/hub")
        for spoke, subnets in held.items():
            yield from _of_spoke(names, region, spoke, subnets)


def _of_region(names: Names, region: str) -> Iterator[_Thing]:
    def thing(key: str, name: Callable[[str], str], inside: str) -> _Thing:
        return _Thing(key, region, "", lambda: name(region), inside)

    yield thing("resource_group", names.group_name, "groups")
    yield thing("firewall", names.firewall_name, f"{region}/firewalls")
    yield thing("firewall_ip_configuration", names.ip_configuration_name, f"{region}/ip")
    yield thing("public_address", names.public_ip_name, f"{region}/addresses")
    yield thing("route_table", names.route_table_name, f"{region}/tables")
    yield thing("region_policy", names.region_policy_name, f"{region}/policies")
    yield thing("hub", lambda _: names.vnet_name(region, HUB), f"{region}/networks")
    yield thing("dns_link", lambda _: names.dns_link_name(region, HUB), "links")


def _of_spoke(names: Names, region: str, spoke: str, subnets: list[str]) -> Iterator[_Thing]:
    def thing(key: str, name: Callable[[], str], inside: str) -> _Thing:
        return _Thing(key, region, spoke, name, inside)

    yield thing("resource_group", lambda: names.group_name(region, spoke), "groups")
    yield thing("spoke", lambda: names.vnet_name(region, spoke), f"{region}/networks")
    yield thing("security_group", lambda: names.nsg_name(region, spoke), f"{region}/nsgs")
    yield thing("dns_link", lambda: names.dns_link_name(region, spoke), "links")
    there, back = (HUB, spoke), (spoke, HUB)
    yield thing("peering_to_spoke", lambda: names.peering_name(region, *there), f"{region}/hub")
    yield thing("peering_to_hub", lambda: names.peering_name(region, *back), f"{region}/{spoke}")
    for subnet in subnets:
        name = partial(names.subnet_name, region, spoke, subnet)
        yield thing("subnet", name, f"{region}/{spoke}/subnets")
