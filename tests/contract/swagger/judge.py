"""The judge: what of an exchange the swagger does not allow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from tests.contract.swagger.exchange import Exchange
from tests.contract.swagger.formats import FORMATS
from tests.contract.swagger.schemas import Schemas, Side
from tests.contract.swagger.specs import Node, Operation, Specs

_FIRST_ERROR = 400
_NAME_RULES = ("pattern", "minLength", "maxLength", "format")


@dataclass(frozen=True, order=True)
class Finding:
    """Something that the swagger does not allow, the same words for the same cause.

    `what` is "unknown" (a property), "one-sided" (read-only and sent, or secret and shown),
    "value" (of an enum), "required", "status", "query", "operation", "body" or the word of
    JSON schema; `name` is the property or value.
    """

    where: str
    what: str
    name: str
    definition: str = ""
    value: Any = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """Return what findings of one cause have in common, wherever they are."""
        if self.what in ("unknown", "value", "one-sided"):
            return f"{self.what} {self.definition}.{self.name}"
        return f"{self.what} {self.name}: {self.where}"

    def __str__(self) -> str:
        """Return a line for a person."""
        return f"{self.where}: {self.what} {self.name} ({self.definition})"


class Judge:
    """Validates exchanges against the swagger; compiles each schema once."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
        self._schemas = {side: Schemas(specs, side) for side in ("request", "answer")}
        self._validators: dict[tuple[Side, Operation, str], Draft202012Validator] = {}

    def judge(self, exchanges: Iterable[Exchange]) -> list[Finding]:
        """Return all findings in exchanges, one for each place that gives cause."""
        return [finding for item in exchanges for finding in self.findings(item)]

    def findings(self, exchange: Exchange) -> Iterator[Finding]:
        """Yield what the swagger does not allow in one exchange."""
        if exchange.is_poll:
            return
        operation = self.specs.operation(exchange)
        if operation is None:
            where = f"{exchange.method} {_type_of(exchange.path)}"
            yield Finding(where, "operation", exchange.method, value=exchange)
            return
        yield from self.in_request(operation, exchange)
        yield from self.in_answer(operation, exchange)

    def in_request(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """Yield what the swagger does not allow a client to send."""
        yield from self._path(operation, exchange)
        yield from self._query(operation, exchange)
        yield from self._content(operation, exchange)

    def _path(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """Yield the names in a path that break their parameter's rules."""
        given = operation.names_in(exchange.path)
        for item in self.specs.parameters(operation):
            if item["in"] != "path":
                continue
            name = given[item["name"].lower()]
            rules = {key: item[key] for key in _NAME_RULES if key in item}
            for error in Draft202012Validator(rules, format_checker=FORMATS).iter_errors(name):
                yield Finding(operation.label, f"path {error.validator}", f"{item['name']} {name}")

    def _query(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        known = [item for item in self.specs.parameters(operation) if item["in"] == "query"]
        names = {item["name"].lower(): item.get("required", False) for item in known}
        sent = {name.lower() for name in exchange.query}
        for name in sorted(sent - set(names)):
            yield Finding(operation.label, "query", name)
        for name in sorted(name for name, must in names.items() if must and name not in sent):
            yield Finding(operation.label, "required", name)

    def _content(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        node = self.specs.body(operation)
        if node is None:
            if exchange.body is not None:
                yield Finding(f"{operation.label} request", "body", "unexpected")
            return
        where = f"{operation.label} request"
        yield from self._body("request", operation, "", node, exchange.body, where)

    def in_answer(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """Yield what the swagger does not allow the service to answer."""
        responses, status = operation.node.value["responses"], str(exchange.status)
        if status not in responses and exchange.status < _FIRST_ERROR:
            yield Finding(operation.label, "status", status)
            return
        status = status if status in responses else "default"
        found = self.specs.resolve(Node(operation.node.file, responses.get(status, {})))
        where = f"{operation.label} answer {status}"
        if "schema" not in found.value:
            if exchange.answer is not None and exchange.status < _FIRST_ERROR:
                yield Finding(where, "body", "unexpected")
            return
        if exchange.method == "HEAD":
            return
        node = Node(found.file, found.value["schema"])
        yield from self._body("answer", operation, status, node, exchange.answer, where)

    def _body(  # noqa: PLR0913  the parts of one comparison
        self, side: Side, operation: Operation, status: str, node: Node, body: Any, where: str
    ) -> Iterator[Finding]:
        key = (side, operation, status)
        if key not in self._validators:
            schema = self._schemas[side].root(node)
            self._validators[key] = Draft202012Validator(schema, format_checker=FORMATS)
        for error in self._validators[key].iter_errors(body):
            yield from _as_findings(error, where)


def _as_findings(error: ValidationError, where: str) -> Iterator[Finding]:
    path = "".join("[]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    path = re.sub(r"^\.", "", path)
    place = f"{where} {path}".rstrip()
    schema: Any = error.schema
    definition = schema.get("x-definition", "")
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        for name in sorted(set(error.instance) - set(schema.get("properties", {}))):
            yield Finding(place, "unknown", name, definition, error.instance[name])
    elif error.validator == "required":
        given: Any = error.instance
        missing = sorted(set(schema["required"]) - set(given))
        yield from (Finding(place, "required", name, definition) for name in missing)
    elif error.validator == "not":
        yield Finding(place, "one-sided", str(error.absolute_path[-1]), definition)
    elif error.validator == "enum":
        yield Finding(place, "value", str(error.instance), schema.get("x-enum", ""))
    else:
        yield Finding(place, str(error.validator), error.message[:80], definition)


def _type_of(path: str) -> str:
    tail = re.split(r"/providers/", path, flags=re.IGNORECASE)[-1].strip("/")
    return "/".join(tail.split("/")[:1] + tail.split("/")[1::2])
