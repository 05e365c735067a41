"""What is asked about deployed configurations: of a network, and of a manager.

Shapes are those of the 2024-03-01 specification; recordings show these lists empty.
"""

from collections.abc import Mapping
from typing import Any

from simulator.arm.call import Call, Reply
from simulator.arm.provider import Action
from simulator.arm.store import Resource
from simulator.arm.world import World
from simulator.avnm.deployments import Deployment, Deployments
from simulator.avnm.effective_rules import Found, admin_rules_of, is_in, on_network, rules_of
from simulator.avnm.membership import counts_in
from simulator.avnm.pages import page
from simulator.avnm.snapshots import Part
from simulator.avnm.types import FIRST_VERSION
from simulator.regions import region_name


def network_actions() -> Mapping[str, Action]:
    """Return the POST actions that a virtual network gets from the network manager."""
    return {
        "listnetworkmanagereffectiveconnectivityconfigurations": _connectivity_of_network,
        "listnetworkmanagereffectivesecurityadminrules": _rules_of_network,
    }


def manager_actions() -> Mapping[str, Action]:
    """Return the POST actions that ask a manager for what is in effect."""
    return {
        "listactiveconnectivityconfigurations": _connectivity_of_manager,
        "listactivesecurityadminrules": _rules_of_manager,
    }


def _connectivity_of_network(call: Call, network: Resource) -> Reply:
    world = call.world
    found = [
        _connectivity(world, part, network)
        for deployment in on_network(world, network, "Connectivity")
        for part in deployment.parts
        if is_in(world, part, network) or _is_hub(part, network)
    ]
    return page(call, found)


def _is_hub(part: Part, network: Resource) -> bool:
    return network.key in [str(hub["resourceId"]).lower() for hub in part.properties["hubs"]]


def _rules_of_network(call: Call, network: Resource) -> Reply:
    world = call.world
    return page(call, [_rule(world, found, network) for found in admin_rules_of(world, network)])


def _connectivity_of_manager(call: Call, manager: Resource) -> Reply:
    found = [
        {
            **_connectivity(call.world, part, None),
            "commitTime": _time(deployment),
            "region": deployment.region,
        }
        for deployment in _active(call, manager, "Connectivity")
        for part in deployment.parts
    ]
    return page(call, found)


def _rules_of_manager(call: Call, manager: Resource) -> Reply:
    found = [
        {
            **_rule(call.world, rule, None),
            "commitTime": _time(deployment),
            "region": deployment.region,
        }
        for deployment in _active(call, manager, "SecurityAdmin")
        for rule in rules_of(deployment)
    ]
    return page(call, found)


def _active(call: Call, manager: Resource, kind: str) -> list[Deployment]:
    """Return what is in effect in the regions asked for; none asked for means all."""
    deployments: Deployments = manager.hidden["deployments"]
    regions = {region_name(str(item)) for item in call.body.get("regions") or []}
    return [
        deployment
        for (region, other), deployment in deployments.applied.items()
        if other == kind and (not regions or region in regions)
    ]


def _time(deployment: Deployment) -> str:
    return deployment.committed.strftime("%Y-%m-%dT%H:%M:%SZ")


def _connectivity(world: World, part: Part, network: Resource | None) -> dict[str, Any]:
    return {
        "id": part.id,
        "properties": part.properties,
        "configurationGroups": _groups(world, part, network),
    }


def _rule(world: World, found: Found, network: Resource | None) -> dict[str, Any]:
    configuration, collection, rule = found
    return {
        "id": rule.id,
        "configurationDescription": configuration.properties["description"],
        "ruleCollectionDescription": collection.properties["description"],
        "ruleCollectionAppliesToGroups": collection.properties["appliesToGroups"],
        "ruleGroups": _groups(world, collection, network),
        "kind": "Custom",
        "properties": rule.properties,
    }


def _groups(world: World, part: Part, network: Resource | None) -> list[dict[str, Any]]:
    """Return the groups of a part, only those with the network if one is given."""
    return [
        {"id": group.id.text, "properties": _group_properties(world, group)}
        for group in (world.store.find(item) for item in part.groups)
        if group is not None and (network is None or counts_in(world, group.key, network))
    ]


def _group_properties(world: World, group: Resource) -> dict[str, Any]:
    """Return a group as these lists show it.

    In the first api-version with two properties of the previews, always empty: policies took
    their place (recordings.md section 7).
    """
    shown = world.provider_of(group).shown_properties(group, world)
    if world.api_version > FIRST_VERSION:
        return shown
    return {"groupMembers": [], "conditionalMembership": "", **shown}
