"""A network as the simulator tells it, to hold the proof's model against another source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx

from tests.simulator.azure import A_WHILE, Azure
from tests.topology.verification.sketches import MANAGER, Sketch
from topology.planning.actual import Actual, Found, GoalState
from topology.verification.active import as_active, edited_since
from topology.verification.addresses import address, block
from topology.verification.model import Model
from topology.verification.routes import Hop, Route

# An effective route that counts: prefix, hop, where the hop is.
Row = tuple[str, str, str]
_COMMIT_TYPES = ["Connectivity", "SecurityAdmin", "Routing"]
_LISTED = (
    "virtualNetworks",
    "routeTables",
    "networkSecurityGroups",
    "azureFirewalls",
    "firewallPolicies",
)


async def build(azure: Azure, sketch: Sketch) -> None:
    """Put a sketch, as far as the simulator takes it, and let everything come into effect.

    What is refused is left out: the model is asked about what came of it, not about the sketch.
    """
    group = next(iter(sketch.resources)).split("/providers/")[0]
    await azure.put(group, {"location": "eastus"})
    for name, body in sketch.resources.items():
        await azure.put(name, body)
        azure.clock.advance(A_WHILE)
    for (commit_type, region), ids in sketch.commits.items():
        body = {"commitType": commit_type, "targetLocations": [region], "configurationIds": ids}
        await azure.ask("POST", f"{MANAGER}/commit", body)
        azure.clock.advance(A_WHILE)
    for name, changed in sketch.later.items():
        await azure.put(name, changed)
        azure.clock.advance(A_WHILE)
    azure.clock.advance(A_WHILE)


async def read(client: httpx.AsyncClient, manager: str, ids: Iterable[str]) -> Actual:
    """Return what the simulator holds, read by lists and by these ids, and the goal states."""
    ids, found = list(ids), list[dict[str, Any]]()
    for subscription in dict.fromkeys(name.split("/")[2] for name in ids):
        for name in _LISTED:
            path = f"/subscriptions/{subscription}/providers/Microsoft.Network/{name}"
            found += (await client.get(path)).json()["value"]
    for network in [item for item in found if "/virtualNetworks/" in item["id"]]:
        found += network["properties"].get("virtualNetworkPeerings") or []
    named = {item["id"].lower() for item in found}
    for name in ids:
        if name.lower() not in named and "/virtualNetworkPeerings/" not in name:
            answer = await client.get(name)
            if answer.status_code == httpx.codes.OK:
                found.append(answer.json())
    body = {"regions": [], "deploymentTypes": _COMMIT_TYPES}
    states = (await client.post(f"{manager}/listDeploymentStatus", json=body)).json()
    actual = Actual.of(
        [Found("", item["id"], item) for item in found],
        {manager: tuple(_state(item) for item in states.get("value") or [])},
    )
    regions = edited_since(actual).get(manager.lower(), ())
    return as_active(actual, {manager.lower(): await _active(client, manager, regions)})


async def _active(
    client: httpx.AsyncClient, manager: str, regions: Iterable[str]
) -> list[dict[str, Any]]:
    """Return what is active in some regions, a list of the manager's at a time."""
    found: list[dict[str, Any]] = []
    for name in ("listActiveConnectivityConfigurations", "listActiveSecurityAdminRules"):
        for region in regions:
            answer = await client.post(f"{manager}/{name}", json={"regions": [region]})
            assert not answer.json().get("skipToken")
            found += answer.json()["value"]
    return found


def _state(item: dict[str, Any]) -> GoalState:
    return GoalState(
        item["region"],
        item["deploymentType"],
        tuple(item["configurationIds"]),
        item["deploymentStatus"],
        item["commitTime"],
    )


def told_routes(networks: Iterable[dict[str, Any]]) -> dict[str, set[Row]]:
    """Return the routes that the simulator says count, by the lower-case id of the subnet."""
    return {
        subnet["id"].lower(): {
            _told(route) for route in subnet["routes"] if route["state"] == "Active"
        }
        for network in networks
        for subnet in network["subnets"]
    }


def _told(route: dict[str, Any]) -> Row:
    kind = route["nextHopType"].replace("GlobalVNetPeering", "VNetPeering")
    where = route.get("network") or route["nextHopIpAddress"] or ""
    return route["addressPrefix"], kind, where.lower()


_KINDS = {
    Hop.LOCAL: "VnetLocal",
    Hop.PEERING: "VNetPeering",
    Hop.MESH: "ConnectedGroup",
    Hop.APPLIANCE: "VirtualAppliance",
    Hop.INTERNET: "Internet",
    Hop.GATEWAY: "VirtualNetworkGateway",
    Hop.NOWHERE: "None",
}


def modelled_routes(model: Model) -> dict[str, set[Row]]:
    """Return the routes that the model says count, by the key of the subnet."""
    return {
        key: {_modelled(route) for route in model.routes(subnet).all}
        for key, subnet in model.fabric.subnets.items()
    }


def _modelled(route: Route) -> Row:
    where = address(route.address) if route.address is not None else ""
    network = route.network if route.hop in {Hop.PEERING, Hop.MESH} else ""
    return _prefix(route.prefix), _KINDS.get(route.hop, str(route.hop)), network or where


def _prefix(found: range) -> str:
    size = 32 - (len(found).bit_length() - 1)
    text = f"{address(found.start)}/{size}"
    assert block(text) == found
    return text


def told_rules(networks: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the rules on each subnet, admin rules first, by what each says."""
    return {
        subnet["id"].lower(): [
            *(_rule(rule) for rule in network["adminRules"] if subnet["adminRulesApply"]),
            *(_rule(rule) for rule in subnet["securityRules"]),
        ]
        for network in networks
        for subnet in network["subnets"]
    }


def _rule(rule: dict[str, Any]) -> str:
    name = rule["id"].lower().replace("/defaultsecurityrules/", "/securityrules/")
    return f"{name.rsplit('/', 1)[-1]} {rule['direction']} {rule['access']}"


def modelled_rules(model: Model) -> dict[str, list[str]]:
    """Return the same of the model."""
    found = {}
    for key, subnet in model.fabric.subnets.items():
        filters = model.filters(subnet)
        rules = (*filters.admin, *(filters.group or ()))
        found[key] = [
            f"{rule.id.lower().rsplit('/', 1)[-1]} "
            f"{'Inbound' if rule.inbound else 'Outbound'} {rule.access}"
            for rule in rules
        ]
    return found
