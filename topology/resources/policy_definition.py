"""Policy definitions: which networks of others Azure Policy puts into our groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from topology.kind import Kind, Ownership, Resource, Severity, Stage
from topology.naming import joined_group
from topology.network import Hub, Network
from topology.ownership import our_description
from topology.recorded import Seconds

MODE = "Microsoft.Network.Data"  # of definitions that decide on members (facts.md section 1)


def expand(network: Network) -> Iterable[Resource]:
    """Yield for each region a definition an environment, and one for all that join it.

    A definition names one group, in full (facts.md section 1), and each stands for one
    region, so that a region joins with its wave and is taken back alone; each subscription
    has its own, for it is assigned there.
    """
    if network.takes_in:
        for hub in network.hubs:
            for subscription in network.used_subscriptions:
                yield from _of_region(network, hub, subscription)


def _of_region(network: Network, hub: Hub, subscription: str) -> Iterator[Resource]:
    names = network.names
    for name in network.grouped:
        own = names.definition_id(f"{name}-{hub.region}", subscription)
        yield _definition(network, hub, own, name, Stage.SECURITY, [name])
    group = joined_group(hub.region)
    joined = names.definition_id(group, subscription)
    yield _definition(network, hub, joined, group, Stage.ROUTING, network.grouped)


def _definition(  # noqa: PLR0913  a definition has this many facts
    network: Network, hub: Hub, own: str, group: str, stage: Stage, environments: list[str]
) -> Resource:
    names = network.names
    return Resource(
        kind=KIND.name,
        id=own,
        region=hub.region,
        stage=stage,
        body={
            "properties": {
                "displayName": f"{network.topology.topology}: networks that join {group}",
                "description": our_description(network.topology.topology, hub.region),
                "policyType": "Custom",
                "mode": MODE,
                "policyRule": {
                    "if": {"allOf": _conditions(network, hub, environments)},
                    "then": {
                        "effect": "addToNetworkGroup",
                        "details": {"networkGroupId": names.network_group_id(group)},
                    },
                },
            }
        },
    )


def _conditions(network: Network, hub: Hub, environments: list[str]) -> list[dict[str, Any]]:
    """Return what must be true of a network; ours are static members already.

    So none of ours is in a group before its step says so.
    """
    groups = network.topology.groups
    tags = groups.tags or {"topology": network.topology.topology}
    conditions: list[dict[str, Any]] = [
        {"field": "type", "equals": "Microsoft.Network/virtualNetworks"},
        {"field": "location", "equals": hub.region},
        *({"field": f"tags['{name}']", "equals": value} for name, value in tags.items()),
        {"field": f"tags['{groups.environment_tag}']", "in": environments},
        {"field": "tags['managed-by']", "notEquals": "orrery"},
    ]
    if groups.resource_groups:
        conditions.append({"value": "[resourceGroup().name]", "in": list(groups.resource_groups)})
    return conditions


KIND = Kind(
    name="policy-definition",
    arm_type="Microsoft.Authorization/policyDefinitions",
    client="policy",
    operations="policy_definitions",
    list_method="list",
    # With those of the management groups above, which apply too ("Policy Definitions - List").
    # Without the filter the list holds Azure's thousands of built-in ones.
    list_arguments={"filter": "policyType eq 'Custom'"},
    owned_by=Ownership.DESCRIPTION,
    expand=expand,
    read_only=frozenset({"systemData", "versions"}),
    fills_groups=True,
    # facts.md section 1.
    joins={
        "Microsoft.Network/networkManagers/networkGroups": (
            "Microsoft.Network/networkManagers/networkGroups/join/action"
        )
    },
    registered=frozenset({"Microsoft.PolicyInsights"}),
    severity={"*": Severity.CRITICAL},
    seconds=Seconds(create=3),
)
