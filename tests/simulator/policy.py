"""Bodies of Azure Policy, and words for what tests do with them."""

from typing import Any

import httpx

from tests.simulator.azure import SUBSCRIPTION, Azure
from tests.simulator.manager import group_id

AUTHORIZATION = "providers/Microsoft.Authorization"
PRODUCTION = {"field": "tags['environment']", "equals": "production"}
NETWORKS = {"field": "type", "equals": "Microsoft.Network/virtualNetworks"}


def definition_id(name: str, scope: str = SUBSCRIPTION) -> str:
    """Return the id of a definition."""
    return f"{scope}/{AUTHORIZATION}/policyDefinitions/{name}"


def set_id(name: str, scope: str = SUBSCRIPTION) -> str:
    """Return the id of a set."""
    return f"{scope}/{AUTHORIZATION}/policySetDefinitions/{name}"


def assignment_id(name: str, scope: str = SUBSCRIPTION) -> str:
    """Return the id of an assignment."""
    return f"{scope}/{AUTHORIZATION}/policyAssignments/{name}"


def a_definition(
    condition: dict[str, Any] = PRODUCTION, group: str = "prod", **properties: Any
) -> dict[str, Any]:
    """Return the body of a definition that adds what meets a condition to a group."""
    details = {"networkGroupId": group_id(group)}
    return {
        "properties": {
            "mode": "Microsoft.Network.Data",
            "policyRule": {
                "if": condition,
                "then": {"effect": "addToNetworkGroup", "details": details},
            },
            **properties,
        }
    }


def an_audit(**properties: Any) -> dict[str, Any]:
    """Return the body of a definition that has nothing to do with networks."""
    rule = {"if": {"field": "location", "equals": "westus"}, "then": {"effect": "audit"}}
    return {"properties": {"mode": "All", "policyRule": rule, **properties}}


def a_set(*definitions: str, **properties: Any) -> dict[str, Any]:
    """Return the body of a set of definitions given by their ids."""
    listed = [
        {"policyDefinitionId": item, "policyDefinitionReferenceId": item.rsplit("/", 1)[-1]}
        for item in definitions
    ]
    return {"properties": {"policyDefinitions": listed, **properties}}


def an_assignment(definition: str, **properties: Any) -> dict[str, Any]:
    """Return the body of an assignment of a definition or set given by its id."""
    return {"properties": {"policyDefinitionId": definition, **properties}}


async def define(azure: Azure, name: str, body: Any, scope: str = SUBSCRIPTION) -> httpx.Response:
    """Put a definition."""
    return await azure.put(definition_id(name, scope), body)


async def assign(
    azure: Azure, definition: str, scope: str = SUBSCRIPTION, name: str = "a", **properties: Any
) -> httpx.Response:
    """Assign a definition or set given by its id."""
    return await azure.put(assignment_id(name, scope), an_assignment(definition, **properties))
