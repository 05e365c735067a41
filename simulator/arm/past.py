"""What was true before the last write: what reads tell that are not up to date yet.

Resource Manager's readers do not always see a write at once: a resource that was just
made may be 404 for a while, one just changed may show its old body, and one that is gone
may be listed still. Nothing is remembered unless a fault asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from simulator.arm.call import Call, Reply
from simulator.arm.errors import ArmError
from simulator.arm.world import World
from simulator.fault import Target

_READS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Before:
    """What a GET told when a resource was about to be written."""

    at: float
    target: Target
    told: Reply | ArmError

    @property
    def body(self) -> Any:
        """Return the body as it was, None where there was no resource."""
        return self.told.body if isinstance(self.told, Reply) else None


def served(call: Call, target: Target, serve: Callable[[Call], Reply]) -> Reply:
    """Return the answer to a call: reads tell the past while it is told."""
    if call.method == "GET" and call.id.is_collection:
        return _listed(call, serve(call))
    if call.method in _READS:
        told = _told(call.world, call.id.key, call.method)
        return serve(call) if told is None else _repeated(told, call.method)
    if call.method == "POST":
        return serve(call)
    before = _as_read(replace(call, method="GET", fault=None), serve)
    reply = serve(call)
    call.world.past[call.id.key] = Before(call.world.now, target, before)
    return reply


def _as_read(call: Call, serve: Callable[[Call], Reply]) -> Reply | ArmError:
    try:
        return serve(call)
    except ArmError as error:
        return error


def _told(world: World, key: str, method: str) -> Reply | ArmError | None:
    """Return what a read of a resource tells instead of the truth, if it does."""
    before = world.past.get(key)
    if before is None:
        return None
    fault = world.faults.first("stale", replace(before.target, method=method))
    is_told = fault is not None and world.now < before.at + (fault.stale or 0)
    return before.told if is_told else None


def _repeated(told: Reply | ArmError, method: str) -> Reply:
    """Answer once more what was answered, without what was added to it since."""
    if isinstance(told, ArmError):
        told.delay = 0.0
        raise told.with_traceback(None)
    return replace(told, headers=dict(told.headers)) if method == "GET" else Reply(204)


def _listed(call: Call, reply: Reply) -> Reply:
    """Return a page in which the resources that were written are as they were before.

    Those that are gone stand on the last page.
    """
    items = {str(item.get("id", "")).lower(): item for item in reply.body.get("value", [])}
    for key, before in call.world.past.items():
        if not _is_in(call, key) or _told(call.world, key, "GET") is None:
            continue
        if before.body is None:
            items.pop(key, None)
        elif key in items or not reply.body.get("nextLink"):
            items[key] = before.body
    return replace(reply, body={**reply.body, "value": list(items.values())})


def _is_in(call: Call, key: str) -> bool:
    """Tell whether a list is of the resource with this key."""
    *scope, kind = call.id.key.split("/")
    *place, own_kind, _ = key.split("/")
    below = place[:3] == scope[:3]
    if call.id.group is not None or len(call.id.types) > 1:
        below = place == scope
    return below and own_kind == kind
