"""The functions of template expressions that rules of network groups use.

They are Resource Manager's, and `ipRangeContains`, which only policies have. What a resource
answers (`field`, `resourceGroup` and so on) is added for each (`simulator.policy.fields`).
"""

from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

Functions = Mapping[str, Callable[..., Any]]

# First and last address, and the family.
_Range = tuple[int, int, int]


def member_of(target: Any, key: Any) -> Any:
    """Return a property, by name in any case, or an item by number; None when missing."""
    if isinstance(target, Mapping):
        wanted = str(key).lower()
        return next((value for name, value in target.items() if name.lower() == wanted), None)
    if isinstance(target, list) and isinstance(key, int) and key < len(target):
        return target[key]
    return None


def _concat(*parts: Any) -> Any:
    if any(isinstance(part, list) for part in parts):
        return [item for part in parts for item in part]
    return "".join(str(part) for part in parts)


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, Mapping):
        return member_of(whole, part) is not None
    return part in (whole or ())


def _range(text: str) -> _Range:
    first, _, last = text.partition("-")
    if last:
        low, high = ip_address(first.strip()), ip_address(last.strip())
        return int(low), int(high), low.version
    network = ip_network(text, strict=False)
    return int(network[0]), int(network[-1]), network.version


def _ip_range_contains(outer: str, inner: str) -> bool:
    """Tell whether a range (an address, a prefix, or first-last) holds another."""
    low, high, family = _range(outer)
    first, last, other = _range(inner)
    if family != other or low > high or first > last:
        message = f"ranges {outer} and {inner} cannot be compared"
        raise ValueError(message)
    return low <= first and last <= high


KNOWN: Functions = {
    "concat": _concat,
    "tolower": lambda text: str(text).lower(),
    "toupper": lambda text: str(text).upper(),
    "trim": lambda text: str(text).strip(),
    "string": str,
    "int": int,
    "replace": lambda text, old, new: str(text).replace(old, new),
    "split": lambda text, by: str(text).split(by),
    "first": lambda items: items[0] if items else None,
    "last": lambda items: items[-1] if items else None,
    "length": lambda items: len(items or ()),
    "empty": lambda items: not items,
    "contains": _contains,
    "startswith": lambda text, part: str(text).lower().startswith(str(part).lower()),
    "endswith": lambda text, part: str(text).lower().endswith(str(part).lower()),
    "equals": lambda left, right: left == right,
    "not": lambda value: not value,
    "and": lambda *values: all(values),
    "or": lambda *values: any(values),
    "if": lambda test, yes, no: yes if test else no,
    "createarray": lambda *items: list(items),
    "iprangecontains": _ip_range_contains,
}
