"""What AVNM's deployed configurations do: who is meshed, which admin rules hold, which routes.

It follows the goal states (`deployed.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from topology.kind import Body, at, same_id
from topology.planning.actual import Actual, Found
from topology.regions import AZURE_REGIONS
from topology.verification.addresses import EVERYTHING, block, tagged, unlisted
from topology.verification.bodies import fabric_of, hop_address
from topology.verification.deployed import Goal, Groups, Scope
from topology.verification.deployed import goals as deployed_goals
from topology.verification.fabric import (
    SHUTTING,
    Fabric,
    Subnet,
    UserRoute,
    VirtualNetwork,
)
from topology.verification.rules import Rule, ports, protocols
from topology.verify_spec import Assumptions

# AVNM's own tables stand in groups of this name (facts.md section 4).
_MANAGED = "/resourcegroups/avnm_managed_resourcegroup_"

CHANCE = "chance"  # the hop of a route that two rules send to different places


@dataclass(frozen=True, slots=True)
class Mesh:
    """A connected group: the prefixes by which each member is reached by the others, by key."""

    configuration: str
    members: Mapping[str, tuple[range, ...]]


@dataclass(frozen=True)
class Effects:
    """What holds for networks and subnets, by key; `connected` are ids of configurations."""

    connected: Mapping[str, frozenset[str]] = field(default_factory=dict)
    meshes: Mapping[str, tuple[Mesh, ...]] = field(default_factory=dict)
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    routes: Mapping[str, tuple[UserRoute, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, fabric: Fabric, assumptions: Assumptions, *, tables_as_read: bool) -> Effects:
        """Work out what the goal states of all managers do.

        Route tables that AVNM made are what they are where they were read. Where a state is
        only foreseen they are worked out from the rules.
        """
        goals = list(deployed_goals(fabric.actual))
        groups = Groups(fabric, skips_services=assumptions.avnm_routes_skip_services)
        return cls(
            connected=_connected(goals, groups, fabric.actual),
            meshes=_meshes(goals, groups),
            rules=_rules(goals, groups, fabric),
            routes={} if tables_as_read else _routes(goals, groups, fabric),
        )


# -- connectivity ------------------------------------------------------------------------


def _connected(goals: Iterable[Goal], groups: Groups, actual: Actual) -> dict[str, frozenset[str]]:
    """Return the connectivity configurations that reach each network, as hub or in a group."""
    found: dict[str, set[str]] = defaultdict(set)
    for goal in goals:
        if goal.commit_type != "Connectivity":
            continue
        properties = goal.configuration.body.get("properties") or {}
        reached = set(_hubs(goal, actual))
        for item in properties.get("appliesToGroups") or ():
            members = groups.networks(item["networkGroupId"], goal.region)
            reached |= {member.key for member in members}
        for key in reached:
            found[key].add(goal.configuration.id)
    return {key: frozenset(ids) for key, ids in found.items()}


def _meshes(goals: Iterable[Goal], groups: Groups) -> dict[str, tuple[Mesh, ...]]:
    members: dict[tuple[str, str, str], dict[str, VirtualNetwork]] = defaultdict(dict)
    for goal in goals:
        place = AZURE_REGIONS.get(goal.region)
        if goal.commit_type != "Connectivity" or place is None or not place.connected_groups:
            continue  # connected groups are not offered everywhere (facts.md section 1)
        for group, key in _joined(goal):
            members[key] |= {item.key: item for item in groups.networks(group, goal.region)}
    found: dict[str, list[Mesh]] = defaultdict(list)
    for (configuration, _, _), networks in members.items():
        mesh = Mesh(configuration, _distinct(networks))
        for member in networks if len(networks) > 1 else ():
            found[member].append(mesh)
    return {member: tuple(meshes) for member, meshes in found.items()}


def _joined(goal: Goal) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield the groups whose members are joined directly, and which mesh each belongs to.

    A mesh is regional unless it is global; the groups of a hub and its spokes are meshes of
    their own (facts.md section 1).
    """
    properties = goal.configuration.body.get("properties") or {}
    is_mesh = properties.get("connectivityTopology") == "Mesh"
    for item in properties.get("appliesToGroups") or ():
        everywhere = "True" in {item.get("isGlobal"), is_mesh and properties.get("isGlobal")}
        region = "" if everywhere else goal.region
        group = same_id(item["networkGroupId"])
        if is_mesh:
            yield group, (goal.configuration.id, "", region)
        elif item.get("groupConnectivity") == "DirectlyConnected":
            yield group, (goal.configuration.id, group, region)


def _distinct(networks: Mapping[str, VirtualNetwork]) -> dict[str, tuple[range, ...]]:
    """Return the prefixes of members that no other member has: the rest is taken out.

    Overlapping prefixes are removed from a mesh (facts.md section 1).
    """
    every = [(key, prefix) for key, item in networks.items() for prefix in item.prefixes]
    every.sort(key=lambda pair: pair[1].start)
    taken: set[tuple[str, range]] = set()
    open_: list[tuple[str, range]] = []  # those that reach beyond the start of the present one
    for key, prefix in every:
        open_ = [item for item in open_ if item[1].stop > prefix.start]
        for other, same in open_:
            if other != key:
                taken |= {(other, same), (key, prefix)}
        open_.append((key, prefix))
    return {
        key: tuple(prefix for prefix in item.prefixes if (key, prefix) not in taken)
        for key, item in networks.items()
    }


def peered_pairs(actual: Actual) -> set[tuple[str, str]]:
    """Return which networks AVNM peers: a hub with the members of its groups, both ways, by key."""
    actual = actual.surrounded
    wheels = [goal for goal in deployed_goals(actual) if _is_wheel(goal)]
    if not wheels:
        return set()
    groups, found = Groups(fabric_of(actual)), set[tuple[str, str]]()
    for goal in wheels:
        properties, hubs = goal.configuration.body["properties"], _hubs(goal, actual)
        for item in properties.get("appliesToGroups") or ():
            for member in groups.networks(item["networkGroupId"], goal.region):
                for hub in hubs:
                    found |= {(hub, member.key), (member.key, hub)}
    return found


def strict(actual: Actual) -> Mapping[str, str]:
    """Return the networks whose other peerings AVNM takes away, by key, with the configuration.

    Where deleteExistingPeering is set that are all which the configuration does not make, those
    made later by hand too (facts.md section 1). The doc says so of hubs and meshes alike.
    """
    actual = actual.surrounded
    taking = [goal for goal in deployed_goals(actual) if _takes_peerings(goal)]
    if not taking:
        return {}
    groups, found = Groups(fabric_of(actual)), dict[str, str]()
    for goal in taking:
        for item in at(goal.configuration.body, "properties.appliesToGroups") or ():
            members = groups.networks(item["networkGroupId"], goal.region)
            for key in (*(member.key for member in members), *_hubs(goal, actual)):
                found.setdefault(key, goal.configuration.id)
    return found


def _takes_peerings(goal: Goal) -> bool:
    flag = at(goal.configuration.body, "properties.deleteExistingPeering")
    return goal.commit_type == "Connectivity" and str(flag).lower() == "true"


def _hubs(goal: Goal, actual: Actual) -> list[str]:
    """Return the keys of the hubs of a configuration in its manager's scope; a mesh has none."""
    scope = Scope(actual, goal.configuration.id)
    hubs = at(goal.configuration.body, "properties.hubs") or ()
    keys = (same_id(str(item.get("resourceId"))) for item in hubs)
    return [key for key in keys if key in scope]


def _is_wheel(goal: Goal) -> bool:
    properties = goal.configuration.body.get("properties") or {}
    return properties.get("connectivityTopology") == "HubAndSpoke"


# -- security admin rules ----------------------------------------------------------------


def _rules(goals: Iterable[Goal], groups: Groups, fabric: Fabric) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of each network: of the higher manager first, then by priority.

    Of two managers that reach a network the higher one says what holds where a service shuts
    rules out (docs: virtual-network-manager/concept-security-admins).
    """
    found: dict[str, list[Rule]] = defaultdict(list)
    options: dict[str, str] = {}
    for goal in goals:
        if goal.commit_type != "SecurityAdmin":
            continue
        mine: dict[str, dict[str, Rule]] = defaultdict(dict)
        for collection in goal.children.get(same_id(goal.configuration.id), ()):
            items = goal.children.get(same_id(collection.id), ())
            rules = [_admin_rule(item, groups) for item in items]
            for group in at(collection.body, "properties.appliesToGroups") or ():
                for network in groups.networks(group["networkGroupId"], goal.region):
                    mine[network.key] |= {rule.id: rule for rule in rules}
        for key, by_id in mine.items():
            option = options.setdefault(key, _option(goal))
            let_in = (rule for rule in by_id.values() if _is_let_in(rule, key, option, fabric))
            found[key] += sorted(let_in, key=lambda rule: rule.priority)
    return {key: tuple(rules) for key, rules in found.items()}


def _option(goal: Goal) -> str:
    """Return None, All or AllowRulesOnly: what holds where a service shuts admin rules out."""
    given = at(goal.configuration.body, "properties.applyOnNetworkIntentPolicyBasedServices")
    return str(given[0]) if given else "None"


def _is_let_in(rule: Rule, network: str, option: str, fabric: Fabric) -> bool:
    """Say whether a rule holds in a network, in which a service may shut it out."""
    subnets = fabric.networks[network].subnets
    if option == "All" or not any(subnet.delegated & SHUTTING for subnet in subnets):
        return True
    return option == "AllowRulesOnly" and rule.access == "Allow"


def _admin_rule(item: Found, groups: Groups) -> Rule:
    properties: Body = item.body.get("properties") or {}
    return Rule(
        id=item.id,
        access=str(properties.get("access")),
        inbound=properties.get("direction") == "Inbound",
        priority=int(properties.get("priority", 0)),
        protocols=protocols(properties.get("protocol")),
        sources=tuple(_addresses(properties.get("sources"), groups)),
        targets=tuple(_addresses(properties.get("destinations"), groups)),
        source_ports=ports(properties.get("sourcePortRanges")),
        target_ports=ports(properties.get("destinationPortRanges")),
        unread=tuple(_unread(properties)),
    )


def _unread(properties: Body) -> Iterator[str]:
    """Yield the service tags that a rule names, but for Internet, and the network groups.

    VirtualNetwork is among the tags: such rules take it (docs: virtual-network-manager/
    concept-security-admins), and nothing says what it holds for them. Of a group the addresses at
    the commit stay (facts.md section 3). No list tells these, nor when a network's address space
    changed or a policy of Azure's put it into a group.
    """
    for end in ("sources", "destinations"):
        for item in properties.get(end) or ():
            text = str(item.get("addressPrefix", ""))
            if item.get("addressPrefixType") == "NetworkGroup":
                yield f"{text.rsplit('/', 1)[-1]} as it was at the commit"
            else:
                yield from unlisted([text])


def _addresses(ends: Any, groups: Groups) -> Iterator[range]:
    """Yield the addresses of a rule's end; none given means all (swagger's AdminRule).

    A network group stands for the prefixes of its members (facts.md section 3), here for those that
    they have now (`_unread`).
    """
    if not ends:
        yield EVERYTHING
    for end in ends or ():
        text = str(end.get("addressPrefix", ""))
        if end.get("addressPrefixType") == "NetworkGroup":
            yield from groups.prefixes(text)
        else:
            yield from tagged(text)


# -- routing -----------------------------------------------------------------------------


def _routes(
    goals: Iterable[Goal], groups: Groups, fabric: Fabric
) -> dict[str, tuple[UserRoute, ...]]:
    """Return the routes of the subnets that routing rules reach, with those they had."""
    rules = _ruled(goals, groups)
    concerned = {*rules, *(key for key, subnet in fabric.subnets.items() if is_managed(subnet))}
    return {
        key: tuple(_joined_routes(fabric, fabric.subnets[key], list(rules[key].values())))
        for key in concerned
    }


def _ruled(goals: Iterable[Goal], groups: Groups) -> dict[str, dict[str, UserRoute]]:
    """Return the routes of rules by subnet and rule: of managers with the higher scope alone.

    They win conflicts (facts.md section 1); that a subnet has nothing of others is an assumption.
    """
    rules: dict[str, dict[str, UserRoute]] = defaultdict(dict)
    highest: dict[str, int] = {}
    for goal in goals:
        if goal.commit_type != "Routing":
            continue
        for collection in goal.children.get(same_id(goal.configuration.id), ()):
            made = [
                _route(item, groups.fabric)
                for item in goal.children.get(same_id(collection.id), ())
            ]
            for group in at(collection.body, "properties.appliesTo") or ():
                for subnet in groups.subnets(group["networkGroupId"], goal.region):
                    if highest.setdefault(subnet.key, goal.rank[0]) == goal.rank[0]:
                        rules[subnet.key] |= {route.id: route for route in made if route}
    return rules


def without_made_routes(actual: Actual) -> Actual:
    """Return a state that was read, AVNM's tables without what its rules put there.

    So that a state after changed rules is worked out from those alone.
    """
    if not any(_MANAGED in key for key in actual.around):
        return actual
    fabric = fabric_of(actual.surrounded)
    managed = [subnet for subnet in fabric.subnets.values() if is_managed(subnet)]
    if not managed:
        return actual
    rules = _ruled(list(deployed_goals(fabric.actual)), Groups(fabric))
    made: dict[str, set[range]] = defaultdict(set)
    for subnet in managed:
        made[subnet.table or ""] |= {route.prefix for route in rules[subnet.key].values()}
    tables = {key: _without(item, made[key]) for key, item in actual.around.items() if key in made}
    return replace(actual, around={**actual.around, **tables})


def _without(table: Found, prefixes: set[range]) -> Found:
    properties = table.body.get("properties") or {}
    kept = [
        route
        for route in properties.get("routes") or ()
        if block(str(at(route, "properties.addressPrefix"))) not in prefixes
    ]
    return replace(table, body={**table.body, "properties": {**properties, "routes": kept}})


def _route(item: Found, fabric: Fabric) -> UserRoute | None:
    properties = item.body.get("properties") or {}
    prefix = block(str(at(properties, "destination.destinationAddress") or ""))
    hop = str(at(properties, "nextHop.nextHopType"))
    given = str(at(properties, "nextHop.nextHopAddress") or "")
    address = hop_address(given, fabric.firewalls)
    if prefix is None:
        return None
    return UserRoute(item.id, prefix, "None" if hop == "NoNextHop" else hop, address)


def _joined_routes(fabric: Fabric, subnet: Subnet, made: list[UserRoute]) -> Iterator[UserRoute]:
    """Yield the routes that a subnet had, and those of rules for other destinations.

    A rule for the destination of a route that exists is ignored; of rules that send one
    destination to different hops Azure picks one by chance (facts.md section 4).
    """
    own = list(_own_routes(fabric, subnet, made))
    yield from own
    by_prefix: dict[range, list[UserRoute]] = defaultdict(list)
    for route in made:
        by_prefix[route.prefix].append(route)
    for prefix, choices in by_prefix.items():
        if prefix in {route.prefix for route in own}:
            continue
        hops = {(route.hop, route.address) for route in choices}
        yield choices[0] if len(hops) == 1 else UserRoute(choices[0].id, prefix, CHANCE)


def _own_routes(fabric: Fabric, subnet: Subnet, made: Iterable[UserRoute]) -> Iterator[UserRoute]:
    """Yield the routes of a subnet that its own table has.

    AVNM puts a table of its own in the place of a subnet's, with the old routes in it
    (facts.md section 4): of such a table those are its own that no rule is the reason of.
    """
    table = fabric.tables.get(subnet.table or "")
    routes = table.routes if table else ()
    if not is_managed(subnet):
        yield from routes
        return
    ruled = {route.prefix for route in made}
    yield from (route for route in routes if route.prefix not in ruled)


def is_managed(subnet: Subnet) -> bool:
    """Say whether a subnet's table is one that AVNM made."""
    return _MANAGED in (subnet.table or "")
