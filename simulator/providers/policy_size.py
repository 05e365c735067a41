"""The size that policies and rule collection groups report."""

import json
from collections.abc import Mapping
from typing import Any

# An empty policy reports 0.001173019 MB, which is 1,230 bytes (recordings.md section 6).
_EMPTY = 1230
_MEGABYTE = 1048576
_UNCOUNTED = ("sku", "threatIntelMode")


def megabytes_of(properties: Mapping[str, Any]) -> float:
    """Return a size that grows with the content; how Azure counts is not known: `assumed`."""
    content = {key: value for key, value in properties.items() if key not in _UNCOUNTED}
    extra = len(json.dumps(content, separators=(",", ":"))) - len("{}")
    return (_EMPTY + extra) / _MEGABYTE


def size_of(properties: Mapping[str, Any]) -> str:
    """Return the size as bodies spell it."""
    return f"{megabytes_of(properties):.9f}".rstrip("0") + " MB"
