"""When to come back, as an answer says it: in seconds, in milliseconds, or as a date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# In the order in which azure-core takes them (`azure/core/pipeline/policies/_utils.py`).
_UNITS = (("retry-after", 1.0), ("retry-after-ms", 1000.0), ("x-ms-retry-after-ms", 1000.0))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, as they were sent; None where an answer tells nothing of it.

    A date (RFC 9110, section 10.2.3) is held against that of the answer, for clocks differ, or
    else against this machine's.
    """
    told = {name.lower(): value for name, value in headers.items()}
    for name, divisor in _UNITS:
        try:
            return max(0.0, float(told[name]) / divisor)
        except (KeyError, ValueError):
            continue
    until = http_date(told.get("retry-after"))
    if until is None:
        return None
    now = http_date(told.get("date")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def http_date(text: str | None) -> datetime | None:
    """Return a date in any of HTTP's three forms, all of which are of UTC, or None."""
    try:
        return parsedate_to_datetime(text or "").replace(tzinfo=UTC)
    except ValueError:
        return None
