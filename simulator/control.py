"""The paths below `/_simulator`: what was asked, and which faults are in force."""

from dataclasses import asdict
from typing import Any

from simulator.arm.call import Reply
from simulator.faults import Faults
from simulator.requests import Requests


def answer(
    method: str, parts: list[str], query: dict[str, str], body: Any, state: tuple[Requests, Faults]
) -> Reply:
    """Return the answer to a control request; an unknown one is a plain 404."""
    requests, faults = state
    name = parts[0] if parts else ""
    if (method, name) == ("GET", "requests"):
        return Reply(200, requests.summary())
    if (method, name) == ("DELETE", "requests"):
        requests.reset()
        return Reply(204)
    if (method, name) == ("GET", "log"):
        return Reply(200, {"value": requests.since(int(query.get("since", "0")))})
    if name == "faults":
        return _faults(method, body, faults)
    return Reply(404, {"error": {"code": "NotFound", "message": "No such control path."}})


def _faults(method: str, body: Any, faults: Faults) -> Reply:
    if method == "DELETE":
        faults.clear()
        return Reply(204)
    if method == "POST":
        try:
            for item in body if isinstance(body, list) else [body]:
                faults.add(**item)
        except TypeError as error:
            return Reply(400, {"error": {"code": "InvalidFault", "message": str(error)}})
    return Reply(200, {"value": [asdict(item) for item in faults.active]})
