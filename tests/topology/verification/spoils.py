"""Every way in which one thing of a network may be spoilt: removed, or led elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from topology.planning.actual import Actual, Found, GoalState

Edit = Callable[[Any], None]


@dataclass(frozen=True)
class Spoil:
    """One thing spoilt: what it is, by its id and a word, and how it is done."""

    id: str
    how: str
    apply: Callable[[Actual], Actual]

    def __str__(self) -> str:
        return f"{self.how} {'/'.join(self.id.split('/')[-3:])}"


def spoils(actual: Actual) -> Iterator[Spoil]:
    """Yield every spoil of a network's routes, peerings, rules, members and commits."""
    for key, item in actual.resources.items():
        arm_type = key.rsplit("/", 2)[1]
        yield from _OF_TYPE.get(arm_type, _nothing)(item)
    for manager, states in actual.goal_states.items():
        for state in states:
            name = f"{manager}/commits/{state.commit_type}-{state.region}"
            undo = partial(_without_state, manager=manager, state=state)
            yield Spoil(name, "no commit of", undo)


def _nothing(_item: Found) -> Iterator[Spoil]:
    yield from ()


def _removed(item: Found) -> Spoil:
    def apply(actual: Actual) -> Actual:
        kept = {k: v for k, v in actual.resources.items() if v.id != item.id}
        return replace(actual, resources=kept)

    return Spoil(item.id, "no", apply)


def _edited(item: Found, how: str, edit: Edit, part: str = "") -> Spoil:
    def apply(actual: Actual) -> Actual:
        there = actual.get(item.id)
        if there is None:
            return actual  # spoilt already
        body = deepcopy(dict(there.body))
        edit(body)
        found = {**actual.resources, item.id.lower(): Found(item.kind, item.id, body)}
        return replace(actual, resources=found)

    return Spoil(item.id + part, how, apply)


def _without_state(actual: Actual, manager: str, state: GoalState) -> Actual:
    kept = tuple(item for item in actual.goal_states[manager] if item != state)
    return replace(actual, goal_states={**actual.goal_states, manager: kept})


def _without(name: str, *path: str) -> Edit:
    """Return the edit that takes an item out of the list at a path, by its name."""

    def edit(body: Any) -> None:
        *above, last = path
        for step in above:
            body = _inside(body, step)
        body[last] = [item for item in body[last] if item["name"] != name]

    return edit


def _inside(body: Any, step: str) -> Any:
    if isinstance(body, list):
        return next(item for item in body if item["name"] == step)
    return body[step]


def _of_table(item: Found) -> Iterator[Spoil]:
    for route in item.body["properties"]["routes"]:
        part = f"/routes/{route['name']}"
        yield _edited(item, "no", _without(route["name"], "properties", "routes"), part)
        if route["properties"]["nextHopType"] == "VirtualAppliance":
            yield _edited(item, "elsewhere", partial(_lead_elsewhere, name=route["name"]), part)


def _lead_elsewhere(body: Any, name: str) -> None:
    for route in body["properties"]["routes"]:
        if route["name"] == name:
            route["properties"]["nextHopIpAddress"] = "10.99.99.4"


def _of_peering(item: Found) -> Iterator[Spoil]:
    yield _removed(item)
    yield _edited(item, "no forwarding by", _forward_nothing)


def _forward_nothing(body: Any) -> None:
    body["properties"]["allowForwardedTraffic"] = False


def _of_network(item: Found) -> Iterator[Spoil]:
    for subnet in item.body["properties"]["subnets"]:
        for name in {"routeTable", "networkSecurityGroup"} & set(subnet["properties"]):
            edit = partial(_take_from_subnet, subnet=subnet["name"], name=name)
            yield _edited(item, f"no {name} at", edit, f"/subnets/{subnet['name']}")


def _take_from_subnet(body: Any, subnet: str, name: str) -> None:
    _inside(body["properties"]["subnets"], subnet)["properties"].pop(name)


def _of_policy_group(item: Found) -> Iterator[Spoil]:
    for collection in item.body["properties"]["ruleCollections"]:
        for rule in collection["rules"]:
            path = ("properties", "ruleCollections", collection["name"], "rules")
            part = f"/{collection['name']}/{rule['name']}"
            yield _edited(item, "no", _without(rule["name"], *path), part)


def _of_firewall(item: Found) -> Iterator[Spoil]:
    yield _removed(item)
    yield _edited(item, "failed", _fail)


def _fail(body: Any) -> None:
    body["properties"]["provisioningState"] = "Failed"


def _only_removed(item: Found) -> Iterator[Spoil]:
    yield _removed(item)


_OF_TYPE: dict[str, Callable[[Found], Iterator[Spoil]]] = {
    "routetables": _of_table,
    "virtualnetworkpeerings": _of_peering,
    "virtualnetworks": _of_network,
    "rulecollectiongroups": _of_policy_group,
    "azurefirewalls": _of_firewall,
    "rules": _only_removed,
    "staticmembers": _only_removed,
}
