"""What no list tells, and traffic may follow: what gateways have learned, policies out of sight.

And what appliances do that are no firewalls of Azure's, and security groups of interfaces; where
DNAT rules of firewalls lead, but into networks of ours, which is wrong (`guards`); what is
Microsoft's to know, as the prefixes of service tags; who stands in application security groups; and
what was edited after its commit, where nobody told what is active.

A gateway and a route server give what they have learned to the subnets of their network, and to
those of networks that use them by a peering, unless a subnet's table keeps it out (docs:
virtual-network/virtual-networks-udr-overview). It wins over a user's route where it is longer
(facts.md section 9), so it may lead traffic around a firewall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from topology.kind import Body, at, parent_id, same_id
from topology.planning.actual import Actual, Found
from topology.verification.active import edited_since
from topology.verification.addresses import address
from topology.verification.appliances import to_appliances
from topology.verification.deployed import goals
from topology.verification.fabric import Firewall, Subnet
from topology.verification.model import Model
from topology.verification.published import published_at, published_elsewhere
from topology.verification.routes import Hop
from topology.verification.rules import Rule, Traffic
from topology.verification.unmodelled import unmodelled
from topology.verification.unread_managers import first_of, unread_managers
from topology.verification.walk import called

_SUBNETS = ("gatewaysubnet", "routeserversubnet")


def unread(model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield what was not read and may have a say in the traffic of these networks, by key."""
    subnets = [item for key in own for item in model.fabric.networks[key].subnets]
    yield from _of(model, own, subnets, [*model.fabric.firewalls.values()])
    yield from _appliances(model, own)
    yield from _elsewhere(model, subnets)
    yield from _out_of_sight(model, own)
    yield from published_elsewhere(model, own)


def unread_on(
    model: Model,
    subnets: Collection[Subnet],
    firewalls: Collection[Firewall],
    target: int,
    traffic: Traffic,
) -> Iterator[str]:
    """Yield the same of a way by these subnets and firewalls to a target.

    Where it comes to a hop that nobody reads it is not known itself, which is told there.
    """
    yield from _of(model, {item.network: None for item in subnets}, subnets, firewalls, traffic)
    yield from published_at(model, target, traffic)


def _of(
    model: Model,
    own: Collection[str],
    subnets: Collection[Subnet],
    firewalls: Collection[Firewall],
    traffic: Traffic | None = None,
) -> Iterator[str]:
    """Yield what is not read of networks, by key, of subnets in them, and of firewalls.

    `traffic` says which rules count, all where it is None.
    """
    used = _used_by(model.fabric.actual)
    for key in own:
        network, found = model.fabric.networks[key], model.fabric.actual.get(key)
        names = [*_standing_in(found), *used[key]]
        takers = [item.name for item in subnets if item.network == key and _learns(model, item)]
        if names and takers:
            yield (
                f"what {', '.join(dict.fromkeys(names))} learned, which may lead traffic of "
                f"{network.name} elsewhere ({', '.join(takers)})"
            )
    yield from dict.fromkeys(_tagged_routes(model, subnets))
    yield from _rules(model, subnets, firewalls, traffic)
    yield from _gateways(model, subnets)
    yield from _groups_of_interfaces(model, subnets)
    yield from unread_managers(model, own)
    yield from unmodelled(model, own)
    for manager, regions in edited_since(model.fabric.actual).items():
        yield (
            f"what {_called(manager)} has deployed in {', '.join(sorted(regions))}, where rules or "
            "meshes were edited after their commit: they are taken as they are now"
        )
    for firewall in firewalls:
        if firewall.may_serve:
            yield f"whether {firewall.name} serves, whose last operation failed"
        if not model.policy(firewall).is_whole:
            policy = firewall.policy.rpartition("/")[2]
            yield f"the whole of policy {policy}, by which {firewall.name} decides"
    yield from _unsettled(model, firewalls)


def _unsettled(model: Model, firewalls: Iterable[Firewall]) -> Iterator[str]:
    """Yield the firewalls of whose rules some may not be followed, or not yet."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for firewall in firewalls:
        if parts := model.policy(firewall).unsettled:
            found[parts].append(firewall.name)
    for parts, names in found.items():
        yield (
            f"by which rules traffic passes {first_of(names)}: {', '.join(parts)}, and those "
            "before may still be followed"
        )


def _tagged_routes(model: Model, subnets: Iterable[Subnet]) -> Iterator[str]:
    """Yield which routes of these subnets are for service tags, a table at a time."""
    for subnet in subnets:
        table = model.fabric.tables.get(subnet.table or "")
        if table and table.tagged:
            named = [f"{name} ({tag})" for name, tag in table.tagged]
            yield _for_whom(subnet.table or "", named)
    for goal in goals(model.fabric.actual):
        for collection in goal.children.get(same_id(goal.configuration.id), ()):
            if named := list(_tags(goal.children.get(same_id(collection.id), ()))):
                yield _for_whom(collection.id, named)


def _for_whom(holder: str, routes: list[str]) -> str:
    return f"for which addresses these routes of {_called(holder)} are: {', '.join(routes)}"


def _tags(rules: Iterable[Found]) -> Iterator[str]:
    for item in rules:
        if at(item.body, "properties.destination.type") == "ServiceTag":
            tag = at(item.body, "properties.destination.destinationAddress")
            yield f"{_called(item.id)} ({tag})"


def _rules(
    model: Model,
    subnets: Iterable[Subnet],
    firewalls: Iterable[Firewall],
    traffic: Traffic | None,
) -> Iterator[str]:
    """Yield which rules are about somebody whose addresses nobody tells, by what they stand in.

    Those are rules before subnets, and of firewalls.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for rule in _all_rules(model, subnets, firewalls):
        if rule.unread and (traffic is None or rule.is_about(traffic)):
            name = f"{_called(rule.id)} ({', '.join(dict.fromkeys(rule.unread))})"
            found[_holder(rule.id)][rule.id] = name
    for holder, names in found.items():
        yield f"whom these rules of {holder} are about: {', '.join(names.values())}"


def _gateways(model: Model, subnets: Iterable[Subnet]) -> Iterator[str]:
    """Yield the subnets of application gateways that admin rules would hold for, or not."""
    for subnet in subnets:
        if subnet.has_gateway and model.effects.rules.get(subnet.network):
            yield (
                f"whether the application gateway in {subnet.name} is isolated: it is taken "
                "for one that is not, for which no admin rules hold"
            )


def _groups_of_interfaces(model: Model, subnets: Iterable[Subnet]) -> Iterator[str]:
    """Yield the security groups that interfaces in these subnets have, beside that of the subnet.

    What comes in must pass both, and so must what goes out (docs: virtual-network/
    network-security-group-how-it-works): they only take away from what is proved.
    """
    groups = _by_interface(model.fabric.actual)
    for subnet in subnets if groups else ():
        found: dict[str, list[str]] = defaultdict(list)
        for interface in dict.fromkeys(_interfaces_in(model.fabric.actual, subnet)):
            for group in groups.get(interface, ()):
                found[group].append(_called(interface))
        if found:
            where = f"{model.fabric.networks[subnet.network].name}/{subnet.name}"
            told = ", ".join(f"{group} ({first_of(names)})" for group, names in found.items())
            yield f"what security groups of interfaces in {where} let through: {told}"


def _by_interface(actual: Actual) -> Mapping[str, list[str]]:
    """Return the names of the security groups that interfaces have, by the interface's key."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, item in actual.resources.items():
        if "/networksecuritygroups/" in key:
            for interface in at(item.body, "properties.networkInterfaces") or ():
                found[same_id(str(interface.get("id")))].append(_called(item.id))
    return found


def _interfaces_in(actual: Actual, subnet: Subnet) -> Iterator[str]:
    """Yield the keys of the interfaces that stand in a subnet."""
    network = actual.get(subnet.network)
    for item in at(network.body if network else {}, "properties.subnets") or ():
        if same_id(f"{subnet.network}/subnets/{item.get('name')}") == subnet.key:
            for user in at(item, "properties.ipConfigurations") or ():
                yield same_id(str(user.get("id"))).partition("/ipconfigurations/")[0]


def _appliances(model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield the appliances that are no firewalls of Azure's, with who sends them something."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for item in to_appliances(model, own):
        if item.is_unread and item.route.address is not None:
            network = model.fabric.networks[item.network]
            hop = f"{address(item.route.address)} in {network.name}"
            sender = f"{model.fabric.networks[item.subnet.network].name}/{item.subnet.name}"
            found[hop][sender] = f"{sender} ({called(item.route.source)})"
    for hop, senders in found.items():
        told = ", ".join(senders.values())
        yield f"what the appliance {hop} does with what it is sent by {told}"


_ELSEWHERE = {
    Hop.GATEWAY: "a gateway",
    Hop.UNKNOWN: str(Hop.UNKNOWN),
    Hop.CHANCE: "one of several hops, by chance",
}


def _elsewhere(model: Model, subnets: Iterable[Subnet]) -> Iterator[str]:
    """Yield the subnets whose routes lead to hops that nobody reads."""
    for subnet in subnets:
        for hop, where in _ELSEWHERE.items():
            routes = [item for item in model.routes(subnet).all if item.hop is hop]
            if routes:
                by = ", ".join(called(item.source) for item in routes)
                sender = f"{model.fabric.networks[subnet.network].name}/{subnet.name}"
                yield f"what becomes of what {sender} sends to {where} ({by})"


def _out_of_sight(model: Model, own: Collection[str]) -> Iterator[str]:
    """Yield the peers of these networks that were not read, as those of other subscriptions."""
    for key in own:
        network = model.fabric.networks[key]
        beyond = network.peerings.keys() - model.fabric.networks.keys()
        if beyond:
            names = ", ".join(sorted(map(_called, beyond)))
            yield f"what becomes of what {network.name} sends to peers that are not read: {names}"


def _all_rules(
    model: Model, subnets: Iterable[Subnet], firewalls: Iterable[Firewall]
) -> Iterator[Rule]:
    for subnet in subnets:
        filters = model.filters(subnet)
        yield from (*filters.admin, *(filters.group or ()))
    for firewall in firewalls:
        policy = model.policy(firewall)
        yield from (*policy.network, *policy.application)


def _holder(rule_id: str) -> str:
    """Return the name of what a rule stands in: a security group, or a collection."""
    above = rule_id.rpartition("/")[0]
    return _called(parent_id(rule_id) if _called(above) in {"rules", "securityRules"} else above)


def _standing_in(network: Found | None) -> Iterator[str]:
    """Yield the gateways and route servers in a network."""
    for subnet in at(network.body if network else {}, "properties.subnets") or ():
        if str(subnet.get("name")).lower() in _SUBNETS:
            users = at(subnet, "properties.ipConfigurations") or ()
            yield from (_called(parent_id(str(item.get("id")))) for item in users)


def _used_by(actual: Actual) -> Mapping[str, list[str]]:
    """Return the gateways of others that networks use by their peerings, by the network's key.

    A peering names them (recording test_network_vnet_peering).
    """
    found: dict[str, list[str]] = defaultdict(list)
    for key, item in actual.resources.items():
        properties: Body = item.body.get("properties") or {}
        if "/virtualnetworkpeerings/" in key and properties.get("useRemoteGateways") is True:
            gateways = properties.get("remoteGateways") or [{}]
            found[same_id(parent_id(key))] += map(_named, gateways)
    return found


def _named(gateway: Any) -> str:
    name = gateway.get("id")
    return _called(str(name)) if name else "a gateway of a peer"


def _called(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _learns(model: Model, subnet: Subnet) -> bool:
    """Say whether a subnet takes what gateways learn; their own subnets do in any case."""
    if subnet.name.lower() in _SUBNETS:
        return False
    table = model.fabric.actual.get(subnet.table) if subnet.table else None
    return at(table.body if table else {}, "properties.disableBgpRoutePropagation") is not True
