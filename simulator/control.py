"""The paths below `/_simulator`: what was asked, and which faults are in force."""

from typing import Any

from simulator.arm.call import Reply
from simulator.arm.world import World
from simulator.fault_input import FaultInputError, known_types, read_faults
from simulator.requests import Requests


def answer(
    method: str, parts: list[str], query: dict[str, str], body: Any, state: tuple[Requests, World]
) -> Reply:
    """Return the answer to a control request; an unknown one is a plain 404."""
    requests, world = state
    name = parts[0] if parts else ""
    if (method, name) == ("GET", "requests"):
        return Reply(200, requests.summary())
    if (method, name) == ("DELETE", "requests"):
        requests.reset()
        return Reply(204)
    if (method, name) == ("GET", "log"):
        return _log(query.get("since", "0"), requests)
    if parts == ["faults"] and method in ("GET", "POST", "DELETE"):
        return _faults(method, body, world)
    return Reply(404, {"error": {"code": "NotFound", "message": "No such control path."}})


def _log(since: str, requests: Requests) -> Reply:
    if not since.isdecimal():
        message = f"since is the number of a write, and not '{since}'."
        return Reply(400, {"error": {"code": "InvalidQuery", "message": message}})
    return Reply(200, {"value": requests.since(int(since))})


def _faults(method: str, body: Any, world: World) -> Reply:
    if method == "DELETE":
        world.faults.clear()
        return Reply(204)
    if method == "POST":
        try:
            world.faults.extend(read_faults(body, known_types(world.providers.values())))
        except FaultInputError as error:
            return _refused(error)
    return Reply(200, {"value": [item.model_dump() for item in world.faults.active]})


def _refused(error: FaultInputError) -> Reply:
    details = [{"target": item.place, "message": item.text} for item in error.problems]
    body = {"code": "InvalidFault", "message": str(error), "details": details}
    return Reply(400, {"error": body})
