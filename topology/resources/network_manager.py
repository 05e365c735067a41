"""The network manager: AVNM's instance, in the home region."""

from __future__ import annotations

from collections.abc import Iterable

from topology.kind import Kind, Ownership, Resource, Severity, Stage
from topology.network import Network
from topology.recorded import Seconds


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
    # Not by force, which takes along what others keep in it: all of ours is undeployed and
    # gone by then, and Azure refuses with CannotDeleteResource while anything is left
    # (facts.md section 2).
    #
    # A manager that goes within a second of its scope connection can make the subscription
    # useless as a scope for good (facts.md section 2, azure-rest-api-specs issue 23188). That
    # somebody deleted one just now cannot be read; that a minute is enough is an assumption.
    pause_before_deletion=60,
    is_protected=True,
    # A network that leaves the scope has neither rules nor routes (facts.md section 1).
    severity={"properties.networkManagerScopes*": Severity.CRITICAL, "*": Severity.HIGH},
    seconds=Seconds(create=3, delete=31),
)
