"""Routes from each firewall to the firewalls of all other regions.

They are a part of the hub's route table and one PUT writes them all, when the
addresses of the firewalls are known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from topology.isolation import denying
from topology.kind import ChildList, Kind, Ownership, Resource, Severity, Stage, firewall_address
from topology.limits import ROUTES
from topology.network import Hub, Network
from topology.recorded import Seconds, small
from topology.regions import AZURE_REGIONS


def expand(network: Network) -> Iterable[Resource]:
    """Yield the routes of a hub's table: one for the block of each other region.

    The last region has none left, and that too must be said: the route to a region that
    left would stay. Networks beyond a connected group are reached only so: connected groups are not
    transitive (facts.md section 5). They come after the region's admin rules, so that no path to a
    region opens before what must not use it is denied.
    """
    for hub in network.hubs:
        others = [other for other in network.hubs if other.region != hub.region]
        yield Resource(
            kind=KIND.name,
            id=f"{network.names.route_table_id(hub.region)}#{KIND.name}",
            region=hub.region,
            stage=Stage.ROUTES,
            body={"properties": {"routes": [_route(network, other) for other in others]}},
            needs=frozenset(
                network.names.commit_id("SecurityAdmin", name) for name in denying(network, hub)
            ),
        )


def _route(network: Network, other: Hub) -> dict[str, Any]:
    return {
        "name": f"to-{other.region}",
        "properties": {
            "addressPrefix": str(other.block),
            "nextHopType": "VirtualAppliance",
            "nextHopIpAddress": firewall_address(network.names.firewall_id(other.region)),
        },
    }


# Others may write routes here too, `to-datacenter` for one: ours lead to regions.
_OURS = f"to-({'|'.join(AZURE_REGIONS)})"

KIND = Kind(
    name="remote-routes",
    arm_type="Microsoft.Network/routeTables",
    client="network",
    operations="route_tables",
    owned_by=Ownership.NAME,
    our_names=".*",
    part_of="route-table",
    expand=expand,
    stage=Stage.ROUTES,
    read_only=frozenset({"subnets"}),
    child_lists=(ChildList("properties.routes", ours=_OURS),),
    alone=frozenset({"routeTables"}),
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3, change=1, looks=small(2)),
    limits=(ROUTES,),
)
