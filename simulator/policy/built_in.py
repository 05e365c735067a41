"""Built-in definitions: a few of Azure's thousands, at the scope of the tenant.

Those that the recordings read and the two that network teams assign most. They are
Azure/azure-policy's texts as of 2023 to 2025. An assignment may name any other built-in: names of
built-ins are GUIDs, so one that is not in this table is taken to exist, and has no effect.
"""

import uuid
from functools import lru_cache
from typing import Any

from simulator.arm.ids import ResourceId, parse_id
from simulator.arm.store import Resource
from simulator.policy.types import DEFINITION


def _built_in(title: str, mode: str, description: str, **properties: Any) -> dict[str, Any]:
    return {
        "displayName": title,
        "policyType": "BuiltIn",
        "mode": mode,
        "description": description,
        **properties,
    }


def _field(name: str, **test: Any) -> dict[str, Any]:
    return {"field": name, **test}


def _parameter(kind: str, title: str, description: str, **more: str) -> dict[str, Any]:
    return {
        "type": kind,
        "metadata": {"displayName": title, "description": description, **more},
    }


_SCALE_SETS = "Microsoft.Compute/VirtualMachineScaleSets"

_DEFINITIONS: dict[str, dict[str, Any]] = {
    "06a78e20-9358-41c9-923c-fb736d382a4d": _built_in(
        "Audit VMs that do not use managed disks",
        "All",
        "This policy audits VMs that do not use managed disks",
        metadata={"version": "1.0.0", "category": "Compute"},
        parameters={},
        policyRule={
            "if": {
                "anyOf": [
                    {
                        "allOf": [
                            _field("type", equals="Microsoft.Compute/virtualMachines"),
                            _field("Microsoft.Compute/virtualMachines/osDisk.uri", exists="True"),
                        ]
                    },
                    {
                        "allOf": [
                            _field("type", equals=_SCALE_SETS),
                            {
                                "anyOf": [
                                    _field(f"{_SCALE_SETS}/osDisk.vhdContainers", exists="True"),
                                    _field(f"{_SCALE_SETS}/osdisk.imageUrl", exists="True"),
                                ]
                            },
                        ]
                    },
                ]
            },
            "then": {"effect": "audit"},
        },
    ),
    "e56962a6-4747-49cd-b67b-bf8b01975c4c": _built_in(
        "Allowed locations",
        "Indexed",
        "This policy enables you to restrict the locations your organization can specify when "
        "deploying resources. Use to enforce your geo-compliance requirements. Excludes resource "
        "groups, Microsoft.AzureActiveDirectory/b2cDirectories, and resources that use the "
        "'global' region.",
        metadata={"version": "1.0.0", "category": "General"},
        parameters={
            "listOfAllowedLocations": _parameter(
                "Array",
                "Allowed locations",
                "The list of locations that can be specified when deploying resources.",
                strongType="location",
            )
        },
        policyRule={
            "if": {
                "allOf": [
                    _field("location", notIn="[parameters('listOfAllowedLocations')]"),
                    _field("location", notEquals="global"),
                    _field("type", notEquals="Microsoft.AzureActiveDirectory/b2cDirectories"),
                ]
            },
            "then": {"effect": "deny"},
        },
    ),
    "871b6d14-10aa-478d-b590-94f262ecfa99": _built_in(
        "Require a tag on resources",
        "Indexed",
        "Enforces existence of a tag. Does not apply to resource groups.",
        metadata={"version": "1.0.1", "category": "Tags"},
        parameters={
            "tagName": _parameter("String", "Tag Name", "Name of the tag, such as 'environment'")
        },
        policyRule={
            "if": _field("[concat('tags[', parameters('tagName'), ']')]", exists="false"),
            "then": {"effect": "deny"},
        },
    ),
}


@lru_cache(maxsize=1)
def built_ins() -> dict[str, Resource]:
    """Return the built-in definitions by key; nobody may change them."""
    found = {}
    for name, properties in _DEFINITIONS.items():
        place = parse_id(f"/providers/{DEFINITION}/{name}")
        if place is not None:
            found[place.key] = Resource(place, DEFINITION, None, None, properties)
    return found


def may_be_built_in(target: ResourceId) -> bool:
    """Tell whether an id can be that of a built-in definition or set: the tenant's, a GUID."""
    if target.scope_kind != "tenant":
        return False
    try:
        return str(uuid.UUID(target.name)) == target.name.lower()
    except ValueError:
        return False
