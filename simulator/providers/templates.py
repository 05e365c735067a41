"""Exported templates: what a resource group holds, written as a deployment."""

from collections.abc import Iterable
from typing import Any

from simulator.arm.call import Call, Reply
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_LEFT_OUT = ("provisioningState", "resourceGuid")


def export_template(call: Call, group: Resource) -> Reply:
    """Answer with the template of an exportTemplate, at once.

    Recorded is that of an empty group (test_resource_group); real ones make parameters of
    names, which this one spells out, as the option SkipAllParameterization asks for.
    """
    wanted = call.body.get("resources")
    if not isinstance(wanted, list) or not wanted:
        raise ArmError(
            400,
            "InvalidRequestContent",
            "The request content was invalid: property 'resources' is required.",
            gateway=True,
        )
    found = call.world.store.in_group(group.key)
    chosen = {str(item).lower() for item in wanted}
    kept = [item for item in found if "*" in chosen or item.key in chosen]
    return Reply(200, {"template": _template(call, kept)})


def _template(call: Call, resources: Iterable[Resource]) -> dict[str, Any]:
    return {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {},
        "variables": {},
        "resources": [_resource(call, item) for item in resources],
    }


def _resource(call: Call, resource: Resource) -> dict[str, Any]:
    shown = {
        "type": resource.type,
        "apiVersion": "2024-03-01",
        "name": "/".join(resource.id.names),
        **({"location": resource.location} if resource.location else {}),
        **({"tags": resource.tags} if resource.tags else {}),
        **resource.extras,
    }
    parent = resource.id.parent
    if parent is not None and call.world.store.get(parent.key) is not None:
        arguments = ", ".join(f"'{part}'" for part in (parent.type, *parent.names))
        shown["dependsOn"] = [f"[resourceId({arguments})]"]
    properties = resource.properties.items()
    shown["properties"] = {key: value for key, value in properties if key not in _LEFT_OUT}
    return shown
