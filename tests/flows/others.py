"""What somebody else does in Azure beside a run of ours."""

from __future__ import annotations

import time
from typing import Any

from tests.flows.conftest import SPEED, SimulatedAzure

VERSION = {"api-version": "2024-03-01"}
# An answer that comes so late, in simulated seconds, leaves time to be beside a run.
LATE = 4 * SPEED


def peer_with(azure: SimulatedAzure, spoke: str) -> list[str]:
    """Make a network and peer it with a spoke, both ways; return the peerings."""
    group = f"{spoke.split('/resourceGroups/', maxsplit=1)[0]}/resourceGroups/rg-partner"
    partner = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet-partner"
    _put(azure, group, {"location": "westus"})
    subnet = {"name": "a", "properties": {"addressPrefix": "172.20.1.0/24"}}
    space = {"addressSpace": {"addressPrefixes": ["172.20.0.0/16"]}, "subnets": [subnet]}
    _put(azure, partner, {"location": "westus", "properties": space})
    names = []
    for here, there in ((spoke, partner), (partner, spoke)):
        names.append(f"{here}/virtualNetworkPeerings/partner")
        _put(azure, names[-1], {"properties": {"remoteVirtualNetwork": {"id": there}}})
    return names


def until_written(azure: SimulatedAzure, name: str) -> str:
    """Wait until somebody has begun to write a resource of this name; return its id."""
    while True:
        for entry in azure.written():
            if entry["path"].endswith(f"/{name}"):
                return str(entry["path"])
        time.sleep(0.1)


def _put(azure: SimulatedAzure, name: str, body: dict[str, Any]) -> None:
    """Put a thing, again while its network is busy with something else."""
    while not azure.http.put(name, params=VERSION, json=body).is_success:
        time.sleep(0.2)
