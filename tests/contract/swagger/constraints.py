"""Distils the swagger into the table by which the simulator refuses bodies.

The table holds, for the bodies of the types that are served: what is required, which
members there are, their kinds, values, patterns and ranges. Members and values that are
newer than the swagger are taken from the installed SDK, so that nothing is refused which
some version knows. `python -m tests.contract.swagger` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.arm.provider import Provider
from simulator.providers import PROVIDERS
from tests.contract.swagger import sdk
from tests.contract.swagger.differences import DIFFERENCES
from tests.contract.swagger.schemas import Schemas
from tests.contract.swagger.specs import Node, Specs

TABLE = Path("simulator/constraints.json")
_SOURCE = (
    "Azure/azure-rest-api-specs: Microsoft.Network 2024-03-01, private DNS 2024-06-01, "
    "Microsoft.Resources 2024-07-01, policy 2024-05-01; newer members and values: "
    "azure-mgmt-network 33.1 (2026-03-01)"
)
_WIDTH = 100
_PLAIN = {"string": "string", "boolean": "boolean", "integer": "integer", "number": "number"}
# What the references of the network provider lead to: the swagger has ids only.
_REFERENCES = {
    "ddosProtectionPlan": "ddosProtectionPlans",
    "firewallPolicy": "firewallPolicies",
    "natGateway": "natGateways",
    "networkSecurityGroup": "networkSecurityGroups",
    "publicIPAddress": "publicIPAddresses",
    "publicIPPrefix": "publicIPPrefixes",
    "remoteVirtualNetwork": "virtualNetworks",
    "routeTable": "routeTables",
    "subnet": "virtualNetworks/subnets",
}
# What the swagger requires and Azure does not.
_NOT_REQUIRED = {
    # facts.md section 1: optional since azurerm 4.
    "NetworkManagerProperties": {"networkManagerScopeAccesses"},
    # recordings.md section 6 has it among what the service adds.
    "connectivityGroupItem": {"groupConnectivity"},
}
_BOUNDS = {
    "minimum": "from",
    "maximum": "to",
    "minLength": "shortest",
    "maxLength": "longest",
    "minItems": "fewest",
    "maxItems": "most",
    "pattern": "pattern",
}


def text(specs: Specs) -> str:
    """Return the table as it stands in its file."""
    return _dumped({"source": _SOURCE, "date": "2026-11-25", **Distillery(specs).table()}) + "\n"


class Distillery:
    """Walks the schemas of all bodies that the simulator takes."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
        self.schemas = Schemas(specs, "request")
        self.types: dict[str, Any] = {}
        self.values: dict[str, list[str]] = {}

    def table(self) -> dict[str, Any]:
        """Return bodies by type and verb, and the definitions they lead to."""
        bodies = {
            where: self._type(node)
            for provider in PROVIDERS
            for where, node in self.bodies(provider)
        }
        return {
            "bodies": dict(sorted(bodies.items())),
            "types": dict(sorted(self.types.items())),
            "values": dict(sorted(self.values.items())),
        }

    def bodies(self, provider: Provider) -> Iterator[tuple[str, Node]]:
        """Yield the schemas of a type's bodies by verb and place."""
        place = _place(provider)
        verbs = [verb for verb in ("PUT", "PATCH") if verb in provider.verbs]
        asked: list[tuple[str, str, str]] = [(verb, provider.type, place) for verb in verbs]
        asked += [
            ("POST", f"{provider.type}/{name}", f"{place}/{name}") for name in provider.actions
        ]
        for method, name, path in asked:
            operations = self.specs.candidates(method, path)
            newest = max(operations, key=lambda item: item.version, default=None)
            node = self.specs.body(newest) if newest else None
            if node is not None:
                yield f"{method} {name.lower()}", self.specs.resolve(node)

    def kind(self, node: Node, name: str = "") -> Any:
        """Return the kind of a value, as `simulator.arm.constraints` reads it."""
        resolved = self.specs.resolve(node)
        value = resolved.value
        if self._is_resource(resolved):
            return f"->{_REFERENCES.get(name, '')}"
        if value.get("type") == "array":
            kind: Any = self._list(Node(resolved.file, value["items"]))
        elif "properties" in value or "allOf" in value:
            kind = self._type(resolved)
        elif "enum" in value:
            kind = self._values(resolved)
        elif isinstance(value.get("additionalProperties"), dict):
            kind = "object"
        else:
            kind = _PLAIN.get(value.get("type", ""), "any")
        bounds = {ours: value[theirs] for theirs, ours in _BOUNDS.items() if theirs in value}
        return {"is": kind, **bounds} if bounds else kind

    def _list(self, node: Node) -> list[str]:
        item = self.specs.resolve(node)
        kind = self.kind(item)
        # Children in a list are told apart by their names, without which none is read
        # (Azure/azure-resource-manager-schemas issue 590, azure-rest-api-specs issue 16743).
        is_child = any(base.name == "SubResource" for base in self.schemas.bases(item))
        return [kind, "named"] if is_child and str(kind).startswith("#") else [kind]

    def _values(self, node: Node) -> str:
        name = node.value.get("x-ms-enum", {}).get("name") or node.name
        known = {str(item) for item in node.value["enum"]} | sdk.values(name)
        self.values[name] = sorted(known | set(self.values.get(name, ())))
        return f"={name}"

    def _is_resource(self, node: Node) -> bool:
        """Tell whether only the id counts: another resource, not a part of this one."""
        bases = {base.name for base in self.schemas.bases(node)}
        return node.name == "SubResource" or bool(bases & {"Resource", "TrackedResource"})

    def _type(self, node: Node) -> str:
        if node.name in self.types:
            return f"#{node.name}"
        self.types[node.name] = found = {}
        if node.value.get("discriminator"):
            found["by"] = node.value["discriminator"]
            found["one of"] = {
                name: self._type(subtype)
                for name, subtype in sorted(self.schemas.subtypes(node).items())
            }
            return f"#{node.name}"
        required = sorted(self.schemas.required(node) - _NOT_REQUIRED.get(node.name, set()))
        if required:
            found["required"] = required
        found["members"] = self._members(node)
        return f"#{node.name}"

    def _newer(self, name: str, node: Node) -> str:
        """Return the kind of a member that only the SDK may know; what is inside is free."""
        if sdk.is_read_only(node.name, name):
            return "any"
        kind = sdk.kind(sdk.fields(node.name)[name])
        if kind.startswith("="):
            self.values.setdefault(kind[1:], sorted(sdk.values(kind[1:])))
        return kind

    def _members(self, node: Node) -> Any:
        if node.value.get("additionalProperties"):
            return "any"
        members = {
            name: self.kind(item, name) if self.schemas.is_shown(item) else "any"
            for name, item in self.schemas.properties(node).items()
        }
        newer = {name: self._newer(name, node) for name in sdk.fields(node.name)}
        newer |= dict.fromkeys(_shown(node.name), "any")
        return dict(sorted({**newer, **members}.items()))


def _shown(definition: str) -> list[str]:
    """Return the members that Azure shows though no description has them; it takes them back."""
    start = f"unknown {definition}."
    listed = [entry["finding"] for entry in DIFFERENCES]
    return [item.removeprefix(start) for item in listed if item.startswith(start)]


def _place(provider: Provider) -> str:
    """Return the path of some resource of a type."""
    namespace, *types = provider.type.split("/")
    if namespace == "Microsoft.Resources":
        return "/subscriptions/s/resourcegroups/g"
    scope = (
        "/subscriptions/s/resourceGroups/g"
        if "resourceGroup" in provider.scopes
        else "/subscriptions/s"
    )
    return f"{scope}/providers/{namespace}/" + "/".join(f"{item}/n" for item in types)


def _dumped(value: Any, indent: int = 0) -> str:
    """Return JSON that a person can read: what fits into a line stands in one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent < _WIDTH or not isinstance(value, dict | list):
        return flat
    start, end = ("{", "}") if isinstance(value, dict) else ("[", "]")
    inner = indent + 1
    parts = (
        [f"{json.dumps(key)}: {_dumped(item, inner)}" for key, item in value.items()]
        if isinstance(value, dict)
        else [_dumped(item, inner) for item in value]
    )
    space = "\n" + " " * inner
    return f"{start}{space}{(',' + space).join(parts)}\n{' ' * indent}{end}"
