"""If-Match and If-None-Match, as all types of private DNS understand them."""

from simulator.arm.call import Call
from simulator.arm.store import Resource


def failed_condition(call: Call, existing: Resource | None, title: str) -> str | None:
    """Return Azure's words for the condition of a call that fails (recordings.md section 5)."""
    wanted = call.headers.get("if-match")
    if wanted and wanted != "*" and (existing is None or existing.etag != wanted):
        return f"The {title} has been modified (etag mismatch)."
    if call.headers.get("if-none-match") == "*" and existing is not None:
        return f"The {title} exists already and hence cannot be created again."
    return None
