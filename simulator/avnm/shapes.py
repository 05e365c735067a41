"""The shape of bodies that the swagger of `constraints.json` is too old to know.

In the language of that table, written down from the models of azure-mgmt-network 33.1
(api-version 2026-03-01).
"""

from typing import Any

from simulator.arm.constraints import Found, Table
from simulator.avnm.types import CIDR, COMMIT, INTENT, POOL, RUN, WORKSPACE

_TEXTS = ["string"]
_POOL = {
    "description": "string",
    "displayName": "string",
    "ipAddressType": _TEXTS,
    "parentPoolName": "string",
    "addressPrefixes": _TEXTS,
    "provisioningState": "string",
    "minAllocationSize": "string",
    "maxAllocationSize": "string",
}
_CIDR = {
    "description": "string",
    "numberOfIPAddressesToAllocate": "string",
    "addressPrefixes": _TEXTS,
    "totalNumberOfIPAddresses": "string",
    "provisioningState": "string",
}
_QUESTION = {
    "description": "string",
    "sourceResourceId": "string",
    "destinationResourceId": "string",
    "ipTraffic": "#Traffic",
    "provisioningState": "string",
}
_TRAFFIC = dict.fromkeys(
    ("sourceIps", "destinationIps", "sourcePorts", "destinationPorts", "protocols"), _TEXTS
)
_RUN = {
    "description": "string",
    "intentId": "string",
    "intentContent": "any",
    "analysisResult": "string",
    "errorMessage": "string",
    "provisioningState": "string",
}
_COMMIT = {
    "description": "string",
    "provisioningState": "string",
    "resourceGuid": "string",
    "commitType": "string",
    "configurationIds": _TEXTS,
    "targetLocations": _TEXTS,
    "activeLocations": _TEXTS,
    "forceUpdateTag": "string",
}


def _resource(name: str, *, needs: bool = False) -> dict[str, Any]:
    parts = {"id": "string", "name": "string", "type": "string", "etag": "string"}
    shared = {"location": "string", "tags": "object", "systemData": "any"}
    required = {"required": ["properties"]} if needs else {}
    return {"members": {**parts, **shared, "properties": f"#{name}Properties"}, **required}


_NAMES: dict[str, tuple[str, dict[str, Any]]] = {
    POOL: ("Pool", {"members": _POOL, "required": ["addressPrefixes"]}),
    CIDR: ("Cidr", {"members": _CIDR}),
    WORKSPACE: ("Workspace", {"members": {"description": "string", "provisioningState": "string"}}),
    INTENT: (
        "Intent",
        {
            "members": _QUESTION,
            "required": ["sourceResourceId", "destinationResourceId", "ipTraffic"],
        },
    ),
    RUN: ("Run", {"members": _RUN, "required": ["intentId"]}),
    COMMIT: ("Commit", {"members": _COMMIT, "required": ["commitType", "targetLocations"]}),
}
_TABLE = Table(
    {
        "bodies": {type_name: f"#{name}" for type_name, (name, _) in _NAMES.items()},
        "types": {
            "Traffic": {"members": _TRAFFIC, "required": list(_TRAFFIC)},
            **{f"{name}Properties": shape for name, shape in _NAMES.values()},
            **{name: _resource(name, needs="required" in shape) for name, shape in _NAMES.values()},
        },
        "values": {},
    }
)


def breaches_of(type_name: str, body: Any) -> Found:
    """Return what is wrong with the body of a PUT, members nobody knows left aside."""
    found: Found = []
    check = _TABLE.checks[type_name]
    if check is not None:
        check(body, (), found)
    return [item for item in found if item.rule != "member"]
