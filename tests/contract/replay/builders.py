"""Lines of recordings for tests."""

from typing import Any

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/spoke"
_PLACE = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Network"
POLL = f"{_PLACE}/locations/westus/operations/6fdb2966-6e01-49c6-a2e5-50f811a9e392"


def exchange(  # noqa: PLR0913 - the parts of a line
    method: str = "GET",
    path: str = NETWORK,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    body: Any = None,
    reply: Any = None,
    at: int | None = 0,
) -> dict[str, Any]:
    """Return a line as the files have it."""
    return {
        "seq": 0,
        "method": method,
        "path": path,
        "query": {"api-version": "2024-03-01"},
        "request_headers": {},
        "request_body": body,
        "status": status,
        "response_headers": headers or {},
        "response_body": reply,
        "recorded_at": None if at is None else f"2026-04-04T17:{at // 60:02}:{at % 60:02}Z",
    }
