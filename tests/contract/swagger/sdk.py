"""What the installed SDK knows: its models are newer than the swagger at hand."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any

from azure.mgmt.network import models as network
from azure.mgmt.network.operations import _operations as network_operations
from azure.mgmt.privatedns import models as private_dns
from azure.mgmt.resource.resources import models as resources

from tests.contract.swagger.exchange import Exchange
from tests.contract.swagger.judge import Finding

_MODULES = (network, private_dns, resources)
_FIRST_ERROR = 400
_MODEL = re.compile(r"_models\.(\w+)")


def knows(finding: Finding) -> bool:
    """Tell whether what the swagger does not know is right by the SDK's models."""
    if finding.what == "unknown":
        annotation = fields(finding.definition).get(finding.name)
        return annotation is not None and _fits(finding.value, annotation)
    if finding.what == "value":
        return finding.name in values(finding.definition)
    return finding.what == "operation" and _has_operation(finding.value.path)


@cache
def fields(definition: str) -> dict[str, str]:
    """Return the annotations of a model's properties by their names on the wire."""
    hints: dict[str, Any] = {}
    for base in reversed(getattr(_model(definition), "__mro__", ())):
        hints.update(getattr(base, "__annotations__", {}))
    return {
        field._rest_name: str(hints.get(name))  # noqa: SLF001  only here SDK names meet the wire's
        for name, field in _described(definition).items()
    }


def is_read_only(definition: str, name: str) -> bool:
    """Tell whether a service fills in a property and ignores what a client sends."""
    described = _described(definition).values()
    return any(item._rest_name == name and item._visibility == ["read"] for item in described)  # noqa: SLF001  the same


@cache
def _described(definition: str) -> dict[str, Any]:
    """Return the descriptions of a model's fields, which its class has after the first use."""
    model = _model(definition)
    if model is None:
        return {}
    found: dict[str, Any] = vars(model({}).__class__).get("_attr_to_rest_field", {})
    return found


def _model(definition: str) -> Any:
    found = _found(definition)
    is_model = inspect.isclass(found) and hasattr(found, "as_dict")
    return found if is_model else None


def kind(annotation: str) -> str:
    """Return the kind of a property in the words of the simulator's table of constraints."""
    named = _MODEL.search(annotation)
    if "[" in annotation.partition("Optional[")[2] or "dict[" in annotation:
        return "any"
    if named:
        return f"={named.group(1)}" if values(named.group(1)) else "any"
    found = [word for word in _KINDS if re.search(rf"\b{word}\b", annotation)]
    return _KINDS[found[0]] if len(found) == 1 else "any"


_KINDS = {"bool": "boolean", "int": "integer", "str": "string"}


@cache
def values(enum: str) -> frozenset[str]:
    """Return the values of an enum."""
    found = _found(enum)
    is_enum = inspect.isclass(found) and issubclass(found, Enum)
    return frozenset(str(item.value) for item in found) if is_enum else frozenset()


def _found(name: str) -> Any:
    return next((getattr(item, name) for item in _MODULES if name and hasattr(item, name)), None)


def _fits(value: Any, annotation: str) -> bool:
    """Tell whether a value has the form of an annotation, models looked into."""
    if isinstance(value, list):
        inner = annotation.partition("list[")[2]
        return bool(inner) and all(_fits(item, inner) for item in value)
    if isinstance(value, dict):
        model = _MODEL.search(annotation)
        known = fields(model.group(1)) if model else {}
        free = "dict[" in annotation or "Any" in annotation
        return free or all(key in known and _fits(value[key], known[key]) for key in value)
    plain = re.sub(r"(list|dict)\[.*?\]", "", annotation)
    return re.search(rf"\b({_WORDS[type(value)]})\b", plain) is not None


_WORDS = {
    bool: "bool",
    int: "int|float",
    float: "float",
    str: "str|datetime",
    type(None): "None|Optional",
}


@cache
def _templates() -> tuple[re.Pattern[str], ...]:
    source = inspect.getsource(network_operations)
    found = set(re.findall(r'_url = "(/[^"]+)"', source))
    return tuple(
        re.compile(re.sub(r"\{.*?\}", "[^/]+", item), re.IGNORECASE) for item in sorted(found)
    )


def _has_operation(path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in _templates())


def unknown_in(exchange: Exchange) -> Iterator[Finding]:
    """Yield what the models do not know in an operation that the swagger does not know.

    A model has the name of its type in the singular; what actions send and answer is free.
    """
    if exchange.method == "POST" or exchange.status >= _FIRST_ERROR:
        return
    *_, kind, last = exchange.path.split("/")
    where = f"{exchange.method} {kind}/{last}"
    bodies = [exchange.body, exchange.answer]
    if not hasattr(network, _singular(kind)):
        kind, bodies = last, exchange.answer["value"]
    model = _singular(kind)
    for name, value in (pair for body in bodies if body for pair in body.items()):
        annotation = fields(model).get(name)
        if annotation is None or not _fits(value, annotation):
            yield Finding(where, "unknown", name, model, value)


def _singular(kind: str) -> str:
    return kind[:1].upper() + kind[1:].removesuffix("s")
