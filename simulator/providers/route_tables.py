"""Microsoft.Network/routeTables and their routes."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any, ClassVar

from simulator.arm.call import Call
from simulator.arm.draft import Draft
from simulator.arm.errors import invalid_request
from simulator.arm.provider import Inline, Provider
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.providers import subnet_rules
from simulator.providers.addresses import networks

TYPE = "Microsoft.Network/routeTables"
ROUTES = TYPE + "/routes"
SUBNETS = "Microsoft.Network/virtualNetworks/subnets"
_HOPS = ("VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None")


class RouteTables(Provider):
    """Route tables with their routes."""

    type = TYPE
    operation_name = "RouteTable"
    layout = ("disableBgpRoutePropagation", "disablePeeringRoute", "routes", "subnets")
    defaults: ClassVar[Mapping[str, Any]] = {
        "disableBgpRoutePropagation": False,
        "disablePeeringRoute": "None",
    }
    since: ClassVar[Mapping[str, str]] = {"disablePeeringRoute": "2025-03-01"}
    read_only = frozenset({"subnets"})
    inline = (Inline("routes", ROUTES),)

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:
        """Refuse too many service tags, and to lose the default route a firewall lives by."""
        routes = draft.children.get(ROUTES, [])
        _refuse_many_tags(draft, routes, call.world)
        _refuse_same_destinations(routes)
        if existing is not None:
            _keep_default(existing, routes, call.world)

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse while a subnet uses the table; the text follows that of groups: `assumed`."""
        used_by = call.world.store.referrers(resource.key)
        if used_by:
            ids = ", ".join(item.id.text for item in used_by)
            raise invalid_request(
                f"Route table {resource.id.text} cannot be deleted because it is in use by: {ids}.",
                "InUseRouteTableCannotBeDeleted",
            )

    def computed(self, resource: Resource, world: World) -> dict[str, Any]:
        """Return the subnets that use the table, if any."""
        users = world.store.referrers(resource.key, SUBNETS)
        return {"subnets": [{"id": item.id.text} for item in users]} if users else {}


def _keep_default(table: Resource, routes: Sequence[Draft | Resource], world: World) -> None:
    """Raise when these routes leave a firewall's subnet without its default route."""
    for subnet in world.store.referrers(table.key, SUBNETS):
        subnet_rules.refuse_without_default(table.name, subnet, routes, world)


def _is_tag(prefix: str) -> bool:
    """Tell whether a route's destination is a service tag and no address prefix."""
    return prefix[:1].isalpha() and "/" not in prefix and ":" not in prefix


def _refuse_many_tags(owner: Draft, routes: Sequence[Draft | Resource], world: World) -> None:
    """Refuse more routes to service tags than a table may have; the code is `assumed`."""
    limit = world.settings.service_tag_route_limit
    if sum(_is_tag(str(item.properties.get("addressPrefix"))) for item in routes) > limit:
        raise invalid_request(
            f"Route table {owner.id.root.text} cannot have more than {limit} routes with service "
            "tags.",
            "ServiceTagRouteCountLimitReached",
        )


def _refuse_same_destinations(routes: Sequence[Draft | Resource]) -> None:
    """Refuse two routes of one table to the same destination; the code is `assumed`."""
    seen: dict[str, str] = {}
    for route in routes:
        destination = str(route.properties.get("addressPrefix")).lower()
        other = seen.setdefault(destination, route.id.name)
        if other != route.id.name:
            raise invalid_request(
                f"Route {route.id.name} conflicts with route {other}. Routes of one route table "
                f"cannot have the same address prefix: {destination}.",
                "RouteConflict",
            )


def _check_hop(route: Draft, address: str) -> None:
    try:
        ip_address(address)
    except ValueError as error:
        raise invalid_request(
            f"Next hop IP address {address} of route {route.id.text} is invalid.",
            "InvalidNextHopIpAddress",
        ) from error


class Routes(Provider):
    """Routes, inline or alone."""

    type = ROUTES
    operation_name = "Route"
    locations = "none"
    has_guid = False
    layout = ("addressPrefix", "nextHopType", "nextHopIpAddress", "hasBgpOverride")
    defaults: ClassVar[Mapping[str, Any]] = {"hasBgpOverride": False}

    def validate(self, draft: Draft, call: Call, existing: Resource | None) -> None:  # noqa: ARG002
        """Check the destination and the next hop; the codes of both are `assumed`."""
        prefix = str(draft.properties.get("addressPrefix") or "")
        if not _is_tag(prefix):
            networks([prefix], draft.id.text)
        hop = draft.properties.get("nextHopType")
        if hop not in _HOPS:
            raise invalid_request(f"Invalid next hop type {hop} of route {draft.name}.")
        address = draft.properties.get("nextHopIpAddress")
        if (hop == "VirtualAppliance") != bool(address):
            raise invalid_request(
                f"Next hop IP address of route {draft.id.text} goes with next hop type "
                "VirtualAppliance and with no other.",
                "InvalidNextHopIpAddress",
            )
        if address:
            _check_hop(draft, str(address))
        if call.id.key == draft.key:
            self._check_rest(draft, call)

    def _check_rest(self, draft: Draft, call: Call) -> None:
        table = call.world.store.get(call.id.root.key)
        if table is not None:
            others = call.world.store.children(table.key, ROUTES)
            rest = [item for item in others if item.key != draft.key]
            _keep_default(table, [*rest, draft], call.world)
            _refuse_many_tags(draft, [*rest, draft], call.world)
            _refuse_same_destinations([*rest, draft])

    def check_deletable(self, resource: Resource, call: Call) -> None:
        """Refuse to take the default route from a firewall's subnet."""
        table = call.world.store.get(call.id.root.key)
        if table is not None:
            others = call.world.store.children(table.key, ROUTES)
            _keep_default(table, [item for item in others if item is not resource], call.world)
