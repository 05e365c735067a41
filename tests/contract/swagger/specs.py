"""Microsoft's swagger: its files, its operations, and what a `$ref` leads to.

The files lie beside the recordings, in the folder `specs`; none is copied here. Where a
service has several versions, a request is judged by the newest that is not newer than
its own api-version.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.contract.swagger.exchange import Exchange

# The services that the simulator serves a part of, below the folder of specs.
SERVICES = (
    "network/resource-manager/Microsoft.Network/stable",
    "privatedns/resource-manager/Microsoft.Network/stable",
    "resources/resource-manager/Microsoft.Resources/stable",
    "resources/resource-manager/Microsoft.Authorization/stable",
)
# A path for any type whatever judges none.
_GENERIC = "{parentResourcePath}"
_METHODS = frozenset({"get", "put", "post", "patch", "delete", "head"})


@dataclass(frozen=True)
class Node:
    """A piece of a swagger file, which knows the file its references start from."""

    file: Path
    value: Any
    name: str = ""


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation: a path template and a method."""

    template: str
    method: str
    pattern: re.Pattern[str]
    version: str
    node: Node
    shared: tuple[Any, ...]

    def names_in(self, path: str) -> dict[str, str]:
        """Return the names in a path by their parameters, in lower case."""
        found = self.pattern.fullmatch(path)
        names = [name.strip("{}").lower() for name in re.findall(r"\{.*?\}", self.template)]
        return dict(zip(names, found.groups() if found else (), strict=True))

    @property
    def label(self) -> str:
        """Return the method and the path below its last provider."""
        return f"{self.method} {short(self.template)}"


def short(path: str) -> str:
    """Return the part of a path that tells the type."""
    return re.split(r"/providers/", path, flags=re.IGNORECASE)[-1].strip("/")


class Specs:
    """All operations of the services, found by a request."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[Path, Any] = {}
        self._operations: list[Operation] = []
        for service in SERVICES:
            for file in sorted((folder / service).glob("*/*.json")):
                self._add(file, file.parent.name)
        # The most literal template first: names may hold nearly anything.
        self._operations.sort(key=lambda item: -len(re.sub(r"\{.*?\}", "", item.template)))

    def _add(self, file: Path, version: str) -> None:
        document = self.document(file)
        for template, verbs in _paths(document):
            shared = tuple(verbs.get("parameters", ()))
            for method in _METHODS & set(verbs):
                node = Node(file, verbs[method])
                self._operations.append(
                    Operation(template, method.upper(), _pattern(template), version, node, shared)
                )

    def document(self, file: Path) -> Any:
        """Return a file, read once."""
        file = Path(os.path.normpath(file))
        if file not in self._files:
            self._files[file] = json.loads(file.read_text())
        return self._files[file]

    def resolve(self, node: Node) -> Node:
        """Follow a reference, as often as it takes; keys beside it stay."""
        while isinstance(node.value, dict) and "$ref" in node.value:
            rest = {key: value for key, value in node.value.items() if key != "$ref"}
            target = self.target(node.file, node.value["$ref"])
            node = Node(target.file, {**target.value, **rest}, target.name)
        return node

    def target(self, file: Path, reference: str) -> Node:
        """Return what a reference in a file leads to."""
        where, _, pointer = reference.partition("#")
        target = Path(os.path.normpath(file.parent / where)) if where else file
        value = self.document(target)
        for part in pointer.strip("/").split("/"):
            value = value[part.replace("~1", "/").replace("~0", "~")]
        return Node(target, value, pointer.rsplit("/", 1)[-1])

    def definitions(self, file: Path) -> Iterator[Node]:
        """Yield the definitions of a file."""
        for name, value in self.document(file).get("definitions", {}).items():
            yield Node(file, value, name)

    def operation(self, exchange: Exchange) -> Operation | None:
        """Return the operation that an exchange is of."""
        found = self.candidates(exchange.method, exchange.path)
        if not found:
            return None
        wanted = exchange.query.get("api-version", "")
        older = [item for item in found if item.version <= wanted]
        newest = max(older, key=lambda item: item.version, default=None)
        return newest or min(found, key=lambda item: item.version)

    def candidates(self, method: str, path: str) -> list[Operation]:
        """Return the operation in all its versions; the most literal template wins."""
        matching = [
            operation
            for operation in self._operations
            if operation.method == method and operation.pattern.fullmatch(path)
        ]
        return [item for item in matching if _same_place(item, matching[0])]

    def parameters(self, operation: Operation) -> list[dict[str, Any]]:
        """Return the parameters, those of the path included."""
        own = operation.node.value.get("parameters", ())
        nodes = [Node(operation.node.file, item) for item in (*operation.shared, *own)]
        return [self.resolve(node).value for node in nodes]

    def body(self, operation: Operation) -> Node | None:
        """Return the schema of the request's body, if it has one."""
        for item in (*operation.shared, *operation.node.value.get("parameters", ())):
            found = self.resolve(Node(operation.node.file, item))
            if found.value.get("in") == "body":
                return Node(found.file, found.value["schema"])
        return None


def _same_place(one: Operation, other: Operation) -> bool:
    return re.sub(r"\{.*?\}", "{}", one.template.lower()) == re.sub(
        r"\{.*?\}", "{}", other.template.lower()
    )


def _paths(document: Any) -> Iterator[tuple[str, Any]]:
    for template, verbs in document.get("paths", {}).items():
        # A path that is one name for any id says nothing of a type.
        if template.strip("/").count("/") and _GENERIC not in template:
            yield template, verbs


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{.*?\})", template.rstrip("/"))
    text = "".join(_part(part, first=n == 1 and parts[0] == "/") for n, part in enumerate(parts))
    return re.compile(text + "/?", re.IGNORECASE)


def _part(part: str, *, first: bool) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    # A scope at the start of a path is a path itself.
    return "(.+)" if first else "([^/]+)"


@cache
def specs() -> Specs | None:
    """Return the swagger beside the recordings, or None where there is none."""
    recordings = os.environ.get("ORRERY_RECORDINGS", "")
    folder = Path(recordings).parent / "specs"
    return Specs(folder) if recordings and folder.is_dir() else None
