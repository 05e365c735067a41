"""The condition language of policy rules: what stands in their `if`.

Operators and names ignore case, and so do comparisons except `match` and `notMatch` (Azure's
page "Azure Policy definition structure policy rule", 2025-03).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.policy.expressions import ExpressionError, resolved
from simulator.policy.functions import Functions
from simulator.policy.operators import OPERATORS
from simulator.policy.paths import walk
from simulator.regions import region_name

LOGICAL = ("allof", "anyof", "not")

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
    return operator is not None and _is_met(operator, parts, context)


def _is_met(operator: str, parts: Condition, context: Context) -> bool:
    wanted = resolved(parts[operator], context.functions)
    if "count" in parts:
        return OPERATORS[operator](_count(parts["count"], context), wanted)
    if "field" not in parts:
        return OPERATORS[operator](resolved(parts.get("value"), context.functions), wanted)
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
        return all(OPERATORS[operator](item, wanted) for item in found or ())
    return OPERATORS[operator](found, wanted)


def _normalized(value: Any) -> Any:
    if isinstance(value, list):
        return [_normalized(item) for item in value]
    return region_name(value) if isinstance(value, str) else value


# --- count ------------------------------------------------------------------------------


def _count(counted: Condition, context: Context) -> int:
    """Return how many items of a list meet a condition, all of them without one."""
    parts = lowered(counted)
    if "field" in parts:
        name = str(parts["field"])
        items = context.field(name)
    else:
        name = str(parts.get("name") or "default")
        items = resolved(parts["value"], context.functions)
    if "where" not in parts:
        return len(items or ())
    return sum(holds(parts["where"], _at(item, name, context)) for item in items or ())


def _at(item: Any, name: str, context: Context) -> Context:
    """Return a context in which a name, or an alias and all below it, stands for one item."""
    own = name.lower()

    def current(wanted: str = name) -> Any:
        if wanted.lower() == own:
            return item
        if wanted.lower().startswith(own + "."):
            return walk(item, wanted[len(own) + 1 :])
        outer = context.functions.get("current")
        if outer is None:
            message = f"'{wanted}' is not being counted"
            raise ExpressionError(message)
        return outer(wanted)

    def field(wanted: str) -> Any:
        is_below = wanted.lower() == own or wanted.lower().startswith(own + ".")
        if not (own.endswith("[*]") and is_below):
            return context.field(wanted)
        found = current(wanted)
        return found if isinstance(found, list) else [found]

    return Context(field, {**context.functions, "current": current, "field": field})
