"""From routing rules to the routes of a table."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.arm.store import Resource
from simulator.avnm.snapshots import Part
from simulator.settings import Settings

_HOPS = {"NoNextHop": "None"}


@dataclass(frozen=True, slots=True)
class Planned:
    """A route that a managed table shall have."""

    name: str
    properties: dict[str, Any]


def planned_routes(
    collections: Sequence[Part], own: Sequence[Resource], settings: Settings
) -> list[Planned]:
    """Return the subnet's own routes and those of the rules (facts.md section 4).

    A rule with the destination of an own route is ignored. Of rules that send one
    destination to different next hops one is chosen by chance, the same for all time.
    How routes are named is `assumed`: as their rules, or with the collection's name
    before when two rules share one.
    """
    routes = [Planned(item.name, dict(item.properties)) for item in own]
    taken = {str(item.properties["addressPrefix"]).lower() for item in routes}
    names = {item.name.lower() for item in routes}
    rules = [(part.name, rule) for part in collections for rule in part.parts]
    for destination, choices in _by_destination(rules).items():
        if destination in taken:
            continue
        name, rule = _chosen(choices, settings.seed)
        unique = rule.name if rule.name.lower() not in names else f"{name}_{rule.name}"
        names.add(unique.lower())
        routes.append(Planned(unique, _route(rule)))
    return routes[: settings.managed_route_limit]


def _by_destination(
    rules: Iterable[tuple[str, Part]],
) -> dict[str, list[tuple[str, Part]]]:
    found: dict[str, list[tuple[str, Part]]] = {}
    for name, rule in rules:
        destination = str(rule.properties["destination"]["destinationAddress"]).lower()
        found.setdefault(destination, []).append((name, rule))
    return found


def _chosen(choices: list[tuple[str, Part]], seed: int) -> tuple[str, Part]:
    hops = {str(rule.properties["nextHop"]) for _, rule in choices}
    if len(hops) == 1:
        return choices[0]
    keys = "|".join(rule.key for _, rule in choices)
    return random.Random(f"{seed}|{keys}").choice(choices)  # noqa: S311 - chance, not secrecy


def _route(rule: Part) -> dict[str, Any]:
    hop = rule.properties["nextHop"]
    kind = str(hop["nextHopType"])
    values = {
        "addressPrefix": rule.properties["destination"]["destinationAddress"],
        "nextHopType": _HOPS.get(kind, kind),
        "hasBgpOverride": False,
    }
    if kind == "VirtualAppliance":
        values["nextHopIpAddress"] = hop["nextHopAddress"]
    return values


def is_default_to_internet(properties: dict[str, Any]) -> bool:
    """Tell whether a route sends everything to the internet."""
    return (
        properties.get("addressPrefix") == "0.0.0.0/0"
        and properties.get("nextHopType") == "Internet"
    )
