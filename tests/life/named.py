"""Rules of others that name a region: those of firewalls, and of AVNM as they hold elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.life.compared import Difference, Reader
from topology.kind import at, same_id, strings


def named_no_more(before: Reader, now: Reader, region: str) -> Iterator[Difference]:
    """Yield the rules that named networks of a region, are there still, and name them no more."""
    own = _addresses(before, region) & _addresses(now, region)
    was, then = dict(_rules(before, region)), dict(_rules(now, region))
    for (key, rule), named in was.items():
        lost = own & named - then.get((key, rule), named)
        if lost:
            yield Difference(key, f"{rule} no longer names {sorted(lost)} of {region}")


def _addresses(reader: Reader, region: str) -> set[str]:
    bodies = (reader.body(network["id"]) for network in reader.networks(region))
    return {text for body in bodies for text in at(body, "properties.addressSpace.addressPrefixes")}


def _rules(reader: Reader, region: str) -> Iterator[tuple[tuple[str, str], set[str]]]:
    """Yield whose rule it is and its name, with all that it names."""
    for key, bodies in reader.held.items():
        if "/rulecollectiongroups/" in key and isinstance(bodies[0], Mapping):
            for collection in at(bodies[0], "properties.ruleCollections") or ():
                for rule in collection.get("rules", ()):
                    yield (key, f"{collection['name']} {rule['name']}"), {*strings(rule)}
    mine = f"{same_id(reader.network.names.group_id(region))}/"
    networks: list[dict[str, Any]] = reader.held["effective"][0]["networks"]
    for network in networks:
        key = same_id(network["id"])
        for rule in () if key.startswith(mine) else network["adminRules"]:
            yield (key, " ".join(rule["id"].split("/")[-3::2])), {*strings(rule)}
