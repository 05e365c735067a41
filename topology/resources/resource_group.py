"""Resource groups: of each region, and one for what belongs to no region."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Ownership, Resource, Severity, Stage
from topology.naming import HUB
from topology.network import Network
from topology.recorded import Seconds


def expand(network: Network) -> Iterable[Resource]:
    """Yield the global group in the home region, then those of each region.

    A region has a group in each subscription in which something of it stands.
    """
    names = network.names
    yield _group(network, names.group_id(None), None, network.topology.home, Stage.GLOBAL)
    for hub in network.hubs:
        roles = (HUB, *(spoke.name for spoke in hub.spokes))
        for group in dict.fromkeys(names.group_id(hub.region, role) for role in roles):
            yield _group(network, group, hub.region, hub.region, Stage.HUB)


def _group(
    network: Network, group: str, region: str | None, location: str, stage: Stage
) -> Resource:
    return Resource(
        kind=KIND.name,
        id=group,
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
    tags_method="update",
    expand=expand,
    replaced_by=frozenset({"location"}),
    takes_along=True,
    is_protected=True,
    severity={"*": Severity.LOW},
    seconds=Seconds(create=1, delete=62, delete_looks=(15,)),
)
