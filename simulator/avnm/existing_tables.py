"""Routes written into tables that subnets have already: routeTableUsageMode UseExisting.

A preview that no text of Microsoft's describes (facts.md section 4). `assumed`: rules become
routes of the table beside those that are there, which win for their destinations; a table
that several subnets share gets the rules of all of them; undeploying takes away what came
from rules; a subnet without a table gets a managed one.
"""

from collections.abc import Iterable

from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.route_wishes import Wish
from simulator.avnm.routing_rules import Planned, planned_routes
from simulator.avnm.snapshots import Part
from simulator.avnm.types import ROUTE, TABLE


class ExistingTables:
    """Writes the routes of one manager into tables of others."""

    def __init__(self, manager: Resource, world: World) -> None:
        self._manager = manager
        self._world = world

    def write(self, wishes: Iterable[Wish]) -> bool:
        """Bring all tables to what is asked for; False when one was busy."""
        collections: dict[str, list[Part]] = {}
        for wish in wishes:
            parts = collections.setdefault(wish.own_table.lower(), [])
            parts += [part for part in wish.collections if part not in parts]
        tables = {item.key: item for item in self._touched()}
        for key in collections:
            table = self._world.store.get(key)
            if table is not None:
                tables[key] = table
        done = [self._set(item, collections.get(key, [])) for key, item in tables.items()]
        return all(done)

    def _touched(self) -> list[Resource]:
        tables = self._world.store.of_type(TABLE)
        return [item for item in tables if self._manager.key in item.hidden.get("lent", {})]

    def _set(self, table: Resource, collections: list[Part]) -> bool:
        store = self._world.store
        if self._world.operations.holder(table.key) is not None:
            return False
        ours: list[str] = table.hidden.get("lent", {}).get(self._manager.key, [])
        routes = {item.name.lower(): item for item in store.children(table.key, ROUTE)}
        own = [item for name, item in routes.items() if name not in ours]
        taken = {item.name.lower() for item in own}
        planned = planned_routes(collections, own, self._world.settings)
        wanted = {item.name.lower(): item for item in planned if item.name.lower() not in taken}
        for name in ours:
            if name in routes and name not in wanted:
                store.remove(routes[name])
        for name, item in wanted.items():
            if name not in routes or routes[name].properties != item.properties:
                self._put(table, item)
        self._note(table, list(wanted))
        return True

    def _put(self, table: Resource, item: Planned) -> None:
        route = Resource(table.id.child("routes", item.name), ROUTE, table.location, None, {})
        route.properties = item.properties
        self._world.store.save(route)
        self._world.provider(ROUTE).touch(route, self._world)

    def _note(self, table: Resource, names: list[str]) -> None:
        lent: dict[str, list[str]] = table.hidden.setdefault("lent", {})
        lent.pop(self._manager.key, None)
        if names:
            lent[self._manager.key] = names
