"""The condition language of policy rules: what stands in their `if`.

Operators and names ignore case, and so do comparisons except `match` and `notMatch` (Azure's
page "Azure Policy definition structure policy rule", 2025-03). `count` is not evaluated.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.policy.expressions import ExpressionError, Functions, resolved
from simulator.regions import region_name

LOGICAL = ("allof", "anyof", "not")
_MATCH = {"#": r"\d", "?": "[A-Za-z]", ".": "."}

Condition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """What a condition is asked about: the fields of a resource, and what expressions see."""

    field: Callable[[str], Any]
    functions: Functions


def selects(condition: Condition, context: Context) -> bool:
    """Tell whether a rule with this condition selects a resource.

    "If the result of a template function is an error, policy evaluation fails": that such a
    resource is not selected is `assumed`.
    """
    try:
        return holds(condition, context)
    except (ExpressionError, TypeError, LookupError, ValueError):
        return False


def holds(condition: Condition, context: Context) -> bool:
    """Tell whether a condition is true of a resource, or raise what an expression raises."""
    parts = lowered(condition)
    if "allof" in parts:
        return all(holds(item, context) for item in parts["allof"])
    if "anyof" in parts:
        return any(holds(item, context) for item in parts["anyof"])
    if "not" in parts:
        return not holds(parts["not"], context)
    operator = operator_of(condition)
    if operator is None:
        return False
    wanted = resolved(parts[operator], context.functions)
    if "field" not in parts:
        return _test(operator, resolved(parts.get("value"), context.functions), wanted)
    name = str(resolved(parts["field"], context.functions))
    return _test_field(operator, name, context.field(name), wanted)


def lowered(condition: Condition) -> dict[str, Any]:
    """Return a condition with its keys in lower case: Azure writes and reads them in any."""
    return {key.lower(): value for key, value in condition.items()}


def operator_of(condition: Condition) -> str | None:
    """Return the operator of a condition, in lower case, or None when it has none."""
    return next((key for key in lowered(condition) if key in OPERATORS), None)


def _test_field(operator: str, name: str, found: Any, wanted: Any) -> bool:
    if name.lower() == "location":
        # "East US 2 is considered equal to eastus2".
        found, wanted = _normalized(found), _normalized(wanted)
    if "[*]" in name:
        # Each item is tested by itself, and all must pass: none at all do.
        return all(_test(operator, item, wanted) for item in found or ())
    return _test(operator, found, wanted)


def _normalized(value: Any) -> Any:
    if isinstance(value, list):
        return [_normalized(item) for item in value]
    return region_name(value) if isinstance(value, str) else value


def _test(operator: str, found: Any, wanted: Any) -> bool:
    return OPERATORS[operator](found, wanted)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _folded(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else text.casefold()


def _equals(found: Any, wanted: Any) -> bool:
    left = _folded(found)
    return left is not None and left == _folded(wanted)


def _in(found: Any, wanted: Any) -> bool:
    return any(_equals(found, item) for item in (wanted if isinstance(wanted, list) else [wanted]))


def _like(found: Any, wanted: Any) -> bool:
    pattern = ".*".join(re.escape(part) for part in (_folded(wanted) or "").split("*"))
    return found is not None and re.fullmatch(pattern, _folded(found) or "", re.DOTALL) is not None


def _matches(found: Any, wanted: Any, flags: re.RegexFlag = re.NOFLAG) -> bool:
    pattern = "".join(_MATCH.get(mark) or re.escape(mark) for mark in _text(wanted) or "")
    text = _text(found)
    return text is not None and re.fullmatch(pattern, text, flags) is not None


def _matches_insensitively(found: Any, wanted: Any) -> bool:
    return _matches(found, wanted, re.IGNORECASE)


def _contains(found: Any, wanted: Any) -> bool:
    if isinstance(found, list):
        return any(_equals(item, wanted) for item in found)
    text = _folded(found)
    return text is not None and (_folded(wanted) or "") in text


def _contains_key(found: Any, wanted: Any) -> bool:
    return isinstance(found, Mapping) and _in(wanted, list(found))


def _exists(found: Any, wanted: Any) -> bool:
    return (found is not None) == _equals(wanted, "true")


def _compared(found: Any, wanted: Any) -> int | None:
    """Return -1, 0 or 1; numbers by value, all else as text; None when either is missing."""
    left, right = _folded(found), _folded(wanted)
    if left is None or right is None:
        return None
    try:
        first, second = float(left), float(right)
    except ValueError:
        return (left > right) - (left < right)
    return (first > second) - (first < second)


def _ordered(*allowed: int) -> Callable[[Any, Any], bool]:
    return lambda found, wanted: _compared(found, wanted) in allowed


def _not(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return the opposite; of a field that is not there it is true."""
    return lambda found, wanted: not test(found, wanted)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": _equals,
    "notequals": _not(_equals),
    "in": _in,
    "notin": _not(_in),
    "like": _like,
    "notlike": _not(_like),
    "match": _matches,
    "notmatch": _not(_matches),
    "matchinsensitively": _matches_insensitively,
    "notmatchinsensitively": _not(_matches_insensitively),
    "contains": _contains,
    "notcontains": _not(_contains),
    "containskey": _contains_key,
    "notcontainskey": _not(_contains_key),
    "exists": _exists,
    "less": _ordered(-1),
    "lessorequals": _ordered(-1, 0),
    "greater": _ordered(1),
    "greaterorequals": _ordered(0, 1),
}
