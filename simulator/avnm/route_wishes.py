"""What routing configurations ask for, subnet by subnet."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.arm.draft import linked_ids
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.membership import networks_in, subnets_in
from simulator.avnm.precedence import rank
from simulator.avnm.reconciler import Goal
from simulator.avnm.routing_rules import Planned, is_default_to_internet, planned_routes
from simulator.avnm.snapshots import Part
from simulator.avnm.types import ROUTE, SUBNET

# A group of networks does not reach these subnets; a group of subnets reaches even the
# firewall's (facts.md section 5 cites a how-to that does so). `assumed` for the others.
RESERVED_SUBNETS = frozenset(
    {
        "azurefirewallsubnet",
        "azurefirewallmanagementsubnet",
        "gatewaysubnet",
        "azurebastionsubnet",
        "routeserversubnet",
    }
)


@dataclass(slots=True)
class Wish:
    """What a subnet shall have: collections, the table it had before, and its region."""

    subnet: Resource
    region: str
    own_table: str
    collections: list[Part] = field(default_factory=list)
    uses_existing: bool = False

    @property
    def keeps_its_table(self) -> bool:
        """Tell whether the routes go into the table that the subnet has.

        One without a table gets a managed one, `assumed`.
        """
        return self.uses_existing and bool(self.own_table)


def wanted(world: World, manager: Resource, goals: Iterable[Goal]) -> list[Wish]:
    """Return what the goal states of a manager ask for.

    Left out are subnets that another manager rules with more right, and firewalls' subnets
    that would lose their default route (facts.md section 5).
    """
    wishes: dict[str, Wish] = {}
    for region, parts in goals:
        for part, collection in ((each, item) for each in parts for item in each.parts):
            for subnet in _subnets(world, collection, region):
                wish = wishes.get(subnet.key)
                if wish is None:
                    wish = wishes[subnet.key] = Wish(subnet, region, _own_table(world, subnet))
                if collection not in wish.collections:
                    wish.collections.append(collection)
                mode = part.properties.get("routeTableUsageMode")
                wish.uses_existing = wish.uses_existing or mode == "UseExisting"
    return [
        wish
        for wish in wishes.values()
        if _keeps_default(world, wish) and not _is_ruled_by_another(world, manager, wish.subnet)
    ]


def planned_for(world: World, wish: Wish) -> list[Planned]:
    """Return the routes of a managed table: those of the subnet's own and of the rules."""
    own = world.store.children(wish.own_table.lower(), ROUTE)
    return planned_routes(wish.collections, own, world.settings)


def _subnets(world: World, collection: Part, region: str) -> Iterable[Resource]:
    for group in collection.groups:
        for network in networks_in(world, group):
            if network.location == region:
                for subnet in world.store.children(network.key, SUBNET):
                    if subnet.name.lower() not in RESERVED_SUBNETS:
                        yield subnet
        for subnet in subnets_in(world, group):
            if subnet.location == region:
                yield subnet


def _present_table(world: World, subnet: Resource) -> Resource | None:
    present = next(iter(linked_ids(subnet.properties.get("routeTable"))), "")
    return world.store.find(present) if present else None


def _own_table(world: World, subnet: Resource) -> str:
    """Return the table a subnet has, or had before AVNM came, which is not managed."""
    table = _present_table(world, subnet)
    if table is not None and "managed" in table.hidden:
        earlier: str = subnet.hidden.get("route_table_before", "")
        return earlier if earlier and world.store.find(earlier) else ""
    return table.id.text if table else ""


def _keeps_default(world: World, wish: Wish) -> bool:
    if wish.subnet.name.lower() != "azurefirewallsubnet":
        return True
    return any(is_default_to_internet(item.properties) for item in planned_for(world, wish))


def _is_ruled_by_another(world: World, manager: Resource, subnet: Resource) -> bool:
    """Tell whether a manager with a higher scope has the subnet's table in hand."""
    table = _present_table(world, subnet)
    other = world.store.get(table.hidden.get("managed", {}).get("manager", "")) if table else None
    return other is not None and other is not manager and rank(other) < rank(manager)
