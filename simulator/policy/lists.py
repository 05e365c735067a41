"""Lists of policy types, which show more than what lies below a scope, and their filters."""

import re
from collections.abc import Callable, Iterable

from simulator.arm.call import Call
from simulator.arm.errors import ArmError
from simulator.arm.store import Resource
from simulator.hierarchy import holds

_EXACT = re.compile(r"atexactscope\(\)", re.IGNORECASE)
_AT_OR_ABOVE = re.compile(r"atscope\(\)", re.IGNORECASE)
# The specification writes "-eq" in some places and "eq" in others.
_EQUALS = re.compile(r"(\w+)\s+-?eq\s+'?([^']*)'?", re.IGNORECASE)

Test = Callable[[Resource], bool]


def listed(call: Call, found: Iterable[Resource], *, below: bool) -> list[Resource]:
    """Return those that apply at a scope: there, above it, and `below` it if so wanted.

    `$filter` is read as the specification describes it: `atExactScope()`, `atScope()`,
    `policyDefinitionId eq`, `policyType -eq`, `category -eq`.
    """
    test = _test(call)
    return [item for item in found if _applies(item, call, below=below) and test(item)]


def _applies(item: Resource, call: Call, *, below: bool) -> bool:
    scope, world = call.id.scope, call.world
    return holds(world, item.id.scope, scope) or (below and holds(world, scope, item.key))


def _test(call: Call) -> Test:
    text = call.query.get("$filter", "").strip()
    if not text:
        return lambda _: True
    if _EXACT.fullmatch(text):
        return lambda item: item.id.scope.lower() == call.id.scope.lower()
    if _AT_OR_ABOVE.fullmatch(text):
        return lambda item: holds(call.world, item.id.scope, call.id.scope)
    equals = _EQUALS.fullmatch(text)
    if equals is None:
        raise _invalid(text)
    return _value_test(text, equals[1].lower(), equals[2].lower())


def _value_test(text: str, name: str, value: str) -> Test:
    if name in ("policytype", "policydefinitionid"):
        key = "policyType" if name == "policytype" else "policyDefinitionId"
        return lambda item: str(item.properties.get(key)).lower() == value
    if name == "category":
        return lambda item: _category(item) == value
    raise _invalid(text)


def _category(item: Resource) -> str:
    return str((item.properties.get("metadata") or {}).get("category")).lower()


def _invalid(text: str) -> ArmError:
    return ArmError(
        400,
        "InvalidFilterInQueryString",
        f"Invalid $filter '{text}' specified in the query string.",
        gateway=True,
    )
