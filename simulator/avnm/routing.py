"""Managed route tables: how routing rules reach subnets.

Tables are named AVNM_Managed_<32 hex> and live in AVNM_Managed_ResourceGroup_<subscription>
(facts.md sections 1 and 4). There is one for each region, set of collections and table that
the subnet had before; subnets that agree in all three share it. Writing them takes no time
and makes no network busy: nobody measured either, `assumed`. What subnets get is in
`route_wishes`, tables that are not the service's own in `existing_tables`.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from simulator.arm.draft import linked_ids
from simulator.arm.ids import ResourceId, group_id
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.existing_tables import ExistingTables
from simulator.avnm.reconciler import Goal
from simulator.avnm.route_wishes import Wish, planned_for, wanted
from simulator.avnm.routing_rules import Planned
from simulator.avnm.types import GROUP, MEMBER, NETWORK, ROUTE, SUBNET, TABLE

RESOURCE_GROUP = "Microsoft.Resources/resourceGroups"


class RouteWriter:
    """Writes the managed tables of one manager and associates them."""

    watched = frozenset(item.lower() for item in (GROUP, MEMBER, NETWORK, SUBNET, TABLE, ROUTE))

    def __init__(self, manager: Resource, world: World) -> None:
        self._manager = manager
        self._world = world
        self._existing = ExistingTables(manager, world)

    def write(self, goals: Iterable[Goal]) -> bool:
        """Bring all subnets to what the goal states ask for; False asks to be called again.

        Subnets of a network that is being changed are left for the next time.
        """
        every = wanted(self._world, self._manager, goals)
        busy = [not self._existing.write([item for item in every if item.keeps_its_table])]
        wishes = {item.subnet.key: item for item in every if not item.keeps_its_table}
        tables = {key: self._table(wish) for key, wish in wishes.items()}
        busy += [self._associate(wish, tables[key]) for key, wish in wishes.items()]
        busy += [self._restore(subnet) for subnet in self._left_over(wishes)]
        for table in self._managed():
            self._drop_if_unused(table)
        return not any(busy)

    # --- tables -------------------------------------------------------------------------

    def _table(self, wish: Wish) -> Resource:
        identity = [self._manager.guid, wish.region, wish.own_table.lower()]
        identity += sorted(part.key for part in wish.collections)
        name = f"AVNM_Managed_{uuid.uuid5(uuid.NAMESPACE_URL, '|'.join(identity)).hex}"
        group = self._group(wish.subnet.id.subscription)
        table_id = group.id.beneath(TABLE, name)
        table = self._world.store.get(table_id.key) or self._new_table(table_id, wish)
        self._set_routes(table, wish)
        return table

    def _group(self, subscription: str) -> Resource:
        """Return the service's group; that it lies in the manager's region is `assumed`."""
        wanted = group_id(subscription, f"AVNM_Managed_ResourceGroup_{subscription}")
        found = self._world.store.get(wanted.key)
        if found is None:
            found = Resource(wanted, RESOURCE_GROUP, self._manager.location, None, {})
            self._world.store.save(found)
        return found

    def _new_table(self, table_id: ResourceId, wish: Wish) -> Resource:
        provider = self._world.provider(TABLE)
        stops = any(
            part.properties.get("disableBgpRoutePropagation") == "True" for part in wish.collections
        )
        values = {**provider.defaults, "disableBgpRoutePropagation": stops}
        guid = self._world.new_guid()
        table = Resource(table_id, TABLE, wish.region, None, values, guid=guid)
        table.hidden["managed"] = {"manager": self._manager.key, "routes": []}
        self._world.store.save(table)
        provider.touch(table, self._world)
        return table

    def _set_routes(self, table: Resource, wish: Wish) -> None:
        store, planned = self._world.store, planned_for(self._world, wish)
        wanted = {item.name.lower(): item for item in planned}
        ours: list[str] = table.hidden["managed"]["routes"]
        present = {item.name.lower(): item for item in store.children(table.key, ROUTE)}
        for name in ours:
            if name in present and name not in wanted:
                store.remove(present[name])
        for name, item in wanted.items():
            if name not in present or present[name].properties != item.properties:
                self._put_route(table, item)
        table.hidden["managed"]["routes"] = list(wanted)

    def _put_route(self, table: Resource, item: Planned) -> None:
        route_id = table.id.child("routes", item.name)
        route = Resource(route_id, ROUTE, table.location, None, item.properties)
        self._world.store.save(route)
        self._world.provider(ROUTE).touch(route, self._world)

    def _managed(self) -> list[Resource]:
        return [
            item
            for item in self._world.store.of_type(TABLE)
            if item.hidden.get("managed", {}).get("manager") == self._manager.key
        ]

    def _drop_if_unused(self, table: Resource) -> None:
        """Delete a table nobody uses; routes that others put in keep it alive (section 4)."""
        store = self._world.store
        if store.referrers(table.key, SUBNET):
            return
        ours = table.hidden["managed"]["routes"]
        for route in store.children(table.key, ROUTE):
            if route.name.lower() in ours:
                store.remove(route)
        if not store.children(table.key, ROUTE):
            store.remove(table)

    # --- associations -------------------------------------------------------------------

    def _associate(self, wish: Wish, table: Resource) -> bool:
        """Swap the table of a subnet; return True when it must wait."""
        present = next(iter(linked_ids(wish.subnet.properties.get("routeTable"))), "")
        if present.lower() == table.key:
            return False
        if self._is_busy(wish.subnet):
            return True
        wish.subnet.hidden["route_table_before"] = wish.own_table
        self._set_table(wish.subnet, table.id.text)
        return False

    def _left_over(self, wishes: dict[str, Wish]) -> list[Resource]:
        return [
            subnet
            for table in self._managed()
            for subnet in self._world.store.referrers(table.key, SUBNET)
            if subnet.key not in wishes
        ]

    def _restore(self, subnet: Resource) -> bool:
        """Give a subnet back the table it had; return True when it must wait."""
        if self._is_busy(subnet):
            return True
        before: str = subnet.hidden.pop("route_table_before", "")
        self._set_table(subnet, before if before and self._world.store.find(before) else "")
        return False

    def _is_busy(self, subnet: Resource) -> bool:
        keys = (subnet.key, subnet.id.root.key)
        return self._world.operations.first_holder(keys) is not None

    def _set_table(self, subnet: Resource, table: str) -> None:
        values: dict[str, Any] = dict(subnet.properties)
        old = {item.lower() for item in linked_ids(values.pop("routeTable", None))}
        if table:
            values["routeTable"] = {"id": table}
        subnet.properties = values
        subnet.references = (subnet.references - old) | ({table.lower()} if table else set())
        self._world.store.save(subnet)
        self._world.provider(SUBNET).touch(subnet, self._world)
