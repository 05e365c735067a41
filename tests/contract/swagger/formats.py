"""The formats that swagger names, as far as they can be checked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jsonschema import FormatChecker

FORMATS = FormatChecker(formats=())


@FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@FORMATS.checks("int64")
def _is_int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or UUID(value) is not None


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or (
        "T" in value and datetime.fromisoformat(value) is not None
    )


@FORMATS.checks("arm-id")
def _is_arm_id(value: object) -> bool:
    return not isinstance(value, str) or value.startswith("/")
