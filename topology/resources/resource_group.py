"""Resource groups: one for each region, and one for what belongs to no region."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Ownership, Resource, Stage
from topology.network import Network


def expand(network: Network) -> Iterable[Resource]:
    """Yield the global group in the home region, then a group for each region."""
    yield _group(network, None, network.topology.home, Stage.GLOBAL)
    for hub in network.hubs:
        yield _group(network, hub.region, hub.region, Stage.HUB)


def _group(network: Network, region: str | None, location: str, stage: Stage) -> Resource:
    return Resource(
        kind=KIND.name,
        id=network.names.group_id(region),
        region=region,
        stage=stage,
        body={"location": location, "tags": network.tags(region or "global")},
    )


KIND = Kind(
    name="resource-group",
    arm_type="Microsoft.Resources/resourceGroups",
    client="resource",
    operations="resource_groups",
    list_method="list",
    owned_by=Ownership.TAG,
    expand=expand,
    replaced_by=frozenset({"location"}),
    takes_along=True,
    expected_seconds=1,
)
