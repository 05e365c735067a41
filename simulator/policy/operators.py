"""How conditions compare: by text, without regard to case, except `match` and `notMatch`.

Azure's page "Azure Policy definition structure policy rule" (2025-03). Each opposite is true of
a field that is not there.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_MATCH = {"#": r"\d", "?": "[A-Za-z]", ".": "."}


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
