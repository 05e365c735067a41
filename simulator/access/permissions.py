"""`.../providers/Microsoft.Authorization/permissions`: what the sender may do here."""

from simulator.access.assignments import grants_of
from simulator.arm.call import Call, Reply

_KIND = "microsoft.authorization/permissions"


def answer(call: Call) -> Reply | None:
    """Return one entry for each role that the sender has here, or None to another call."""
    if call.method != "GET" or call.id.type.lower() != _KIND or call.sender is None:
        return None
    scope = call.id.scope.lower()
    grants = [item for item in grants_of(call.world, call.sender) if item.covers(scope)]
    return Reply(200, {"value": [item.role.permission for item in grants]})
