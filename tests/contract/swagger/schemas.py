"""Swagger 2.0 schemas as JSON schema, strict: what is not described is an error.

`allOf` is flattened, so that each object knows all its properties and takes no other.
A discriminated type becomes a choice by its discriminator. Each schema says which
definition it comes from (`x-definition`), so that a finding can name it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from tests.contract.swagger.specs import Node, Specs

Side = Literal["request", "answer"]
# What means the same in both languages.
_KEPT = ("minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "pattern", "format")
_LISTS = ("minItems", "maxItems", "uniqueItems")


class Schemas:
    """JSON schemas of one side: what a client may send, or what a service may answer."""

    def __init__(self, specs: Specs, side: Side) -> None:
        self.specs = specs
        self.side = side
        self.defs: dict[str, Any] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._subtypes: dict[str, dict[str, Node]] = {}

    def root(self, node: Node) -> dict[str, Any]:
        """Return the schema of a body as a document of its own."""
        return {"$defs": self.defs, **self.convert(node)}

    def convert(self, node: Node) -> dict[str, Any]:
        """Return the JSON schema of a swagger schema."""
        value = node.value
        if "$ref" in value:
            target = self.specs.target(node.file, value["$ref"])
            return {"$ref": f"#/$defs/{self._define(target)}"}
        return self._inline(node)

    def _define(self, target: Node) -> str:
        key = (str(target.file), target.name)
        if key not in self._names:
            name = f"{len(self._names)}-{target.name}"
            self._names[key] = name
            self.defs[name] = self._inline(target)
        return self._names[key]

    def _inline(self, node: Node) -> dict[str, Any]:
        value, found = node.value, dict[str, Any]()
        if _is_object(value):
            found = self._chosen(node) if value.get("discriminator") else self._object(node)
        elif value.get("type") == "array":
            found = {"type": "array", "items": self.convert(Node(node.file, value["items"]))}
            found.update({key: value[key] for key in _LISTS if key in value})
        elif value.get("type"):
            found = {"type": _type(value)}
            found.update({key: value[key] for key in _KEPT if key in value})
            _as_number(found)
        if "enum" in value:
            found["enum"] = list(value["enum"])
            found["x-enum"] = value.get("x-ms-enum", {}).get("name", node.name)
        if value.get("x-nullable") and "type" in found:
            found["type"] = [found["type"], "null"]
        return found

    def _chosen(self, node: Node) -> dict[str, Any]:
        """Return the choice between the subtypes of a discriminated type."""
        key = node.value["discriminator"]
        subtypes = self.subtypes(node)
        return {
            "type": "object",
            "required": [key],
            "properties": {key: {"enum": sorted(subtypes), "x-enum": node.name}},
            "allOf": [
                {
                    "if": {"properties": {key: {"const": name}}, "required": [key]},
                    "then": {"$ref": f"#/$defs/{self._define(subtype)}"},
                }
                for name, subtype in sorted(subtypes.items())
            ],
            "x-definition": node.name,
        }

    def subtypes(self, node: Node) -> dict[str, Node]:
        """Return the definitions that extend a discriminated one, by discriminator value."""
        if node.name not in self._subtypes:
            self._subtypes[node.name] = {
                item.value.get("x-ms-discriminator-value", item.name): item
                for item in self.specs.definitions(node.file)
                if any(base.name == node.name for base in self.bases(item))
            }
        return self._subtypes[node.name]

    def _object(self, node: Node) -> dict[str, Any]:
        properties = {
            name: self._property(item, node.name) for name, item in self.properties(node).items()
        }
        found: dict[str, Any] = {"type": "object", "x-definition": node.name}
        if properties:
            found["properties"] = properties
        required = sorted(self.required(node))
        if required:
            found["required"] = required
        more = self._more(node)
        found["additionalProperties"] = more if more is not None else not properties
        return found

    def _more(self, node: Node) -> Any:
        """Return the schema of further properties, or None where the type names no such."""
        for item in (node, *self.bases(node)):
            more = item.value.get("additionalProperties")
            if isinstance(more, dict):
                return self.convert(Node(item.file, more))
            if more is not None:
                return more
        return None

    def _property(self, node: Node, owner: str) -> dict[str, Any]:
        if self.is_shown(node):
            return self.convert(node)
        return {"not": {}, "x-definition": owner}

    def is_shown(self, node: Node) -> bool:
        """Tell whether a property means something on this side; Azure ignores the others."""
        value = self.specs.resolve(node).value
        mutability = value.get("x-ms-mutability")
        if self.side == "answer":
            return mutability is None or "read" in mutability
        return not (value.get("readOnly") or mutability == ["read"])

    def properties(self, node: Node) -> dict[str, Node]:
        """Return all properties, inherited ones first."""
        found: dict[str, Node] = {}
        for item in (*reversed(list(self.bases(node))), node):
            for name, value in item.value.get("properties", {}).items():
                found[name] = Node(item.file, value)
        return found

    def required(self, node: Node) -> set[str]:
        """Return the names that must be there on this side."""
        named = {
            name for item in (node, *self.bases(node)) for name in item.value.get("required", ())
        }
        properties = self.properties(node)
        return {name for name in named if name in properties and self.is_shown(properties[name])}

    def bases(self, node: Node) -> Iterator[Node]:
        """Yield what a definition extends, nearest first."""
        for value in node.value.get("allOf", ()):
            base = self.specs.resolve(Node(node.file, value))
            yield base
            yield from self.bases(base)


def _is_object(value: dict[str, Any]) -> bool:
    return value.get("type") == "object" or "properties" in value or "allOf" in value


def _type(value: dict[str, Any]) -> str:
    return "string" if value["type"] == "file" else str(value["type"])


def _as_number(found: dict[str, Any]) -> None:
    """Turn Swagger's flag "exclusive" into JSON schema's bound."""
    if found.pop("exclusiveMinimum", False) is True:
        found["exclusiveMinimum"] = found.pop("minimum")
