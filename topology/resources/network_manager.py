"""The network manager: AVNM's instance, in the home region."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Ownership, Resource, Stage
from topology.network import Network


def expand(network: Network) -> Iterable[Resource]:
    """Yield the manager: a network outside of its scope silently gets nothing.

    Its scope is the management group, or else all subscriptions of the topology.
    """
    yield Resource(
        kind=KIND.name,
        id=network.names.manager_id,
        region=None,
        stage=Stage.GLOBAL,
        body={
            "location": network.topology.home,
            "tags": network.tags("global"),
            "properties": {
                "networkManagerScopes": _scopes(network),
                "networkManagerScopeAccesses": ["Connectivity", "SecurityAdmin", "Routing"],
            },
        },
    )


def _scopes(network: Network) -> dict[str, list[str]]:
    group = network.topology.management_group
    if group is not None:
        path = f"/providers/Microsoft.Management/managementGroups/{group}"
        return {"managementGroups": [path], "subscriptions": []}
    used = [f"/subscriptions/{item}" for item in network.used_subscriptions]
    return {"managementGroups": [], "subscriptions": used}


KIND = Kind(
    name="network-manager",
    arm_type="Microsoft.Network/networkManagers",
    client="network",
    operations="network_managers",
    list_method="list_by_subscription",
    owned_by=Ownership.TAG,
    tags_method="patch",
    expand=expand,
    replaced_by=frozenset({"location"}),
    reach="properties.networkManagerScopes.subscriptions",
    read_only=frozenset({"systemData", "crossTenantScopes"}),
    delete_arguments={"force": True},  # it deletes what stands under it too (facts.md section 2)
    expected_seconds=3,
)
