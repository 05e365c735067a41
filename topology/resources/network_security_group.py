"""Security groups: one for the subnets of each spoke."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from topology.kind import ChildList, Kind, Ownership, Resource, Severity, Stage
from topology.limits import SECURITY_GROUPS, SECURITY_RULES
from topology.network import Network
from topology.recorded import Seconds, small


def expand(network: Network) -> Iterable[Resource]:
    """Yield a group a spoke that lets in the topology's own addresses and nobody else.

    Who of these may reach whom is the firewall's and the admin rules' business, so
    that a new region changes no security group elsewhere.
    """
    for spoke in network.spokes:
        yield Resource(
            kind=KIND.name,
            id=network.names.nsg_id(spoke.region, spoke.name),
            region=spoke.region,
            stage=Stage.HUB,
            body={
                "location": spoke.region,
                "tags": network.tags(spoke.region, spoke.environment),
                "properties": {"securityRules": _rules(str(network.topology.addresses.space))},
            },
        )


def _rules(space: str) -> list[dict[str, Any]]:
    return [
        _inbound("orrery-allow-network", "Allow", 4000, space),
        _inbound("orrery-deny-others", "Deny", 4096, "*"),
    ]


def _inbound(name: str, access: str, priority: int, source: str) -> dict[str, Any]:
    return {
        "name": name,
        "properties": {
            "access": access,
            "direction": "Inbound",
            "priority": priority,
            "protocol": "*",
            "sourceAddressPrefix": source,
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": "*",
        },
    }


KIND = Kind(
    name="network-security-group",
    arm_type="Microsoft.Network/networkSecurityGroups",
    client="network",
    operations="network_security_groups",
    owned_by=Ownership.TAG,
    tags_method="update_tags",
    expand=expand,
    replaced_by=frozenset({"location"}),
    read_only=frozenset({"defaultSecurityRules", "subnets", "networkInterfaces"}),
    child_lists=(ChildList("properties.securityRules", ours="orrery-.*"),),
    alone=frozenset({"networkSecurityGroups"}),
    used_by=frozenset({"subnets", "networkInterfaces"}),
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3, change=1, delete=2, looks=small(1), delete_looks=small(1)),
    limits=(
        SECURITY_GROUPS,
        SECURITY_RULES,
    ),
)
