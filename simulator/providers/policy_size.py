"""The size that policies and rule collection groups report."""

import json
from typing import Any

# An empty policy reports 0.001173019 MB, which is 1,230 bytes (recordings.md section 6).
_EMPTY = 1230
_MEGABYTE = 1048576


def size_of(properties: dict[str, Any]) -> str:
    """Return a size that grows with the content; how Azure counts is not known: `assumed`."""
    content = {key: value for key, value in properties.items() if key not in _UNCOUNTED}
    extra = len(json.dumps(content, separators=(",", ":"))) - len("{}")
    return f"{(_EMPTY + extra) / _MEGABYTE:.9f}".rstrip("0") + " MB"


_UNCOUNTED = ("sku", "threatIntelMode")
