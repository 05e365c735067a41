"""What others keep in a network manager of ours, and beside it: kinds that are read, never made.

A manager serves whoever may write to it. Without these a plan would not know that its
deletion takes them along, or that they use a group of ours. IP groups hold the addresses of
rules of firewalls, ours or others'.
"""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import NOBODY, Kind, Listing, Ownership, Resource
from topology.limits import IP_GROUP_PREFIXES
from topology.network import Network


def _none(network: Network) -> Iterable[Resource]:  # noqa: ARG001  no network wants any
    return ()


def _of_others(name: str, arm_type: str, operations: str, parent: str = "network-manager") -> Kind:
    return Kind(
        name=name,
        arm_type=f"Microsoft.Network/networkManagers/{arm_type}",
        client="network",
        operations=operations,
        listing=Listing.PARENT,
        list_method="list",
        parent=parent,
        owned_by=Ownership.NAME,
        our_names=NOBODY,
        expand=_none,
    )


NEIGHBOURS: tuple[Kind, ...] = (
    _of_others(
        "security-user-configuration",
        "securityUserConfigurations",
        "security_user_configurations",
    ),
    _of_others(
        "security-user-collection",
        "securityUserConfigurations/ruleCollections",
        "security_user_rule_collections",
        parent="security-user-configuration",
    ),
    _of_others("ipam-pool", "ipamPools", "ipam_pools"),
    _of_others("verifier-workspace", "verifierWorkspaces", "verifier_workspaces"),
    _of_others("scope-connection", "scopeConnections", "scope_connections"),
    Kind(
        name="ip-group",
        arm_type="Microsoft.Network/ipGroups",
        client="network",
        operations="ip_groups",
        listing=Listing.NAMED,
        list_method="list",
        owned_by=Ownership.NAME,
        our_names=NOBODY,
        expand=_none,
        read_only=frozenset({"firewalls", "firewallPolicies"}),
        decides=True,
        limits=(IP_GROUP_PREFIXES,),
    ),
)
