"""What time it is in Azure, as its answers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from azure_api.retry_after import http_date


@dataclass
class AzureTime:
    """Azure's clock at its last answer: times that Azure tells are held against no other.

    Whoever has a clock dates its answers (RFC 9110, section 6.6.1).
    """

    _last: datetime | None = None

    def told(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer; one without a date tells nothing."""
        self._last = http_date(headers.get("Date")) or self._last

    @property
    def now(self) -> datetime:
        """Return the date of the last answer; this machine's where none had one."""
        return self._last or datetime.now(UTC)
