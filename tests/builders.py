"""Small topologies: each fills in everything that a test is not about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from topology.addressing import AddressLock, allocate, resolve
from topology.graph import Graph
from topology.kind import Listing, Resource
from topology.network import Network
from topology.planning import late
from topology.planning.actual import Actual, Found, GoalState
from topology.planning.planner import make_plan
from topology.resources import KIND_BY_NAME, wanted
from topology.spec import Topology

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
PROD = "00000000-0000-4000-8000-000000000002"
NONPROD = "00000000-0000-4000-8000-000000000003"


def a_topology(*regions: str, **fields: Any) -> Topology:
    """Return a topology of these regions (by default eastus and westus)."""
    names = regions or ("eastus", "westus")
    values: dict[str, Any] = {
        "topology": "sample",
        "subscription": SUBSCRIPTION,
        "home": names[0],
        "dns_zone": "sample.internal",
        "regions": {name: {} for name in names},
    }
    return Topology.model_validate(values | fields)


def a_network(*regions: str, lock: AddressLock | None = None, **fields: Any) -> Network:
    """Return a network of these regions, with addresses."""
    topology = a_topology(*regions, **fields)
    return resolve(topology, allocate(topology, lock))


def as_deployed(network: Network) -> Actual:
    """Return what Azure would hold after an apply, as far as the planner looks.

    Firewalls have addresses, peerings stand in their networks, goal states are deployed.
    """
    resources = {item.id: item for item in wanted(network)}
    addresses = {
        network.names.firewall_id(hub.region): str(hub.firewall_prefix[4]) for hub in network.hubs
    }
    found = [_found(item, addresses) for item in _whole(resources.values())]
    manager = network.names.manager_id
    return Actual.of(found, {manager: tuple(_goal_states(resources.values()))})


def _whole(resources: Iterable[Resource]) -> Iterable[Resource]:
    """Yield resources with their parts laid into them; parts and commits left out."""
    items = list(resources)
    parts = {item.id.split("#")[0]: item for item in items if "#" in item.id}
    for item in items:
        if "#" in item.id or KIND_BY_NAME[item.kind].listing is Listing.DEPLOYMENT_STATUS:
            continue
        if part := parts.get(item.id):
            routes = [*item.body["properties"]["routes"], *part.body["properties"]["routes"]]
            body = {**item.body, "properties": {**item.body["properties"], "routes": routes}}
            yield Resource(item.kind, item.id, item.region, item.stage, body)
        else:
            yield item


def _found(resource: Resource, addresses: Mapping[str, str]) -> Found:
    body = late.fill(resource.body, lambda value: addresses.get(value.resource_id))
    if resource.id in addresses:
        body["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"] = addresses[
            resource.id
        ]
    if resource.kind == "static-member":
        body["properties"]["region"] = resource.region  # Azure says where its network is
    return Found(resource.kind, resource.id, {"name": resource.name, "id": resource.id, **body})


def _goal_states(resources: Iterable[Resource]) -> Iterable[GoalState]:
    for item in resources:
        if item.kind == "commit":
            yield GoalState(
                region=item.body["targetLocations"][0],
                commit_type=item.body["commitType"],
                configuration_ids=tuple(item.body["configurationIds"]),
                commit_time="2026-11-24T00:00:00Z",
            )


def ids_in_order(network: Network) -> list[str]:
    """Return the ids of a first plan's steps, in their order."""
    return [step.resource.id for step in make_plan(network, Actual()).steps]


__all__ = ["Graph", "a_network", "a_topology", "as_deployed", "ids_in_order"]
