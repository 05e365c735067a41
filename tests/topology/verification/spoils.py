"""Every way in which one thing of a network may be spoilt: removed, altered, or led elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from topology.planning.actual import Actual, Found, GoalState

Edit = Callable[[Any], None]

# What has no effect on anybody's traffic, by patterns of a spoil's words, each with the reason.
WITHOUT_EFFECT = {
    "allowForwardedTraffic False vnet-*-hub-*/peer-*-hub-to-*": "spokes forward nothing to it",
    "allowGatewayTransit True *": "no hub has a gateway",
    "useRemoteGateways True *": "no hub has a gateway (Azure refuses it, therefore)",
    "allowVirtualNetworkAccess False *": (
        "it takes the remote out of the tag VirtualNetwork of security groups, and by their "
        "default route, which leads to a firewall, the tag holds all addresses"
    ),
    "later *": "no rule of another has a priority between",
    "earlier *securityRules/orrery-allow-network": "no rule of another has a priority between",
    "no rt-*-afw-*/routes/default-to-internet": (
        "a system route leads there too; Azure refuses a firewall's subnet without it"
    ),
    "from anybody *-to-nonprod": "prod and nonprod both may, and nobody else is there",
    "from anybody *egress/packages": "all who are there may",
    "from anybody *egress/microsoft": "all who are there may",
    "not from the first *inside/spokes-to-inside": "prod, the first, may reach all inside",
    "from anybody *inside/spokes-to-inside": "it denies nobody else who is there",
    "by tcp alone *inside/spokes-to-inside": "names are asked for by tcp alone",
    "to one port *inside/spokes-to-inside": "egress opens names on port 443 alone",
}


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
    hops = tuple(_hops(actual))
    for key, item in actual.resources.items():
        arm_type = key.rsplit("/", 2)[1]
        yield from _OF_TYPE.get(arm_type, _nothing)(item, hops)
    for manager, states in actual.goal_states.items():
        for state in states:
            yield from _of_goal_state(manager, state)


def _hops(actual: Actual) -> Iterator[str]:
    """Yield the addresses of all firewalls, and one that nobody has."""
    for key, item in actual.resources.items():
        if "/azurefirewalls/" in key:
            [configuration] = item.body["properties"]["ipConfigurations"]
            yield configuration["properties"]["privateIPAddress"]
    yield "10.99.99.4"


def _nothing(_item: Found, _hops: tuple[str, ...]) -> Iterator[Spoil]:
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


def _of_goal_state(manager: str, state: GoalState) -> Iterator[Spoil]:
    name = f"{manager}/commits/{state.commit_type}-{state.region}"
    yield Spoil(name, "no commit of", partial(_committed, manager=manager, state=state, ids=None))
    for left in state.configuration_ids:
        ids = tuple(item for item in state.configuration_ids if item != left)
        less = partial(_committed, manager=manager, state=state, ids=ids)
        yield Spoil(name, f"no {left.rsplit('/', 1)[-1]} in", less)


def _committed(
    actual: Actual, manager: str, state: GoalState, ids: tuple[str, ...] | None
) -> Actual:
    """Return the state with other configurations committed in a region; None for no commit."""
    kept = tuple(item for item in actual.goal_states[manager] if item != state)
    other = () if ids is None else (replace(state, configuration_ids=ids),)
    return replace(actual, goal_states={**actual.goal_states, manager: (*kept, *other)})


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


def _set(*path: str, to: Any) -> Edit:
    """Return the edit that gives what stands at a path another value."""

    def edit(body: Any) -> None:
        *above, last = path
        for step in above:
            body = _inside(body, step)
        body[last] = to

    return edit


def _of_table(item: Found, hops: tuple[str, ...]) -> Iterator[Spoil]:
    for route in item.body["properties"]["routes"]:
        name, part = route["name"], f"/routes/{route['name']}"
        path = ("properties", "routes", name, "properties")
        yield _edited(item, "no", _without(name, "properties", "routes"), part)
        if route["properties"]["nextHopType"] == "VirtualAppliance":
            there = route["properties"]["nextHopIpAddress"]
            for hop in _others(there, hops):
                yield _edited(item, f"by {hop}", _set(*path, "nextHopIpAddress", to=hop), part)
        else:
            yield _edited(item, "to nowhere", _set(*path, "nextHopType", to="None"), part)


def _others(there: str, hops: tuple[str, ...]) -> tuple[str, str]:
    """Return another firewall's address, and that of nobody."""
    return next(hop for hop in hops if hop != there), hops[-1]


def _of_peering(item: Found, _hops: tuple[str, ...]) -> Iterator[Spoil]:
    yield _removed(item)
    for flag in _FLAGS:
        turned = not item.body["properties"][flag]
        yield _edited(item, f"{flag} {turned}", _set("properties", flag, to=turned))


_FLAGS = (
    "allowForwardedTraffic",
    "allowVirtualNetworkAccess",
    "allowGatewayTransit",
    "useRemoteGateways",
)


def _of_network(item: Found, _hops: tuple[str, ...]) -> Iterator[Spoil]:
    for subnet in item.body["properties"]["subnets"]:
        for name in {"routeTable", "networkSecurityGroup"} & set(subnet["properties"]):
            edit = partial(_take_from_subnet, subnet=subnet["name"], name=name)
            yield _edited(item, f"no {name} at", edit, f"/subnets/{subnet['name']}")


def _take_from_subnet(body: Any, subnet: str, name: str) -> None:
    _inside(body["properties"]["subnets"], subnet)["properties"].pop(name)


def _of_group(item: Found, _hops: tuple[str, ...]) -> Iterator[Spoil]:
    """Yield what may be wrong with a rule of a security group; priority 4096 is the last."""
    for rule in item.body["properties"]["securityRules"]:
        part = f"/securityRules/{rule['name']}"
        path = ("properties", "securityRules", rule["name"], "properties")
        yield _edited(item, "no", _without(rule["name"], "properties", "securityRules"), part)
        other = "Deny" if rule["properties"]["access"] == "Allow" else "Allow"
        for how, key, value in (
            ("other access of", "access", other),
            ("outbound", "direction", "Outbound"),
            ("earlier", "priority", _FIRST_PRIORITY),
            ("from anybody", "sourceAddressPrefix", "*"),
            ("from another", "sourceAddressPrefix", _ANOTHER),
            ("to another", "destinationAddressPrefix", _ANOTHER),
            ("of tcp alone", "protocol", "Tcp"),
            ("of one source port", "sourcePortRange", "443"),
            ("of one destination port", "destinationPortRange", "443"),
        ):
            if rule["properties"][key] != value:
                yield _edited(item, how, _set(*path, key, to=value), part)


_FIRST_PRIORITY, _ANOTHER = 100, "192.0.2.0/24"


def _of_policy_group(item: Found, _hops: tuple[str, ...]) -> Iterator[Spoil]:
    for collection in item.body["properties"]["ruleCollections"]:
        where = ("properties", "ruleCollections", collection["name"])
        other = {"type": "Deny" if collection["action"]["type"] == "Allow" else "Allow"}
        yield _edited(item, "other action at", _set(*where, "action", to=other))
        for rule in collection["rules"]:
            part, place = f"/{collection['name']}/{rule['name']}", (*where, "rules", rule["name"])
            yield _edited(item, "no", _without(rule["name"], *where, "rules"), part)
            for how, key, value in _altered(rule):
                yield _edited(item, how, _set(*place, key, to=value), part)


def _altered(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield how a rule of a firewall may be wider or narrower: in words, the key, its value."""
    yield "from anybody", "sourceAddresses", ["*"]
    yield "not from the first", "sourceAddresses", rule["sourceAddresses"][1:]
    if rule["ruleType"] == "ApplicationRule":
        yield "to any name", "targetFqdns", ["*"]
        yield "not to the first name", "targetFqdns", rule["targetFqdns"][1:]
        yield "to another port", "protocols", [{"protocolType": "Https", "port": 8443}]
        more = [*rule["protocols"], {"protocolType": "Https", "port": 8443}]
        yield "to a port more", "protocols", more
    else:
        yield "to anybody", "destinationAddresses", ["*"]
        yield "not to the first", "destinationAddresses", rule["destinationAddresses"][1:]
        yield "by tcp alone", "ipProtocols", ["TCP"]
        yield "to one port", "destinationPorts", ["443"]


def _of_firewall(item: Found, _hops: tuple[str, ...]) -> Iterator[Spoil]:
    yield _removed(item)
    yield _edited(item, "failed", _set("properties", "provisioningState", to="Failed"))


def _of_rule(item: Found, hops: tuple[str, ...]) -> Iterator[Spoil]:
    """Yield what may be wrong with a rule of AVNM's: one of admins, or one of routing."""
    yield _removed(item)
    properties = item.body["properties"]
    if "access" in properties:
        yield _edited(item, "allowed by", _set("properties", "access", to="Allow"))
        yield _edited(item, "later", _set("properties", "priority", to=_LAST_PRIORITY))
        yield _edited(item, "of tcp alone", _set("properties", "protocol", to="Tcp"))
        for side in ("source", "destination"):
            ports = _set("properties", f"{side}PortRanges", to=["443"])
            yield _edited(item, f"of one {side} port", ports)
        for side in ("sources", "destinations"):
            less = properties[side][1:]
            if less:
                yield _edited(item, f"less one of {side}", _set("properties", side, to=less))
    else:
        for hop in _others(properties["nextHop"]["nextHopAddress"], hops):
            path = ("properties", "nextHop", "nextHopAddress")
            yield _edited(item, f"by {hop}", _set(*path, to=hop))


_LAST_PRIORITY = 4096


def _only_removed(item: Found, _hops: tuple[str, ...]) -> Iterator[Spoil]:
    yield _removed(item)


_OF_TYPE: dict[str, Callable[[Found, tuple[str, ...]], Iterator[Spoil]]] = {
    "routetables": _of_table,
    "virtualnetworkpeerings": _of_peering,
    "virtualnetworks": _of_network,
    "networksecuritygroups": _of_group,
    "rulecollectiongroups": _of_policy_group,
    "azurefirewalls": _of_firewall,
    "rules": _of_rule,
    "staticmembers": _only_removed,
}
