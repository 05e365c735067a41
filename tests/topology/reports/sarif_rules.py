"""What SARIF 2.1.0 asks of the objects that we write, as a JSON Schema.

By the sections of the OASIS standard: 3.13 sarifLog, 3.14 run, 3.18 tool, 3.19 toolComponent, 3.49
reportingDescriptor, 3.27 result, 3.28 location, 3.29 physicalLocation, 3.4 artifactLocation, 3.30
region, 3.35 suppression, 3.20 invocation, 3.58 notification. Objects may have no other properties
than the standard gives them; of those only the ones that we write are listed.
"""

from __future__ import annotations

from typing import Any


def _of(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


_TEXT = {"type": "string", "minLength": 1}
_MESSAGE = _of("text", text=_TEXT)
_FROM_ONE = {"type": "integer", "minimum": 1}


def _many(item: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least, "uniqueItems": True}


_PLACE = _of(
    "artifactLocation region",
    artifactLocation=_of("uri", uri={"type": "string", "pattern": r"^[^\\]+$"}),
    region=_of("startLine", startLine=_FROM_ONE),
)
_RESULT = _of(
    "message ruleId ruleIndex level locations partialFingerprints",
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["none", "note", "warning", "error"]},
    message=_MESSAGE,
    locations=_many(_of("physicalLocation", physicalLocation=_PLACE), 1),
    partialFingerprints={"type": "object", "additionalProperties": _TEXT},
    suppressions=_many(
        _of("kind", kind={"enum": ["inSource", "external"]}, justification=_TEXT), 1
    ),
    properties={"type": "object"},
)
_DRIVER = _of(
    "name rules",
    name=_TEXT,
    semanticVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
    rules=_many(_of("id", id=_TEXT, shortDescription=_MESSAGE)),
)
_NOTIFICATION = _of(
    "message", message=_MESSAGE, level={"enum": ["none", "note", "warning", "error"]}
)
_INVOCATION = _of(
    "executionSuccessful",
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications={"type": "array", "items": _NOTIFICATION},
)
SARIF = _of(
    "version runs $schema",
    version={"const": "2.1.0"},
    runs=_many(
        _of(
            "tool results",
            tool=_of("driver", driver=_DRIVER),
            invocations=_many(_INVOCATION),
            results={"type": "array", "items": _RESULT},
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        ),
        1,
    ),
    **{"$schema": {"type": "string"}},
)
