"""Route tables of the firewall subnets, with the route that Azure insists on.

Spokes have no table of ours: AVNM makes and associates theirs. Routes to other
regions are a part of their own (`remote_routes`), for they come later.
"""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import ChildList, Kind, Ownership, Resource, Severity, Stage
from topology.limits import ROUTE_TABLES, ROUTES, TAG_ROUTES
from topology.network import Network
from topology.recorded import Seconds, small


def expand(network: Network) -> Iterable[Resource]:
    """Yield a table a hub, holding 0.0.0.0/0 -> Internet.

    Azure refuses to associate AzureFirewallSubnet with a table that lacks this route
    (AzureFirewallSubnetRouteTableMustHaveDefaultRouteToInternet, facts.md section 5).
    """
    for hub in network.hubs:
        yield Resource(
            kind=KIND.name,
            id=network.names.route_table_id(hub.region),
            region=hub.region,
            stage=Stage.HUB,
            body={
                "location": hub.region,
                "tags": network.tags(hub.region),
                "properties": {
                    # Gateway routes stay on at the firewall's subnet (facts.md section 5).
                    "disableBgpRoutePropagation": False,
                    "routes": [
                        {
                            "name": "default-to-internet",
                            "properties": {
                                "addressPrefix": "0.0.0.0/0",
                                "nextHopType": "Internet",
                            },
                        }
                    ],
                },
            },
        )


KIND = Kind(
    name="route-table",
    arm_type="Microsoft.Network/routeTables",
    client="network",
    operations="route_tables",
    owned_by=Ownership.TAG,
    tags_method="update_tags",
    expand=expand,
    replaced_by=frozenset({"location"}),
    read_only=frozenset({"subnets"}),
    child_lists=(ChildList("properties.routes", ours="default-to-internet"),),
    alone=frozenset({"routeTables"}),
    used_by=frozenset({"subnets"}),
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3, change=1, delete=3, looks=small(2), delete_looks=small(2)),
    limits=(
        ROUTE_TABLES,
        ROUTES,
        TAG_ROUTES,
    ),
)
