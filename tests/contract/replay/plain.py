"""The least that can be said of a resource which a recording only names."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from simulator.arm.ids import parse_id
from simulator.arm.world import World
from tests.contract.replay.paths import type_of
from tests.contract.replay.player import Stage
from tests.contract.replay.recordings import Exchange, Recording

# Networks of which nothing else is known have spaces that tests seldom use.
_FIRST_PLAIN = 180
_REGION = re.compile(r"/locations/([a-z0-9]+)/")
# The properties without which a resource cannot be, where the recording does not show them.
_LEAST: dict[str, dict[str, Any]] = {
    "microsoft.network/routetables/routes": {
        "addressPrefix": "10.0.0.0/8",
        "nextHopType": "None",
    },
    "microsoft.network/networksecuritygroups/securityrules": {
        "priority": 4096,
        "protocol": "*",
        "access": "Deny",
        "direction": "Inbound",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    },
    "microsoft.network/publicipaddresses": {"publicIPAllocationMethod": "Static"},
    "microsoft.network/networkmanagers/connectivityconfigurations": {
        "connectivityTopology": "Mesh"
    },
    "microsoft.network/networkmanagers": {
        "networkManagerScopeAccesses": ["Connectivity", "SecurityAdmin", "Routing"]
    },
}

# What applies to network groups, of which the manager must have one, and by which property.
_APPLY_TO = {
    "microsoft.network/networkmanagers/connectivityconfigurations": "appliesToGroups",
    "microsoft.network/networkmanagers/securityadminconfigurations/rulecollections": (
        "appliesToGroups"
    ),
    "microsoft.network/networkmanagers/routingconfigurations/rulecollections": "appliesTo",
}


def plain_body(stage: Stage, path: str, bodies: Mapping[str, Any]) -> dict[str, Any]:
    """Return the least body of a resource that the recording only names."""
    name = type_of(path)
    is_global = name.startswith("microsoft.network/privatednszones")
    location = "global" if is_global else location_in(stage.recording, path)
    properties = dict(_LEAST.get(name, {}))
    world = stage.app.state.world
    if name == "microsoft.network/virtualnetworks/subnets":
        properties["addressPrefix"] = _free_prefix(world, path)
    if name == "microsoft.network/virtualnetworks":
        properties["addressSpace"] = {"addressPrefixes": _space(world, bodies, path)}
    if name in _APPLY_TO:
        group = {"networkGroupId": _network_group(path, bodies)}
        properties[_APPLY_TO[name]] = [group]
    body: dict[str, Any] = {"properties": properties}
    if name.count("/") == 1 or is_global:
        body["location"] = location
    if name == "microsoft.network/publicipaddresses":
        body["sku"] = {"name": "Standard"}
    if name == "microsoft.network/networkmanagers":
        properties["networkManagerScopes"] = {"subscriptions": [path[: path.index("/", 15)]]}
    return body


def _network_group(path: str, bodies: Mapping[str, Any]) -> str:
    """Return a group of the manager that the recording shows, else one to be built."""
    manager = "/".join(path.split("/")[:9])
    start = f"{manager}/networkGroups/".lower()
    shown = (str(bodies[key]["id"]) for key in bodies if key.startswith(start))
    return next(shown, f"{manager}/networkGroups/plain")


def _space(world: World, bodies: Mapping[str, Any], path: str) -> list[str]:
    """Return a space that holds the subnets that the recording shows, else one of its own."""
    below = path.lower() + "/subnets/"
    shown = [body["properties"] for key, body in bodies.items() if key.startswith(below)]
    known = [item["addressPrefix"] for item in shown if "addressPrefix" in item]
    prefixes = [ip_network(prefix, strict=False) for prefix in known]
    around = {str(item.supernet(new_prefix=min(16, item.prefixlen))) for item in prefixes}
    others = len(list(world.store.of_type("Microsoft.Network/virtualNetworks")))
    return sorted(around) or [f"10.{_FIRST_PLAIN + others}.0.0/16"]


def _free_prefix(world: World, path: str) -> str:
    """Return the last part of a network's space that no subnet built so far has."""
    found = parse_id(path)
    network = world.store.get(found.root.key) if found else None
    space = network.properties["addressSpace"]["addressPrefixes"][0] if network else "10.0.0.0/16"
    taken = len(world.store.children(network.key, found.type)) if network and found else 0
    block = ip_network(space)
    size = min(max(block.prefixlen + 4, 24), block.max_prefixlen)
    return str(list(block.subnets(new_prefix=size))[-1 - taken])


def location_in(recording: Recording, path: str) -> str:
    """Return the region of the first answer in the group that names one, else of any."""
    group = "/".join(path.lower().split("/")[:5])
    for near in (group, ""):
        for item in recording.exchanges:
            if item.path.lower().startswith(near):
                place = _place(item)
                if place:
                    return place
    return "westus"


def _place(item: Exchange) -> str | None:
    for body in (item.body, item.reply_body):
        place = body.get("location") if isinstance(body, dict) else None
        if place and place != "global":
            return str(place)
    url = _REGION.search(item.reply_headers.get("azure-asyncoperation", ""))
    return url[1] if url else None
